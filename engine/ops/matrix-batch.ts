/** @file Batches of matrices: a kernel applied to each, arguments checked, batch dimensions lined up. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { type DType, promoteTypes } from "../tensor/dtype.ts";
import { broadcastShapes, formatShape, numelOf, type Shape } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";

/** What a kernel returns for one matrix: the shape of it, and a dtype other than the first input's. */
export interface Result {
  readonly shape: Shape;
  readonly dtype?: DType;
}

/** The dimensions before the last two. */
export function batchOf(X: Tensor): Shape {
  return shapeOf(X).slice(0, -2);
}

/**
 * Applies a kernel to each matrix of a batch, and lays the results side by side.
 * @param inputs of the shape `batch` and more; the kernel gets the elements of each entry, row-major, and leaves them alone
 * @param results one for each array that the kernel returns
 */
export function eachMatrix(
  batch: Shape,
  inputs: readonly Tensor[],
  results: readonly Result[],
  kernel: (...matrices: Float64Array[]) => readonly ArrayLike<number>[],
): Tensor[] {
  const outputs = results.map(({ shape, dtype }) => empty([...batch, ...shape], dtype ?? inputs[0]!.dtype));
  const sizes = results.map(({ shape }) => numelOf(shape));
  const flat = inputs.map(elementsOf);
  const count = numelOf(batch);
  for (let b = 0; b < count; b++) {
    const entry = flat.map(values =>
      values.subarray((b * values.length) / count, ((b + 1) * values.length) / count),
    );
    kernel(...entry).forEach((values, r) => {
      const at = offsetOf(outputs[r]!) + b * sizes[r]!;
      const data = dataOf(outputs[r]!);
      for (let i = 0; i < sizes[r]!; i++) data[at + i] = values[i]!;
    });
  }
  return outputs;
}

/** The elements in row-major order, in place where they lie so. */
function elementsOf(X: Tensor): Float64Array {
  const row = X.detach().contiguous();
  const data = dataOf(row).subarray(offsetOf(row), offsetOf(row) + row.numel());
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

/**
 * vmap's rule for an operation on batches: the one it works through is one more of them, in front. Inputs without it are
 * repeated.
 */
export function overBatch<I extends readonly Tensor[], P>(
  op: () => Primitive<I, P>,
): NonNullable<Primitive<I, P>["batch"]> {
  return (values, batched, params) => {
    const size = values[batched.indexOf(true)]!.size(0);
    const repeated = values.map((X, i) =>
      batched[i] ? X : X.unsqueeze(0).expand([size, ...shapeOf(X)]),
    ) as unknown as I;
    return call(op(), repeated, params);
  };
}

/** @throws where `A` is no matrix of floating-point numbers, nor a batch of them */
export function matrix(name: string, A: Tensor): Tensor {
  if (checked(name, A, true).ndim < 2) {
    throw new RangeError(`${name}() expected a matrix or a batch of them, got ${formatShape(shapeOf(A))}.`);
  }
  return A;
}

/** @throws where they are not square */
export function square(name: string, A: Tensor): Tensor {
  const shape = shapeOf(matrix(name, A));
  if (shape.at(-1) !== shape.at(-2)) {
    throw new RangeError(`${name}() expected a square matrix or a batch of them, got ${formatShape(shape)}.`);
  }
  return A;
}

/** Batches of matrices under their common batch dimensions and dtype. */
export function alignedBatches(...matrices: readonly Tensor[]): Tensor[] {
  const batch = matrices.map(batchOf).reduce(broadcastShapes);
  const dtype = matrices.map(X => X.dtype).reduce(promoteTypes);
  return matrices.map(X => X.expand([...batch, ...shapeOf(X).slice(-2)]).to(dtype));
}

/**
 * Whether the right-hand side of A X = B is a vector, or a batch of vectors for the batch of A, rather than a matrix: torch's
 * rule.
 */
export function isVector(A: Tensor, B: Tensor): boolean {
  const vectors = A.ndim === B.ndim + 1 && String(shapeOf(B)) === String(shapeOf(A).slice(0, -1));
  return B.ndim === 1 || vectors;
}
