/** @file What depends on the order of numbers: sort, the largest, the k largest, the median, quantiles. */

import { type Context, Function, type Tensor, tensor, zeros } from "@gradient-lens/engine";

/** Values and where they stood; the gradient goes back there. torch's sort. */
export class Sort extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1, descending = false) {
    const { values, indices } = input.sort(dim, descending);
    ctx.saveForBackward(indices);
    ctx.markNonDifferentiable(indices);
    ctx.dim = dim;
    return [values, indices] as const;
  }

  static backward(ctx: Context<{ dim: number }>, gradValues: Tensor, _gradIndices: Tensor) {
    const [indices] = ctx.savedTensors;
    return [zeros(gradValues.shape).scatter(ctx.dim, indices, gradValues), null, null];
  }
}

/** The largest along a dimension; equal ones share. torch's amax. */
export class MaxSharingTies extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1) {
    const largest = input.amax(dim, true);
    ctx.saveForBackward(input, largest);
    ctx.dim = dim;
    return input.ndim === 0 ? largest : largest.squeeze(dim);
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [input, largest] = ctx.savedTensors;
    const mask = input.eq(largest).to(gradOutput.dtype);
    const g = input.ndim === 0 ? gradOutput : gradOutput.unsqueeze(ctx.dim);
    return [mask.mul(g).div(mask.sum(ctx.dim, true)), null];
  }
}

/** The largest and its place; the first of equal ones takes all. torch's max with a dimension. */
export class MaxWithIndex extends Function {
  static forward(ctx: Context<{ shape: readonly number[]; dim: number }>, input: Tensor, dim: number) {
    if (input.ndim === 0) throw new RangeError("MaxWithIndex expected at least one dimension, got a number.");
    const { values, indices } = input.max(dim);
    ctx.shape = input.shape;
    ctx.dim = dim;
    ctx.saveForBackward(indices);
    ctx.markNonDifferentiable(indices);
    return [values, indices];
  }

  static backward(ctx: Context<{ shape: readonly number[]; dim: number }>, gradOutput: Tensor) {
    const at = ctx.savedTensors[0].unsqueeze(ctx.dim);
    return [zeros(ctx.shape).scatter(ctx.dim, at, gradOutput.unsqueeze(ctx.dim)), null];
  }
}

/** The k largest along the last dimension. torch's topk. */
export class TopK extends Function {
  static forward(ctx: Context<{ shape: readonly number[] }>, input: Tensor, k: number) {
    if (!Number.isInteger(k) || k < 1) throw new RangeError(`TopK expected a k of 1 or more, got ${k}.`);
    const order = input.argsort(-1, true).narrow(-1, 0, k);
    ctx.saveForBackward(order);
    ctx.shape = input.shape;
    return input.gather(-1, order);
  }

  static backward(ctx: Context<{ shape: readonly number[] }>, gradOutput: Tensor) {
    const [order] = ctx.savedTensors;
    return [zeros(ctx.shape).scatterAdd(-1, order, gradOutput), null];
  }
}

/** A quantile of all entries, between the two nearest. torch's quantile, linear interpolation. */
export class Quantile extends Function {
  static forward(ctx: Context<{ below: number; above: number; fraction: number }>, input: Tensor, q = 0.3) {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`Quantile expected q between 0 and 1, got ${q}.`);
    const { values, indices } = input.reshape([-1]).sort(0);
    const position = q * (input.numel() - 1);
    const lower = Math.floor(position);
    const upper = Math.ceil(position);
    ctx.below = indices.select(0, lower).item();
    ctx.above = indices.select(0, upper).item();
    ctx.fraction = position - lower;
    ctx.saveForBackward(input);
    return values.select(0, lower).lerp(values.select(0, upper), ctx.fraction);
  }

  static backward(ctx: Context<{ below: number; above: number; fraction: number }>, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const grad = new Array<number>(input.numel()).fill(0);
    grad[ctx.below]! += 1 - ctx.fraction;
    grad[ctx.above]! += ctx.fraction;
    return [gradOutput.mul(tensor(grad).reshape(input.shape)), null];
  }
}
