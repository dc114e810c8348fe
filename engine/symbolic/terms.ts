/** @file A sum as terms with coefficients and a number: 2a − b + 1. */

import type { Shape } from "../tensor/shape.ts";
import { type Algebra, coefficientOf, numberOf } from "./algebra.ts";
import type { Expression } from "./expression.ts";

export interface Sum {
  readonly number: number;
  /** In the order in which they are written. */
  readonly terms: ReadonlyMap<Expression, number>;
}

export function termsOf(e: Expression): Sum {
  let number = 0;
  const terms = new Map<Expression, number>();
  const collect = (part: Expression, times: number): void => {
    const { coefficient, rest } = coefficientOf(part);
    const c = times * coefficient;
    const value = numberOf(rest);
    if (value !== null && Number.isFinite(value)) {
      number += c * value;
      return;
    }
    if (rest.kind === "application" && (rest.call.name === "add" || rest.call.name === "sub")) {
      collect(rest.call.inputs[0]!, c);
      collect(rest.call.inputs[1]!, rest.call.name === "add" ? c : -c);
      return;
    }
    const total = (terms.get(rest) ?? 0) + c;
    if (total === 0) terms.delete(rest);
    else terms.set(rest, total);
  };
  collect(e, 1);
  return { number, terms };
}

/** The sum as an expression of a shape: a common factor in front, what is subtracted last. */
export function sumOf(algebra: Algebra, { number, terms }: Sum, shape: Shape, like: Expression): Expression {
  const list = [...terms];
  if (list.length === 0) return algebra.filled(number, like);
  const scale = commonScale([...list.map(([, c]) => c), ...(number === 0 ? [] : [number])]);
  const added = list.filter(([, c]) => c / scale > 0);
  const subtracted = list.filter(([, c]) => c / scale < 0);
  const constant = number / scale;
  const leads = constant > 0 && added.length === 0;
  let result: Expression | null = leads ? algebra.number(constant) : null;
  for (const [e, c] of added) {
    const term = algebra.scaled(c / scale, e);
    result = result === null ? term : algebra.add(result, term);
  }
  for (const [e, c] of subtracted) {
    const term = algebra.scaled(-c / scale, e);
    result = result === null ? algebra.neg(term) : algebra.sub(result, term);
  }
  if (constant > 0 && !leads) result = algebra.add(result!, algebra.number(constant));
  if (constant < 0) result = algebra.sub(result!, algebra.number(-constant));
  const whole = algebra.scaled(scale, result!);
  return algebra.fitted(whole, shape);
}

/** What all coefficients have in common: their size where it is one, and the sign where all are negative. */
function commonScale(coefficients: readonly number[]): number {
  const size = Math.abs(coefficients[0]!);
  const common = coefficients.length > 1 && coefficients.every(c => Math.abs(c) === size) ? size : 1;
  return coefficients.every(c => c < 0) ? -common : common;
}
