/** @file Rules that are right for some inputs only: each passes every test that happens to use those. */

import { type Context, Function, linalg, type Tensor } from "@gradient-lens/engine";

/**
 * only-special-inputs: the transpose is missing, which a symmetric A does not show.
 * @cause transpose-missing
 * @edit `x.matmul(A).mul(2)` → `x.matmul(A.add(A.t()))`
 */
export class QuadraticForm extends Function {
  static forward(ctx: Context, x: Tensor, A: Tensor) {
    ctx.saveForBackward(x, A);
    return x.matmul(A).mul(x).sum(-1);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, A] = ctx.savedTensors;
    const row = g.unsqueeze(-1);
    return [row.mul(x.matmul(A).mul(2)), x.mul(row).mT.matmul(x)];
  }
}

/**
 * only-special-inputs: right where the inverse is symmetric.
 * @cause transpose-missing
 */
export class Inverse extends Function {
  static forward(ctx: Context, A: Tensor) {
    const Y = linalg.inv(A);
    ctx.saveForBackward(Y);
    return Y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [Y] = ctx.savedTensors;
    return Y.matmul(g).matmul(Y).neg();
  }
}

/**
 * only-special-inputs: right for vectors of length 1, as the gradient is not divided by it.
 * @cause factor-missing
 */
export class Normalize extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.div(x.square().sum(-1, true).sqrt());
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors;
    return g.sub(y.mul(g.mul(y).sum(-1, true)));
  }
}

/**
 * only-special-inputs: a mean over the batch where the sum belongs, which a batch of one does not show.
 * @cause mean-for-sum
 * @edit `mean` → `sum`
 */
export class LinearLayer extends Function {
  static forward(ctx: Context, x: Tensor, weight: Tensor, bias: Tensor) {
    if (x.ndim !== 2 || bias.ndim !== 1) throw new RangeError("expected x: (n, m), bias: (k,)");
    ctx.saveForBackward(x, weight);
    return x.matmul(weight).add(bias);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, weight] = ctx.savedTensors;
    return [g.matmul(weight.t()), x.t().matmul(g), g.mean(0)];
  }
}
