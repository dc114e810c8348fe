/** @file Losses of predicted classes, one of which is right: its negative log-likelihood. */

import { where } from "../ops/arithmetic.ts";
import { checked } from "../ops/elementwise.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checkedIndices } from "./indices.ts";
import { type LossOptions, type LossReduction, lossReduction, reduced } from "./loss-reduction.ts";

interface ClassOptions extends LossOptions {
  /** One number for each class, by which its losses count. */
  weight?: Tensor | null;
  /** Targets of this value count nothing. */
  ignoreIndex?: number;
}

export interface NllLoss {
  (
    input: Tensor,
    target: Tensor,
    weight?: Tensor | null,
    sizeAverage?: boolean | null,
    ignoreIndex?: number,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: ClassOptions): Tensor;
}

/** What classes' losses have in common: where classes are, and how much each target counts. */
interface Targets {
  /** Log-probabilities (N, C, …) or (C,). */
  readonly classes: Tensor;
  readonly dim: 0 | 1;
  /** Class numbers, 0 where ignored. */
  readonly indices: Tensor;
  readonly ignored: Tensor;
  /** How much each target counts: its class's weight, 0 where ignored. */
  readonly counts: Tensor;
}

function targetsOf(
  name: string,
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
): Targets {
  const x = checked(name, input, true);
  const dim = x.ndim === 1 ? 0 : 1;
  const expected = shapeOf(x).toSpliced(dim, 1);
  if (x.ndim === 0 || !sameShape(shapeOf(checked(name, target)), expected)) {
    throw new RangeError(
      `${name}() expected an input (N, C, …) or (C,) and class numbers (N, …) or (), got ${formatShape(shapeOf(x))} and ` +
        `${formatShape(shapeOf(target))}.`,
    );
  }
  const ignored = target.eq(ignoreIndex);
  const indices = checkedIndices(name, where(ignored, 0, target).to(target.dtype), x.size(dim));
  const counts =
    weight === null
      ? ignored.logicalNot().to(x.dtype)
      : where(
          ignored,
          0,
          classWeights(name, weight, x.size(dim)).indexSelect(0, indices.flatten()).reshape(expected),
        );
  return { classes: x, dim, indices, ignored, counts };
}

function classWeights(name: string, weight: Tensor, classes: number): Tensor {
  if (!sameShape(shapeOf(checked(name, weight)), [classes])) {
    throw new RangeError(
      `${name}() expected a weight for each of ${classes} classes, got ${formatShape(shapeOf(weight))}.`,
    );
  }
  return weight;
}

function negativeLogLikelihood(targets: Targets, reduction: LossReduction): Tensor {
  const { classes, dim, indices, ignored, counts } = targets;
  const picked = classes.gather(dim, indices.unsqueeze(dim)).squeeze(dim);
  // Not counts · picked alone: an ignored −∞ must not become NaN.
  const losses = where(ignored, 0, picked.mul(counts).neg());
  return reduction === "mean" ? losses.sum().div(counts.sum()) : reduced(losses, reduction);
}

/**
 * −weight · input at the target's class, of log-probabilities (N, C, …) and class numbers (N, …); without a batch (C,) and ().
 * "mean" divides by the sum of the weights of the targets that are not ignored.
 */
export const nllLoss: NllLoss = keywords(
  "nllLoss",
  ["input", "target", "weight", "sizeAverage", "ignoreIndex", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage: boolean | null = null,
    ignoreIndex = -100,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) =>
    negativeLogLikelihood(
      targetsOf("nllLoss", input, target, weight, ignoreIndex),
      lossReduction("nllLoss", reduction, sizeAverage, reduce),
    ),
);

interface CrossEntropyOptions extends ClassOptions {
  /** How much of the target is spread evenly over all classes. */
  labelSmoothing?: number;
}

export interface CrossEntropy {
  (
    input: Tensor,
    target: Tensor,
    weight?: Tensor | null,
    sizeAverage?: boolean | null,
    ignoreIndex?: number,
    reduce?: boolean | null,
    reduction?: LossReduction,
    labelSmoothing?: number,
  ): Tensor;
  (input: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor;
}

/**
 * {@link nllLoss} of the softmax of scores (N, C, …) or (C,). A floating-point target of the input's shape holds a
 * probability for each class; "mean" then divides by the number of targets, whatever the weights.
 */
export const crossEntropy: CrossEntropy = keywords(
  "crossEntropy",
  ["input", "target", "weight", "sizeAverage", "ignoreIndex", "reduce", "reduction", "labelSmoothing"],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage: boolean | null = null,
    ignoreIndex = -100,
    reduce: boolean | null = null,
    reduction: string = "mean",
    labelSmoothing = 0,
  ) => {
    const name = "crossEntropy";
    const how = lossReduction(name, reduction, sizeAverage, reduce);
    const x = checked(name, input, true);
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new RangeError(`${name}() expected labelSmoothing from 0 to 1, got ${String(labelSmoothing)}.`);
    }
    if (x.ndim === 0) throw new RangeError(`${name}() expected scores (N, C, …) or (C,), got a 0-d tensor.`);
    const dim = x.ndim === 1 ? 0 : 1;
    const logits = logSoftmax(x, dim);
    if (sameShape(shapeOf(x), shapeOf(checked(name, target)))) {
      return probabilityLoss(logits, checked(name, target, true), weight, how, dim, labelSmoothing);
    }
    const targets = targetsOf(name, logits, target, weight, ignoreIndex);
    const loss = negativeLogLikelihood(targets, how);
    if (labelSmoothing === 0) return loss;
    const even = evenLoss(targets, weight, how).mul(labelSmoothing / x.size(dim));
    return loss.mul(1 - labelSmoothing).add(even);
  },
);

/** One weight for each class, along the dimension of classes. */
function alongClasses(weight: Tensor, x: Tensor, dim: number): Tensor {
  const classes = classWeights("crossEntropy", weight, x.size(dim));
  return classes.reshape(shapeOf(x).map((_, d) => (d === dim ? -1 : 1)));
}

/** The loss against every class alike, summed over classes. */
function evenLoss(
  { classes, dim, ignored, counts }: Targets,
  weight: Tensor | null,
  how: LossReduction,
): Tensor {
  const each = weight === null ? classes : classes.mul(alongClasses(weight, classes, dim));
  const losses = where(ignored, 0, each.sum(dim).neg());
  return how === "mean" ? losses.sum().div(counts.sum()) : reduced(losses, how);
}

function probabilityLoss(
  logits: Tensor,
  target: Tensor,
  weight: Tensor | null,
  how: LossReduction,
  dim: number,
  smoothing: number,
): Tensor {
  const classes = logits.size(dim);
  const smoothed = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / classes);
  const products = logits.mul(smoothed);
  const each = weight === null ? products : products.mul(alongClasses(weight, logits, dim));
  const losses = each.sum(dim).neg();
  return how === "mean" ? losses.sum().div(logits.numel() / classes) : reduced(losses, how);
}
