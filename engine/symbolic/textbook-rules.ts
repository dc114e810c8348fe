/**
 * @file Derivatives as textbooks have them, for operations whose own rule is made to hold where theirs divides by 0 or overflows.
 * Each is the same where both are finite; where an argument at hand is at such a place, the derivation is refused by its numbers.
 */

import "../ops/pointwise.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The vector–Jacobian product for the one input. */
type TextbookRule = (g: Tensor, x: Tensor, y: Tensor, params: unknown) => Tensor;

/** Σ over this place and all after it. */
function sumFromHere(t: Tensor, dim: number): Tensor {
  return t.flip(dim).cumsum(dim).flip(dim);
}

export const TEXTBOOK_RULES: Readonly<Record<string, TextbookRule>> = {
  /** ∂ ∏ x / ∂xᵢ = ∏ x / xᵢ. */
  prod: (g, x, y) => g.mul(y).unsqueeze(-1).div(x),
  /** Beyond its threshold softplus is x itself, and σ is 1 to nine digits. */
  softplus: (g, x, _y, params) => {
    const { beta } = params as { beta: number };
    return g.mul((beta === 1 ? x : x.mul(beta)).sigmoid());
  },
  cumprod: (g, x, y, dim) => sumFromHere(g.mul(y), dim as number).div(x),
  logcumsumexp: (g, x, y, dim) => sumFromHere(g.mul(y.neg().exp()), dim as number).mul(x.exp()),
};
