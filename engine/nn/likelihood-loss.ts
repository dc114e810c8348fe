/** @file Losses of predicted distributions: how unlikely they make what was observed, or how unlike another they are. */

import { where } from "../ops/arithmetic.ts";
import { asTensor, checked, type TensorLike, unaryWith } from "../ops/elementwise.ts";
import { xlogy } from "../ops/logarithms.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import {
  type LegacyReduction,
  type LossOptions,
  type LossReduction,
  lossReduction,
  reduced,
} from "./loss-reduction.ts";

type KlReduction = LossReduction | "batchmean";

export interface KlDiv {
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: KlReduction,
    logTarget?: boolean,
  ): Tensor;
  (
    input: Tensor,
    target: Tensor,
    options: LegacyReduction & { reduction?: KlReduction; logTarget?: boolean },
  ): Tensor;
}

/**
 * Kullback–Leibler divergence, target · (log target − input), of log-probabilities from probabilities, or from
 * log-probabilities with `logTarget`. "batchmean" is the sum divided by the batch's size.
 */
export const klDiv: KlDiv = keywords(
  "klDiv",
  ["input", "target", "sizeAverage", "reduce", "reduction", "logTarget"],
  (
    input: Tensor,
    target: Tensor,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
    logTarget = false,
  ) => {
    const x = checked("klDiv", input);
    const y = checked("klDiv", target);
    const losses = logTarget ? y.exp().mul(y.sub(x)) : xlogy(y, y).sub(y.mul(x));
    if (reduction === "batchmean" && sizeAverage === null && reduce === null) {
      return x.ndim === 0 ? losses.sum() : losses.sum().div(x.size(0));
    }
    return reduced(losses, lossReduction("klDiv", reduction, sizeAverage, reduce));
  },
);

interface PoissonOptions extends LossOptions {
  logInput?: boolean;
  full?: boolean;
  eps?: number;
}

export interface PoissonNllLoss {
  (
    input: Tensor,
    target: Tensor,
    logInput?: boolean,
    full?: boolean,
    sizeAverage?: boolean | null,
    eps?: number,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: PoissonOptions): Tensor;
}

/**
 * Counts that were observed under predicted rates (their logarithms with `logInput`), as a negative log-likelihood. `full` adds
 * Stirling's approximation of log target! for targets above 1.
 */
export const poissonNllLoss: PoissonNllLoss = keywords(
  "poissonNllLoss",
  ["input", "target", "logInput", "full", "sizeAverage", "eps", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    logInput = true,
    full = false,
    sizeAverage: boolean | null = null,
    eps = 1e-8,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    const x = checked("poissonNllLoss", input);
    const y = checked("poissonNllLoss", target);
    const losses = logInput ? x.exp().sub(y.mul(x)) : x.sub(y.mul(x.add(eps).log()));
    const how = lossReduction("poissonNllLoss", reduction, sizeAverage, reduce);
    return reduced(full ? losses.add(stirling(y)) : losses, how);
  },
);

/** n log n − n + log(2πn) / 2 above 1, else 0: where the mask holds, so that small n are not differentiated. */
function stirling(n: Tensor): Tensor {
  const small = n.le(1);
  const m = where(small, 1, n);
  const value = m
    .mul(m.log())
    .sub(m)
    .add(
      m
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return where(small, 0, value);
}

/** At least `eps`, differentiated as if it were the variance itself. @throws for a negative one */
const flooredVariance = unaryWith<number>(
  "gaussianNllLoss",
  eps => variance => {
    if (variance < 0)
      throw new RangeError(`gaussianNllLoss() expected variances of 0 or more, got ${variance}.`);
    return Math.max(variance, eps);
  },
  g => g,
  "same",
);

export interface GaussianNllLoss {
  (
    input: Tensor,
    target: Tensor,
    variance: TensorLike,
    full?: boolean,
    eps?: number,
    reduction?: LossReduction,
  ): Tensor;
  (
    input: Tensor,
    target: Tensor,
    variance: TensorLike,
    options: { full?: boolean; eps?: number; reduction?: LossReduction },
  ): Tensor;
}

/**
 * Values that were observed under predicted means and variances, as a negative log-likelihood: ½ (log var + (input − target)² / var).
 * `full` adds ½ log 2π. A variance is one for each value, or one for each row.
 */
export const gaussianNllLoss: GaussianNllLoss = keywords(
  "gaussianNllLoss",
  ["input", "target", "var", "full", "eps", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    variance: TensorLike,
    full = false,
    eps = 1e-6,
    reduction: string = "mean",
  ) => {
    const x = checked("gaussianNllLoss", input);
    const y = checked("gaussianNllLoss", target);
    const spread = flooredVariance(variances(asTensor(variance, "gaussianNllLoss"), x), eps);
    const half = spread.log().add(x.sub(y).square().div(spread)).mul(0.5);
    const losses = full ? half.add(0.5 * Math.log(2 * Math.PI)) : half;
    return reduced(losses, lossReduction("gaussianNllLoss", reduction));
  },
);

/** @throws where the shape is neither the input's, nor that with the last size 1 or missing */
function variances(variance: Tensor, x: Tensor): Tensor {
  const [shape, whole] = [shapeOf(variance), shapeOf(x)];
  const rows = whole.slice(0, -1);
  if (sameShape(shape, whole) || sameShape(shape, [...rows, 1])) return variance;
  if (sameShape(shape, rows)) return variance.unsqueeze(-1);
  if (shape.length === 0) return variance;
  throw new RangeError(
    `gaussianNllLoss() expected variances of shape ${formatShape(whole)}, or that without its last size, got ${formatShape(shape)}.`,
  );
}
