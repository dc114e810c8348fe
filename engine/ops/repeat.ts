/** @file Copies side by side: of a tensor as a whole, or of each of its entries. */

import { tensor } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods, spreadable } from "../tensor/methods.ts";
import { formatShape, type Shape, type SizeList, sizeOf, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { clone } from "./conversion.ts";
import { checked, describe } from "./elementwise.ts";
import { expand } from "./expand.ts";
import { indexSelect } from "./indexing.ts";
import { flatten, ravel, reshape, unsqueeze } from "./reshape.ts";

export interface Repeat {
  (input: Tensor, ...repeats: SizeList): Tensor;
  (input: Tensor, options: { repeats: Shape }): Tensor;
}

/** The tensor repeated whole, `repeats[i]` times along dimension i of the result. */
export const repeat: Repeat = spreadable(
  keywords("repeat", ["input", "repeats"], (input: Tensor, repeats: Shape) => {
    const times = sizeOf([repeats]);
    if (times.length < checked("repeat", input).ndim) {
      throw new RangeError(
        `repeat() expected at least ${input.ndim} numbers for ${formatShape(shapeOf(input))}, got ${times.length}.`,
      );
    }
    return repeated("repeat", input, times);
  }),
);

export interface Tile {
  (input: Tensor, ...dims: SizeList): Tensor;
  (input: Tensor, options: { dims: Shape }): Tensor;
}

/** As {@link repeat}, with 1 for the leading dimensions that `dims` does not reach. */
export const tile: Tile = spreadable(
  keywords("tile", ["input", "dims"], (input: Tensor, dims: Shape) => {
    const times = sizeOf([dims]);
    const missing = Math.max(0, checked("tile", input).ndim - times.length);
    return repeated("tile", input, [...new Array<number>(missing).fill(1), ...times]);
  }),
);

/** Each dimension gets one in front to be repeated along, which is then joined with it. */
function repeated(name: string, input: Tensor, times: Shape): Tensor {
  const bad = times.find(n => n < 0);
  if (bad !== undefined) throw new RangeError(`${name}() expected counts of 0 or more, got ${bad}.`);
  const missing = times.length - input.ndim;
  const shape = [...new Array<number>(missing).fill(1), ...shapeOf(input)];
  const interleaved = reshape(
    input,
    shape.flatMap(n => [1, n]),
  );
  const spread = expand(
    interleaved,
    shape.flatMap((n, i) => [times[i]!, n]),
  );
  // A clone even where nothing is repeated: the result is a copy, as in torch.
  return reshape(
    clone(spread),
    shape.map((n, i) => n * times[i]!),
  );
}

interface InterleaveOptions {
  /** How many entries the result has along `dim`: the sum of `repeats`. It is checked. */
  outputSize?: number | null;
}

export interface RepeatInterleave {
  (
    input: Tensor,
    repeats?: number | Tensor | InterleaveOptions,
    dim?: number | null | (InterleaveOptions & { dim?: number | null }),
    options?: InterleaveOptions,
  ): Tensor;
  (input: Tensor, options: InterleaveOptions & { repeats: number | Tensor; dim?: number | null }): Tensor;
}

/**
 * Each entry along `dim` (each element of the flattened tensor without it) repeated: all as often, or entry i repeats[i] times.
 * With one tensor alone, the indices that repeat so: [2, 0, 1] gives [0, 0, 2].
 */
export const repeatInterleave: RepeatInterleave = keywords(
  "repeatInterleave",
  ["input", "repeats", "dim", "outputSize"],
  (input: Tensor, repeats?: number | Tensor, dim: number | null = null, outputSize: number | null = null) => {
    if (repeats === undefined) return indicesRepeating(countsOf(input), outputSize);
    const x = dim === null ? ravel(input) : checked("repeatInterleave", input);
    const d = wrapDim(dim ?? 0, x.ndim);
    const counts = isTensor(repeats) ? countsOf(repeats) : repeats;
    if (typeof counts === "number" || counts.length === 1) {
      return evenly(x, d, typeof counts === "number" ? counts : counts[0]!, outputSize);
    }
    if (counts.length !== x.size(d)) {
      throw new RangeError(
        `repeatInterleave() expected one count, or ${x.size(d)} for dimension ${d} of ${formatShape(shapeOf(x))}; ` +
          `got ${counts.length}.`,
      );
    }
    return indexSelect(x, d, indicesRepeating(counts, outputSize));
  },
);

/** Every entry `count` times. */
function evenly(x: Tensor, dim: number, count: number, outputSize: number | null): Tensor {
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(
      `repeatInterleave() expected a count of 0 or more, got ${typeof count === "number" ? count : describe(count)}.`,
    );
  }
  checkOutputSize(outputSize, count * x.size(dim));
  const spread = unsqueeze(x, dim + 1);
  return flatten(clone(expand(spread, shapeOf(spread).with(dim + 1, count))), dim, dim + 1);
}

/** The counts themselves: they decide a shape, so they are read here and carry no gradient. */
function countsOf(repeats: Tensor): number[] {
  const { dtype, ndim } = checked("repeatInterleave", repeats);
  if (ndim > 1 || (dtype !== "int64" && dtype !== "int32")) {
    throw new TypeError(
      `repeatInterleave() expected counts as a vector of int64, got ${dtype} ${formatShape(shapeOf(repeats))}.`,
    );
  }
  return ravel(repeats).tolist() as number[];
}

function indicesRepeating(counts: readonly number[], outputSize: number | null): Tensor {
  const bad = counts.find(n => n < 0);
  if (bad !== undefined) throw new RangeError(`repeatInterleave() expected counts of 0 or more, got ${bad}.`);
  const indices = counts.flatMap((n, i) => new Array<number>(n).fill(i));
  checkOutputSize(outputSize, indices.length);
  return tensor(indices, { dtype: "int64" });
}

function checkOutputSize(outputSize: number | null, total: number): void {
  if (outputSize === null || outputSize === total) return;
  throw new RangeError(
    `repeatInterleave() expected ${total} for outputSize, the sum of all counts, got ${outputSize}.`,
  );
}

const methods = { repeat, tile, repeatInterleave };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
