/**
 * @file Eigenvalues and eigenvectors of symmetric matrices.
 *
 * Source of the derivative: M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
 * differentiation" (2008), section 3.1.
 */

import { callMany, type MultiPrimitive } from "../autograd/primitive.ts";
import { symmetricEigen } from "../kernels/symmetric-eigen.ts";
import { eye } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, square } from "./matrix-batch.ts";

const eighOp: MultiPrimitive<[A: Tensor]> = {
  name: "eigh",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(batchOf(A), [A], [{ shape: [n] }, { shape: [n, n] }], a => {
      const eigen = symmetricEigen(a, n);
      if (eigen === null) {
        throw new RangeError(`eigh() expected finite numbers, got inf or NaN in ${formatShape(shapeOf(A))}.`);
      }
      return [eigen.values, eigen.vectors];
    });
  },
  vjp([gL, gV], _inputs, [L, V]) {
    let inner = gV ? overGaps(matmul(V!.mT, gV), L!) : null;
    if (gL) inner = inner ? inner.add(gL.diagEmbed()) : gL.diagEmbed();
    return [matmul(matmul(V!, inner!), V!.mT)];
  },
  jvp([dA], _inputs, [L, V]) {
    const P = matmul(matmul(V!.mT, dA!), V!);
    return [P.diagonal(0, -2, -1), matmul(V!, overGaps(P, L!))];
  },
};

/** Entries over λⱼ − λᵢ, zeros on the diagonal: an eigenvector does not move along itself. */
export function overGaps(P: Tensor, L: Tensor): Tensor {
  const one = eye(L.size(-1), { dtype: L.dtype });
  return P.mul(one.neg().add(1)).div(L.unsqueeze(-2).sub(L.unsqueeze(-1)).add(one));
}

type Triangle = "L" | "U";

interface Eigh {
  (A: Tensor, UPLO?: Triangle): { eigenvalues: Tensor; eigenvectors: Tensor };
  (A: Tensor, options: { UPLO?: Triangle }): { eigenvalues: Tensor; eigenvectors: Tensor };
}

/**
 * A = V diag(λ) Vᵀ for a symmetric A, of which only the lower ("L") or upper ("U") triangle is read; eigenvalues rise, V is
 * orthogonal. The gradient takes A for symmetric, as torch's. That of the eigenvectors, whose signs are arbitrary, is
 * defined for distinct eigenvalues alone.
 */
export const eigh: Eigh = keywords("eigh", ["A", "UPLO"], (A: Tensor, UPLO: Triangle = "L") => {
  square("eigh", A);
  const triangle = String(UPLO).toUpperCase();
  if (triangle !== "L" && triangle !== "U") {
    throw new TypeError(`eigh() expected UPLO "L" or "U", got ${String(UPLO)}.`);
  }
  const [eigenvalues, eigenvectors] = callMany(eighOp, [triangle === "U" ? A.mT : A], undefined);
  return { eigenvalues: eigenvalues!, eigenvectors: eigenvectors! };
});

interface Eigvalsh {
  (A: Tensor, UPLO?: Triangle): Tensor;
  (A: Tensor, options: { UPLO?: Triangle }): Tensor;
}

/** The eigenvalues that {@link eigh} gives; differentiable where they are equal, too. */
export const eigvalsh: Eigvalsh = keywords(
  "eigvalsh",
  ["A", "UPLO"],
  (A: Tensor, UPLO: Triangle = "L") => eigh(A, UPLO).eigenvalues,
);
