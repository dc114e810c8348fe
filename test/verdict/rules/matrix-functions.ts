/** @file Functions of symmetric positive definite matrices, of the symmetric part of what they are given. */

import { type Context, eye, Function, linalg, onceDifferentiable, type Tensor } from "@gradient-lens/engine";
import { assembled, dividedDifferences, positiveSpectrum, pulledBack, symmetricPart } from "./spectral.ts";

/** √A: (√λᵢ − √λⱼ)/(λᵢ − λⱼ) = 1/(√λᵢ + √λⱼ) has no quotient of differences. Ionescu et al., arXiv:1509.07838. */
export class MatrixSqrt extends Function {
  static forward(ctx: Context, A: Tensor) {
    const { values, vectors } = positiveSpectrum("MatrixSqrt", A);
    const roots = values.sqrt();
    ctx.saveForBackward(vectors, roots);
    return assembled(vectors, roots);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [V, roots] = ctx.savedTensors;
    const G = symmetricPart(gradOutput);
    const inner = V.mT
      .matmul(G)
      .matmul(V)
      .div(roots.unsqueeze(-1).add(roots.unsqueeze(-2)));
    return V.matmul(inner).matmul(V.mT);
  }
}

/** A^(−1/2): −1/(√λᵢ √λⱼ (√λᵢ + √λⱼ)). Huang et al., decorrelated batch normalisation, arXiv:1804.08450. */
export class MatrixInverseSqrt extends Function {
  static forward(ctx: Context<{ V: Tensor; roots: Tensor }>, A: Tensor) {
    const { values, vectors } = positiveSpectrum("MatrixInverseSqrt", A);
    ctx.V = vectors;
    ctx.roots = values.sqrt();
    return assembled(vectors, values.rsqrt());
  }

  static backward(ctx: Context<{ V: Tensor; roots: Tensor }>, gradOutput: Tensor) {
    const [a, b] = [ctx.roots.unsqueeze(-1), ctx.roots.unsqueeze(-2)];
    return pulledBack(ctx.V, a.mul(b).mul(a.add(b)).reciprocal().neg(), gradOutput);
  }
}

/** log A: SPDNet's LogEig. Huang & Van Gool, arXiv:1608.04233. */
export class MatrixLog extends Function {
  static forward(ctx: Context, A: Tensor) {
    const { values, vectors } = positiveSpectrum("MatrixLog", A);
    ctx.saveForBackward(values, vectors);
    return assembled(vectors, values.log());
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [values, vectors] = ctx.savedTensors;
    return pulledBack(vectors, dividedDifferences(values, values.log(), values.reciprocal()), gradOutput);
  });
}

/** exp of any symmetric matrix: the slopes are the values. geomstats. */
export class SymmetricExp extends Function {
  static forward(ctx: Context, A: Tensor) {
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetricPart(A));
    ctx.saveForBackward(eigenvalues, eigenvectors);
    return assembled(eigenvectors, eigenvalues.exp());
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [values, V] = ctx.savedTensors;
    const images = values.exp();
    return pulledBack(V, dividedDifferences(values, images, images), gradOutput);
  });
}

/** A^p: matrix power normalised covariance. Li et al., arXiv:1703.08050. */
export class MatrixPowerOfSPD extends Function {
  static forward(ctx: Context<{ exponent: number }>, A: Tensor, exponent: number) {
    const { values, vectors } = positiveSpectrum("MatrixPowerOfSPD", A);
    ctx.saveForBackward(values, vectors);
    ctx.exponent = exponent;
    return assembled(vectors, values.pow(exponent));
  }

  static backward(ctx: Context<{ exponent: number }>, gradOutput: Tensor) {
    const [values, vectors] = ctx.savedTensors;
    const p = ctx.exponent;
    const K = dividedDifferences(values, values.pow(p), values.pow(p - 1).mul(p));
    return [pulledBack(vectors, K, gradOutput), null];
  }
}

/** max(λ, ε): SPDNet's ReEig, a relu of eigenvalues. Huang & Van Gool, arXiv:1608.04233. */
export class RectifiedEigenvalues extends Function {
  static forward(ctx: Context<{ epsilon: number }>, A: Tensor, epsilon = 1e-4) {
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetricPart(A));
    ctx.saveForBackward(eigenvalues, eigenvectors);
    ctx.epsilon = epsilon;
    return assembled(eigenvectors, eigenvalues.clampMin(epsilon));
  }

  static backward = onceDifferentiable((ctx: Context<{ epsilon: number }>, gradOutput: Tensor) => {
    const [values, V] = ctx.savedTensors;
    const kept = values.gt(ctx.epsilon).to(values.dtype);
    const K = dividedDifferences(values, values.clampMin(ctx.epsilon), kept);
    return [pulledBack(V, K, gradOutput), null];
  });
}

/** Frobenius inner product with log-Euclidean distance ‖log A − L‖²/2 to a fixed point: Arsigny et al. (2006). */
export class LogEuclideanDistance extends Function {
  static forward(ctx: Context, A: Tensor, L: Tensor) {
    if (A.ndim !== 2 || String(A.shape) !== String(L.shape)) {
      throw new RangeError(
        `LogEuclideanDistance expected two matrices of one shape, got [${A.shape}] and [${L.shape}].`,
      );
    }
    const { values, vectors } = positiveSpectrum("LogEuclideanDistance", A);
    const residual = assembled(vectors, values.log()).sub(L);
    ctx.saveForBackward(values, vectors, residual);
    return residual.square().sum().div(2);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [values, vectors, residual] = ctx.savedTensors;
    const unit = eye(values.size(0));
    const gaps = values.unsqueeze(1).sub(values.unsqueeze(0)).add(unit);
    const logs = values.log();
    const K = logs.unsqueeze(1).sub(logs.unsqueeze(0)).div(gaps).add(values.reciprocal().diag());
    const scaled = residual.mul(gradOutput);
    return [pulledBack(vectors, K, scaled), scaled.neg()];
  }
}
