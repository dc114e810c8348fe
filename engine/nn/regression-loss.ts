/** @file Losses of predicted quantities: how far off they are. */

import { checked, unaryWith } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type LossOptions, type LossReduction, lossReduction, reduced } from "./loss-reduction.ts";

export interface WeightedLoss {
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
    weight?: Tensor | null,
  ): Tensor;
  (input: Tensor, target: Tensor, options: LossOptions & { weight?: Tensor | null }): Tensor;
}

/** A loss of the difference; the mean of weighted ones is divided by the sum of the weights. */
function weighted(name: string, loss: (difference: Tensor) => Tensor): WeightedLoss {
  return keywords(
    name,
    ["input", "target", "sizeAverage", "reduce", "reduction", "weight"],
    (
      input: Tensor,
      target: Tensor,
      sizeAverage: boolean | null = null,
      reduce: boolean | null = null,
      reduction: string = "mean",
      weight: Tensor | null = null,
    ) => {
      const losses = loss(checked(name, input).sub(checked(name, target)));
      const how = lossReduction(name, reduction, sizeAverage, reduce);
      if (weight === null) return reduced(losses, how);
      const each = losses.mul(checkedWeight(name, weight, input));
      return how === "mean" ? each.sum().div(weight.sum()) : reduced(each, how);
    },
  );
}

function checkedWeight(name: string, weight: Tensor, input: Tensor): Tensor {
  if (!sameShape(shapeOf(checked(name, weight)), shapeOf(input))) {
    throw new RangeError(
      `${name}() expected a weight of the input's shape ${formatShape(shapeOf(input))}, got ${formatShape(shapeOf(weight))}.`,
    );
  }
  return weight;
}

/** (input − target)². */
export const mseLoss: WeightedLoss = weighted("mseLoss", d => d.square());
/** |input − target|; derivative 0 at 0. */
export const l1Loss: WeightedLoss = weighted("l1Loss", d => d.abs());

/** d² / 2 up to |d| = delta, then straight on: delta (|d| − delta / 2). */
const huber = unaryWith<number>(
  "huberLoss",
  delta => d => (Math.abs(d) <= delta ? 0.5 * d * d : delta * (Math.abs(d) - 0.5 * delta)),
  (g, d, _y, delta) => g.mul(d.clamp(-delta, delta)),
  "same",
);

export interface HuberLoss {
  (input: Tensor, target: Tensor, reduction?: LossReduction, delta?: number, weight?: Tensor | null): Tensor;
  (
    input: Tensor,
    target: Tensor,
    options: { reduction?: LossReduction; delta?: number; weight?: Tensor | null },
  ): Tensor;
}

/**
 * Squared for small differences, absolute beyond `delta`. With weights "mean" is the plain mean of the weighted losses.
 * Source: P. Huber, "Robust estimation of a location parameter" (1964).
 */
export const huberLoss: HuberLoss = keywords(
  "huberLoss",
  ["input", "target", "reduction", "delta", "weight"],
  (input: Tensor, target: Tensor, reduction: string = "mean", delta = 1, weight: Tensor | null = null) => {
    if (!(delta > 0)) throw new RangeError(`huberLoss() expected a delta above 0, got ${String(delta)}.`);
    const losses = huber(checked("huberLoss", input).sub(checked("huberLoss", target)), delta);
    const each = weight === null ? losses : losses.mul(checkedWeight("huberLoss", weight, input));
    return reduced(each, lossReduction("huberLoss", reduction));
  },
);

export interface SmoothL1Loss {
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
    beta?: number,
  ): Tensor;
  (input: Tensor, target: Tensor, options: LossOptions & { beta?: number }): Tensor;
}

/** {@link huberLoss} with delta = beta, divided by beta: slope 1 beyond it. {@link l1Loss} for beta = 0. */
export const smoothL1Loss: SmoothL1Loss = keywords(
  "smoothL1Loss",
  ["input", "target", "sizeAverage", "reduce", "reduction", "beta"],
  (
    input: Tensor,
    target: Tensor,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
    beta = 1,
  ) => {
    if (!(beta >= 0))
      throw new RangeError(`smoothL1Loss() expected a beta of 0 or more, got ${String(beta)}.`);
    const difference = checked("smoothL1Loss", input).sub(checked("smoothL1Loss", target));
    const losses = beta === 0 ? difference.abs() : huber(difference, beta).div(beta);
    return reduced(losses, lossReduction("smoothL1Loss", reduction, sizeAverage, reduce));
  },
);
