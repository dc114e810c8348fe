// A scalar made of a custom Function: the energy trace((X X)ᵀ (X X)), the squared Frobenius norm of X X.
//
// What to see: both Functions are correct. The first takes part in an ordinary computation, and
// `energyGradients` holds its gradient against the one that autograd finds without any custom Function.
// That is the chain rule: what flows into MatrixSquare.backward is the energy's gradient with respect to
// X X, which is 2 X X.

import { autograd, type Context, Function, type Tensor, trace } from "@gradient-lens/engine";

export class MatrixSquare extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput));
  }
}

export class Energy extends Function {
  static forward(ctx: Context, X: Tensor) {
    ctx.saveForBackward(X);
    return trace(X.mm(X).t().mm(X.mm(X)));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [X] = ctx.savedTensors;
    const square = X.mm(X);
    return square.mm(X.t()).add(X.t().mm(square)).mul(2).mul(gradOutput);
  }
}

/** The gradient of the energy at X: through MatrixSquare, through Energy, and by autograd alone. */
export function energyGradients(X: Tensor): { matrixSquare: Tensor; energy: Tensor; autograd: Tensor } {
  const gradient = (square: (x: Tensor) => Tensor): Tensor => {
    const x = X.detach().requiresGrad_();
    const y = square(x);
    return autograd.grad(trace(y.t().matmul(y)), x)[0]!;
  };
  const x = X.detach().requiresGrad_();
  return {
    matrixSquare: gradient(x => MatrixSquare.apply(x)),
    energy: autograd.grad(Energy.apply(x), x)[0]!,
    autograd: gradient(x => x.matmul(x)),
  };
}
