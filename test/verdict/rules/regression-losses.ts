/** @file Losses of two tensors of one shape. */

import { type Context, Function, type Tensor, where } from "@gradient-lens/engine";

function requireSameShape(name: string, input: Tensor, target: Tensor): void {
  if (`${input.shape}` === `${target.shape}`) return;
  throw new Error(`${name} expected a target of shape (${input.shape}), got (${target.shape})`);
}

/** Quadratic up to δ, linear beyond (Huber 1964; torch's huber_loss). */
export class HuberLoss extends Function {
  static forward(
    ctx: Context,
    input: Tensor,
    target: Tensor,
    delta = 1,
    reduction: "mean" | "sum" | "none" = "mean",
  ) {
    requireSameShape("HuberLoss", input, target);
    if (!(delta > 0)) throw new RangeError(`HuberLoss expected delta > 0, got ${delta}`);
    const residual = input.sub(target);
    const size = residual.abs();
    const losses = where(size.le(delta), residual.square().mul(0.5), size.sub(delta / 2).mul(delta));
    ctx.saveForBackward(input, target);
    ctx.delta = delta;
    ctx.count = reduction === "mean" ? input.numel() : 1;
    if (reduction === "none") return losses;
    return losses.sum().div(ctx.count);
  }

  static backward(ctx: Context<{ delta: number; count: number }>, gradOutput: Tensor) {
    const [input, target] = ctx.savedTensors;
    const grad = input.sub(target).clamp(-ctx.delta, ctx.delta).mul(gradOutput).div(ctx.count);
    return [grad, grad.neg(), null, null];
  }
}

/** 1 − (2 Σ p t + s) / (Σ p² + Σ t² + s), averaged over the batch (V-Net, Milletari et al. 2016). */
export class DiceLoss extends Function {
  static forward(ctx: Context, input: Tensor, target: Tensor, smooth = 1) {
    requireSameShape("DiceLoss", input, target);
    if (input.ndim < 2) throw new Error(`DiceLoss expected (batch, …), got (${input.shape})`);
    if (!(smooth >= 0)) throw new RangeError(`DiceLoss expected smooth >= 0, got ${smooth}`);
    const p = input.flatten(1);
    const t = target.flatten(1);
    const numerator = p.mul(t).sum(1).mul(2).add(smooth);
    const denominator = p.square().sum(1).add(t.square().sum(1)).add(smooth);
    ctx.saveForBackward(input, target, numerator, denominator);
    return numerator.div(denominator).mean().rsub(1);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, target, numerator, denominator] = ctx.savedTensors;
    const p = input.flatten(1);
    const t = target.flatten(1);
    const g = gradOutput.div(p.size(0)).mul(-2).div(denominator).unsqueeze(1);
    const ratio = numerator.div(denominator).unsqueeze(1);
    const gradP = t.sub(p.mul(ratio)).mul(g);
    const gradT = p.sub(t.mul(ratio)).mul(g);
    return [gradP.reshape(input.shape), gradT.reshape(target.shape), null];
  }
}
