/** @file Determinants, by LU factorisation with partial pivoting. */

import { call, callMany, type MultiPrimitive, type Primitive } from "../autograd/primitive.ts";
import { cofactorMatrix, determinant, signedLogDeterminant } from "../kernels/lu.ts";
import { defineMethods, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { cat, stack } from "./joining.ts";
import { invUnchecked } from "./linalg-solve.ts";
import { batchOf, eachMatrix, overBatch, square } from "./matrix-batch.ts";

const detOp: Primitive<[A: Tensor]> = {
  name: "det",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(batchOf(A), [A], [{ shape: [] }], a => [[determinant(a, n)]])[0]!;
  },
  vjp: [(g, [A]) => perMatrix(g).mul(call(cofactorsOp, [A], undefined))],
  jvp: ([dA], [A]) => call(cofactorsOp, [A], undefined).mul(dA!).sum([-2, -1]),
  batch: overBatch(() => detOp),
};

/** One number for each matrix, ready to be multiplied with all its entries. */
function perMatrix(g: Tensor): Tensor {
  return g.unsqueeze(-1).unsqueeze(-1);
}

/** ∂ det A / ∂A, the matrix of cofactors (Jacobi's formula), which exists where A has no inverse too. */
const cofactorsOp: Primitive<[A: Tensor]> = {
  name: "cofactors",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(batchOf(A), [A], [{ shape: [n, n] }], a => [cofactorMatrix(a, n)])[0]!;
  },
  vjp: [(g, [A]) => secondDerivative(A, (K, i, j) => K.mul(perMatrix(g.index("...", i, j))))],
  jvp([dA], [A]) {
    const n = A.size(-1);
    if (n === 0) return dA!;
    const entries = indices(n).map(i =>
      stack(
        indices(n).map(j =>
          signedCofactors(A, i, j)
            .mul(without(dA!, i, j))
            .sum([-2, -1]),
        ),
        -1,
      ),
    );
    return stack(entries, -2);
  },
  batch: overBatch(() => cofactorsOp),
};

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A without row i and column j. */
function without(A: Tensor, i: number, j: number): Tensor {
  const kept = (k: number): number[] => indices(A.size(-1)).filter(m => m !== k);
  return A.index("...", kept(i), {}).index("...", kept(j));
}

/** ∂ cofactor(i, j) / ∂ (A without row i and column j). */
function signedCofactors(A: Tensor, i: number, j: number): Tensor {
  return call(cofactorsOp, [without(A, i, j)], undefined).mul((i + j) % 2 === 0 ? 1 : -1);
}

/** Σ over all cofactors (i, j) of their derivative by A, each weighted. */
function secondDerivative(A: Tensor, weighted: (K: Tensor, i: number, j: number) => Tensor): Tensor {
  const n = A.size(-1);
  let sum = A.mul(0);
  for (const i of indices(n)) {
    for (const j of indices(n)) sum = sum.add(withZeros(weighted(signedCofactors(A, i, j), i, j), i, j));
  }
  return sum;
}

/** A matrix with a row of zeros put in before row i and a column of zeros before column j. */
function withZeros(K: Tensor, i: number, j: number): Tensor {
  const n = K.size(-1);
  const row = K.sum(-2, true).mul(0);
  const tall = cat([K.narrow(-2, 0, i), row, K.narrow(-2, i, n - i)], -2);
  const column = tall.sum(-1, true).mul(0);
  return cat([tall.narrow(-1, 0, j), column, tall.narrow(-1, j, n - j)], -1);
}

/** The determinant of a matrix or of each of a batch. */
export function det(A: Tensor): Tensor {
  return call(detOp, [square("det", A)], undefined);
}

const slogdetOp: MultiPrimitive<[A: Tensor]> = {
  name: "slogdet",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(batchOf(A), [A], [{ shape: [] }, { shape: [] }], a => {
      const { sign, logabsdet } = signedLogDeterminant(a, n);
      return [[sign], [logabsdet]];
    });
  },
  // The sign is constant wherever it has a derivative.
  vjp: ([, g], [A]) => [g ? perMatrix(g).mul(invUnchecked(A).mT) : null],
  jvp: ([dA], [A]) => [null, invUnchecked(A).mT.mul(dA!).sum([-2, -1])],
};

/** The sign of the determinant and the logarithm of its absolute value, without overflow; 0 and −∞ for a singular matrix. */
export function slogdet(A: Tensor): { sign: Tensor; logabsdet: Tensor } {
  const [sign, logabsdet] = callMany(slogdetOp, [square("slogdet", A)], undefined);
  return { sign: sign!, logabsdet: logabsdet! };
}

/** log det A; NaN where the determinant is negative. */
export function logdet(A: Tensor): Tensor {
  const { sign, logabsdet } = slogdet(A);
  return where(sign.lt(0), Number.NaN, logabsdet);
}

const methods = { det, slogdet, logdet };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
