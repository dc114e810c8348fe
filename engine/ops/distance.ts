/** @file The p-norm of a difference. */

import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked } from "./elementwise.ts";

export interface Distance {
  (input: Tensor, other: Tensor, p?: number): Tensor;
  (input: Tensor, other: Tensor, options: { p?: number }): Tensor;
}

/**
 * The p-norm of `input − other`, broadcast, over all elements: the Euclidean distance for p = 2, the largest for ∞, the
 * smallest for −∞, the number of those that differ for 0. Derivative 0 at distance 0.
 */
export const dist: Distance = keywords(
  "dist",
  ["input", "other", "p"],
  (input: Tensor, other: Tensor, p = 2) => {
    const difference = checked("dist", input).sub(checked("dist", other)).reshape([-1]);
    if (p === 2) return difference.norm();
    const sizes = difference.abs();
    if (p === 0) return sizes.ne(0).to(sizes.dtype).sum();
    if (p === 1) return sizes.sum();
    if (p === Infinity) return sizes.amax();
    if (p === -Infinity) return sizes.amin();
    return powerMean(sizes, p);
  },
);

/** (Σ xᵖ)^(1/p), scaled by the largest so that no power overflows; the scale cancels, so it needs no derivative. */
function powerMean(sizes: Tensor, p: number): Tensor {
  const largest = sizes.numel() === 0 ? sizes.sum() : sizes.detach().amax();
  const scale = where(largest.eq(0), 1, largest);
  const total = sizes.div(scale).pow(p).sum();
  const nonzero = where(total.eq(0), 1, total);
  return where(total.eq(0), 0, nonzero.pow(1 / p).mul(scale));
}

const methods = { dist };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
