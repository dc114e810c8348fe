/** @file Functions of matrices: the exponential and integer powers. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { matrixExponential } from "../kernels/matrix-exp.ts";
import { eye, zerosLike } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { constantOf } from "./constant.ts";
import { cat } from "./joining.ts";
import { inv } from "./linalg-solve.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, overBatch, square } from "./matrix-batch.ts";

const matrixExpOp: Primitive<[A: Tensor]> = {
  name: "matrixExp",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(batchOf(A), [A], [{ shape: [n, n] }], a => [matrixExponential(a, n)])[0]!;
  },
  // The transpose of L(A, ·) is L(Aᵀ, ·).
  vjp: [(g, [A]) => frechet(A.mT, g)],
  jvp: ([dA], [A]) => frechet(A, dA!),
  batch: overBatch(() => matrixExpOp),
};

/**
 * L(A, E), the derivative of the exponential at A along E: the upper right block of exp [A E; 0 A].
 * Source: N. J. Higham, Functions of Matrices (2008), theorem 3.6. It is linear in E, which is brought to length 1 for it.
 */
function frechet(A: Tensor, E: Tensor): Tensor {
  const n = A.size(-1);
  if (n === 0) return E;
  const largest = E.detach().abs().amax([-2, -1], true);
  const length = where(largest.eq(0), 1, largest).to(E.dtype);
  const above = cat([A, E.div(length)], -1);
  const below = cat([zerosLike(A.detach()), A], -1);
  const exp = call(matrixExpOp, [cat([above, below], -2)], undefined);
  return exp.narrow(-2, 0, n).narrow(-1, n, n).mul(length);
}

/** e^A = Σ Aᵏ / k!, by scaling and squaring of a Padé approximant (Al-Mohy & Higham 2009). */
export function matrixExp(A: Tensor): Tensor {
  return call(matrixExpOp, [square("matrixExp", A)], undefined);
}

interface MatrixPower {
  (A: Tensor, n: number): Tensor;
  (A: Tensor, options: { n: number }): Tensor;
}

/** Aⁿ for an integer n, by repeated squaring; of the inverse for a negative one. @throws for a singular A and n < 0 */
export const matrixPower: MatrixPower = keywords("matrixPower", ["A", "n"], (A: Tensor, n: number) => {
  square("matrixPower", A);
  if (!Number.isInteger(n)) throw new TypeError(`matrixPower() expected an integer, got ${String(n)}.`);
  if (n === 0) return constantOf(eye(A.size(-1), { dtype: A.dtype }).expand(shapeOf(A)), A);
  let base = n < 0 ? inv(A) : A;
  let result: Tensor | null = null;
  for (let left = Math.abs(n); ; base = matmul(base, base)) {
    if (left % 2 === 1) result = result === null ? base : matmul(result, base);
    left = Math.floor(left / 2);
    if (left === 0) return n === 1 ? A.clone() : result!;
  }
});

const methods = { matrixExp, matrixPower };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
