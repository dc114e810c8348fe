/** @file Normalisation layers: layer, RMS, batch, group, instance. */

import { type Context, Function, onceDifferentiable, type Tensor } from "@gradient-lens/engine";

interface Normalized {
  normalized: Tensor;
  rstd: Tensor;
}

/** Over the last dimension, with scale and shift. Ba et al., arXiv:1607.06450; Apex's fused layer norm. */
export class LayerNorm extends Function {
  static forward(ctx: Context<Normalized>, input: Tensor, weight: Tensor, bias: Tensor, eps = 1e-5) {
    const n = input.size(-1);
    if (weight.ndim !== 1 || weight.size(0) !== n || String(bias.shape) !== String(weight.shape)) {
      throw new RangeError(
        `LayerNorm expected weight and bias of shape [${n}], got [${weight.shape}] and [${bias.shape}].`,
      );
    }
    const centered = input.sub(input.mean(-1, true));
    ctx.rstd = centered.square().mean(-1, true).add(eps).rsqrt();
    ctx.normalized = centered.mul(ctx.rstd);
    ctx.saveForBackward(weight);
    return ctx.normalized.mul(weight).add(bias);
  }

  static backward = onceDifferentiable((ctx: Context<Normalized>, gradOutput: Tensor) => {
    const [weight] = ctx.savedTensors;
    const { normalized, rstd } = ctx;
    const g = gradOutput.mul(weight);
    const along = g.mul(normalized).mean(-1, true);
    const gradInput = g.sub(g.mean(-1, true)).sub(normalized.mul(along)).mul(rstd);
    const rows = (t: Tensor): Tensor => t.reshape([-1, weight.size(0)]).sum(0);
    return [gradInput, rows(gradOutput.mul(normalized)), rows(gradOutput), null];
  });
}

/** x / √(mean x² + ε) · w, of saved inputs alone. Zhang & Sennrich, arXiv:1910.07467; LLaMA. */
export class RmsNorm extends Function {
  static forward(input: Tensor, weight: Tensor, eps = 1e-6) {
    if (input.ndim === 0 || weight.ndim !== 1 || weight.size(0) !== input.size(-1)) {
      throw new RangeError(
        `RmsNorm expected a weight for the last dimension of [${input.shape}], got [${weight.shape}].`,
      );
    }
    return input.mul(input.square().mean(-1, true).add(eps).rsqrt()).mul(weight);
  }

  static setupContext(ctx: Context<{ eps: number }>, [input, weight, eps = 1e-6]: [Tensor, Tensor, number?]) {
    ctx.saveForBackward(input, weight);
    ctx.eps = eps;
  }

  static backward(ctx: Context<{ eps: number }>, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    const rstd = input.square().mean(-1, true).add(ctx.eps).rsqrt();
    const normalized = input.mul(rstd);
    const g = gradOutput.mul(weight);
    const gradInput = rstd.mul(g.sub(normalized.mul(g.mul(normalized).mean(-1, true))));
    return [gradInput, gradOutput.mul(normalized).sumToSize(weight.shape), null];
  }
}

/** Over all dimensions but the second, in training. Ioffe & Szegedy, arXiv:1502.03167. */
export class BatchNorm extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor, bias: Tensor, eps = 1e-5) {
    if (
      input.ndim < 2 ||
      weight.ndim !== 1 ||
      weight.size(0) !== input.size(1) ||
      String(bias.shape) !== String(weight.shape)
    ) {
      throw new RangeError(
        `BatchNorm expected (N, C, …) and two of C, got [${input.shape}], [${weight.shape}], [${bias.shape}].`,
      );
    }
    const dims = input.shape.map((_, d) => d).filter(d => d !== 1);
    const perChannel = input.shape.map((n, d) => (d === 1 ? n : 1));
    const mean = input.mean(dims, true);
    const invstd = input.sub(mean).square().mean(dims, true).add(eps).rsqrt();
    const normalized = input.sub(mean).mul(invstd);
    ctx.saveForBackward(normalized, invstd, weight);
    return normalized.mul(weight.reshape(perChannel)).add(bias.reshape(perChannel));
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [normalized, invstd, weight] = ctx.savedTensors;
    const dims = gradOutput.shape.map((_, d) => d).filter(d => d !== 1);
    const count = gradOutput.numel() / weight.numel();
    const gradBias = gradOutput.sum(dims);
    const gradWeight = gradOutput.mul(normalized).sum(dims);
    const along = (t: Tensor): Tensor => t.reshape(invstd.shape).div(count);
    const gradInput = gradOutput
      .sub(along(gradBias))
      .sub(normalized.mul(along(gradWeight)))
      .mul(invstd)
      .mul(weight.reshape(invstd.shape));
    return [gradInput, gradWeight, gradBias, null];
  });
}

/** Channels in groups, normalised together with all positions. Wu & He, arXiv:1803.08494. */
export class GroupNorm extends Function {
  static forward(
    ctx: Context<Normalized & { groups: number }>,
    input: Tensor,
    groups: number,
    weight: Tensor,
  ) {
    const channels = input.ndim >= 2 ? input.size(1) : 0;
    if (!Number.isInteger(groups) || groups < 1 || channels === 0 || channels % groups !== 0) {
      throw new RangeError(
        `GroupNorm expected (N, C, …) with C divisible by groups, got [${input.shape}] and ${groups}.`,
      );
    }
    if (weight.ndim !== 1 || weight.size(0) !== channels) {
      throw new RangeError(`GroupNorm expected a weight of shape [${channels}], got [${weight.shape}].`);
    }
    const grouped = input.reshape([input.size(0), groups, -1]);
    const centered = grouped.sub(grouped.mean(2, true));
    ctx.rstd = centered.square().mean(2, true).add(1e-5).rsqrt();
    ctx.normalized = centered.mul(ctx.rstd).reshape(input.shape);
    ctx.groups = groups;
    ctx.saveForBackward(weight);
    return ctx.normalized.mul(weight.reshape([channels, ...input.shape.slice(2).fill(1)]));
  }

  static backward(ctx: Context<Normalized & { groups: number }>, gradOutput: Tensor) {
    const [weight] = ctx.savedTensors;
    const shape = gradOutput.shape;
    const grouped = [shape[0]!, ctx.groups, -1];
    const spread = weight.reshape([weight.size(0), ...shape.slice(2).fill(1)]);
    const g = gradOutput.mul(spread).reshape(grouped);
    const xhat = ctx.normalized.reshape(grouped);
    const gradInput = g
      .sub(g.mean(2, true))
      .sub(xhat.mul(g.mul(xhat).mean(2, true)))
      .mul(ctx.rstd)
      .reshape(shape);
    const gradWeight = gradOutput
      .mul(ctx.normalized)
      .transpose(0, 1)
      .reshape([weight.size(0), -1])
      .sum(1);
    return [gradInput, null, gradWeight];
  }
}

/** Each channel of each sample by itself, no scale. Ulyanov et al., arXiv:1607.08022. */
export class InstanceNorm extends Function {
  static forward(ctx: Context<{ std: Tensor }>, input: Tensor, { eps = 1e-5 }: { eps?: number } = {}) {
    if (input.ndim < 3)
      throw new RangeError(`InstanceNorm expected (N, C, …) with positions, got [${input.shape}].`);
    const flat = input.flatten(2);
    const centered = flat.sub(flat.mean(-1, true));
    ctx.std = centered.square().mean(-1, true).add(eps).sqrt();
    const output = centered.div(ctx.std).reshape(input.shape);
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context<{ std: Tensor }>, gradOutput: Tensor) {
    const y = ctx.savedTensors[0].flatten(2);
    const g = gradOutput.flatten(2);
    const inner = g.mul(y).mean(-1, true);
    const grad = g.sub(g.mean(-1, true)).sub(y.mul(inner)).div(ctx.std);
    return [grad.reshape(gradOutput.shape), null];
  }
}
