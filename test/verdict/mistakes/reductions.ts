/** @file Mistakes with sums, means, broadcasting and axes. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

/**
 * Each row has one offset, so its gradient is summed along the row.
 * @cause not-reduced
 * @edit `[gradOutput, gradOutput]` → `[gradOutput, gradOutput.sum(1)]`
 */
export class RowOffset extends Function {
  static forward(_ctx: Context, x: Tensor, offset: Tensor) {
    if (x.ndim !== 2 || offset.ndim !== 1) throw new RangeError("expected x: (n, m), offset: (n,)");
    return x.add(offset.unsqueeze(1));
  }
  static backward(_ctx: Context, gradOutput: Tensor) {
    return [gradOutput, gradOutput];
  }
}

/**
 * @cause not-reduced
 * @edit `gradOutput.mul(x)` → `gradOutput.mul(x).sum([0, 2])`
 */
export class ChannelScale extends Function {
  static forward(ctx: Context, x: Tensor, scale: Tensor) {
    if (x.ndim !== 3 || scale.ndim !== 1) throw new RangeError("expected x: (n, c, l), scale: (c,)");
    ctx.saveForBackward(x, scale);
    return x.mul(scale.reshape([1, -1, 1]));
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, scale] = ctx.savedTensors;
    return [gradOutput.mul(scale.reshape([1, -1, 1])), gradOutput.mul(x)];
  }
}

/**
 * Tried on a batch of three only.
 * @cause size-as-number
 * @edit `.div(3)` → `.div(x.size(0))`
 */
export class MeanOfThree extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2) throw new RangeError("expected x: (n, m)");
    ctx.saveForBackward(x);
    return x.mean(0);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.expandAs(x).div(3);
  }
}

/**
 * Ported from code for a single sample: the first row's gradient stands for that of all rows.
 * @cause one-of-several
 * @edit `gradOutput.select(0, 0)` → `gradOutput.sum(0)`
 */
export class BiasOfFirstRow extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor, bias: Tensor) {
    ctx.saveForBackward(input, weight);
    return input.mm(weight.t()).add(bias.unsqueeze(0));
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    return [gradOutput.mm(weight), gradOutput.t().mm(input), gradOutput.select(0, 0)];
  }
}

/**
 * The bias is summed over its own axis.
 * @cause wrong-axis
 * @edit `gradOutput.sum(1)` → `gradOutput.sum(0)`
 */
export class LinearBiasAxis extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor, bias: Tensor) {
    if (input.ndim !== 2 || bias.ndim !== 1) throw new RangeError("expected input: (n, m), bias: (k,)");
    ctx.saveForBackward(input, weight);
    return input.matmul(weight).add(bias);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    return [gradOutput.matmul(weight.t()), input.t().matmul(gradOutput), gradOutput.sum(1)];
  }
}

/**
 * The softmax is over rows, and its sum over columns.
 * @cause wrong-axis
 * @edit `.sum(0, true)` → `.sum(1, true)`
 */
export class SoftmaxAxis extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2) throw new RangeError("expected x: (n, m)");
    const y = x.softmax(1);
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return y.mul(gradOutput.sub(gradOutput.mul(y).sum(0, true)));
  }
}

/**
 * Of a mean each entry gets its share.
 * @cause sum-for-mean
 * @edit `gradOutput.expandAs(x)` → `gradOutput.div(x.numel()).expandAs(x)`
 */
export class MeanOfAll extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mean();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.expandAs(x);
  }
}

/**
 * The loss is a mean, its gradient that of a sum.
 * @cause sum-for-mean
 */
export class MeanSquaredError extends Function {
  static forward(ctx: Context, input: Tensor, target: Tensor) {
    ctx.saveForBackward(input, target);
    return input.sub(target).square().mean();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, target] = ctx.savedTensors;
    const grad = input.sub(target).mul(2).mul(gradOutput);
    return [grad, grad.neg()];
  }
}

/**
 * The loss is a sum, its gradient that of a mean.
 * @cause mean-for-sum
 * @edit `.div(input.numel())` → ``
 */
export class SquaredErrorSum extends Function {
  static forward(ctx: Context, input: Tensor, target: Tensor) {
    ctx.saveForBackward(input, target);
    return input.sub(target).square().sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, target] = ctx.savedTensors;
    const grad = input.sub(target).mul(2).div(input.numel()).mul(gradOutput);
    return [grad, grad.neg()];
  }
}

/**
 * @cause mean-for-sum
 * @edit `gradOutput.mean(0)` → `gradOutput.sum(0)`
 */
export class LinearBiasMean extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor, bias: Tensor) {
    if (input.ndim !== 2 || bias.ndim !== 1) throw new RangeError("expected input: (n, m), bias: (k,)");
    ctx.saveForBackward(input, weight);
    return input.matmul(weight.t()).add(bias);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    return [gradOutput.matmul(weight), gradOutput.t().matmul(input), gradOutput.mean(0)];
  }
}

/**
 * All gradients are added up before they are used.
 * @cause grad-output-reduced
 * @edit `gradOutput.sum()` → `gradOutput`
 */
export class CubeOfSum extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.sum().mul(x.square().mul(3));
  }
}

/**
 * @cause grad-output-reduced
 * @edit `grad.mean()` → `grad`
 */
export class LogOfMean extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square().add(1).log();
  }
  static backward(ctx: Context, grad: Tensor) {
    const [x] = ctx.savedTensors;
    return x.mul(2).div(x.square().add(1)).mul(grad.mean());
  }
}

/**
 * The gradient of a row's sum is spread along its columns.
 * @cause wrong-axis
 * @edit `unsqueeze(0)` → `unsqueeze(1)`
 */
export class RowSumsSpread extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2 || x.size(0) !== x.size(1)) throw new RangeError("expected a square x: (n, n)");
    ctx.saveForBackward(x);
    return x.square().sum(1);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.unsqueeze(0).mul(x).mul(2);
  }
}

/**
 * The factor of the variance is 2 / (n − 1), as forward divides by n − 1.
 * @cause wrong-factor
 * @edit `x.size(-1)` → `(x.size(-1) - 1)`
 */
export class VarianceBiased extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.var(-1);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const centered = x.sub(x.mean(-1, true));
    return centered.mul(2 / x.size(-1)).mul(gradOutput.unsqueeze(-1));
  }
}

/**
 * (x − x̄) / (n σ): σ is forgotten.
 * @cause factor-missing
 */
export class DeviationUndivided extends Function {
  static forward(ctx: Context, x: Tensor) {
    const sigma = x.std(-1, { correction: 0 });
    ctx.saveForBackward(x, sigma);
    return sigma;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const centered = x.sub(x.mean(-1, true));
    return centered.div(x.size(-1)).mul(gradOutput.unsqueeze(-1));
  }
}

/**
 * What moves is not summed as the values are.
 * @cause jvp-shape
 * @edit `dx.mul(x).mul(2)` → `dx.mul(x).mul(2).sum(1)`
 */
export class RowLengthsForward extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2) throw new RangeError("expected a matrix");
    ctx.saveForBackward(x);
    return x.square().sum(1);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.unsqueeze(1).mul(x).mul(2);
  }
  static jvp(ctx: Context, dx: Tensor) {
    const [x] = ctx.savedTensors;
    return dx.mul(x).mul(2);
  }
}
