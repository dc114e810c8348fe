// The solution of a linear system: a function that is only known by the equation A X = B.
//
// What to see: it is correct, and defined for square A only. Differentiate the equation instead of the
// solver: dA X + A dX = dB. So dX = A⁻¹ (dB − dA X), and transposing that linear map gives one more
// solve, with Aᵀ: the gradient for B is A⁻ᵀ gradOutput, and the one for A is −(that) Xᵀ. Nothing of the
// solver's inside is needed.

import { type Context, Function, linalg, type Tensor } from "@gradient-lens/engine";

export class Solve extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    const X = linalg.solve(A, B);
    ctx.saveForBackward(A, X);
    return X;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, X] = ctx.savedTensors;
    const gradB = linalg.solve(A.t(), gradOutput);
    return X.ndim === 1 ? [gradB.outer(X).neg(), gradB] : [gradB.mm(X.t()).neg(), gradB];
  }
}
