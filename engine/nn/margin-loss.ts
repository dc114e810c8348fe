/** @file Losses that want one distance, or score, to be better than another by a margin, and care no further. */

import { where } from "../ops/arithmetic.ts";
import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { pairwiseDistance } from "./distance.ts";
import { type LossOptions, type LossReduction, lossReduction, reduced } from "./loss-reduction.ts";

export interface MarginOptions extends LossOptions {
  margin?: number;
}

export interface MarginLoss {
  (
    input: Tensor,
    target: Tensor,
    margin?: number,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: MarginOptions): Tensor;
}

/** The input itself for target 1; what it lacks of the margin for target −1. */
export const hingeEmbeddingLoss: MarginLoss = keywords(
  "hingeEmbeddingLoss",
  ["input", "target", "margin", "sizeAverage", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    margin = 1,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const x = checked("hingeEmbeddingLoss", input);
    const y = checked("hingeEmbeddingLoss", target);
    const apart = where(y.ne(1), x.neg().add(margin).clampMin(0), 0);
    const losses = apart.add(where(y.ne(-1), x, 0));
    return reduced(losses, lossReduction("hingeEmbeddingLoss", reduction, sizeAverage, reduce));
  },
);

export interface PairMarginLoss {
  (
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin?: number,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input1: Tensor, input2: Tensor, target: Tensor, options: MarginOptions): Tensor;
}

const PAIR_ARGUMENTS = ["input1", "input2", "target", "margin", "sizeAverage", "reduce", "reduction"];

/** max(0, margin − target · (input1 − input2)): target 1 wants the first to be larger, −1 the second. */
export const marginRankingLoss: PairMarginLoss = keywords(
  "marginRankingLoss",
  PAIR_ARGUMENTS,
  (
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin = 0,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const name = "marginRankingLoss";
    const how = lossReduction(name, reduction, sizeAverage, reduce);
    const ndim = checked(name, input1).ndim;
    if (checked(name, input2).ndim !== ndim || checked(name, target).ndim !== ndim) {
      throw new RangeError(
        `${name}() expected inputs and target of equally many dimensions, got ` +
          `${[input1, input2, target].map(t => formatShape(shapeOf(t))).join(", ")}.`,
      );
    }
    return reduced(target.neg().mul(input1.sub(input2)).add(margin).clampMin(0), how);
  },
);

/** 1 − cos of vectors for target 1, what cos exceeds the margin by for −1: (N, D), (N, D), (N,) or (D,), (D,), (). */
export const cosineEmbeddingLoss: PairMarginLoss = keywords(
  "cosineEmbeddingLoss",
  PAIR_ARGUMENTS,
  (
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin = 0,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const name = "cosineEmbeddingLoss";
    const how = lossReduction(name, reduction, sizeAverage, reduce);
    const [a, b, y] = [input1, input2, target].map(t => checked(name, t)) as [Tensor, Tensor, Tensor];
    if (y.ndim > 1 || a.ndim !== y.ndim + 1 || b.ndim !== y.ndim + 1) {
      throw new RangeError(
        `${name}() expected inputs (N, D) and a target (N,), or (D,) and (), got ` +
          `${[a, b, y].map(t => formatShape(shapeOf(t))).join(", ")}.`,
      );
    }
    const squared = (x: Tensor): Tensor => x.mul(x).sum(-1).add(EPSILON);
    const cos = a
      .mul(b)
      .sum(-1)
      .div(squared(a).mul(squared(b)).sqrt());
    const alike = where(y.eq(1), cos.neg().add(1), 0);
    const apart = where(y.eq(-1), cos.sub(margin).clampMin(0), 0);
    return reduced(alike.add(apart), how);
  },
);

/** Torch adds it to the squared lengths, so that a vector of zeros has an angle. */
const EPSILON = 1e-12;

export interface TripletMarginLoss {
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin?: number,
    p?: number,
    eps?: number,
    swap?: boolean,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    options: MarginOptions & { p?: number; eps?: number; swap?: boolean },
  ): Tensor;
}

/**
 * max(0, margin + ‖anchor − positive‖ₚ − ‖anchor − negative‖ₚ); with `swap` the negative's distance is that to the anchor or to
 * the positive, whichever is smaller.
 */
export const tripletMarginLoss: TripletMarginLoss = keywords(
  "tripletMarginLoss",
  ["anchor", "positive", "negative", "margin", "p", "eps", "swap", "sizeAverage", "reduce", "reduction"],
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin = 1,
    p = 2,
    eps = 1e-6,
    swap = false,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const name = "tripletMarginLoss";
    const how = lossReduction(name, reduction, sizeAverage, reduce);
    if (!(margin > 0)) throw new RangeError(`${name}() expected a margin above 0, got ${String(margin)}.`);
    const ndim = checked(name, anchor).ndim;
    if (checked(name, positive).ndim !== ndim || checked(name, negative).ndim !== ndim) {
      throw new RangeError(`${name}() expected anchor, positive and negative of equally many dimensions.`);
    }
    const near = pairwiseDistance(anchor, positive, p, eps);
    const toAnchor = pairwiseDistance(anchor, negative, p, eps);
    const far = swap ? toAnchor.minimum(pairwiseDistance(positive, negative, p, eps)) : toAnchor;
    return reduced(near.add(margin).sub(far).clampMin(0), how);
  },
);
