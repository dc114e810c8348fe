/** @file Products of matrices and vectors. */

import { alignedForBroadcast } from "../autograd/batch.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import { goesByBlocks, matmulInto } from "../kernels/matmul.ts";
import { forEachRow } from "../kernels/strided.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { defineMethods, type Methods } from "../tensor/methods.ts";
import { broadcastShapes, broadcastStrides, formatShape, type Shape } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, stridesOf, type Tensor, unset } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { squeeze, unsqueeze } from "./reshape.ts";

/** (…, m, k) @ (…, k, n) = (…, m, n), batch dimensions broadcast. */
const matmulOp: Primitive<[A: Tensor, B: Tensor]> = {
  name: "matmul",
  forward([A, B]) {
    if (A.ndim === 2 && B.ndim === 2) {
      const C = productOf(A, B, []);
      multiply(A, offsetOf(A), B, offsetOf(B), C, offsetOf(C));
      return C;
    }
    const batch = broadcastShapes(batchOf(A), batchOf(B));
    const C = productOf(A, B, batch);
    const size = shapeOf(A).at(-2)! * shapeOf(B).at(-1)!;
    let c = offsetOf(C);
    const strides = [A, B].map(X => broadcastStrides(batchOf(X), stridesOf(X).slice(0, -2), batch));
    forEachRow(batch, [offsetOf(A), offsetOf(B)], strides, (length, [a, b], [aStep, bStep]) => {
      for (let i = 0; i < length; i++, c += size) multiply(A, a! + i * aStep!, B, b! + i * bStep!, C, c);
    });
    return C;
  },
  vjp: [
    (g, [A, B]) => matmul(g, B.mT).sumToSize(shapeOf(A)),
    (g, [A, B]) => matmul(A.mT, g).sumToSize(shapeOf(B)),
  ],
  givesFresh: true,
  jvp: "multilinear",
  batch: (values, batched) =>
    call(matmulOp, alignedForBroadcast(values, batched) as [Tensor, Tensor], undefined),
};

/** Room for the products. */
function productOf(A: Tensor, B: Tensor, batch: Shape): Tensor {
  const [m, n] = [shapeOf(A).at(-2)!, shapeOf(B).at(-1)!];
  const overwritten = A.isFloatingPoint() && goesByBlocks(m, shapeOf(A).at(-1)!, n);
  return (overwritten ? unset : empty)(batch.concat(m, n), A.dtype);
}

/** One product of matrices that begin at the given places in A and B, into zeros. */
function multiply(A: Tensor, a: number, B: Tensor, b: number, C: Tensor, c: number): void {
  const [row, column] = [A.ndim - 2, A.ndim - 1];
  const [bRow, bColumn] = [B.ndim - 2, B.ndim - 1];
  const [aSteps, bSteps] = [stridesOf(A), stridesOf(B)];
  matmulInto(
    shapeOf(A)[row]!,
    shapeOf(A)[column]!,
    shapeOf(B)[bColumn]!,
    dataOf(A),
    a,
    aSteps[row]!,
    aSteps[column]!,
    dataOf(B),
    b,
    bSteps[bRow]!,
    bSteps[bColumn]!,
    dataOf(C),
    c,
    true,
  );
}

function batchOf(X: Tensor): Shape {
  return shapeOf(X).slice(0, -2);
}

/**
 * The matrix product as torch's `@`: of matrices, of batches of them (broadcast), of a matrix and a
 * vector, or the dot product of two vectors.
 * @throws where the inner dimensions differ, naming both shapes
 */
export function matmul(input: Tensor, other: Tensor): Tensor {
  const a = checked("matmul", input);
  const b = checked("matmul", other);
  const inner = a.ndim === 0 ? null : a.size(-1);
  if (inner === null || b.ndim === 0 || inner !== b.size(b.ndim === 1 ? 0 : -2)) {
    throw new RangeError(
      `matmul() cannot multiply ${formatShape(shapeOf(a))} by ${formatShape(shapeOf(b))}: expected the last dimension of the first ` +
        `to equal the ${b.ndim < 2 ? "length" : "last but one dimension"} of the second.`,
    );
  }
  const dtype = promoteTypes(a.dtype, b.dtype);
  const A = a.ndim === 1 ? unsqueeze(a, 0) : a;
  const B = b.ndim === 1 ? unsqueeze(b, 1) : b;
  const C = call(matmulOp, [A.to(dtype), B.to(dtype)], undefined);
  const columns = b.ndim === 1 ? squeeze(C, -1) : C;
  return a.ndim === 1 ? squeeze(columns, b.ndim === 1 ? -1 : -2) : columns;
}

/** {@link matmul} for operands of given numbers of dimensions. */
function product(name: string, ndim: number, otherNdim: number): (input: Tensor, other: Tensor) => Tensor {
  return (input, other) => {
    if (checked(name, input).ndim !== ndim || checked(name, other).ndim !== otherNdim) {
      throw new RangeError(
        `${name}() expected tensors of ${ndim} and ${otherNdim} dimensions, got ${formatShape(shapeOf(input))} and ` +
          `${formatShape(shapeOf(other))}. Use matmul(), which takes any.`,
      );
    }
    return matmul(input, other);
  };
}

type Product = (input: Tensor, other: Tensor) => Tensor;

/** Two matrices. */
export const mm: Product = product("mm", 2, 2);
/** Two batches of matrices. */
export const bmm: Product = product("bmm", 3, 3);
/** A matrix and a vector. */
export const mv: Product = product("mv", 2, 1);
/** Two vectors. */
export const dot: Product = product("dot", 1, 1);

/** xᵢ yⱼ as a matrix. */
export function outer(input: Tensor, vec2: Tensor): Tensor {
  if (checked("outer", input).ndim !== 1 || checked("outer", vec2).ndim !== 1) {
    throw new RangeError(
      `outer() expected two vectors, got ${formatShape(shapeOf(input))} and ${formatShape(shapeOf(vec2))}.`,
    );
  }
  return unsqueeze(input, 1).mul(unsqueeze(vec2, 0));
}

/** The sum of a matrix's diagonal. */
export function trace(input: Tensor): Tensor {
  if (checked("trace", input).ndim !== 2) {
    throw new RangeError(
      `trace() expected a matrix, got ${formatShape(shapeOf(input))}. For a batch: x.diagonal(0, -2, -1).sum(-1).`,
    );
  }
  return input.diagonal().sum();
}

const methods = { matmul, mm, bmm, mv, dot, outer, ger: outer, trace };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
