/** @file Losses of classifiers. Class indices and masks need no gradient; targets that are probabilities get theirs. */

import {
  type Context,
  Function,
  logSoftmax,
  nn,
  onceDifferentiable,
  softmax,
  type Tensor,
} from "@gradient-lens/engine";

const { oneHot, softplus } = nn.functional;

type Reduction = "mean" | "sum" | "none";

function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "mean" ? losses.mean() : losses.sum();
}

/** What one loss's gradient is multiplied by. */
function perLoss(gradOutput: Tensor, count: number, reduction: Reduction): Tensor {
  return reduction === "mean" ? gradOutput.div(count) : gradOutput;
}

function requireClasses(logits: Tensor, target: Tensor): void {
  if (logits.ndim !== 2 || target.ndim !== 1 || logits.size(0) !== target.size(0)) {
    throw new Error(
      `expected logits (n, c) and class indices (n,), got (${logits.shape}) and (${target.shape})`,
    );
  }
}

/** −log softmax(logits)[target] (torch.nn.functional.cross_entropy). */
export class CrossEntropy extends Function {
  static forward(ctx: Context, logits: Tensor, target: Tensor, reduction: "mean" | "sum" | "none" = "mean") {
    requireClasses(logits, target);
    ctx.saveForBackward(logits, target);
    ctx.reduction = reduction;
    const picked = logSoftmax(logits, 1).gather(1, target.unsqueeze(1)).squeeze(1);
    return reduced(picked.neg(), reduction);
  }

  static backward(ctx: Context<{ reduction: Reduction }>, gradOutput: Tensor) {
    const [logits, target] = ctx.savedTensors;
    const residual = softmax(logits, 1).sub(oneHot(target, logits.size(1)));
    const g = perLoss(gradOutput, logits.size(0), ctx.reduction);
    return [residual.mul(g.ndim === 1 ? g.unsqueeze(1) : g), null, null];
  }
}

/** Cross entropy of each example against smoothed labels; examples of the padding class do not count (Apex's SoftmaxCrossEntropyLoss). */
export class LabelSmoothingLoss extends Function {
  static forward(ctx: Context, logits: Tensor, labels: Tensor, smoothing = 0.1, paddingIndex = -1) {
    requireClasses(logits, labels);
    const logNormalizer = logits.logsumexp(1);
    const picked = logits.gather(1, labels.unsqueeze(1)).squeeze(1);
    const nll = logNormalizer.sub(picked);
    const smooth = logNormalizer.sub(logits.mean(1));
    const padding = labels.eq(paddingIndex);
    ctx.saveForBackward(logits, logNormalizer, labels, padding);
    ctx.smoothing = smoothing;
    return nll
      .mul(1 - smoothing)
      .add(smooth.mul(smoothing))
      .maskedFill(padding, 0);
  }

  static backward = onceDifferentiable((ctx: Context, gradLoss: Tensor) => {
    const [logits, logNormalizer, labels, padding] = ctx.savedTensors;
    const classes = logits.size(1);
    const probabilities = logits.sub(logNormalizer.unsqueeze(1)).exp();
    const hot = oneHot(labels, classes).mul(1 - ctx.smoothing);
    const g = gradLoss.maskedFill(padding, 0).unsqueeze(1);
    return [
      probabilities
        .sub(hot)
        .sub(ctx.smoothing / classes)
        .mul(g),
      null,
      null,
      null,
    ];
  });
}

/** −α (1 − p)^γ log p for the probability p of the true class, averaged (Lin et al. 2017; mmcv's SoftmaxFocalLoss). */
export class SoftmaxFocalLoss extends Function {
  static forward(ctx: Context, input: Tensor, target: Tensor, gamma = 2, alpha = 0.25) {
    requireClasses(input, target);
    if (input.size(1) < 2) throw new Error("SoftmaxFocalLoss expected two classes or more");
    const logP = logSoftmax(input, 1).gather(1, target.unsqueeze(1));
    ctx.saveForBackward(input, target);
    ctx.gamma = gamma;
    ctx.alpha = alpha;
    return logP.exp().rsub(1).pow(gamma).mul(logP).mul(-alpha).mean();
  }

  static backward(ctx: Context<{ gamma: number; alpha: number }>, gradOutput: Tensor) {
    const [input, target] = ctx.savedTensors;
    const { gamma, alpha } = ctx;
    const logP = logSoftmax(input, 1).gather(1, target.unsqueeze(1));
    const p = logP.exp();
    const q = p.rsub(1);
    const slope = q
      .pow(gamma - 1)
      .mul(gamma)
      .mul(p)
      .mul(logP)
      .sub(q.pow(gamma))
      .mul(alpha);
    const towards = oneHot(target, input.size(1)).sub(softmax(input, 1));
    return [towards.mul(slope).mul(gradOutput.div(input.size(0))), null, null, null];
  }
}

/** −w t log σ(x) − (1 − t) log(1 − σ(x)), averaged; w weighs positives (torch's binary_cross_entropy_with_logits). */
export class BCEWithLogits extends Function {
  static forward(ctx: Context, input: Tensor, target: Tensor, posWeight?: Tensor) {
    if (`${input.shape}` !== `${target.shape}`) {
      throw new Error(`BCEWithLogits expected a target of shape (${input.shape}), got (${target.shape})`);
    }
    ctx.saveForBackward(input, target, posWeight);
    const weight = posWeight === undefined ? 1 : posWeight.expandAs(input);
    const negative = softplus(input.neg());
    return target.rsub(1).mul(input.add(negative)).add(target.mul(weight).mul(negative)).mean();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, target, posWeight] = ctx.savedTensors;
    const g = gradOutput.div(input.numel());
    const weight = posWeight ?? 1;
    const p = input.sigmoid();
    const negative = softplus(input.neg());
    const gradInput = target
      .rsub(1)
      .mul(p)
      .sub(target.mul(weight).mul(p.rsub(1)));
    const gradTarget = negative.mul(weight).sub(input).sub(negative);
    const gradWeight = ctx.needsInputGrad[2] ? target.mul(negative).mul(g).sumToSize(posWeight.shape) : null;
    return [gradInput.mul(g), gradTarget.mul(g), gradWeight];
  }
}

/** max(0, 1 − t x)² (scikit-learn's squared hinge). */
export class SquaredHinge extends Function {
  static forward(ctx: Context, input: Tensor, target: Tensor, reduction: "mean" | "sum" | "none") {
    if (input.shape.join() !== target.shape.join()) {
      throw new Error(`SquaredHinge expected equal shapes, got (${input.shape}) and (${target.shape})`);
    }
    ctx.saveForBackward(input, target);
    ctx.reduction = reduction;
    return reduced(input.mul(target).rsub(1).relu().square(), reduction);
  }

  static backward(ctx: Context<{ reduction: Reduction }>, gradOutput: Tensor) {
    const [input, target] = ctx.savedTensors;
    const margin = input.mul(target).rsub(1).relu();
    const g = perLoss(gradOutput, input.numel(), ctx.reduction).mul(-2).mul(margin);
    return [g.mul(target), g.mul(input), null];
  }
}

/** Σ p (log p − log q) for log-probabilities, divided by the batch (torch's kl_div with log_target). */
export class KLDivergence extends Function {
  static forward(ctx: Context, logQ: Tensor, logP: Tensor) {
    if (logQ.ndim === 0 || logQ.shape.join() !== logP.shape.join()) {
      throw new Error(`KLDivergence expected equal shapes, got (${logQ.shape}) and (${logP.shape})`);
    }
    ctx.saveForBackward(logQ, logP);
    return logP.exp().mul(logP.sub(logQ)).sum().div(logQ.size(0));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [logQ, logP] = ctx.savedTensors;
    const p = logP.exp().mul(gradOutput.div(logQ.size(0)));
    return [p.neg(), p.mul(logP.sub(logQ).add(1))];
  }
}
