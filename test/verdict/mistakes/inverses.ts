/** @file Mistakes with inverses, determinants and what is solved for. */

import { type Context, cholesky, Function, linalg, type Tensor, tril } from "@gradient-lens/engine";

const { inv, solve, det } = linalg;

/**
 * −Y² as for 1/x.
 * @cause elementwise-for-matrix-product
 */
export class InverseLikeReciprocal extends Function {
  static forward(ctx: Context, A: Tensor) {
    const Y = inv(A);
    ctx.saveForBackward(Y);
    return Y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [Y] = ctx.savedTensors;
    return Y.matmul(Y).neg().mul(gradOutput);
  }
}

/**
 * Right for symmetric matrices only.
 * @cause transpose-missing
 */
export class InverseNoTranspose extends Function {
  static forward(ctx: Context, A: Tensor) {
    const Y = A.inverse();
    ctx.saveForBackward(Y);
    return Y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [Y] = ctx.savedTensors;
    return Y.matmul(g).matmul(Y).neg();
  }
}

/**
 * @cause wrong-sign
 * @edit `Yt.matmul(g).matmul(Yt)` → `Yt.matmul(g).matmul(Yt).neg()`
 */
export class InverseNoMinus extends Function {
  static forward(ctx: Context, A: Tensor) {
    const Y = inv(A);
    ctx.saveForBackward(Y);
    return Y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [Y] = ctx.savedTensors;
    const Yt = Y.t();
    return Yt.matmul(g).matmul(Yt);
  }
}

/**
 * The matrix itself where its inverse belongs.
 * @cause inverse-missing
 */
export class SolveWithoutInverse extends Function {
  static forward(ctx: Context, A: Tensor, b: Tensor) {
    if (A.ndim !== 2 || b.ndim !== 2) throw new RangeError("expected A: (n, n), b: (n, k)");
    const x = solve(A, b);
    ctx.saveForBackward(A, x);
    return x;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, x] = ctx.savedTensors;
    const gradB = A.t().matmul(gradOutput);
    return [gradB.matmul(x.t()).neg(), gradB];
  }
}

/**
 * The system is solved with A, not with Aᵀ.
 * @cause transpose-missing
 * @edit `solve(A, gradOutput)` → `solve(A.t(), gradOutput)`
 */
export class SolveNotTransposed extends Function {
  static forward(ctx: Context, A: Tensor, b: Tensor) {
    if (A.ndim !== 2 || b.ndim !== 2) throw new RangeError("expected A: (n, n), b: (n, k)");
    const x = solve(A, b);
    ctx.saveForBackward(A, x);
    return x;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, x] = ctx.savedTensors;
    const gradB = solve(A, gradOutput);
    return [gradB.matmul(x.t()).neg(), gradB];
  }
}

/**
 * @cause wrong-sign
 * @edit `gradB.matmul(x.t())` → `gradB.matmul(x.t()).neg()`
 */
export class SolveSign extends Function {
  static forward(ctx: Context, A: Tensor, b: Tensor) {
    if (A.ndim !== 2 || b.ndim !== 2) throw new RangeError("expected A: (n, n), b: (n, k)");
    const x = solve(A, b);
    ctx.saveForBackward(A, x);
    return x;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, x] = ctx.savedTensors;
    const gradB = solve(A.t(), gradOutput);
    return [gradB.matmul(x.t()), gradB];
  }
}

/**
 * det(A) A⁻ᵀ without det(A).
 * @cause factor-missing
 */
export class DeterminantFactor extends Function {
  static forward(ctx: Context, A: Tensor) {
    const d = det(A);
    ctx.saveForBackward(A, d);
    return d;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    return gradOutput.mul(inv(A).t());
  }
}

/**
 * log |det A| has the derivative A⁻ᵀ.
 * @cause transpose-missing
 * @edit `inv(A)` → `inv(A).t()`
 */
export class LogDeterminantTranspose extends Function {
  static forward(ctx: Context, A: Tensor) {
    ctx.saveForBackward(A);
    return linalg.slogdet(A).logabsdet;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    return inv(A).mul(gradOutput);
  }
}

/**
 * @cause inverse-missing
 * @edit `A.t().mul(gradOutput)` → `inv(A).t().mul(gradOutput)`
 */
export class LogDeterminantInverse extends Function {
  static forward(ctx: Context, A: Tensor) {
    ctx.saveForBackward(A);
    return linalg.slogdet(A).logabsdet;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    return A.t().mul(gradOutput);
  }
}

/**
 * Of bᵀ A⁻¹ b: the term for b is there once, not twice.
 * @cause wrong-factor
 * @edit `x.mul(gradOutput)` → `x.mul(2).mul(gradOutput)`
 */
export class InverseQuadraticForm extends Function {
  static forward(ctx: Context, b: Tensor, A: Tensor) {
    if (b.ndim !== 1 || A.ndim !== 2) throw new RangeError("expected b: (n,), A: (n, n)");
    const S = A.matmul(A.t());
    const x = solve(S, b.unsqueeze(1)).squeeze(1);
    ctx.saveForBackward(x, A);
    return b.dot(x);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, A] = ctx.savedTensors;
    const gradS = x.outer(x).mul(gradOutput).neg();
    return [x.mul(gradOutput), gradS.add(gradS.t()).matmul(A)];
  }
}

/**
 * Φ halves the diagonal; here it does not.
 * @cause factor-missing
 */
export class CholeskyDiagonal extends Function {
  static forward(ctx: Context, A: Tensor) {
    const L = cholesky(A);
    ctx.saveForBackward(L);
    return L;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [L] = ctx.savedTensors;
    const P = tril(L.t().matmul(gradOutput));
    const Li = inv(L);
    const S = Li.t().matmul(P).matmul(Li);
    return S.add(S.t()).div(2);
  }
}
