/** @file Similarities, distances, and covariance functions made of them. */

import { type Context, Function, type Tensor, where } from "@gradient-lens/engine";

/** Σ x y / (‖x‖ ‖y‖) along a dimension. */
export class CosineSimilarity extends Function {
  static forward(ctx: Context<{ dim: number }>, x: Tensor, y: Tensor, dim = -1) {
    if (x.shape.join() !== y.shape.join()) {
      throw new Error(`CosineSimilarity expected equal shapes, got (${x.shape}) and (${y.shape})`);
    }
    ctx.dim = dim;
    ctx.saveForBackward(x, y);
    return x.mul(y).sum(dim).div(x.square().sum(dim).sqrt()).div(y.square().sum(dim).sqrt());
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [x, y] = ctx.savedTensors;
    const { dim } = ctx;
    const along = (t: Tensor): Tensor => t.sum(dim, true);
    const xNorm = along(x.square()).sqrt();
    const yNorm = along(y.square()).sqrt();
    const [u, v] = [x.div(xNorm), y.div(yNorm)];
    const cosine = along(u.mul(v));
    // A 0-d tensor has nothing to be restored.
    const g = x.ndim === 0 ? gradOutput : gradOutput.unsqueeze(dim);
    return [v.sub(u.mul(cosine)).div(xNorm).mul(g), u.sub(v.mul(cosine)).div(yNorm).mul(g), null];
  }
}

/** ‖xᵢ − yⱼ‖² for all pairs, by way of x yᵀ. */
export class PairwiseSquaredDistance extends Function {
  static forward(ctx: Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    const products = x.mm(y.t());
    return x.square().sum(1, true).add(y.square().sum(1)).sub(products.mul(2));
  }

  static backward(ctx: Context, g: Tensor) {
    const [x, y] = ctx.savedTensors;
    const gradX = x.mul(g.sum(1).unsqueeze(1)).sub(g.mm(y)).mul(2);
    const gradY = y.mul(g.sum(0).unsqueeze(1)).sub(g.t().mm(x)).mul(2);
    return [gradX, gradY];
  }
}

/** exp(−‖x₁ − x₂‖² / 2ℓ²) with one lengthscale (GPyTorch's RBFCovariance, and gradients for the points). */
export class RBFCovariance extends Function {
  static forward(ctx: Context, x1: Tensor, x2: Tensor, lengthscale: Tensor) {
    if (x1.ndim !== 2 || x2.ndim !== 2 || x1.size(1) !== x2.size(1) || lengthscale.numel() !== 1) {
      throw new Error("RBFCovariance expected x1 (n, d), x2 (m, d) and a single lengthscale");
    }
    const differences = x1.unsqueeze(1).sub(x2.unsqueeze(0));
    const squares = differences.square().sum(-1);
    const covariance = squares.div(lengthscale.reshape([]).square()).div(-2).exp();
    ctx.saveForBackward(x1, x2, lengthscale, covariance);
    return covariance;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x1, x2, lengthscale, covariance] = ctx.savedTensors;
    const scale = lengthscale.reshape([]);
    const differences = x1.unsqueeze(1).sub(x2.unsqueeze(0));
    const weights = gradOutput.mul(covariance);
    const pull = differences.mul(weights.unsqueeze(-1)).div(scale.square());
    const gradScale = differences.square().sum(-1).mul(weights).sum().div(scale.pow(3));
    return [pull.sum(1).neg(), pull.sum(0), gradScale.reshape(lengthscale.shape)];
  }
}

/** Matérn covariance with a lengthscale for each feature (GPyTorch's MaternCovariance, and gradients for the points). */
export class MaternCovariance extends Function {
  static forward(ctx: Context, x1: Tensor, x2: Tensor, lengthscale: Tensor, nu: 0.5 | 1.5 | 2.5) {
    if (x1.ndim !== 2 || x2.ndim !== 2 || x1.size(1) !== x2.size(1)) {
      throw new Error(
        `MaternCovariance expected points (n, d) and (m, d), got (${x1.shape}) and (${x2.shape})`,
      );
    }
    if (lengthscale.ndim !== 1 || lengthscale.size(0) !== x1.size(1)) {
      throw new Error(`MaternCovariance expected ${x1.size(1)} lengthscales, got (${lengthscale.shape})`);
    }
    ctx.saveForBackward(x1, x2, lengthscale);
    ctx.nu = nu;
    const s = scaledDistance(x1, x2, lengthscale, nu);
    const decay = s.neg().exp();
    if (nu === 0.5) return decay;
    if (nu === 1.5) return s.add(1).mul(decay);
    return s.add(1).add(s.square().div(3)).mul(decay);
  }

  static backward(ctx: Context<{ nu: 0.5 | 1.5 | 2.5 }>, gradOutput: Tensor) {
    const [x1, x2, lengthscale] = ctx.savedTensors;
    const { nu } = ctx;
    const s = scaledDistance(x1, x2, lengthscale, nu);
    const decay = s.neg().exp();
    // −(dk/ds) / s, in which the distance below the line cancels for all but the exponential kernel.
    const weight =
      nu === 0.5 ? where(s.eq(0), 0, decay.div(s)) : nu === 1.5 ? decay : s.add(1).mul(decay).div(3);
    const differences = x1.unsqueeze(1).sub(x2.unsqueeze(0));
    const pull = gradOutput
      .mul(weight)
      .mul(2 * nu)
      .unsqueeze(-1)
      .mul(differences)
      .div(lengthscale.square());
    const gradScale = pull.mul(differences).sum([0, 1]).div(lengthscale);
    return [pull.sum(1).neg(), pull.sum(0), gradScale, null];
  }
}

/** √(2ν) ‖(x₁ − x₂) / ℓ‖ for all pairs. */
function scaledDistance(x1: Tensor, x2: Tensor, lengthscale: Tensor, nu: number): Tensor {
  const scaled = x1.unsqueeze(1).sub(x2.unsqueeze(0)).div(lengthscale);
  return scaled
    .square()
    .sum(-1)
    .mul(2 * nu)
    .sqrt();
}
