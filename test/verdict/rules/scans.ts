/** @file Running sums and products, recurrences. */

import {
  type Context,
  Function,
  onceDifferentiable,
  stack,
  type Tensor,
  where,
  zerosLike,
} from "@gradient-lens/engine";

/** Sums from each place to the end. */
function reversedCumsum(x: Tensor, dim: number): Tensor {
  return x.ndim === 0 ? x : x.flip(dim).cumsum(dim).flip(dim);
}

/** torch's cumsum. */
export class Cumsum extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim: number) {
    ctx.dim = dim;
    return input.cumsum(dim);
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    return [reversedCumsum(gradOutput, ctx.dim), null];
  }
}

/** Running products of numbers other than 0: Σ_{i ≥ j} gᵢ yᵢ / xⱼ. torch's cumprod, its common case. */
export class Cumprod extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1) {
    const output = input.cumprod(dim);
    ctx.saveForBackward(input, output);
    ctx.dim = dim;
    return output;
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    return [reversedCumsum(gradOutput.mul(output), ctx.dim).div(input), null];
  }
}

/** The same without division, in a loop from the end: right where entries are 0, too. */
export class CumprodWithZeros extends Function {
  static forward(ctx: Context, input: Tensor) {
    if (input.ndim === 0)
      throw new RangeError("CumprodWithZeros expected at least one dimension, got a number.");
    const output = input.cumprod(-1);
    ctx.saveForBackward(input, output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    const n = input.size(-1);
    const grads: Tensor[] = [];
    // What flows into y[t], from its own gradient and from y[t + 1] = y[t] x[t + 1].
    let flow = zerosLike(input.select(-1, 0));
    for (let t = n - 1; t >= 0; t--) {
      flow = flow.add(gradOutput.select(-1, t));
      grads.unshift(t === 0 ? flow : flow.mul(output.select(-1, t - 1)));
      flow = flow.mul(input.select(-1, t));
    }
    return stack(grads, -1);
  }
}

/** log Σ_{i ≤ j} exp xᵢ. JAX's logcumsumexp. */
export class LogCumsumExp extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim: number) {
    const output = input.logcumsumexp(dim);
    ctx.saveForBackward(input, output);
    ctx.dim = dim;
    return output;
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    const flow = reversedCumsum(gradOutput.mul(output.neg().exp()), ctx.dim);
    return [input.exp().mul(flow), null];
  }
}

/** The product along a dimension: g y / x. torch's prod where no entry is 0. */
export class Product extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim: number) {
    if (input.ndim === 0) throw new RangeError("Product expected at least one dimension, got a number.");
    const output = input.prod(dim, true);
    ctx.saveForBackward(input, output);
    ctx.dim = dim;
    return output.squeeze(dim);
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    return [gradOutput.unsqueeze(ctx.dim).mul(output).div(input), null];
  }
}

/** The product of all entries, by those before and those after each: right where entries are 0, too. torch's prod_safe_zeros. */
export class ProductOfAll extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.prod();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const flat = ctx.savedTensors[0].reshape([-1]);
    const n = flat.size(0);
    const before = flat.cumprod(0).roll(1, 0);
    const after = flat.flip(0).cumprod(0).flip(0).roll(-1, 0);
    const place = flat.detach().mul(0).add(1).cumsum(0);
    const others = where(place.eq(1), 1, before).mul(where(place.eq(n), 1, after));
    return others.mul(gradOutput).reshape(ctx.savedTensors[0].shape);
  }
}

/** Σ (x − mean)² / (n − c): 2 (x − mean) / (n − c); the mean's own gradient vanishes. torch's var. */
export class Variance extends Function {
  static forward(ctx: Context<{ dim: number; count: number }>, input: Tensor, dim: number, unbiased = true) {
    if (input.ndim === 0) throw new RangeError("Variance expected at least one dimension, got a number.");
    const n = input.size(dim);
    if (unbiased && n < 2)
      throw new RangeError(`Variance expected at least two entries along ${dim}, got ${n}.`);
    ctx.dim = dim;
    ctx.count = unbiased ? n - 1 : n;
    ctx.saveForBackward(input);
    return input.var(dim, unbiased);
  }

  static backward(ctx: Context<{ dim: number; count: number }>, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const centered = input.sub(input.mean(ctx.dim, true));
    return [
      gradOutput
        .unsqueeze(ctx.dim)
        .mul(centered)
        .mul(2 / ctx.count),
      null,
      null,
    ];
  }
}

/** The standard deviation of everything, from the output. torch's std. */
export class StandardDeviation extends Function {
  static forward(ctx: Context<{ deviations: Tensor; std: number }>, input: Tensor) {
    if (input.numel() < 2)
      throw new RangeError(`StandardDeviation expected two entries or more, got ${input.numel()}.`);
    ctx.deviations = input.sub(input.mean());
    const std = ctx.deviations
      .square()
      .sum()
      .div(input.numel() - 1)
      .sqrt();
    ctx.std = std.item();
    return std;
  }

  static backward = onceDifferentiable(
    (ctx: Context<{ deviations: Tensor; std: number }>, gradOutput: Tensor) =>
      ctx.deviations.mul(gradOutput).div((ctx.deviations.numel() - 1) * ctx.std),
  );
}

/** hₜ = aₜ hₜ₋₁ + xₜ along the first dimension: backward is the same scan from the end. Martin & Cundy, arXiv:1709.04057; Mamba. */
export class LinearRecurrence extends Function {
  static forward(ctx: Context, decay: Tensor, input: Tensor) {
    if (input.ndim === 0 || String(decay.shape) !== String(input.shape)) {
      throw new RangeError(
        `LinearRecurrence expected two of one shape, got [${decay.shape}] and [${input.shape}].`,
      );
    }
    const states: Tensor[] = [];
    let h = zerosLike(input.select(0, 0));
    for (let t = 0; t < input.size(0); t++) {
      h = decay.select(0, t).mul(h).add(input.select(0, t));
      states.push(h);
    }
    const output = stack(states, 0);
    ctx.saveForBackward(decay, output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [decay, states] = ctx.savedTensors;
    const n = decay.size(0);
    const [gradDecay, gradInput]: [Tensor[], Tensor[]] = [[], []];
    let flow = zerosLike(gradOutput.select(0, 0));
    for (let t = n - 1; t >= 0; t--) {
      flow = flow.add(gradOutput.select(0, t));
      gradInput.unshift(flow);
      gradDecay.unshift(t === 0 ? zerosLike(flow) : flow.mul(states.select(0, t - 1)));
      flow = flow.mul(decay.select(0, t));
    }
    return [stack(gradDecay, 0), stack(gradInput, 0)];
  }
}
