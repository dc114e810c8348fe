/** @file Attention: averages of values, weighted by how well keys answer queries. */

import { where } from "../ops/arithmetic.ts";
import { checked } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { softmax } from "../ops/softmax.ts";
import { ones } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { dropout } from "./dropout.ts";

export interface AttentionOptions {
  /** bool: true where a query may see a key. Floating-point: added to the scores. */
  attnMask?: Tensor | null;
  dropoutP?: number;
  /** Query i sees keys 0 … i only. */
  isCausal?: boolean;
  /** Of the scores; 1 / √E where none is given. */
  scale?: number | null;
  /** Lets several heads of queries share one of keys and values. */
  enableGqa?: boolean;
}

export interface ScaledDotProductAttention {
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask?: Tensor | null,
    dropoutP?: number,
    isCausal?: boolean,
    scale?: number | null,
    enableGqa?: boolean,
  ): Tensor;
  (query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Tensor;
}

/**
 * softmax(scale · q kᵀ + mask) v: queries (…, L, E), keys (…, S, E) and values (…, S, Eᵥ) to (…, L, Eᵥ). A query that may see
 * no key at all gets 0.
 * Source: A. Vaswani et al., "Attention is all you need" (2017).
 */
export const scaledDotProductAttention: ScaledDotProductAttention = keywords(
  "scaledDotProductAttention",
  ["query", "key", "value", "attnMask", "dropoutP", "isCausal", "scale", "enableGqa"],
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask: Tensor | null = null,
    dropoutP = 0,
    isCausal = false,
    scale: number | null = null,
    enableGqa = false,
  ) => {
    const name = "scaledDotProductAttention";
    const all = [query, key, value].map(t => checked(name, t, true));
    if (all.some(t => t.ndim < 2) || query.size(-1) !== key.size(-1) || key.size(-2) !== value.size(-2)) {
      throw new RangeError(
        `${name}() expected queries (…, L, E), keys (…, S, E) and values (…, S, Ev), got ` +
          `${all.map(t => formatShape(shapeOf(t))).join(", ")}.`,
      );
    }
    if (isCausal && attnMask !== null) throw new TypeError(`${name}() takes either attnMask or isCausal.`);
    const [k, v] = enableGqa ? [key, value].map(t => repeatedHeads(name, t, query)) : [key, value];
    const scores = matmul(query, k!.mT).mul(scale ?? 1 / Math.sqrt(query.size(-1)));
    const mask = isCausal
      ? ones([query.size(-2), key.size(-2)])
          .tril()
          .to("bool")
      : attnMask === null
        ? null
        : checked(name, attnMask);
    const weights = mask === null ? softmax(scores, -1) : maskedSoftmax(scores, mask);
    return matmul(dropoutP > 0 ? dropout(weights, dropoutP) : weights, v!);
  },
);

/** Over the keys that the mask leaves; 0 for a query that it leaves none. */
function maskedSoftmax(scores: Tensor, mask: Tensor): Tensor {
  const masked = mask.dtype === "bool" ? where(mask, scores, -Infinity) : scores.add(mask);
  const blind = masked.eq(-Infinity).all(-1, true);
  return where(blind, 0, softmax(where(blind, 0, masked), -1));
}

/** Each head of keys or values as often as there are heads of queries for it. */
function repeatedHeads(name: string, t: Tensor, query: Tensor): Tensor {
  const [heads, wanted] = [t.ndim < 3 ? 0 : t.size(-3), query.ndim < 3 ? 0 : query.size(-3)];
  if (heads === 0 || wanted % heads !== 0) {
    throw new RangeError(
      `${name}() with enableGqa expected a multiple of the ${heads} heads of keys and values, got ${wanted} heads of queries.`,
    );
  }
  const shape = shapeOf(t);
  const [batch, rest] = [shape.slice(0, -3), shape.slice(-2)];
  const spread = t.unsqueeze(-3).expand([...batch, heads, wanted / heads, ...rest]);
  return spread.reshape([...batch, wanted, ...rest]);
}
