/** @file Dimensions in another order: views. Linear, and each one's VJP is the inverse permutation. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { defineGetters, defineMethods, keywords, type Methods, spreadable } from "../tensor/methods.ts";
import { formatShape, type Shape, type SizeList, sizeOf, wrapDim } from "../tensor/shape.ts";
import { offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";

const permuteOp: Primitive<[x: Tensor], readonly number[]> = {
  name: "permute",
  forward([x], dims) {
    const shape = shapeOf(x);
    const strides = stridesOf(x);
    return viewOf(
      x,
      offsetOf(x),
      dims.map(d => shape[d]!),
      dims.map(d => strides[d]!),
    );
  },
  vjp: [
    (g, _inputs, _y, dims) =>
      call(
        permuteOp,
        [g],
        dims.map((_, i) => dims.indexOf(i)),
      ),
  ],
  jvp: "linear",
};

export interface Permute {
  (input: Tensor, ...dims: SizeList): Tensor;
  (input: Tensor, options: { dims: readonly number[] }): Tensor;
}

/** Dimensions in another order: dimension i of the result is dimension dims[i] of the input. */
export const permute: Permute = spreadable(
  keywords("permute", ["input", "dims"], (input: Tensor, dims: readonly number[]) => {
    const rank = checked("permute", input).ndim;
    const order = sizeOf([dims]).map(d => wrapDim(d, rank));
    if (order.length !== rank || new Set(order).size !== rank)
      throw new RangeError(`permute() expected each of ${rank} dimensions once, got [${dims.join(", ")}].`);
    return call(permuteOp, [input], order);
  }),
);

export interface Transpose {
  (input: Tensor, dim0: number, dim1: number): Tensor;
  (input: Tensor, options: { dim0: number; dim1: number }): Tensor;
}

/** Two dimensions swapped. */
export const transpose: Transpose = keywords(
  "transpose",
  ["input", "dim0", "dim1"],
  (input: Tensor, dim0: number, dim1: number) => {
    const rank = checked("transpose", input).ndim;
    return swapped(input, wrapDim(dim0, rank), wrapDim(dim1, rank));
  },
);

/** Dimensions a and b swapped, both counted from 0. */
function swapped(input: Tensor, a: number, b: number): Tensor {
  return call(
    permuteOp,
    [input],
    shapeOf(input).map((_, i) => (i === a ? b : i === b ? a : i)),
  );
}

export interface Movedim {
  (input: Tensor, source: number | Shape, destination: number | Shape): Tensor;
  (input: Tensor, options: { source: number | Shape; destination: number | Shape }): Tensor;
}

/** Dimensions source[k] moved to the places destination[k]; the others stay in their order around them. */
export const movedim: Movedim = keywords(
  "movedim",
  ["input", "source", "destination"],
  (input: Tensor, source: number | Shape, destination: number | Shape) => {
    const rank = checked("movedim", input).ndim;
    const from = dimsOf("source", source, rank);
    const to = dimsOf("destination", destination, rank);
    if (from.length !== to.length) {
      throw new RangeError(
        `movedim() expected as many destinations as sources, got ${to.length} for ${from.length}.`,
      );
    }
    if (rank === 0) return call(permuteOp, [input], []);
    const staying = shapeOf(input).flatMap((_, d) => (from.includes(d) ? [] : [d]));
    const order = shapeOf(input).map((_, d) => (to.includes(d) ? from[to.indexOf(d)]! : staying.shift()!));
    return call(permuteOp, [input], order);
  },
);

function dimsOf(parameter: string, dims: number | Shape, rank: number): number[] {
  const wrapped = sizeOf([typeof dims === "number" ? [dims] : dims]).map(d => wrapDim(d, rank));
  if (new Set(wrapped).size !== wrapped.length)
    throw new RangeError(`movedim() expected each ${parameter} once, got [${wrapped.join(", ")}].`);
  return wrapped;
}

/** The transpose of a matrix; a vector or 0-d tensor as it is. */
export function t(input: Tensor): Tensor {
  if (checked("t", input).ndim > 2) {
    throw new RangeError(
      `t() expected at most 2 dimensions, got ${formatShape(shapeOf(input))}. Use .mT for a batch of matrices.`,
    );
  }
  return input.ndim < 2 ? input : swapped(input, 0, 1);
}

/** The transposes of a batch of matrices: the last two dimensions swapped. */
function mT(input: Tensor): Tensor {
  if (input.ndim < 2)
    throw new RangeError(`.mT needs at least 2 dimensions, got ${formatShape(shapeOf(input))}.`);
  return swapped(input, input.ndim - 2, input.ndim - 1);
}

function T(input: Tensor): Tensor {
  const last = input.ndim - 1;
  return call(
    permuteOp,
    [input],
    shapeOf(input).map((_, i) => last - i),
  );
}

export { movedim as moveaxis, transpose as swapaxes, transpose as swapdims };

const methods = {
  permute,
  transpose,
  swapaxes: transpose,
  swapdims: transpose,
  movedim,
  moveaxis: movedim,
  t,
};
defineMethods(methods);
defineGetters({ mT, T });

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    /** The tensor with its dimensions in reverse order: the transpose of a matrix. */
    readonly T: Tensor;
    /** The transposes of a batch of matrices. */
    readonly mT: Tensor;
  }
}
