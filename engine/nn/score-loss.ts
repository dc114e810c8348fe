/** @file Losses of scores whose signs, or whose order, tell classes apart. */

import { where } from "../ops/arithmetic.ts";
import { checked } from "../ops/elementwise.ts";
import { logaddexp } from "../ops/logarithms.ts";
import { arange } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { logsigmoid } from "./activation.ts";
import { checkedIndices } from "./indices.ts";
import { type Loss, type LossOptions, type LossReduction, lossReduction, reduced } from "./loss-reduction.ts";
import type { MarginOptions } from "./margin-loss.ts";

/** Targets are 1 and −1. log(1 + e^(−target · input)), without overflow. */
export const softMarginLoss: Loss = keywords(
  "softMarginLoss",
  ["input", "target", "sizeAverage", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const exponent = checked("softMarginLoss", input).mul(checked("softMarginLoss", target)).neg();
    const how = lossReduction("softMarginLoss", reduction, sizeAverage, reduce);
    return reduced(logaddexp(exponent, 0), how);
  },
);

interface MultiMarginOptions extends MarginOptions {
  p?: 1 | 2;
  weight?: Tensor | null;
}

export interface MultiMarginLoss {
  (
    input: Tensor,
    target: Tensor,
    p?: 1 | 2,
    margin?: number,
    weight?: Tensor | null,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: MultiMarginOptions): Tensor;
}

/**
 * Σ max(0, margin − x_target + x_other)ᵖ / C over the other classes, of scores (N, C) or (C,) and class numbers; times the
 * target's weight.
 */
export const multiMarginLoss: MultiMarginLoss = keywords(
  "multiMarginLoss",
  ["input", "target", "p", "margin", "weight", "sizeAverage", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    p: number = 1,
    margin = 1,
    weight: Tensor | null = null,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const name = "multiMarginLoss";
    const how = lossReduction(name, reduction, sizeAverage, reduce);
    const x = checked(name, input, true);
    if (p !== 1 && p !== 2) throw new RangeError(`${name}() expected p of 1 or 2, got ${String(p)}.`);
    const scores = x.ndim === 2 ? x : x.reshape([1, -1]);
    const [batch, classes] = shapeOf(scores);
    if (x.ndim > 2 || checked(name, target).ndim > 1 || target.numel() !== batch) {
      throw new RangeError(
        `${name}() expected scores (N, C) and class numbers (N,), or (C,) and (), got ${formatShape(shapeOf(x))} and ` +
          `${formatShape(shapeOf(target))}.`,
      );
    }
    if (weight !== null && !sameShape(shapeOf(checked(name, weight)), [classes!])) {
      throw new RangeError(`${name}() expected a weight for each of ${classes} classes.`);
    }
    const indices = checkedIndices(name, target, classes!).reshape([-1, 1]);
    const lacking = scores.sub(scores.gather(1, indices)).add(margin).relu();
    const each = p === 1 ? lacking : lacking.square();
    const others = where(indices.eq(arange(classes!)), 0, each)
      .sum(1)
      .div(classes!);
    const losses = weight === null ? others : others.mul(weight.indexSelect(0, indices.flatten()));
    return reduced(target.ndim === 0 ? losses.squeeze(0) : losses, how);
  },
);

export interface MultilabelSoftMarginLoss {
  (
    input: Tensor,
    target: Tensor,
    weight?: Tensor | null,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: LossOptions & { weight?: Tensor | null }): Tensor;
}

/** The mean over classes of −weight · (t log σ(x) + (1 − t) log σ(−x)): several classes may be right at once. */
export const multilabelSoftMarginLoss: MultilabelSoftMarginLoss = keywords(
  "multilabelSoftMarginLoss",
  ["input", "target", "weight", "sizeAverage", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const x = checked("multilabelSoftMarginLoss", input);
    const t = checked("multilabelSoftMarginLoss", target);
    const likelihoods = t.mul(logsigmoid(x)).add(t.neg().add(1).mul(logsigmoid(x.neg())));
    const losses = weight === null ? likelihoods.neg() : likelihoods.neg().mul(weight);
    const how = lossReduction("multilabelSoftMarginLoss", reduction, sizeAverage, reduce);
    return reduced(losses.mean(-1), how);
  },
);
