/** @file Sparse relatives of softmax: projections onto the simplex and its like. */

import {
  arange,
  type Context,
  Function,
  onceDifferentiable,
  type Tensor,
  tensor,
  where,
  zerosLike,
} from "@gradient-lens/engine";

function requireDimension(input: Tensor): void {
  if (input.ndim === 0) throw new Error("expected a tensor with at least one dimension");
}

/** The projection onto the simplex, by sorting (Martins & Astudillo 2016; deep-spin's entmax). */
export class Sparsemax extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1) {
    requireDimension(input);
    ctx.dim = dim;
    const x = input.transpose(dim, -1);
    const sorted = x.sort(-1, true).values;
    const sums = sorted.cumsum(-1).sub(1);
    const rho = arange(1, x.size(-1) + 1).to(x.dtype);
    const size = rho.mul(sorted).gt(sums).sum(-1, true);
    const tau = sums.gather(-1, size.sub(1)).div(size);
    const output = x.sub(tau).clamp({ min: 0 }).transpose(dim, -1);
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    const support = output.ne(0);
    const inSupport = where(support, gradOutput, zerosLike(gradOutput));
    const mean = inSupport.sum(ctx.dim, true).div(support.sum(ctx.dim, true));
    return [where(support, gradOutput.sub(mean), zerosLike(gradOutput)), null];
  }
}

/** 1.5-entmax by sorting (Peters, Niculae & Martins 2019; deep-spin's entmax). */
export class Entmax15 extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1) {
    requireDimension(input);
    ctx.dim = dim;
    const x = input.sub(input.amax(dim, true)).div(2).transpose(dim, -1);
    const sorted = x.sort(-1, true).values;
    const rho = arange(1, x.size(-1) + 1).to(x.dtype);
    const mean = sorted.cumsum(-1).div(rho);
    const meanOfSquares = sorted.square().cumsum(-1).div(rho);
    const deviation = rho.mul(meanOfSquares.sub(mean.square()));
    const tau = mean.sub(deviation.rsub(1).div(rho).clamp({ min: 0 }).sqrt());
    const size = tau.le(sorted).sum(-1, true);
    const output = x
      .sub(tau.gather(-1, size.sub(1)))
      .clamp({ min: 0 })
      .square()
      .transpose(dim, -1);
    ctx.saveForBackward(output);
    return output;
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [output] = ctx.savedTensors;
    const root = output.sqrt();
    const grad = gradOutput.mul(root);
    const q = grad.sum(ctx.dim, true).div(root.sum(ctx.dim, true));
    return [grad.sub(q.mul(root)), null];
  });
}

/** α-entmax for any α > 1, by bisection for its threshold (deep-spin's entmax_bisect). */
export class EntmaxBisect extends Function {
  static forward(ctx: Context, input: Tensor, alpha: number, dim = -1) {
    if (!(alpha > 1)) throw new RangeError(`EntmaxBisect expected alpha > 1, got ${alpha}`);
    requireDimension(input);
    const x = input.mul(alpha - 1);
    const p = (tau: Tensor): Tensor =>
      x
        .sub(tau)
        .clamp({ min: 0 })
        .pow(1 / (alpha - 1));
    let tau = x.amax(dim, true).sub(1);
    let width = 1 - input.size(dim) ** (1 - alpha);
    for (let i = 0; i < 60; i++) {
      width /= 2;
      const middle = tau.add(width);
      tau = where(p(middle).sum(dim, true).ge(1), middle, tau);
    }
    const output = p(tau).div(p(tau).sum(dim, true));
    ctx.alpha = alpha;
    ctx.dim = dim;
    ctx.saveForBackward(output);
    return output;
  }

  static backward = onceDifferentiable((ctx: Context, dY: Tensor) => {
    const [y] = ctx.savedTensors;
    const slope = where(y.gt(0), y.pow(2 - ctx.alpha), zerosLike(y));
    const dX = dY.mul(slope);
    const q = dX.sum(ctx.dim, true).div(slope.sum(ctx.dim, true));
    return [dX.sub(q.mul(slope)), null, null];
  });
}

/** The projection of a vector onto { 0 ≤ y ≤ 1, Σ y ≤ budget } (LP-SparseMAP's budget factor, Niculae & Martins 2020). */
export class BudgetProjection extends Function {
  static forward(ctx: Context<{ bound: boolean }>, scores: Tensor, budget: number) {
    if (scores.ndim !== 1) throw new Error(`BudgetProjection expected a vector, got shape (${scores.shape})`);
    if (!(budget > 0)) throw new RangeError(`BudgetProjection expected a budget > 0, got ${budget}`);
    const x = scores.tolist() as number[];
    const clip = (tau: number): number[] => x.map(xi => Math.min(1, Math.max(0, xi - tau)));
    const total = (y: readonly number[]): number => y.reduce((a, b) => a + b, 0);
    ctx.bound = total(clip(0)) > budget;
    let tau = 0;
    if (ctx.bound) {
      // Σ clip(x − τ) falls by one straight piece after another; its corners are where an entry meets 0 or 1.
      const corners = x.flatMap(xi => [xi, xi - 1]).filter(corner => corner > 0);
      const left = Math.max(0, ...corners.filter(corner => total(clip(corner)) >= budget));
      const right = Math.min(...corners.filter(corner => total(clip(corner)) < budget));
      const [high, low] = [total(clip(left)), total(clip(right))];
      tau = left + ((right - left) * (high - budget)) / (high - low);
    }
    const output = tensor(clip(tau), { dtype: scores.dtype });
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context<{ bound: boolean }>, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    const free = y.gt(0).logicalAnd(y.lt(1)).to(gradOutput.dtype);
    const grad = gradOutput.mul(free);
    if (!ctx.bound) return [grad, null];
    const mean = grad.sum().div(free.sum().clamp({ min: 1 }));
    return [grad.sub(mean.mul(free)), null];
  }
}

/** y = σ(x + ν) with ν such that Σ y = N: the limited multi-label projection (Amos, Koltun & Kolter 2019). */
export class LML extends Function {
  static forward(ctx: Context, x: Tensor, N: number) {
    if (x.ndim !== 1 && x.ndim !== 2) throw new Error(`LML expected (n,) or (batch, n), got (${x.shape})`);
    if (!(N > 0 && N < x.size(-1))) throw new RangeError(`LML expected 0 < N < ${x.size(-1)}, got ${N}`);
    let lower = x.amax(-1, true).neg().sub(40);
    let upper = x.amin(-1, true).neg().add(40);
    for (let i = 0; i < 60; i++) {
      const nu = lower.add(upper).div(2);
      const above = x.add(nu).sigmoid().sum(-1, true).gt(N);
      upper = where(above, nu, upper);
      lower = where(above, lower, nu);
    }
    const y = x.add(lower.add(upper).div(2)).sigmoid();
    ctx.saveForBackward(y);
    return y;
  }

  static backward(ctx: Context, dy: Tensor) {
    const [y] = ctx.savedTensors;
    const h = y.mul(y.rsub(1));
    const dnu = h.mul(dy).sum(-1, true).div(h.sum(-1, true));
    return [h.mul(dy.sub(dnu)), null];
  }
}
