/** @file Distances between all pairs of rows. */

import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { vectorNorm } from "./vector-norm.ts";

/** How torch computes Euclidean distances; here always from the differences, which are exact where rows are close. */
type ComputeMode =
  | "use_mm_for_euclid_dist_if_necessary"
  | "use_mm_for_euclid_dist"
  | "donot_use_mm_for_euclid_dist";

export interface Cdist {
  (x1: Tensor, x2: Tensor, p?: number, computeMode?: ComputeMode): Tensor;
  (x1: Tensor, x2: Tensor, options: { p?: number; computeMode?: ComputeMode }): Tensor;
}

/**
 * The p-norm of the difference of each row of x1 (…, P, M) and each of x2 (…, R, M): (…, P, R), batches broadcast. p from 0 to ∞.
 * Derivative 0 at distance 0.
 */
export const cdist: Cdist = keywords(
  "cdist",
  ["x1", "x2", "p", "computeMode"],
  (x1: Tensor, x2: Tensor, p = 2, _computeMode?: ComputeMode) => {
    const [a, b] = [checked("cdist", x1, true), checked("cdist", x2, true)];
    if (a.ndim < 2 || b.ndim < 2 || a.size(-1) !== b.size(-1) || !(p >= 0)) {
      throw new RangeError(
        `cdist() expected (…, P, M), (…, R, M) and p of 0 or more, got ${formatShape(shapeOf(a))}, ${formatShape(shapeOf(b))} ` +
          `and p = ${String(p)}.`,
      );
    }
    const differences = a.unsqueeze(-2).sub(b.unsqueeze(-3));
    return differences.size(-1) === 0 ? differences.sum(-1) : vectorNorm(differences, p, -1);
  },
);
