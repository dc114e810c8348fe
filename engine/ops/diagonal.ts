/** @file Diagonals of matrices, taken and laid down. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { addStrided } from "../kernels/strided.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, type Shape, wrapDim } from "../tensor/shape.ts";
import { empty, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { clone } from "./conversion.ts";
import { checked, describe, sourceOf } from "./elementwise.ts";
import { ravel } from "./reshape.ts";

/** Which diagonal: above the main one by `offset`, of the matrices that two dimensions make. */
export interface DiagonalOptions {
  offset?: number;
  dim1?: number;
  dim2?: number;
}

type Diagonal = Required<DiagonalOptions>;

const diagonalOp: Primitive<[x: Tensor], Diagonal> = {
  name: "diagonal",
  forward: ([x], diagonal) => diagonalView(x, diagonal),
  vjp: [(g, [x], _y, diagonal) => call(diagonalBackwardOp, [g], { ...diagonal, shape: shapeOf(x) })],
  jvp: "linear",
};

/** Zeros with `x` on the diagonal: the transpose of {@link diagonal}. */
const diagonalBackwardOp: Primitive<[x: Tensor], Diagonal & { shape: Shape }> = {
  name: "diagonalBackward",
  forward([x], params) {
    const y = empty(params.shape, x.dtype);
    addStrided(shapeOf(x), sourceOf(diagonalView(y, params), shapeOf(x)), sourceOf(x, shapeOf(x)));
    return y;
  },
  vjp: [(g, _inputs, _y, params) => call(diagonalOp, [g], params)],
  jvp: "linear",
};

function diagonalView(x: Tensor, { offset, dim1, dim2 }: Diagonal): Tensor {
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

/** @throws where this is no diagonal of a tensor of so many dimensions */
function diagonalOf(name: string, offset: number, dim1: number, dim2: number, rank: number): Diagonal {
  if (!Number.isInteger(offset)) {
    throw new TypeError(
      `${name}() expected an integer offset, got ${typeof offset === "number" ? offset : describe(offset)}.`,
    );
  }
  const [a, b] = [wrapDim(dim1, rank), wrapDim(dim2, rank)];
  if (a === b) {
    throw new RangeError(
      `${name}() expected two different ones of ${rank} dimensions, got ${dim1} and ${dim2}.`,
    );
  }
  return { offset, dim1: a, dim2: b };
}

export interface DiagonalFunction {
  (input: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor;
  (input: Tensor, options: DiagonalOptions): Tensor;
}

/** The diagonal of dimensions `dim1` and `dim2`, as the last dimension. A view. */
export const diagonal: DiagonalFunction = keywords(
  "diagonal",
  ["input", "offset", "dim1", "dim2"],
  (input: Tensor, offset = 0, dim1 = 0, dim2 = 1) => {
    if (checked("diagonal", input).ndim < 2) {
      throw new RangeError(
        `diagonal() expected a matrix or a batch of them, got ${formatShape(shapeOf(input))}.`,
      );
    }
    return call(diagonalOp, [input], diagonalOf("diagonal", offset, dim1, dim2, input.ndim));
  },
);

/** Zeros but for `input`'s last dimension on the diagonal of the dimensions `dim1` and `dim2` of the result. */
export const diagEmbed: DiagonalFunction = keywords(
  "diagEmbed",
  ["input", "offset", "dim1", "dim2"],
  (input: Tensor, offset = 0, dim1 = -2, dim2 = -1) => {
    const at = diagonalOf("diagEmbed", offset, dim1, dim2, checked("diagEmbed", input).ndim + 1);
    const n = input.size(-1) + Math.abs(offset);
    const shape: number[] = shapeOf(input).slice(0, -1);
    for (const dim of [at.dim1, at.dim2].sort((a, b) => a - b)) shape.splice(dim, 0, n);
    return call(diagonalBackwardOp, [input], { ...at, shape });
  },
);

export interface Diagflat {
  (input: Tensor, offset?: number): Tensor;
  (input: Tensor, options: { offset?: number }): Tensor;
}

/** The square matrix with all elements of `input` on a diagonal. */
export const diagflat: Diagflat = keywords("diagflat", ["input", "offset"], (input: Tensor, offset = 0) =>
  diagEmbed(ravel(checked("diagflat", input)), offset),
);

export interface Diag {
  (input: Tensor, diagonal?: number): Tensor;
  (input: Tensor, options: { diagonal?: number }): Tensor;
}

/** The diagonal of a matrix as a copy, or the diagonal matrix of a vector. */
export const diag: Diag = keywords("diag", ["input", "diagonal"], (input: Tensor, offset = 0) => {
  const rank = checked("diag", input).ndim;
  if (rank !== 1 && rank !== 2)
    throw new RangeError(`diag() expected a vector or a matrix, got ${formatShape(shapeOf(input))}.`);
  return rank === 1 ? diagEmbed(input, offset) : clone(diagonal(input, offset));
});

const methods = { diagonal, diagEmbed, diagflat, diag };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
