/**
 * @file Eigenvalues and eigenvectors of general matrices, as far as they are real.
 *
 * Source of the derivative: C. Boeddeker, P. Hanebrink, L. Drude, J. Heymann & R. Haeb-Umbach, "On the computation of complex-valued
 * gradients with application to statistically optimum beamforming", arXiv:1701.00392 (2017), for vectors of length 1.
 */

import { callMany, type MultiPrimitive } from "../autograd/primitive.ts";
import { generalEigen } from "../kernels/eigen.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { overGaps } from "./linalg-eigh.ts";
import { solve } from "./linalg-solve.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, square } from "./matrix-batch.ts";

const eigOp: MultiPrimitive<[A: Tensor]> = {
  name: "eig",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(batchOf(A), [A], [{ shape: [n] }, { shape: [n, n] }], a => {
      const eigen = generalEigen(a, n);
      if (eigen === null) {
        throw new RangeError(`eig() expected finite numbers, got inf or NaN in ${formatShape(shapeOf(A))}.`);
      }
      const complex = eigen.imaginary.findIndex(x => x !== 0);
      if (complex >= 0) {
        throw new RangeError(
          `eig() found the complex eigenvalues ${eigen.values[complex]} ± ${eigen.imaginary[complex]}i, and there is no ` +
            "complex dtype here: expected a matrix whose eigenvalues are real. eigh() is for symmetric ones.",
        );
      }
      return [eigen.values, eigen.vectors];
    });
  },
  // V⁻ᵀ [ diag(gL) + (Vᵀ gV − Vᵀ V diag(Vᵀ gV)) / (λⱼ − λᵢ) ] Vᵀ
  vjp([gL, gV], _inputs, [L, V]) {
    let inner: Tensor | null = null;
    if (gV) {
      const P = matmul(V!.mT, gV);
      const along = P.diagonal(0, -2, -1).unsqueeze(-2);
      inner = overGaps(P.sub(matmul(V!.mT, V!.mul(along))), L!);
    }
    if (gL) inner = inner === null ? gL.diagEmbed() : inner.add(gL.diagEmbed());
    return [solve(V!.mT, matmul(inner!, V!.mT))];
  },
  jvp([dA], _inputs, [L, V]) {
    const P = solve(V!, matmul(dA!, V!));
    const turned = matmul(V!, overGaps(P, L!));
    const along = V!.mul(turned).sum(-2, true);
    return [P.diagonal(0, -2, -1), turned.sub(V!.mul(along))];
  },
};

/**
 * A V = V diag(λ) for a square A whose eigenvalues are all real, in no order; V has columns of length 1. The gradient is defined for
 * distinct eigenvalues, where V has an inverse.
 * @throws where eigenvalues are complex: torch's result has a complex dtype, which there is none of here
 */
export function eig(A: Tensor): { eigenvalues: Tensor; eigenvectors: Tensor } {
  const [eigenvalues, eigenvectors] = callMany(eigOp, [square("eig", A)], undefined);
  return { eigenvalues: eigenvalues!, eigenvectors: eigenvectors! };
}

/** The eigenvalues that {@link eig} gives. */
export function eigvals(A: Tensor): Tensor {
  return eig(A).eigenvalues;
}
