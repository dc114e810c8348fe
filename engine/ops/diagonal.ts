/** @file Diagonals and triangles of matrices. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { addStrided } from "../kernels/strided.ts";
import { defineMethods, type Methods } from "../tensor/methods.ts";
import { formatShape, type Shape, wrapDim } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { sourceOf } from "./elementwise.ts";

const diagonalOp: Primitive<[x: Tensor], { offset: number; dim1: number; dim2: number }> = {
  name: "diagonal",
  forward: ([x], params) => diagonalView(x, params),
  vjp: [(g, [x], _y, params) => call(diagonalScatterOp, [g], { ...params, shape: shapeOf(x) })],
  jvp: "linear",
};

/** Zeros with `x` on the diagonal: the transpose of {@link diagonal}. */
const diagonalScatterOp: Primitive<
  [x: Tensor],
  { offset: number; dim1: number; dim2: number; shape: Shape }
> = {
  name: "diagonalBackward",
  forward([x], params) {
    const y = empty(params.shape, x.dtype);
    addStrided(shapeOf(x), sourceOf(diagonalView(y, params), shapeOf(x)), sourceOf(x, shapeOf(x)));
    return y;
  },
  vjp: [(g, _inputs, _y, params) => call(diagonalOp, [g], params)],
  jvp: "linear",
};

function diagonalView(
  x: Tensor,
  { offset, dim1, dim2 }: { offset: number; dim1: number; dim2: number },
): Tensor {
  const shape = shapeOf(x);
  const strides = stridesOf(x);
  const length = Math.max(
    0,
    Math.min(shape[dim1]! - Math.max(-offset, 0), shape[dim2]! - Math.max(offset, 0)),
  );
  const start = length === 0 ? 0 : offset >= 0 ? offset * strides[dim2]! : -offset * strides[dim1]!;
  const rest = (_: number, i: number): boolean => i !== dim1 && i !== dim2;
  return viewOf(
    x,
    offsetOf(x) + start,
    [...shape.filter(rest), length],
    [...strides.filter(rest), strides[dim1]! + strides[dim2]!],
  );
}

/** The diagonal of dimensions `dim1` and `dim2`, as the last dimension. */
export function diagonal(input: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  const [a, b] = [wrapDim(dim1, input.ndim), wrapDim(dim2, input.ndim)];
  if (input.ndim < 2 || a === b) {
    throw new RangeError(
      `diagonal() expected two different dimensions of a matrix or a batch of them, got dimensions ${dim1} and ${dim2} ` +
        `of ${formatShape(shapeOf(input))}.`,
    );
  }
  return call(diagonalOp, [input], { offset, dim1: a, dim2: b });
}

/** Matrices with `input`'s last dimension on their diagonal and zeros elsewhere. */
export function diagEmbed(input: Tensor, offset = 0): Tensor {
  const n = input.size(-1) + Math.abs(offset);
  const shape = [...shapeOf(input).slice(0, -1), n, n];
  return call(diagonalScatterOp, [input], { offset, dim1: shape.length - 2, dim2: shape.length - 1, shape });
}

/** The diagonal of a matrix, or the diagonal matrix of a vector. */
export function diag(input: Tensor, diagonalOffset = 0): Tensor {
  return input.ndim === 1 ? diagEmbed(input, diagonalOffset) : diagonal(input, diagonalOffset);
}

const triangleOp: Primitive<[x: Tensor], { keep: "lower" | "upper"; diagonal: number }> = {
  name: "triangle",
  forward([x], { keep, diagonal: k }) {
    const y = x.detach().clone();
    const [rows, columns] = shapeOf(x).slice(-2) as [number, number];
    const data = dataOf(y);
    for (let i = 0; i < y.numel(); i++) {
      const column = i % columns;
      const row = Math.floor(i / columns) % rows;
      if (keep === "lower" ? column - row > k : column - row < k) data[offsetOf(y) + i] = 0;
    }
    return y;
  },
  vjp: [(g, _inputs, _y, params) => call(triangleOp, [g], params)],
  jvp: "linear",
};

function triangle(name: string, input: Tensor, keep: "lower" | "upper", k: number): Tensor {
  if (input.ndim < 2)
    throw new RangeError(`${name}() expected a matrix, got ${formatShape(shapeOf(input))}.`);
  return call(triangleOp, [input], { keep, diagonal: k });
}

/** The lower triangle of a matrix up to its k-th diagonal, zeros above. */
export function tril(input: Tensor, diagonalOffset = 0): Tensor {
  return triangle("tril", input, "lower", diagonalOffset);
}

/** The upper triangle of a matrix from its k-th diagonal, zeros below. */
export function triu(input: Tensor, diagonalOffset = 0): Tensor {
  return triangle("triu", input, "upper", diagonalOffset);
}

const methods = { diagonal, diagEmbed, diag, tril, triu };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
