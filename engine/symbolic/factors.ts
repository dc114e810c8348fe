/** @file An elementwise product as a number and factors with exponents: g ⊙ x · 2 / √y is 2, g¹, x¹, y^−½. */

import type { Shape } from "../tensor/shape.ts";
import { type Algebra, numberOf } from "./algebra.ts";
import { type Expression, isCalled } from "./expression.ts";

export interface Product {
  readonly coefficient: number;
  /** In the order in which they are written. */
  readonly factors: ReadonlyMap<Expression, number>;
}

/**
 * What an elementwise product is made of. Roots and other broken powers are taken as they are, since √(x²) is not x.
 * @param isWhole what is not to be taken apart
 */
export function factorsOf(e: Expression, isWhole: (part: Expression) => boolean = () => false): Product {
  let coefficient = 1;
  const factors = new Map<Expression, number>();
  const multiply = (base: Expression, exponent: number): void => {
    const total = (factors.get(base) ?? 0) + exponent;
    if (total === 0) factors.delete(base);
    else factors.set(base, total);
  };
  const collect = (part: Expression, exponent: number): void => {
    const value = numberOf(part);
    const step = part.dtype === e.dtype && !isWhole(part) ? stepInto(part) : null;
    if (value !== null && Number.isFinite(value) && value !== 0) coefficient *= value ** exponent;
    else if (step === null) multiply(part, exponent);
    else {
      if (step.negative && exponent % 2 !== 0) coefficient = -coefficient;
      for (const [base, power] of step.whole) collect(base, exponent * power);
      for (const [base, power] of step.broken) multiply(base, exponent * power);
    }
  };
  collect(e, 1);
  return { coefficient, factors };
}

interface Step {
  readonly negative?: boolean;
  /** Factors with whole exponents, which may be products themselves. */
  readonly whole: readonly (readonly [Expression, number])[];
  readonly broken: readonly (readonly [Expression, number])[];
}

/** One operation of a product taken apart; null for any other. */
function stepInto(e: Expression): Step | null {
  if (e.kind !== "application") return null;
  const [a, b] = e.call.inputs as [Expression, Expression];
  const whole = (...factors: [Expression, number][]): Step => ({ whole: factors, broken: [] });
  switch (e.call.name) {
    case "mul":
      return whole([a, 1], [b, 1]);
    case "div":
      return whole([a, 1], [b, -1]);
    case "neg":
      return { negative: true, ...whole([a, 1]) };
    case "square":
      return whole([a, 2]);
    case "reciprocal":
      return whole([a, -1]);
    case "sqrt":
      return { whole: [], broken: [[a, 1 / 2]] };
    case "rsqrt":
      return { whole: [], broken: [[a, -1 / 2]] };
    case "pow": {
      const power = numberOf(b);
      if (power === null || power === 0) return null;
      return Number.isInteger(power) ? whole([a, power]) : { whole: [], broken: [[a, power]] };
    }
    default:
      return null;
  }
}

/** The product as an expression of a shape. */
export function productOf(
  algebra: Algebra,
  { coefficient, factors }: Product,
  shape: Shape,
  like: Expression,
): Expression {
  if (coefficient === 0) return algebra.filled(0, like);
  const sorted = [...factors].sort(([a, p], [b, q]) => rankOf(a, p) - rankOf(b, q));
  const above = sorted.filter(([, exponent]) => exponent > 0);
  const below = sorted.filter(([, exponent]) => exponent < 0);
  const times = (parts: readonly (readonly [Expression, number])[], sign: number): Expression | null =>
    parts
      .map(([base, exponent]) => algebra.power(base, sign * exponent))
      .reduce<Expression | null>((a, b) => (a === null ? b : algebra.mul(a, b)), null);
  const numerator = times(above, 1);
  const denominator = times(below, -1);
  let result: Expression;
  if (numerator === null && denominator === null) return algebra.filled(coefficient, like);
  if (numerator === null) {
    result = algebra.div(algebra.number(Math.abs(coefficient)), denominator!);
    if (coefficient < 0) result = algebra.neg(result);
  } else {
    const quotient = denominator === null ? numerator : algebra.div(numerator, denominator);
    result = algebra.scaled(coefficient, quotient);
  }
  return algebra.fitted(result, shape);
}

/** What flows back comes first, then what is at hand, then what is computed. */
function rankOf(e: Expression, exponent: number): number {
  if (e.kind === "leaf") return e.role === "gradOutput" ? 0 : 2;
  if (isCalled(e, "add", "sub")) return 5;
  return holdsGradOutput(e) ? 1 : exponent === 1 ? 4 : 3;
}

const known = new WeakMap<Expression, boolean>();

/** Whether something that flows back is part of it. */
export function holdsGradOutput(e: Expression): boolean {
  if (e.kind !== "application") return e.kind === "leaf" && e.role === "gradOutput";
  let holds = known.get(e);
  if (holds === undefined) {
    holds = e.call.inputs.some(holdsGradOutput);
    known.set(e, holds);
  }
  return holds;
}
