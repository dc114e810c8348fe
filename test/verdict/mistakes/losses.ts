/** @file Mistakes with losses. */

import { type Context, Function, nn, type Tensor } from "@gradient-lens/engine";

const { oneHot } = nn.functional;

/**
 * The derivative of the sigmoid is multiplied in, which has cancelled already.
 * @cause factor-superfluous
 * @edit `p.sub(target).mul(p).mul(p.neg().add(1))` → `p.sub(target)`
 */
export class LogisticLossTwice extends Function {
  static forward(ctx: Context, logits: Tensor, target: Tensor) {
    ctx.saveForBackward(logits, target);
    return logits.exp().add(1).log().sub(logits.mul(target)).sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [logits, target] = ctx.savedTensors;
    const p = logits.sigmoid();
    return [p.sub(target).mul(p).mul(p.neg().add(1)).mul(gradOutput), logits.neg().mul(gradOutput)];
  }
}

/**
 * one-hot minus softmax.
 * @cause wrong-sign
 * @edit `target.sub(p)` → `p.sub(target)`
 */
export class CrossEntropySign extends Function {
  static forward(ctx: Context, logits: Tensor, labels: Tensor) {
    if (logits.ndim !== 2 || labels.ndim !== 1) throw new RangeError("expected logits: (n, c), labels: (n,)");
    ctx.saveForBackward(logits, labels);
    return logits.logSoftmax(1).gather(1, labels.unsqueeze(1)).sum().neg();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [logits, labels] = ctx.savedTensors;
    const p = logits.softmax(1);
    const target = oneHot(labels, logits.size(1)).to("float64");
    return [target.sub(p).mul(gradOutput), null];
  }
}

/**
 * The loss is the mean over the batch.
 * @cause sum-for-mean
 * @edit `p.sub(target)` → `p.sub(target).div(logits.size(0))`
 */
export class CrossEntropyMean extends Function {
  static forward(ctx: Context, logits: Tensor, labels: Tensor) {
    if (logits.ndim !== 2 || labels.ndim !== 1) throw new RangeError("expected logits: (n, c), labels: (n,)");
    ctx.saveForBackward(logits, labels);
    return logits.logSoftmax(1).gather(1, labels.unsqueeze(1)).mean().neg();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [logits, labels] = ctx.savedTensors;
    const p = logits.softmax(1);
    const target = oneHot(labels, logits.size(1)).to("float64");
    return [p.sub(target).mul(gradOutput), null];
  }
}

/**
 * The gradient is divided by the number of entries, the loss by that of rows.
 * @cause mean-for-sum
 * @edit `logits.numel()` → `logits.size(0)`
 */
export class CrossEntropyByEntries extends Function {
  static forward(ctx: Context, logits: Tensor, labels: Tensor) {
    if (logits.ndim !== 2 || labels.ndim !== 1) throw new RangeError("expected logits: (n, c), labels: (n,)");
    ctx.saveForBackward(logits, labels);
    return logits.logSoftmax(1).gather(1, labels.unsqueeze(1)).mean().neg();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [logits, labels] = ctx.savedTensors;
    const target = oneHot(labels, logits.size(1)).to("float64");
    const grad = logits.softmax(1).sub(target).div(logits.numel());
    return [grad.mul(gradOutput), null];
  }
}

/**
 * gradOutput is no argument of the formula.
 * @cause grad-output-missing
 */
export class HalfSquaresNoChain extends Function {
  static forward(ctx: Context, prediction: Tensor, target: Tensor) {
    const diff = prediction.sub(target);
    ctx.saveForBackward(diff);
    return diff.square().sum().div(2);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [diff] = ctx.savedTensors;
    return [diff, diff.neg()];
  }
}

/**
 * The 2 of the square.
 * @cause wrong-factor
 * @edit `diff.mul(gradOutput)` → `diff.mul(2).mul(gradOutput)`
 */
export class SquaredErrorFactor extends Function {
  static forward(ctx: Context, prediction: Tensor, target: Tensor) {
    const diff = prediction.sub(target);
    ctx.saveForBackward(diff);
    return diff.square().sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [diff] = ctx.savedTensors;
    const grad = diff.mul(gradOutput);
    return [grad, grad.neg()];
  }
}

/**
 * Outside of δ the slope is δ, not 1.
 * @cause factor-missing
 * @edit `diff.sign()` → `diff.sign().mul(delta)`
 */
export class HuberSlope extends Function {
  static forward(ctx: Context, diff: Tensor, delta: number) {
    ctx.saveForBackward(diff);
    ctx.delta = delta;
    const a = diff.abs();
    return diff
      .square()
      .div(2)
      .where(a.le(delta), a.sub(delta / 2).mul(delta))
      .sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [diff] = ctx.savedTensors;
    const delta = ctx.delta;
    return [diff.where(diff.abs().le(delta), diff.sign()).mul(gradOutput), null];
  }
}

/**
 * The hinge's condition is forgotten: also what is right by a margin gets a gradient.
 * @cause factor-missing
 */
export class HingeCondition extends Function {
  static forward(ctx: Context, score: Tensor, y: Tensor) {
    ctx.saveForBackward(score, y);
    return score.mul(y).neg().add(1).relu().sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [score, y] = ctx.savedTensors;
    const active = score.mul(y).lt(1).to("float64");
    return [y.neg().mul(gradOutput), score.neg().mul(active).mul(gradOutput)];
  }
}

/**
 * log(p/q) alone: the + 1 of p log p is forgotten.
 * @cause path-missing
 * @edit `p.div(q).log().mul(gradOutput)` → `p.div(q).log().add(1).mul(gradOutput)`
 */
export class DivergenceTerm extends Function {
  static forward(ctx: Context, p: Tensor, q: Tensor) {
    ctx.saveForBackward(p, q);
    return p.mul(p.div(q).log()).sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [p, q] = ctx.savedTensors;
    return [p.div(q).log().mul(gradOutput), p.div(q).neg().mul(gradOutput)];
  }
}
