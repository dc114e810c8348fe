/** @file The p-norm of a difference. */

import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { vectorNorm } from "./vector-norm.ts";

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
  (input: Tensor, other: Tensor, p = 2) => vectorNorm(checked("dist", input).sub(checked("dist", other)), p),
);

const methods = { dist };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
