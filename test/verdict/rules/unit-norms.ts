/** @file Vectors scaled by their norms: L2 normalisation, weight norm, local response, and the norm itself. */

import { type Context, Function, maximum, nn, type Tensor, where } from "@gradient-lens/engine";

/** √Σ x² along a dimension; 0 at 0, a subgradient. torch's linalg.vector_norm. */
export class EuclideanNorm extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1) {
    const norm = input.square().sum(dim).sqrt();
    ctx.saveForBackward(input, norm);
    ctx.dim = dim;
    return norm;
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [input, norm] = ctx.savedTensors;
    const spread = (t: Tensor): Tensor => (input.ndim === 0 ? t : t.unsqueeze(ctx.dim));
    const length = spread(norm);
    const direction = where(length.eq(0), 0, input.div(where(length.eq(0), 1, length)));
    return [direction.mul(spread(gradOutput)), null];
  }
}

/** x / max(‖x‖, ε): a projection off the output. torch's F.normalize. */
export class UnitVectors extends Function {
  static forward(
    ctx: Context<{ dim: number; length: Tensor; long: Tensor }>,
    input: Tensor,
    dim = -1,
    eps = 1e-12,
  ) {
    const norm = input.square().sum(dim, true).sqrt();
    ctx.length = norm.clampMin(eps);
    ctx.long = norm.gt(eps);
    ctx.dim = dim;
    const output = input.div(ctx.length);
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context<{ dim: number; length: Tensor; long: Tensor }>, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    const along = output.mul(gradOutput.mul(output).sum(ctx.dim, true));
    return [gradOutput.sub(where(ctx.long, along, 0)).div(ctx.length), null, null];
  }
}

/** w = g v / ‖v‖, a norm for each row. Salimans & Kingma, arXiv:1602.07868. */
export class WeightNorm extends Function {
  static forward(ctx: Context, v: Tensor, g: Tensor) {
    if (v.ndim < 2 || g.ndim !== 1 || g.size(0) !== v.size(0)) {
      throw new RangeError(`WeightNorm expected v (out, …) and g (out), got [${v.shape}] and [${g.shape}].`);
    }
    const rows = v.reshape([v.size(0), -1]);
    const norm = rows.square().sum(1, true).sqrt();
    ctx.saveForBackward(v, g, norm);
    return rows.div(norm).mul(g.unsqueeze(1)).reshape(v.shape);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [v, g, norm] = ctx.savedTensors;
    const direction = v.reshape([v.size(0), -1]).div(norm);
    const grad = gradOutput.reshape([v.size(0), -1]);
    const gradG = grad.mul(direction).sum(1);
    const gradV = grad
      .sub(direction.mul(gradG.unsqueeze(1)))
      .mul(g.unsqueeze(1))
      .div(norm);
    return [gradV.reshape(v.shape), gradG];
  }
}

/** x / ‖x‖∞ along rows: the largest entries take what the scale loses. scikit-learn's MaxAbsScaler. */
export class MaxAbsScaling extends Function {
  static forward(ctx: Context, input: Tensor) {
    if (input.ndim === 0)
      throw new RangeError("MaxAbsScaling expected at least one dimension, got a number.");
    const scale = input.abs().amax(-1, true);
    const output = input.div(scale);
    ctx.saveForBackward(input, output, scale);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, output, scale] = ctx.savedTensors;
    const largest = maximum(input, input.neg()).eq(scale);
    const share = largest.to(input.dtype).div(largest.to(input.dtype).sum(-1, true));
    const onScale = gradOutput.mul(output).sum(-1, true).div(scale).neg();
    return gradOutput.div(scale).add(share.mul(input.sign()).mul(onScale));
  }
}

interface Response {
  size: number;
  alpha: number;
  beta: number;
}

/** Sums over `size` neighbouring channels, `before` of them in front. */
function channelSums(x: Tensor, size: number, before: number): Tensor {
  const padding = [...x.shape.slice(2).flatMap(() => [0, 0]), before, size - 1 - before];
  return nn.functional.pad(x, padding).unfold(1, size, 1).sum(-1);
}

/** Local response normalisation: x (k + α/n Σ x²)^−β over neighbouring channels. Krizhevsky et al. (2012); Caffe. */
export class LocalResponseNorm extends Function {
  static forward(
    ctx: Context<Response>,
    input: Tensor,
    {
      size = 2,
      alpha = 0.1,
      beta = 0.75,
      k = 1,
    }: { size?: number; alpha?: number; beta?: number; k?: number } = {},
  ) {
    if (input.ndim < 2) throw new RangeError(`LocalResponseNorm expected (N, C, …), got [${input.shape}].`);
    const scale = channelSums(input.square(), size, Math.floor(size / 2))
      .mul(alpha / size)
      .add(k);
    const output = input.mul(scale.pow(-beta));
    Object.assign(ctx, { size, alpha, beta });
    ctx.saveForBackward(input, output, scale);
    return output;
  }

  static backward(ctx: Context<Response>, gradOutput: Tensor) {
    const [input, output, scale] = ctx.savedTensors;
    const { size, alpha, beta } = ctx;
    const ratio = gradOutput.mul(output).div(scale);
    // A window that looks further back than forth is seen from its members as one that looks further forth.
    const sums = channelSums(ratio, size, size - 1 - Math.floor(size / 2));
    const cross = input.mul(sums).mul((2 * alpha * beta) / size);
    return [gradOutput.mul(scale.pow(-beta)).sub(cross), null];
  }
}
