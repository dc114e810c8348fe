/** @file What a loss returns: one number for each sample, their mean, or their sum. */

import type { Tensor } from "../tensor/tensor.ts";

export type LossReduction = "none" | "mean" | "sum";

/** Torch's older way to say it: both true or missing for the mean. Overrides `reduction` where either is given. */
export interface LegacyReduction {
  /** @deprecated */
  sizeAverage?: boolean | null;
  /** @deprecated */
  reduce?: boolean | null;
}

export interface LossOptions extends LegacyReduction {
  reduction?: LossReduction;
}

/** @throws where it is none of the three */
export function lossReduction(
  name: string,
  reduction: string,
  sizeAverage: boolean | null = null,
  reduce: boolean | null = null,
): LossReduction {
  if (sizeAverage !== null || reduce !== null) {
    if (reduce === false) return "none";
    return sizeAverage === false ? "sum" : "mean";
  }
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum") {
    throw new TypeError(`${name}() expected reduction "none", "mean" or "sum", got ${String(reduction)}.`);
  }
  return reduction;
}

export function reduced(losses: Tensor, reduction: LossReduction): Tensor {
  return reduction === "none" ? losses : reduction === "mean" ? losses.mean() : losses.sum();
}

/** A loss of a prediction and what it should have been, in torch's order of arguments. */
export interface Loss {
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: LossOptions): Tensor;
}
