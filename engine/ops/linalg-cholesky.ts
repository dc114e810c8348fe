/**
 * @file Cholesky's factorisation of a symmetric positive definite matrix, and what its factor is used for.
 *
 * Source of the derivative: I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527 (2016).
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { choleskyFactor } from "../kernels/triangular.ts";
import { eye } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { solveTriangular } from "./linalg-triangular.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, matrix, overBatch, square } from "./matrix-batch.ts";

/** Whether a matrix that is not positive definite is an error. */
interface Checked {
  readonly check: boolean;
}

/** The lower factor; of a matrix that is not positive definite the columns before the one that failed, and zeros. */
const choleskyOp: Primitive<[A: Tensor], Checked> = {
  name: "cholesky",
  forward([A], { check }) {
    const n = A.size(-1);
    const [L] = eachMatrix(batchOf(A), [A], [{ shape: [n, n] }], a => {
      const { l, info } = choleskyFactor(a, n);
      if (check && info !== 0) {
        throw new RangeError(
          `cholesky(): the matrix is not positive definite (its leading minor of order ${info} is not positive); expected a ` +
            "symmetric one with positive eigenvalues.",
        );
      }
      return [l];
    });
    return L!;
  },
  // Murray's eq. 9, for a symmetric A: L⁻ᵀ Φ(Lᵀ g) L⁻¹, symmetrised as torch does.
  vjp: [
    (g, _inputs, L) => {
      const S = halfDiagonal(matmul(L.mT, g)).tril();
      const symmetric = S.add(S.mT).mul(0.5);
      const inner = solveTriangular(L.mT, symmetric, { upper: true });
      return solveTriangular(L.mT, inner.mT, { upper: true }).mT;
    },
  ],
  // dL = L Φ(L⁻¹ dA L⁻ᵀ)
  jvp: ([dA], _inputs, L) => {
    const symmetric = dA!.add(dA!.mT).mul(0.5);
    const left = solveTriangular(L, symmetric, { upper: false });
    const inner = solveTriangular(L, left.mT, { upper: false });
    return matmul(L, halfDiagonal(inner.mT).tril());
  },
  batch: overBatch(() => choleskyOp),
};

/** The matrix with its diagonal halved. */
function halfDiagonal(A: Tensor): Tensor {
  return A.mul(eye(A.size(-1), { dtype: A.dtype }).mul(-0.5).add(1));
}

const infoOp: Primitive<[A: Tensor]> = {
  name: "choleskyInfo",
  forward([A]) {
    const n = A.size(-1);
    const [info] = eachMatrix(batchOf(A), [A], [{ shape: [], dtype: "int32" }], a => [
      [choleskyFactor(a, n).info],
    ]);
    return info!;
  },
  vjp: [],
  jvp: "linear",
  batch: overBatch(() => infoOp),
};

function factor(A: Tensor, upper: boolean, params: Checked): Tensor {
  return upper ? call(choleskyOp, [A.mT], params).mT : call(choleskyOp, [A], params);
}

interface Cholesky {
  (A: Tensor, upper?: boolean): Tensor;
  (A: Tensor, options: { upper?: boolean }): Tensor;
}

/**
 * The lower triangular L of A = L Lᵀ, or for `upper` the upper triangular U of A = Uᵀ U, for a symmetric positive definite A,
 * of which only that triangle is read. The gradient is symmetric.
 * @throws for a matrix that is not positive definite
 */
export const cholesky: Cholesky = keywords("cholesky", ["A", "upper"], (A: Tensor, upper = false) =>
  factor(square("cholesky", A), upper, { check: true }),
);

type CholeskyEx = (
  A: Tensor,
  options?: { upper?: boolean; checkErrors?: boolean },
) => { L: Tensor; info: Tensor };

/** {@link cholesky} that throws only if asked to: `info` is 0, or the order of the first leading minor that is not positive. */
export const choleskyEx: CholeskyEx = keywords(
  "choleskyEx",
  ["A", "upper", "checkErrors"],
  (A: Tensor, upper = false, checkErrors = false) => ({
    L: factor(square("choleskyEx", A), upper, { check: checkErrors }),
    info: call(infoOp, [upper ? A.mT : A], undefined),
  }),
);

interface CholeskySolve {
  (B: Tensor, L: Tensor, upper?: boolean): Tensor;
  (B: Tensor, L: Tensor, options: { upper?: boolean }): Tensor;
}

/** X of L Lᵀ X = B, or of Uᵀ U X = B for `upper`, for a factor that {@link cholesky} gave. */
export const choleskySolve: CholeskySolve = keywords(
  "choleskySolve",
  ["B", "L", "upper"],
  (B: Tensor, L: Tensor, upper = false) => {
    const lower = upper ? square("choleskySolve", L).mT : square("choleskySolve", L);
    const half = solveTriangular(lower, matrix("choleskySolve", B), { upper: false });
    return solveTriangular(lower.mT, half, { upper: true });
  },
);

interface CholeskyInverse {
  (L: Tensor, upper?: boolean): Tensor;
  (L: Tensor, options: { upper?: boolean }): Tensor;
}

/** (L Lᵀ)⁻¹, or (Uᵀ U)⁻¹ for `upper`, for a factor that {@link cholesky} gave. */
export const choleskyInverse: CholeskyInverse = keywords(
  "choleskyInverse",
  ["L", "upper"],
  (L: Tensor, upper = false) =>
    choleskySolve(eye(square("choleskyInverse", L).size(-1), { dtype: L.dtype }), L, upper),
);

const methods = {
  cholesky,
  choleskyInverse,
  choleskySolve,
};
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
