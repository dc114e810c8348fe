/** @file Cholesky, eigenvalue and singular value decompositions, QR and polar. */

import {
  type Context,
  diagEmbed,
  eye,
  Function,
  linalg,
  onceDifferentiable,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import { symmetricPart } from "./spectral.ts";

/** The lower triangle, its diagonal halved. */
function halfLower(M: Tensor): Tensor {
  return M.tril().sub(diagEmbed(M.diagonal(0, -2, -1)).mul(0.5));
}

/** A = L Lᵀ of the symmetric part: Ā = sym(L⁻ᵀ Φ(Lᵀ L̄) L⁻¹). Murray, arXiv:1602.07527. */
export class Cholesky extends Function {
  static forward(ctx: Context, A: Tensor) {
    const L = linalg.cholesky(symmetricPart(A));
    ctx.saveForBackward(L);
    return L;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [L] = ctx.savedTensors;
    const P = halfLower(L.mT.matmul(gradOutput));
    const left = linalg.solveTriangular(L.mT, P, { upper: true });
    const S = linalg.solveTriangular(L, left, { upper: false, left: false });
    return symmetricPart(S);
  }
}

/** The same by the row algorithm on plain numbers, which reads the lower triangle alone: so has its gradient. Smith (1995). */
export class CholeskyOfLower extends Function {
  static forward(ctx: Context, A: Tensor) {
    if (A.ndim !== 2 || A.size(0) !== A.size(1)) {
      throw new RangeError(`CholeskyOfLower expected a square matrix, got shape [${A.shape}].`);
    }
    const a = A.tolist() as number[][];
    const l = a.map(row => row.map(() => 0));
    for (let i = 0; i < a.length; i++) {
      for (let j = 0; j <= i; j++) {
        let s = a[i]![j]!;
        for (let k = 0; k < j; k++) s -= l[i]![k]! * l[j]![k]!;
        if (i === j && s <= 0)
          throw new RangeError(`CholeskyOfLower: minor ${i + 1} is not positive definite.`);
        l[i]![j] = i === j ? Math.sqrt(s) : s / l[j]![j]!;
      }
    }
    const L = tensor(l);
    ctx.saveForBackward(L);
    return L;
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [L] = ctx.savedTensors;
    const inverse = linalg.solveTriangular(L, eye(L.size(0)), { upper: false });
    const S = inverse
      .t()
      .mm(halfLower(L.t().mm(gradOutput)))
      .mm(inverse);
    return S.add(S.t()).tril().sub(S.diagonal().diag());
  });
}

/** Eigenvalues and eigenvectors of the symmetric part. Giles (2008), 3.1. */
export class SymmetricEigen extends Function {
  static forward(ctx: Context, A: Tensor) {
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetricPart(A));
    ctx.saveForBackward(eigenvalues, eigenvectors);
    return [eigenvalues, eigenvectors] as const;
  }

  static backward(ctx: Context, gradValues: Tensor, gradVectors: Tensor) {
    const [values, V] = ctx.savedTensors;
    const unit = eye(values.size(-1));
    const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1));
    const F = gaps.add(unit).reciprocal().sub(unit);
    const inner = diagEmbed(gradValues).add(V.mT.matmul(gradVectors).mul(F));
    return symmetricPart(V.matmul(inner).matmul(V.mT));
  }
}

/** Eigenvalues alone: dλᵢ = vᵢᵀ dA vᵢ. Magnus (1985). */
export class SymmetricEigenvalues extends Function {
  static forward(ctx: Context<{ vectors: Tensor }>, A: Tensor) {
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetricPart(A));
    ctx.vectors = eigenvectors;
    return eigenvalues;
  }

  static backward(ctx: Context<{ vectors: Tensor }>, gradOutput: Tensor) {
    return ctx.vectors.mul(gradOutput.unsqueeze(-2)).matmul(ctx.vectors.mT);
  }
}

/** dσᵢ = uᵢᵀ dA vᵢ. Townsend, "Differentiating the singular value decomposition" (2016). */
export class SingularValues extends Function {
  static forward(ctx: Context, A: Tensor) {
    const { U, S, Vh } = linalg.svd(A, false);
    ctx.saveForBackward(U, Vh);
    return S;
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [U, Vh] = ctx.savedTensors;
    return U.mul(gradOutput.unsqueeze(-2)).matmul(Vh);
  });
}

/** The sum of singular values; its gradient at full rank is U Vᵀ. Watson (1992). */
export class NuclearNorm extends Function {
  static forward(ctx: Context, A: Tensor) {
    const { U, S, Vh } = linalg.svd(A, { fullMatrices: false });
    ctx.saveForBackward(U.matmul(Vh));
    return S.sum(-1);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [polarFactor] = ctx.savedTensors;
    return polarFactor.mul(gradOutput.unsqueeze(-1).unsqueeze(-1));
  }
}

/** The largest singular value, u₁ᵀ A v₁. Miyato et al., spectral normalisation, arXiv:1802.05957. */
export class SpectralNorm extends Function {
  static forward(ctx: Context<{ u: Tensor; v: Tensor }>, weight: Tensor) {
    if (weight.ndim !== 2)
      throw new RangeError(`SpectralNorm expected a matrix, got ${weight.ndim} dimensions.`);
    const { U, S, Vh } = linalg.svd(weight, false);
    ctx.u = U.select(1, 0);
    ctx.v = Vh.select(0, 0);
    return S.select(0, 0);
  }

  static backward(ctx: Context<{ u: Tensor; v: Tensor }>, gradOutput: Tensor) {
    return ctx.u.outer(ctx.v).mul(gradOutput);
  }
}

/** QR of a tall matrix: Ā = (Q̄ + Q copyltu(R R̄ᵀ − Q̄ᵀ Q)) R⁻ᵀ. Walter & Lehmann, arXiv:1001.1654. */
export class ReducedQR extends Function {
  static forward(ctx: Context, A: Tensor) {
    if (A.size(-2) < A.size(-1)) {
      throw new RangeError(`ReducedQR expected at least as many rows as columns, got shape [${A.shape}].`);
    }
    const { Q, R } = linalg.qr(A);
    ctx.saveForBackward(Q, R);
    return [Q, R];
  }

  static backward(ctx: Context, gradQ: Tensor, gradR: Tensor) {
    const [Q, R] = ctx.savedTensors;
    const M = R.matmul(gradR.mT).sub(gradQ.mT.matmul(Q));
    const symmetric = M.tril().add(M.tril(-1).mT);
    const right = gradQ.add(Q.matmul(symmetric));
    return linalg.solveTriangular(R.mT, right, { upper: false, left: false });
  }
}

/** A = U P, U orthogonal, P positive: dU = W [(Wᵀ dA V − Vᵀ dAᵀ W) / (σᵢ + σⱼ)] Vᵀ, P = Uᵀ A. Higham (1986). */
export class Polar extends Function {
  static forward(ctx: Context, A: Tensor) {
    if (A.ndim < 2 || A.size(-1) !== A.size(-2)) {
      throw new RangeError(`Polar expected square matrices, got shape [${A.shape}].`);
    }
    const { U: W, S, Vh } = linalg.svd(A);
    const U = W.matmul(Vh);
    ctx.saveForBackward(A, W, S, Vh, U);
    return [U, U.mT.matmul(A)];
  }

  static backward = onceDifferentiable((ctx: Context, gradU: Tensor, gradP: Tensor) => {
    const [A, W, S, Vh, U] = ctx.savedTensors;
    const onU = gradU.add(A.matmul(gradP.mT));
    const M = W.mT.matmul(onU).matmul(Vh.mT);
    const X = M.sub(M.mT).div(S.unsqueeze(-1).add(S.unsqueeze(-2)));
    return W.matmul(X).matmul(Vh).add(U.matmul(gradP));
  });
}
