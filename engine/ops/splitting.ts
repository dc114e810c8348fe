/** @file Tensors cut into pieces along a dimension: views. */

import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, sizeOf, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { narrow, slice } from "./slicing.ts";

/** The size that is to be cut. */
function extentOf(name: string, input: Tensor, dim: number): number {
  const extent = shapeOf(checked(name, input))[wrapDim(dim, input.ndim)];
  if (extent === undefined)
    throw new RangeError(`${name}() cannot be applied to a 0-d tensor: it has no dimension to cut.`);
  return extent;
}

/** @throws where the sizes do not add up to the dimension's */
function pieces(name: string, input: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  const extent = extentOf(name, input, dim);
  if (sizes.some(size => size < 0) || sizeOf([sizes]).reduce((a, b) => a + b, 0) !== extent)
    throw new RangeError(`${name}() expected sizes that add up to ${extent}, got [${sizes.join(", ")}].`);
  let start = 0;
  return sizes.map(size => {
    start += size;
    return narrow(input, dim, start - size, size);
  });
}

export interface Split {
  (tensor: Tensor, splitSizeOrSections: number | readonly number[], dim?: number): Tensor[];
  (tensor: Tensor, options: { splitSizeOrSections: number | readonly number[]; dim?: number }): Tensor[];
}

/** Pieces of the given sizes along `dim`; for one number, pieces of that size, the last possibly smaller. */
export const split: Split = keywords(
  "split",
  ["tensor", "splitSizeOrSections", "dim"],
  (input: Tensor, sizes: number | readonly number[], dim = 0) => {
    if (typeof sizes !== "number") return pieces("split", input, sizes, dim);
    const extent = extentOf("split", input, dim);
    if (!Number.isInteger(sizes) || sizes < 0 || (sizes === 0 && extent > 0)) {
      throw new RangeError(
        `split() expected a size of 1 or more, got ${sizes} for dimension ${dim} of size ${extent}.`,
      );
    }
    const count = extent === 0 ? 1 : Math.ceil(extent / sizes);
    return pieces(
      "split",
      input,
      Array.from({ length: count }, (_, i) => Math.min(sizes, extent - i * sizes)),
      dim,
    );
  },
);

export interface SplitWithSizes {
  (input: Tensor, splitSizes: readonly number[], dim?: number): Tensor[];
  (input: Tensor, options: { splitSizes: readonly number[]; dim?: number }): Tensor[];
}

/** Pieces of the given sizes, which add up to that of `dim`. */
export const splitWithSizes: SplitWithSizes = keywords(
  "splitWithSizes",
  ["input", "splitSizes", "dim"],
  (input: Tensor, splitSizes: readonly number[], dim = 0) => pieces("splitWithSizes", input, splitSizes, dim),
);

export interface Chunk {
  (input: Tensor, chunks: number, dim?: number): Tensor[];
  (input: Tensor, options: { chunks: number; dim?: number }): Tensor[];
}

/** At most `chunks` pieces of equal size along `dim`, the last possibly smaller; of nothing, that many empty ones. */
export const chunk: Chunk = keywords(
  "chunk",
  ["input", "chunks", "dim"],
  (input: Tensor, chunks: number, dim = 0) => {
    const extent = extentOf("chunk", input, dim);
    if (!Number.isInteger(chunks) || chunks < 1)
      throw new RangeError(`chunk() expected 1 or more chunks, got ${chunks}.`);
    if (extent === 0) return pieces("chunk", input, new Array<number>(chunks).fill(0), dim);
    return split(input, Math.ceil(extent / chunks), dim);
  },
);

type Cuts = number | readonly number[] | Tensor;

export interface TensorSplit {
  (input: Tensor, indicesOrSections: Cuts, dim?: number): Tensor[];
  (input: Tensor, options: { indicesOrSections: Cuts; dim?: number }): Tensor[];
}

/**
 * So many pieces along `dim`, as equal as can be, the larger ones first; or, for a list, the pieces before, between and after
 * those indices, which are bounds as in {@link slice}. A tensor of int64 is either, as it is 0-d or a vector.
 */
export const tensorSplit: TensorSplit = keywords(
  "tensorSplit",
  ["input", "indicesOrSections", "dim"],
  (input: Tensor, indicesOrSections: Cuts, dim = 0) => {
    const extent = extentOf("tensorSplit", input, dim);
    const cuts = isTensor(indicesOrSections) ? cutsOf(indicesOrSections) : indicesOrSections;
    if (typeof cuts !== "number") {
      const indices = sizeOf([cuts]);
      return [...indices, null].map((end, i) => slice(input, dim, indices[i - 1] ?? 0, end));
    }
    if (!Number.isInteger(cuts) || cuts < 1)
      throw new RangeError(`tensorSplit() expected 1 or more sections, got ${cuts}.`);
    const [size, larger] = [Math.floor(extent / cuts), extent % cuts];
    return pieces(
      "tensorSplit",
      input,
      Array.from({ length: cuts }, (_, i) => (i < larger ? size + 1 : size)),
      dim,
    );
  },
);

function cutsOf(cuts: Tensor): number | number[] {
  if (cuts.ndim > 1 || cuts.dtype !== "int64") {
    throw new TypeError(
      `tensorSplit() expected sections or indices as int64, 0-d or a vector, got ${cuts.dtype} ` +
        `${formatShape(shapeOf(cuts))}.`,
    );
  }
  return cuts.tolist() as number | number[];
}

const methods = { split, splitWithSizes, chunk, tensorSplit };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
