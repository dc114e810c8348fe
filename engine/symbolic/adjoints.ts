/** @file Identities between a function and what its derivative is written in, to the textbook's form. */

import { det } from "../ops/linalg-determinant.ts";
import { inv } from "../ops/linalg-solve.ts";
import { sameShape } from "../tensor/shape.ts";
import { type Algebra, coefficientOf, numberOf } from "./algebra.ts";
import { type Application, type Expression, isCalled } from "./expression.ts";
import { factorsOf, productOf } from "./factors.ts";
import type { Rule } from "./rule.ts";
import { sumOf, termsOf } from "./terms.ts";

/** The cofactors of an invertible matrix: det A · A⁻ᵀ. */
export const cofactors: Rule = (e, algebra) => {
  if (!isCalled(e, "cofactors")) return null;
  const A = e.call.inputs[0]!;
  const scale = algebra.run(X => det(X).reshape([...X.shape.slice(0, -2), 1, 1]), A);
  return algebra.mul(
    scale,
    algebra.run(X => inv(X).mT, A),
  );
};

/** relu(x) is 0 already where it would be set to 0. */
export const rectified: Rule = e => {
  if (!isCalled(e, "where")) return null;
  const [condition, a, b] = e.call.inputs as [Expression, Expression, Expression];
  if (!isCalled(condition, "le") || numberOf(condition.call.inputs[1]!) !== 0 || numberOf(a) !== 0)
    return null;
  const x = condition.call.inputs[0];
  const held = [...factorsOf(b).factors].some(
    ([f, p]) => p > 0 && isCalled(f, "relu") && f.call.inputs[0] === x,
  );
  return held && sameShape(b.shape, e.shape) ? b : null;
};

/** Functions with f(−x) = −f(x). */
const ODD: ReadonlySet<string> = new Set(["tanh", "sinh", "sin", "tan", "atan", "asinh", "erf"]);

/** |x| sign(x) = x, x sign(x) = |x|, and f(a |x|) sign(x) = f(a x) for an odd f. */
export const absolute: Rule = (e, algebra) => {
  if (!isCalled(e, "mul", "div")) return null;
  const { coefficient, factors } = factorsOf(e);
  for (const [base, exponent] of factors) {
    if (!isCalled(base, "sign") || exponent !== 1) continue;
    const x = base.call.inputs[0]!;
    for (const [other, power] of factors) {
      if (power !== 1 || other === base) continue;
      const together = signed(algebra, x, other);
      if (together === null) continue;
      const rest = new Map([...factors].filter(([f]) => f !== base && f !== other));
      rest.set(together, (rest.get(together) ?? 0) + 1);
      return productOf(algebra, { coefficient, factors: rest }, e.shape, e);
    }
  }
  return null;
};

/** sign(x) ⊙ f without a sign; null where there is no simpler form. */
function signed(algebra: Algebra, x: Expression, f: Expression): Expression | null {
  if (f === x) return algebra.run(t => t.abs(), x);
  if (isCalled(f, "abs") && f.call.inputs[0] === x) return x;
  if (f.kind !== "application" || !ODD.has(f.call.name)) return null;
  const { coefficient, rest } = coefficientOf(f.call.inputs[0]!);
  const isOfSize = isCalled(rest, "abs") && rest.call.inputs[0] === x;
  return isOfSize ? algebra.again(f, [algebra.scaled(coefficient, x)]) : null;
}

/** eˣ − 1 + 1 = eˣ. */
export const exponentialOfLess: Rule = (e, algebra) => {
  if (!isCalled(e, "add", "sub")) return null;
  const { number, terms } = termsOf(e);
  const found = [...terms].find(([term, c]) => isCalled(term, "expm1") && c === number);
  if (found === undefined) return null;
  const [term, c] = found;
  const left = new Map([...terms].filter(([other]) => other !== term));
  left.set(
    algebra.run(x => x.exp(), (term as Application).call.inputs[0]!),
    c,
  );
  return sumOf(algebra, { number: 0, terms: left }, e.shape, e);
};

/** exp(log x) = x, log(exp x) = x. */
export const undone: Rule = e => {
  const [x] = e.call.inputs as [Expression];
  if (isCalled(e, "log") && isCalled(x, "exp")) return x.call.inputs[0]!;
  if (isCalled(e, "exp") && isCalled(x, "log")) return x.call.inputs[0]!;
  return null;
};

/** exp(x − log Σ exp x) is softmax, exp(log softmax) too. */
export const exponential: Rule = (e, algebra) => {
  const [x] = e.call.inputs as [Expression];
  if (!isCalled(e, "exp") || !isCalled(x, "logSoftmax")) return null;
  return algebra.run(t => t.softmax(x.call.params as number), x.call.inputs[0]!);
};

/** (A⁻¹)⁻¹ = A; an upper triangle of an upper triangle. */
export const idempotent: Rule = e => {
  const [x] = e.call.inputs as [Expression];
  if (isCalled(e, "inv") && isCalled(x, "inv")) return x.call.inputs[0]!;
  if (!isCalled(e, "triangle") || !isCalled(x, "triangle")) return null;
  return JSON.stringify(e.call.params) === JSON.stringify(x.call.params) ? x : null;
};

/** cos, sin and the like of −x. */
export const parity: Rule = (e, algebra) => {
  if (!isCalled(e, "cos", "cosh", "abs", "square")) return null;
  const [x] = e.call.inputs as [Expression];
  return isCalled(x, "neg") && numberOf(x) === null ? algebra.again(e, [x.call.inputs[0]!]) : null;
};
