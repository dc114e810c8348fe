/** @file Products of tensors other than the matrix product: inner, tensor, Kronecker's, of vectors. */

import { ofValues } from "../tensor/creation.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { broadcastShapes, formatShape, numelOf, wrapDim } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { dot, matmul } from "./matmul.ts";

/** Two vectors: {@link dot}, from which it differs for complex numbers only. */
export const vdot: typeof dot = dot;

/** Σ over the last dimension of both; the product where one is 0-d. */
export function inner(input: Tensor, other: Tensor): Tensor {
  if (checked("inner", input).ndim === 0 || checked("inner", other).ndim === 0) return input.mul(other);
  if (input.size(-1) !== other.size(-1)) {
    throw new RangeError(
      `inner() expected last dimensions of one size, got ${formatShape(shapeOf(input))} and ${formatShape(shapeOf(other))}.`,
    );
  }
  return tensordot(input, other, [[-1], [-1]]);
}

/** How many dimensions to sum over, the last of `a` with the first of `b`; or which of each. */
type TensordotDims = number | readonly [readonly number[], readonly number[]];

interface Tensordot {
  (a: Tensor, b: Tensor, dims?: TensordotDims): Tensor;
  (a: Tensor, b: Tensor, options: { dims?: TensordotDims }): Tensor;
}

/** Σ of products over pairs of dimensions; the result has the other dimensions of `a`, then those of `b`. Sizes of 1 are broadcast. */
export const tensordot: Tensordot = keywords(
  "tensordot",
  ["a", "b", "dims"],
  (a: Tensor, b: Tensor, dims: TensordotDims = 2) => {
    checked("tensordot", a);
    checked("tensordot", b);
    const [ofA, ofB] = typeof dims === "number" ? neighbours(a, b, dims) : dims;
    const [dimsA, dimsB] = [ofA.map(d => wrapDim(d, a.ndim)), ofB.map(d => wrapDim(d, b.ndim))];
    const sizes = dimsA.map((d, i) => [a.size(d), b.size(dimsB[i] ?? 0)] as const);
    if (dimsA.length !== dimsB.length || sizes.some(([m, n]) => m !== n && m !== 1 && n !== 1)) {
      throw new RangeError(
        `tensordot() expected pairs of dimensions of one size, got [${dimsA}] of ${formatShape(shapeOf(a))} and [${dimsB}] of ` +
          `${formatShape(shapeOf(b))}.`,
      );
    }
    // Where one size is 1, the other tensor is summed first.
    const alone = (x: Tensor, own: readonly number[], side: 0 | 1): Tensor => {
      const summed = own.filter((_, i) => sizes[i]![side] !== 1 && sizes[i]![1 - side] === 1);
      return summed.length === 0 ? x : x.sum(summed, true);
    };
    const [x, y] = [alone(a, dimsA, 0), alone(b, dimsB, 1)];
    const others = (own: readonly number[], t: Tensor): number[] =>
      shapeOf(t).flatMap((_, d) => (own.includes(d) ? [] : [d]));
    const [restA, restB] = [others(dimsA, x), others(dimsB, y)];
    const shape = [...restA.map(d => x.size(d)), ...restB.map(d => y.size(d))];
    const summed = numelOf(dimsA.map(d => x.size(d)));
    const rows = numelOf(restA.map(d => x.size(d)));
    const columns = numelOf(restB.map(d => y.size(d)));
    const left = x.permute([...restA, ...dimsA]).reshape([rows, summed]);
    const right = y.permute([...dimsB, ...restB]).reshape([summed, columns]);
    return matmul(left, right).reshape(shape);
  },
);

function neighbours(a: Tensor, b: Tensor, count: number): [number[], number[]] {
  if (!Number.isInteger(count) || count < 0 || count > Math.min(a.ndim, b.ndim)) {
    throw new RangeError(
      `tensordot() expected dims from 0 to ${Math.min(a.ndim, b.ndim)}, or lists of dimensions, got ${String(count)}.`,
    );
  }
  const first = Array.from({ length: count }, (_, i) => i);
  return [first.map(i => a.ndim - count + i), first];
}

/** Kronecker's product: blocks aᵢⱼ B; of tensors of any number of dimensions, the smaller one's being 1 in front. */
export function kron(input: Tensor, other: Tensor): Tensor {
  const rank = Math.max(checked("kron", input).ndim, checked("kron", other).ndim);
  const padded = (x: Tensor): number[] => [...new Array<number>(rank - x.ndim).fill(1), ...shapeOf(x)];
  const [m, n] = [padded(input), padded(other)];
  const outer = input.reshape(m.flatMap(size => [size, 1])).mul(other.reshape(n.flatMap(size => [1, size])));
  return outer.reshape(m.map((size, i) => size * n[i]!));
}

interface Cross {
  (input: Tensor, other: Tensor, dim?: number): Tensor;
  (input: Tensor, other: Tensor, options: { dim?: number }): Tensor;
}

/** The cross product along a dimension of size 3; the others are broadcast. */
export const linalgCross: Cross = keywords(
  "cross",
  ["input", "other", "dim"],
  (input: Tensor, other: Tensor, dim = -1) => {
    const [a, b] = [checked("cross", input), checked("cross", other)];
    const d = wrapDim(dim, a.ndim);
    if (a.ndim !== b.ndim || a.ndim === 0 || a.size(d) !== 3 || b.size(d) !== 3) {
      throw new RangeError(
        `cross() expected tensors of as many dimensions with size 3 in dimension ${dim}, got ${formatShape(shapeOf(a))} and ` +
          `${formatShape(shapeOf(b))}.`,
      );
    }
    const turned = (x: Tensor, places: readonly number[]): Tensor =>
      x.indexSelect(d, ofValues(places, [3], "int64"));
    const forth = turned(a, [1, 2, 0]).mul(turned(b, [2, 0, 1]));
    const back = turned(a, [2, 0, 1]).mul(turned(b, [1, 2, 0]));
    return forth.sub(back);
  },
);

interface CrossOfAnyDim {
  (input: Tensor, other: Tensor, dim?: number | null): Tensor;
  (input: Tensor, other: Tensor, options: { dim?: number | null }): Tensor;
}

/** {@link linalgCross} along the first dimension of size 3, unless `dim` names one. */
export const cross: CrossOfAnyDim = keywords(
  "cross",
  ["input", "other", "dim"],
  (input: Tensor, other: Tensor, dim: number | null = null) => {
    if (dim !== null) return linalgCross(input, other, dim);
    const found = broadcastShapes(shapeOf(checked("cross", input)), shapeOf(checked("cross", other))).indexOf(
      3,
    );
    if (found < 0)
      throw new RangeError(`cross() found no dimension of size 3 in ${formatShape(shapeOf(input))}.`);
    return linalgCross(input, other, found);
  },
);

interface Vecdot {
  (x: Tensor, y: Tensor, dim?: number): Tensor;
  (x: Tensor, y: Tensor, options: { dim?: number }): Tensor;
}

/** Σ xᵢ yᵢ along a dimension; the others are broadcast. */
export const vecdot: Vecdot = keywords("vecdot", ["x", "y", "dim"], (x: Tensor, y: Tensor, dim = -1) => {
  const dtype = promoteTypes(checked("vecdot", x).dtype, checked("vecdot", y).dtype);
  return x.to(dtype).mul(y.to(dtype)).sum(dim);
});

const methods = { vdot, inner, kron, cross };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
