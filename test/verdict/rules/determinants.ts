/** @file Determinants and their logarithms. */

import {
  type Context,
  cross,
  det,
  Function,
  linalg,
  slogdet,
  stack,
  type Tensor,
} from "@gradient-lens/engine";

/** Jacobi's formula, d det A = det A · tr(A⁻¹ dA). Giles (2008), 2.2.4. */
export class Determinant extends Function {
  static forward(ctx: Context, A: Tensor) {
    const determinant = det(A);
    ctx.saveForBackward(A, determinant);
    return determinant;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, determinant] = ctx.savedTensors;
    return linalg.inv(A).mT.mul(gradOutput.mul(determinant).unsqueeze(-1).unsqueeze(-1));
  }
}

/** log det A of a matrix with positive determinant: A⁻ᵀ. torch's logdet. */
export class LogDeterminant extends Function {
  static forward(ctx: Context, A: Tensor) {
    ctx.saveForBackward(A);
    return A.logdet();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    return gradOutput.reshape([...gradOutput.shape, 1, 1]).mul(linalg.inv(A.mT));
  }
}

/** Sign and log |det A|; the sign is locally constant. torch's slogdet. */
export class SignLogDeterminant extends Function {
  static forward(A: Tensor): readonly [Tensor, Tensor] {
    const { sign, logabsdet } = slogdet(A);
    return [sign, logabsdet];
  }

  static setupContext(ctx: Context, [A]: [Tensor], [sign]: readonly [Tensor, Tensor]) {
    ctx.saveForBackward(A);
    ctx.markNonDifferentiable(sign);
  }

  static backward(ctx: Context, _gradSign: Tensor, gradLogAbs: Tensor) {
    const [A] = ctx.savedTensors;
    return linalg.inv(A).mT.mul(gradLogAbs.unsqueeze(-1).unsqueeze(-1));
  }
}

/** 3 × 3 by cross products of rows, a · (b × c): the gradient is the matrix of cofactors, singular or not. */
export class Determinant3 extends Function {
  static forward(ctx: Context, A: Tensor) {
    if (A.ndim < 2 || A.size(-1) !== 3 || A.size(-2) !== 3) {
      throw new RangeError(`Determinant3 expected 3 × 3 matrices, got shape [${A.shape}].`);
    }
    const [a, b, c] = A.unbind(-2) as [Tensor, Tensor, Tensor];
    ctx.saveForBackward(A);
    return a.mul(cross(b, c, -1)).sum(-1);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [a, b, c] = ctx.savedTensors[0].unbind(-2) as [Tensor, Tensor, Tensor];
    const cofactors = stack([cross(b, c, -1), cross(c, a, -1), cross(a, b, -1)], -2);
    return cofactors.mul(gradOutput.unsqueeze(-1).unsqueeze(-1));
  }
}
