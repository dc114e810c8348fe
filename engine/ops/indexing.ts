/** @file Elements by index: along a dimension, flat, and as between Python's brackets. */

import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { broadcastShapes, formatShape, type Shape, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked, describe } from "./elementwise.ts";
import { asIndices } from "./mask.ts";
import { alongDim, byTensors, entriesOf, FLAT, pick } from "./places.ts";
import { select, slice as sliceAlong } from "./slicing.ts";

/** @throws where an index of gather or scatter does not fit; torch takes 0-d and 1-d for each other. */
export function checkedAlong(name: string, input: Tensor, dim: number, index: Tensor): number {
  if (!isTensor(index)) throw new TypeError(`${name}() expected an index tensor, got ${describe(index)}.`);
  const shape = shapeOf(index);
  const inputShape = shapeOf(input);
  const wrapped = wrapDim(dim, checked(name, input).ndim);
  const ranks = Math.max(1, shape.length) === Math.max(1, inputShape.length);
  const fits = ranks && shape.every((n, i) => i === wrapped || n <= (inputShape[i] ?? 1));
  if (!fits && index.numel() > 0) {
    throw new RangeError(
      `${name}() expected an index with the input's number of dimensions and no larger beside dimension ${dim}: ` +
        `got ${formatShape(shape)} for ${formatShape(inputShape)}.`,
    );
  }
  return wrapped;
}

export interface Gather {
  (input: Tensor, dim: number, index: Tensor, options?: { sparseGrad?: boolean }): Tensor;
  (input: Tensor, options: { dim: number; index: Tensor; sparseGrad?: boolean }): Tensor;
}

/** result[i][j] = input[index[i][j]][j] for dim 0, and so on; indices from 0. Gradients are dense whatever `sparseGrad`. */
export const gather: Gather = keywords(
  "gather",
  ["input", "dim", "index", "sparseGrad"],
  (input: Tensor, dim: number, index: Tensor) =>
    pick(input, [index], alongDim(checkedAlong("gather", input, dim, index))),
);

export interface TakeAlongDim {
  (input: Tensor, indices: Tensor, dim?: number | null): Tensor;
  (input: Tensor, options: { indices: Tensor; dim?: number | null }): Tensor;
}

/**
 * {@link gather} with both broadcast against each other beside `dim`; from the flattened tensor without `dim`. As in torch,
 * negative indices count from the end here.
 */
export const takeAlongDim: TakeAlongDim = keywords(
  "takeAlongDim",
  ["input", "indices", "dim"],
  (input: Tensor, indices: Tensor, dim: number | null = null) => {
    if (dim === null) return take(input, indices.reshape([-1]));
    const d = wrapDim(dim, checked("takeAlongDim", input).ndim);
    if (input.ndim !== indices.ndim) {
      throw new RangeError(
        `takeAlongDim() expected indices with the input's number of dimensions: got ${formatShape(shapeOf(indices))} ` +
          `for ${formatShape(shapeOf(input))}.`,
      );
    }
    const places = alongDim(d, "from either end");
    if (input.ndim === 0) return pick(input, [indices], places);
    const beside = broadcastShapes(shapeOf(input).with(d, 1), shapeOf(indices).with(d, 1));
    const spread = (x: Tensor): Tensor => x.expand(beside.with(d, x.size(d)));
    return pick(spread(input), [spread(indices)], places);
  },
);

export interface Take {
  (input: Tensor, index: Tensor): Tensor;
  (input: Tensor, options: { index: Tensor }): Tensor;
}

/** The elements of the flattened tensor that an index of any shape names; negative ones count from the end. */
export const take: Take = keywords("take", ["input", "index"], (input: Tensor, index: Tensor) =>
  pick(checked("take", input), [index], FLAT),
);

export interface IndexSelect {
  (input: Tensor, dim: number, index: Tensor): Tensor;
  (input: Tensor, options: { dim: number; index: Tensor }): Tensor;
}

/** The entries of `dim` that a vector of indices from 0 names, in its order; repeated ones add up their gradients. */
export const indexSelect: IndexSelect = keywords(
  "indexSelect",
  ["input", "dim", "index"],
  (input: Tensor, dim: number, index: Tensor) => {
    if (index.ndim > 1)
      throw new RangeError(`indexSelect() expected a vector of indices, got ${formatShape(shapeOf(index))}.`);
    const d = wrapDim(dim, checked("indexSelect", input).ndim);
    const x = input.ndim === 0 ? input.reshape([1]) : input;
    const entries = pick(x, [index.reshape([-1])], entriesOf(d));
    // Of a 0-d tensor there is one entry, and torch keeps it 0-d.
    return input.ndim === 0 && entries.numel() === 1 ? entries.reshape([]) : entries;
  },
);

/** A range of a dimension, as Python's start:stop:step. */
export interface SliceRange {
  start?: number | null;
  stop?: number | null;
  step?: number | null;
}

/**
 * One component of an index, as between Python's brackets: an integer, a range (`{}` for `:`), `null` for
 * a new dimension, "..." for all dimensions not named, or a tensor (or list) of integers or booleans.
 */
export type IndexComponent =
  | number
  | null
  | "..."
  | SliceRange
  | Tensor
  | readonly number[]
  | readonly boolean[];

/** `input[components]` as in Python: `x.index(0, {}, null)` is `x[0, :, None]`. */
export function index(input: Tensor, ...components: IndexComponent[]): Tensor {
  const named = components.reduce<number>((n, c) => n + dimsUsed(c), 0);
  if (named > input.ndim) {
    throw new RangeError(`Too many indices: ${named} for a tensor of ${input.ndim} dimensions.`);
  }
  const missing = new Array<SliceRange>(input.ndim - named).fill({});
  const at = components.indexOf("...");
  const full =
    at < 0
      ? [...components, ...missing]
      : [...components.slice(0, at), ...missing, ...components.slice(at + 1)];
  let x = input;
  let dim = 0;
  const tensors: (Tensor | null)[] = [];
  for (const component of full) {
    if (typeof component === "number") {
      x = select(x, dim, component);
    } else if (component === null) {
      x = x.unsqueeze(dim++);
      tensors.push(null);
    } else if (isTensor(component) || Array.isArray(component)) {
      const expanded = asIndices(component as Tensor | readonly number[], shapeOf(x), dim);
      tensors.push(...expanded);
      dim += expanded.length;
    } else {
      const { start = null, stop = null, step = null } = component as SliceRange;
      x = sliceAlong(x, dim++, start, stop, step ?? 1);
      tensors.push(null);
    }
  }
  if (!tensors.some(isTensor)) return x;
  const { dims, indices } = together(tensors);
  return pick(x, indices, byTensors(dims));
}

function dimsUsed(component: IndexComponent): number {
  if (component === null || component === "...") return 0;
  return isTensor(component) && component.dtype === "bool" ? component.ndim : 1;
}

/** The dimensions that are indexed by tensors, and those tensors, broadcast together. */
export function together(tensors: readonly (Tensor | null)[]): {
  dims: number[];
  indices: Tensor[];
} {
  const dims = tensors.flatMap((index, d) => (isTensor(index) ? [d] : []));
  const given = dims.map(d => tensors[d]!);
  const common: Shape = given.map(shapeOf).reduce(broadcastShapes);
  return { dims, indices: given.map(index => index.expand(common)) };
}

const methods = { gather, takeAlongDim, take, indexSelect, index };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
