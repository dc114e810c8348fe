/** @file Mistakes with softmax, norms and normalisation: paths through what is divided by, or subtracted. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

/**
 * The rule of the sigmoid: the diagonal of the Jacobian.
 * @cause diagonal-only
 */
export class SoftmaxDiagonal extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.softmax(-1);
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.mul(y).mul(y.neg().add(1));
  }
}

/**
 * The sum is not weighted by y.
 * @cause factor-missing
 * @edit `gradOutput.sum(-1, true)` → `gradOutput.mul(y).sum(-1, true)`
 */
export class SoftmaxUnweighted extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.softmax(-1);
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return y.mul(gradOutput.sub(gradOutput.sum(-1, true)));
  }
}

/**
 * The path through the sum of exponentials is forgotten.
 * @cause path-missing
 */
export class SoftmaxNumerator extends Function {
  static forward(ctx: Context, x: Tensor) {
    const e = x.sub(x.amax(-1, true)).exp();
    const y = e.div(e.sum(-1, true));
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.mul(y);
  }
}

/**
 * The rule of the softmax for its logarithm.
 * @cause wrong-function
 */
export class LogSoftmaxAsSoftmax extends Function {
  static forward(ctx: Context, x: Tensor) {
    const out = x.logSoftmax(-1);
    ctx.saveForBackward(out);
    return out;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [out] = ctx.savedTensors;
    const p = out.exp();
    return p.mul(gradOutput.sub(gradOutput.mul(p).sum(-1, true)));
  }
}

/**
 * softmax of the output once more, without exp.
 * @cause function-missing
 * @edit `out.mul(gradOutput` → `out.exp().mul(gradOutput`
 */
export class LogSoftmaxNoExp extends Function {
  static forward(ctx: Context, logits: Tensor) {
    const out = logits.logSoftmax(-1);
    ctx.saveForBackward(out);
    return out;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [out] = ctx.savedTensors;
    return gradOutput.sub(out.mul(gradOutput.sum(-1, true)));
  }
}

/**
 * @cause wrong-sign
 * @edit `g.add(y.mul(` → `g.sub(y.mul(`
 */
export class NormalizeSign extends Function {
  static forward(ctx: Context, x: Tensor) {
    const norm = x.square().sum(-1, true).sqrt();
    const y = x.div(norm);
    ctx.saveForBackward(y, norm);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y, norm] = ctx.savedTensors;
    return g.add(y.mul(g.mul(y).sum(-1, true))).div(norm);
  }
}

/**
 * The norm is taken for a constant.
 * @cause path-missing
 */
export class NormalizeConstantNorm extends Function {
  static forward(ctx: Context, x: Tensor) {
    const norm = x.square().sum(-1, true).sqrt();
    ctx.saveForBackward(x, norm);
    return x.div(norm);
  }
  static backward(ctx: Context, g: Tensor) {
    const [, norm] = ctx.savedTensors;
    return g.div(norm);
  }
}

/**
 * y (g · y) is not subtracted at full length: the gradient is not divided by the norm.
 * @cause factor-missing
 */
export class NormalizeUndivided extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.div(x.square().sum(-1, true).sqrt());
    ctx.saveForBackward(x, y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [, y] = ctx.savedTensors;
    return g.sub(y.mul(g.mul(y).sum(-1, true)));
  }
}

interface Normalized {
  normalized: Tensor;
  rstd: Tensor;
}

/**
 * Mean and variance are taken for constants, as in evaluation.
 * @cause path-missing
 */
export class LayerNormConstants extends Function {
  static forward(ctx: Context<Normalized>, x: Tensor, weight: Tensor) {
    if (x.ndim !== 2 || weight.ndim !== 1) throw new RangeError("expected x: (n, d), weight: (d,)");
    const centered = x.sub(x.mean(-1, true));
    ctx.rstd = centered.square().mean(-1, true).add(1e-5).rsqrt();
    ctx.normalized = centered.mul(ctx.rstd);
    ctx.saveForBackward(weight);
    return ctx.normalized.mul(weight);
  }
  static backward(ctx: Context<Normalized>, gradOutput: Tensor) {
    const [weight] = ctx.savedTensors;
    return [gradOutput.mul(weight).mul(ctx.rstd), gradOutput.mul(ctx.normalized).sum(0)];
  }
}

/**
 * The path through the variance is forgotten.
 * @cause path-missing
 */
export class LayerNormVariance extends Function {
  static forward(ctx: Context<Normalized>, x: Tensor, weight: Tensor) {
    if (x.ndim !== 2 || weight.ndim !== 1) throw new RangeError("expected x: (n, d), weight: (d,)");
    const centered = x.sub(x.mean(-1, true));
    ctx.rstd = centered.square().mean(-1, true).add(1e-5).rsqrt();
    ctx.normalized = centered.mul(ctx.rstd);
    ctx.saveForBackward(weight);
    return ctx.normalized.mul(weight);
  }
  static backward(ctx: Context<Normalized>, gradOutput: Tensor) {
    const [weight] = ctx.savedTensors;
    const g = gradOutput.mul(weight);
    return [g.sub(g.mean(-1, true)).mul(ctx.rstd), gradOutput.mul(ctx.normalized).sum(0)];
  }
}

/**
 * The path through the mean is forgotten.
 * @cause path-missing
 */
export class LayerNormMean extends Function {
  static forward(ctx: Context<Normalized>, x: Tensor) {
    const centered = x.sub(x.mean(-1, true));
    ctx.rstd = centered.square().mean(-1, true).add(1e-5).rsqrt();
    ctx.normalized = centered.mul(ctx.rstd);
    return ctx.normalized;
  }
  static backward(ctx: Context<Normalized>, g: Tensor) {
    const { normalized, rstd } = ctx;
    return g.sub(normalized.mul(g.mul(normalized).mean(-1, true))).mul(rstd);
  }
}

/**
 * A sum over the batch where its mean belongs.
 * @cause sum-for-mean
 * @edit `g.sum(0)` → `g.mean(0)`
 */
export class BatchCentering extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2) throw new RangeError("expected x: (n, d)");
    ctx.saveForBackward(x);
    return x.sub(x.mean(0));
  }
  static backward(_ctx: Context, g: Tensor) {
    return g.sub(g.sum(0));
  }
}

/**
 * Of batch norm, the statistics are over the features.
 * @cause wrong-axis
 */
export class BatchNormAxis extends Function {
  static forward(ctx: Context<Normalized>, x: Tensor) {
    if (x.ndim !== 2) throw new RangeError("expected x: (n, d)");
    const centered = x.sub(x.mean(0, true));
    ctx.rstd = centered.square().mean(0, true).add(1e-5).rsqrt();
    ctx.normalized = centered.mul(ctx.rstd);
    return ctx.normalized;
  }
  static backward(ctx: Context<Normalized>, g: Tensor) {
    const { normalized, rstd } = ctx;
    const inner = g.mul(normalized).mean(1, true);
    return g.sub(g.mean(0, true)).sub(normalized.mul(inner)).mul(rstd);
  }
}

/**
 * RMS norm with one factor of 1/rms where three belong.
 * @cause wrong-exponent
 */
export class RmsNormExponent extends Function {
  static forward(ctx: Context, x: Tensor) {
    const r = x.square().mean(-1, true).add(1e-6).rsqrt();
    ctx.saveForBackward(x, r);
    return x.mul(r);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x, r] = ctx.savedTensors;
    const inner = g.mul(x).mean(-1, true);
    return g.mul(r).sub(x.mul(r.square()).mul(inner));
  }
}

/**
 * x / ‖x‖ without ‖x‖.
 * @cause factor-missing
 * @edit `gradOutput.mul(x)` → `gradOutput.mul(x).div(norm)`
 */
export class NormUndivided extends Function {
  static forward(ctx: Context, x: Tensor) {
    const norm = x.square().sum().sqrt();
    ctx.saveForBackward(x, norm);
    return norm;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, norm] = ctx.savedTensors;
    return gradOutput.mul(x);
  }
}

/**
 * The norms in the denominator are taken for constants.
 * @cause path-missing
 */
export class CosineSimilarityNumerator extends Function {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    if (a.ndim !== 1 || b.ndim !== 1) throw new RangeError("expected a: (n,), b: (n,)");
    const na = a.square().sum().sqrt();
    const nb = b.square().sum().sqrt();
    ctx.saveForBackward(a, b, na, nb);
    return a.dot(b).div(na.mul(nb));
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [a, b, na, nb] = ctx.savedTensors;
    const scale = gradOutput.div(na.mul(nb));
    return [b.mul(scale), a.mul(scale)];
  }
}

/**
 * The gradient for the probabilities is returned, not that for what the softmax is of.
 * @cause stopped-early
 */
export class EntropyOfLogits extends Function {
  static forward(ctx: Context, logits: Tensor) {
    const p = logits.softmax(-1);
    ctx.saveForBackward(p);
    return p.mul(p.log()).sum(-1, true).neg();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [p] = ctx.savedTensors;
    return gradOutput.mul(p.log().add(1)).neg();
  }
}
