/** @file Elementwise products: numbers in front, equal factors to one power, what cancels gone. */

import { sameShape } from "../tensor/shape.ts";
import { numberOf } from "./algebra.ts";
import { isCalled } from "./expression.ts";
import { factorsOf, productOf } from "./factors.ts";
import type { Rule } from "./rule.ts";

const PRODUCTS: ReadonlySet<string> = new Set([
  "mul",
  "div",
  "neg",
  "square",
  "reciprocal",
  "sqrt",
  "rsqrt",
  "pow",
]);

/** Any product in its canonical form. */
export const product: Rule = (e, algebra) => {
  if (!PRODUCTS.has(e.call.name) || (e.dtype !== "float64" && e.dtype !== "float32")) return null;
  if (e.call.inputs.some(input => numberOf(input) === 0) && e.call.name === "mul")
    return algebra.filled(0, e);
  if (e.call.name === "div" && numberOf(e.call.inputs[0]!) === 0) return algebra.filled(0, e);
  const result = productOf(algebra, factorsOf(e), e.shape, e);
  return result === e || result.dtype !== e.dtype ? null : result;
};

/** x⁰ = 1. */
export const zerothPower: Rule = (e, algebra) =>
  e.call.name === "pow" && numberOf(e.call.inputs[1]!) === 0 ? algebra.filled(1, e) : null;

/** where: a condition that is known, and branches that are the same. */
export const choice: Rule = (e, algebra) => {
  if (e.call.name !== "where") return null;
  const [condition, a, b] = e.call.inputs as [typeof e, typeof e, typeof e];
  const known = numberOf(condition);
  // Where the branch is NaN there is no value to speak of.
  const defined = Number.isNaN(numberOf(a)) ? b : Number.isNaN(numberOf(b)) ? a : null;
  const chosen = known !== null ? (known !== 0 ? a : b) : a === b ? a : defined;
  if (chosen !== null && chosen.dtype === e.dtype) {
    return algebra.fitted(chosen, e.shape);
  }
  if (isCalled(condition, "logicalNot") && condition.call.inputs[0]!.dtype === "bool") {
    return algebra.again(e, [condition.call.inputs[0]!, b, a]);
  }
  return guarded(e, algebra);
};

/** where(y = ±∞, 0, y) guards against ∞ − ∞; for numbers it is y. */
const guarded: Rule = e => {
  const [condition, a, b] = e.call.inputs as [typeof e, typeof e, typeof e];
  if (condition.kind !== "application" || condition.call.name !== "eq" || numberOf(a) !== 0) return null;
  const [y, infinity] = condition.call.inputs;
  const value = numberOf(infinity!);
  return y === b && value !== null && Math.abs(value) === Infinity && sameShape(b.shape, e.shape) ? b : null;
};

/** A conversion to the dtype that is there. */
export const conversion: Rule = e =>
  (e.call.name === "to" && e.call.inputs[0]!.dtype === e.dtype) || e.call.name === "clone"
    ? e.call.inputs[0]!
    : null;
