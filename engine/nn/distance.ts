/** @file How far or how alike vectors are, and vectors brought to length 1. */

import { checked, unaryWith } from "../ops/elementwise.ts";
import { broadcastTensors } from "../ops/expand.ts";
import { vectorNorm } from "../ops/vector-norm.ts";
import { ofValues } from "../tensor/creation.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

/** At least `eps`, but differentiated as if it were the number itself: torch's way to keep a quotient finite. */
export const floored = unaryWith<number>(
  "floored",
  eps => x => Math.max(x, eps),
  g => g,
  "same",
);

export interface CosineSimilarity {
  (x1: Tensor, x2: Tensor, dim?: number, eps?: number): Tensor;
  (x1: Tensor, x2: Tensor, options: { dim?: number; eps?: number }): Tensor;
}

/** x₁ · x₂ / (max(‖x₁‖, eps) max(‖x₂‖, eps)) along `dim` of the broadcast inputs. */
export const cosineSimilarity: CosineSimilarity = keywords(
  "cosineSimilarity",
  ["x1", "x2", "dim", "eps"],
  (x1: Tensor, x2: Tensor, dim = 1, eps = 1e-8) => {
    const dtype = promoteTypes(checked("cosineSimilarity", x1).dtype, checked("cosineSimilarity", x2).dtype);
    const [a, b] = broadcastTensors(x1, x2).map(x => checked("cosineSimilarity", x.to(dtype), true));
    const unit = (x: Tensor): Tensor => x.div(floored(vectorNorm(x, 2, dim, true), eps));
    return unit(a!).mul(unit(b!)).sum(dim);
  },
);

export interface PairwiseDistance {
  (x1: Tensor, x2: Tensor, p?: number, eps?: number, keepdim?: boolean): Tensor;
  (x1: Tensor, x2: Tensor, options: { p?: number; eps?: number; keepdim?: boolean }): Tensor;
}

/** ‖x₁ − x₂ + eps‖ₚ along the last dimension of the broadcast inputs. */
export const pairwiseDistance: PairwiseDistance = keywords(
  "pairwiseDistance",
  ["x1", "x2", "p", "eps", "keepdim"],
  (x1: Tensor, x2: Tensor, p = 2, eps = 1e-6, keepdim = false) =>
    vectorNorm(checked("pairwiseDistance", x1).sub(checked("pairwiseDistance", x2)).add(eps), p, -1, keepdim),
);

export interface Pdist {
  (input: Tensor, p?: number): Tensor;
  (input: Tensor, options: { p?: number }): Tensor;
}

/** The p-norm distances between all pairs of rows i < j of (n, m): a vector of n (n − 1) / 2. Derivative 0 at distance 0. */
export const pdist: Pdist = keywords("pdist", ["input", "p"], (input: Tensor, p = 2) => {
  const n = checked("pdist", input, true).size(0);
  if (input.ndim !== 2 || !(p >= 0)) {
    throw new RangeError(
      `pdist() expected a matrix and p of 0 or more, got ${formatShape(shapeOf(input))} and p = ${String(p)}.`,
    );
  }
  const [rows, others]: [number[], number[]] = [[], []];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      rows.push(i);
      others.push(j);
    }
  }
  const [first, second] = [rows, others].map(list =>
    input.indexSelect(0, ofValues(list, [list.length], "int64")),
  );
  const differences = first!.sub(second!);
  return differences.size(1) === 0 ? differences.sum(1) : vectorNorm(differences, p, 1);
});

export interface Normalize {
  (input: Tensor, p?: number, dim?: number | readonly number[], eps?: number): Tensor;
  (input: Tensor, options: { p?: number; dim?: number | readonly number[]; eps?: number }): Tensor;
}

/** x / max(‖x‖ₚ, eps) along `dim`. */
export const normalize: Normalize = keywords(
  "normalize",
  ["input", "p", "dim", "eps"],
  (input: Tensor, p = 2, dim: number | readonly number[] = 1, eps = 1e-12) =>
    checked("normalize", input, true).div(vectorNorm(input, p, dim, true).clampMin(eps)),
);
