/** @file Gradients that are meant to be another function's: straight-through, reversed, clipped, of spikes. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

/** The sign, with the identity's gradient. Bengio et al., straight-through estimators, arXiv:1308.3432. */
export class SignStraightThrough extends Function {
  static forward(_ctx: Context, input: Tensor) {
    return input.sign();
  }

  static backward(_ctx: Context, gradOutput: Tensor) {
    return gradOutput;
  }

  static surrogate(input: Tensor) {
    return input;
  }
}

/** The sign, with hard tanh's gradient. Hubara et al., binarized neural networks, arXiv:1602.02830. */
export class SignClipped extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.sign();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.maskedFill(input.abs().gt(1), 0);
  }

  static surrogate(input: Tensor) {
    return input.clamp(-1, 1);
  }
}

/** The identity, with −λ times the gradient. Ganin & Lempitsky, arXiv:1409.7495. */
export class GradientReversal extends Function {
  static forward(ctx: Context<{ lambda: number }>, input: Tensor, lambda: number) {
    ctx.lambda = lambda;
    return input.clone();
  }

  static backward(ctx: Context<{ lambda: number }>, gradOutput: Tensor) {
    return [gradOutput.neg().mul(ctx.lambda), null];
  }

  static surrogate(input: Tensor, lambda: number) {
    return input.mul(-lambda);
  }
}

/** A spike where the potential is over 0, with the fast sigmoid's slope 1 / (1 + k|u|)². Zenke & Ganguli, SuperSpike, arXiv:1705.11146. */
export class SpikeFastSigmoid extends Function {
  static forward(ctx: Context<{ steepness: number }>, potential: Tensor, steepness = 10) {
    if (!(steepness > 0))
      throw new RangeError(`SpikeFastSigmoid expected a positive steepness, got ${steepness}.`);
    ctx.saveForBackward(potential);
    ctx.steepness = steepness;
    return potential.gt(0).to(potential.dtype);
  }

  static backward(ctx: Context<{ steepness: number }>, gradOutput: Tensor) {
    const [potential] = ctx.savedTensors;
    return [gradOutput.div(potential.abs().mul(ctx.steepness).add(1).square()), null];
  }

  static surrogate(potential: Tensor, steepness = 10) {
    return potential.div(potential.abs().mul(steepness).add(1));
  }
}

/** A spike with the arc tangent's slope. Fang et al., arXiv:2007.05785; snnTorch. */
export class SpikeArctan extends Function {
  static forward(input: Tensor, _options: { alpha?: number } = {}) {
    return input.ge(0).to(input.dtype);
  }

  static setupContext(ctx: Context<{ alpha: number }>, [input, options]: [Tensor, { alpha?: number }?]) {
    ctx.saveForBackward(input);
    ctx.alpha = options?.alpha ?? 2;
  }

  static backward(ctx: Context<{ alpha: number }>, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const bell = input
      .mul((Math.PI / 2) * ctx.alpha)
      .square()
      .add(1)
      .reciprocal();
    return [bell.mul(ctx.alpha / 2).mul(gradOutput), null];
  }

  static surrogate(input: Tensor, { alpha = 2 }: { alpha?: number } = {}) {
    return input
      .mul((Math.PI / 2) * alpha)
      .atan()
      .div(Math.PI);
  }
}

/** A spike over a threshold, with a triangle for slope. Esser et al., arXiv:1603.08270; Bellec et al., arXiv:1803.09574. */
export class SpikeTriangle extends Function {
  static forward(ctx: Context, potential: Tensor) {
    ctx.saveForBackward(potential);
    return potential.gt(1).to(potential.dtype);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const distance = ctx.savedTensors[0].sub(1).abs();
    return gradOutput.mul(distance.neg().add(1).relu().mul(0.3));
  }

  static surrogate(potential: Tensor) {
    const u = potential.sub(1).clamp(-1, 1);
    return u.sub(u.mul(u.abs()).div(2)).mul(0.3);
  }
}

/** Rounding to a grid within limits; straight through inside, nothing outside. Jacob et al., arXiv:1712.05877; torch's fake_quantize. */
export class FakeQuantize extends Function {
  static forward(ctx: Context<{ inside: Tensor }>, input: Tensor, scale = 0.25) {
    if (!(scale > 0)) throw new RangeError(`FakeQuantize expected a positive scale, got ${scale}.`);
    const level = input.div(scale).round();
    ctx.inside = input.div(scale).abs().le(4);
    return level.clamp(-4, 4).mul(scale);
  }

  static backward(ctx: Context<{ inside: Tensor }>, gradOutput: Tensor) {
    return [gradOutput.mul(ctx.inside.to(gradOutput.dtype)), null];
  }

  static surrogate(input: Tensor, scale = 0.25) {
    return input.clamp(-4 * scale, 4 * scale);
  }
}
