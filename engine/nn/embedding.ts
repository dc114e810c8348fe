/** @file Rows of a table, looked up by number. */

import { noGrad } from "../autograd/mode.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import { where } from "../ops/arithmetic.ts";
import { checked } from "../ops/elementwise.ts";
import { vectorNorm } from "../ops/vector-norm.ts";
import { arange, ones, zeros } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { dataOf, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checkedIndices } from "./indices.ts";

export interface EmbeddingOptions {
  /** The row that gets no gradient; a negative one counts from the end. */
  paddingIdx?: number | null;
  /** Rows that are looked up and longer than this are shortened to it, in place. */
  maxNorm?: number | null;
  normType?: number;
  /** Divides a row's gradient by how often it is looked up. */
  scaleGradByFreq?: boolean;
  /** Without meaning here: all gradients are dense. */
  sparse?: boolean;
}

export interface Embedding {
  (
    input: Tensor,
    weight: Tensor,
    paddingIdx?: number | null,
    maxNorm?: number | null,
    normType?: number,
    scaleGradByFreq?: boolean,
    sparse?: boolean,
  ): Tensor;
  (input: Tensor, weight: Tensor, options: EmbeddingOptions): Tensor;
}

/** Row weight[i] for each index i: indices (…) and a table (rows, features) to (…, features). */
export const embedding: Embedding = keywords(
  "embedding",
  ["input", "weight", "paddingIdx", "maxNorm", "normType", "scaleGradByFreq", "sparse"],
  (
    input: Tensor,
    weight: Tensor,
    paddingIdx: number | null = null,
    maxNorm: number | null = null,
    normType = 2,
    scaleGradByFreq = false,
  ) => {
    const rows = checked("embedding", weight).size(0);
    if (weight.ndim !== 2) {
      throw new RangeError(
        `embedding() expected a table (rows, features), got ${formatShape(shapeOf(weight))}.`,
      );
    }
    const padding = paddingIdx === null ? null : paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
    if (padding !== null && !(Number.isSafeInteger(padding) && padding >= 0 && padding < rows)) {
      throw new RangeError(
        `embedding() expected a paddingIdx within ${rows} rows, got ${String(paddingIdx)}.`,
      );
    }
    const indices = checkedIndices("embedding", checked("embedding", input), rows).flatten();
    if (maxNorm !== null) shorten(weight, indices, maxNorm, normType);
    const found = weight.indexSelect(0, indices);
    const factors = gradientFactors(indices, rows, padding, scaleGradByFreq);
    const scaled =
      factors === null
        ? found
        : call(scaledGradient, [found, factors.to(weight.dtype).unsqueeze(1)], undefined);
    return scaled.reshape([...shapeOf(input), weight.size(1)]);
  },
);

/** x itself, whose gradient is multiplied on the way back. As in torch, forward mode does not know of it. */
const scaledGradient: Primitive<[x: Tensor, factors: Tensor]> = {
  name: "embedding",
  forward: ([x]) => x.detach().clone(),
  vjp: (g, [, factors]) => [g.mul(factors), null],
  jvp: ([t], [x]) => t ?? x.mul(0),
};

/** What each lookup's gradient is multiplied by; null for 1. */
function gradientFactors(
  indices: Tensor,
  rows: number,
  padding: number | null,
  byFrequency: boolean,
): Tensor | null {
  if (padding === null && !byFrequency) return null;
  const once = ones(shapeOf(indices));
  const counts = zeros(rows).scatterAdd(0, indices, once).indexSelect(0, indices);
  const factors = byFrequency ? once.div(counts) : once;
  return padding === null ? factors : where(indices.eq(padding), 0, factors);
}

/** Scales rows down to a norm of at most `maxNorm`, in place, as torch does: a little further, by 10⁻⁷. */
function shorten(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  noGrad(() => {
    const values = weight.detach();
    const lookups = zeros(weight.size(0)).scatterAdd(0, indices, ones(shapeOf(indices)));
    const norms = vectorNorm(values, normType, 1, true);
    const tooLong = norms.gt(maxNorm).logicalAnd(lookups.unsqueeze(1).ne(0));
    weight.copy_(where(tooLong, values.mul(norms.add(1e-7).reciprocal().mul(maxNorm)), values));
  });
}

export interface OneHot {
  (input: Tensor, numClasses?: number): Tensor;
  (input: Tensor, options: { numClasses?: number }): Tensor;
}

/** Indices (…) as rows of 0 and a single 1: int64 (…, numClasses), as many as needed for −1. */
export const oneHot: OneHot = keywords(
  "oneHot",
  ["tensor", "numClasses"],
  (input: Tensor, numClasses = -1) => {
    const flat = checked("oneHot", input).detach().contiguous();
    let classes = numClasses;
    if (numClasses === -1) {
      for (let i = 0; i < flat.numel(); i++)
        classes = Math.max(classes, dataOf(flat)[offsetOf(flat) + i]! + 1);
      if (flat.numel() === 0)
        throw new RangeError("oneHot() cannot find out numClasses from no indices; give it.");
    }
    const indices = checkedIndices("oneHot", input, classes);
    return indices.unsqueeze(-1).eq(arange(classes)).to("int64");
  },
);
