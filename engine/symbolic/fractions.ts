/** @file Sums in which a fraction meets a number or another fraction, where one fraction is simpler. */

import { type Algebra, commonShape } from "./algebra.ts";
import { type Expression, isCalled } from "./expression.ts";
import { factorsOf, type Product, productOf } from "./factors.ts";
import { type Sum, termsOf } from "./terms.ts";

interface Term {
  readonly e: Expression;
  readonly times: number;
  readonly factors: ReadonlyMap<Expression, number>;
}

/** The terms with two of them put together; null where no two simplify. */
export function fewerFractions({ number, terms }: Sum, e: Expression, algebra: Algebra): Sum | null {
  const list = [...terms].map(([term, c]): Term => {
    const { coefficient, factors } = factorsOf(term);
    return { e: term, times: c * coefficient, factors };
  });
  const nothing: ReadonlyMap<Expression, number> = new Map();
  const withNumber = number === 0 ? list : [...list, { e, times: number, factors: nothing }];
  for (const first of withNumber) {
    for (const second of withNumber) {
      if (first === second) continue;
      const together =
        overSum(first, second) ?? overBoth(first, second) ?? hyperbolic(first, second, algebra);
      if (together === null) continue;
      const shape = commonShape([...together.factors.keys()]);
      const put = productOf(algebra, { coefficient: 1, factors: together.factors }, shape, e);
      const left = new Map([...terms].filter(([term]) => term !== first.e && term !== second.e));
      left.set(put, (left.get(put) ?? 0) + together.coefficient);
      return { number: first.e === e || second.e === e ? 0 : number, terms: left };
    }
  }
  return null;
}

/** Without the factors of another; null where it has not all of them. */
function quotientOf(
  factors: ReadonlyMap<Expression, number>,
  by: ReadonlyMap<Expression, number>,
): Map<Expression, number> {
  const rest = new Map(factors);
  for (const [base, exponent] of by) {
    const left = (rest.get(base) ?? 0) - exponent;
    if (left === 0) rest.delete(base);
    else rest.set(base, left);
  }
  return rest;
}

/** a F + b F P / T = F (a T + b P) / T, where T is a sum of which P is a part and nothing but a number or one term is left. */
function overSum(first: Term, second: Term): Product | null {
  const ratio = quotientOf(second.factors, first.factors);
  if (ratio.size !== 2) return null;
  const [T] = [...ratio].find(([base, exponent]) => exponent === -1 && isCalled(base, "add", "sub")) ?? [
    null,
  ];
  const [P] = [...ratio].find(([, exponent]) => exponent === 1) ?? [null];
  if (T === null || P === null) return null;
  const { number, terms } = termsOf(T);
  const part = terms.get(P);
  if (part === undefined || first.times * part + second.times !== 0) return null;
  const left = [...terms].filter(([term]) => term !== P);
  const factors = new Map(first.factors);
  factors.set(T, (factors.get(T) ?? 0) - 1);
  if (factors.get(T) === 0) factors.delete(T);
  if (left.length === 0) return { coefficient: first.times * number, factors };
  if (left.length > 1 || number !== 0) return null;
  const [[only, c]] = left as [[Expression, number]];
  factors.set(only, (factors.get(only) ?? 0) + 1);
  return { coefficient: first.times * c, factors };
}

/** a F / p + b F / q = F (a q + b p) / (p q), where a q + b p is a number. */
function overBoth(first: Term, second: Term): Product | null {
  const ratio = quotientOf(second.factors, first.factors);
  if (ratio.size !== 2) return null;
  const isSum = ([base]: readonly [Expression, number]): boolean => isCalled(base, "add", "sub");
  const [p] = [...ratio].find(entry => entry[1] === 1 && isSum(entry)) ?? [null];
  const [q] = [...ratio].find(entry => entry[1] === -1 && isSum(entry)) ?? [null];
  if (p === null || q === null || (first.factors.get(p) ?? 0) >= 0) return null;
  const [above, below] = [termsOf(q), termsOf(p)];
  const bases = new Set([...above.terms.keys(), ...below.terms.keys()]);
  const gone = [...bases].every(
    base => first.times * (above.terms.get(base) ?? 0) + second.times * (below.terms.get(base) ?? 0) === 0,
  );
  if (!gone) return null;
  const factors = new Map(first.factors);
  factors.set(q, (factors.get(q) ?? 0) - 1);
  return { coefficient: first.times * above.number + second.times * below.number, factors };
}

/** 1 − 2 σ(x) = −tanh(x / 2). */
function hyperbolic(first: Term, second: Term, algebra: Algebra): Product | null {
  const ratio = [...quotientOf(second.factors, first.factors)];
  const [only] = ratio;
  if (ratio.length !== 1 || only![1] !== 1 || !isCalled(only![0], "sigmoid")) return null;
  if (second.times !== -2 * first.times) return null;
  const half = algebra.scaled(-0.5, only![0].call.inputs[0]!);
  const factors = new Map(first.factors);
  factors.set(
    algebra.run(x => x.tanh(), half),
    1,
  );
  return { coefficient: first.times, factors };
}
