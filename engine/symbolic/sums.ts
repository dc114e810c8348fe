/** @file Sums: equal terms collected, what cancels gone, common factors in front where that is cheaper. */

import { where } from "../ops/arithmetic.ts";
import { numelOf, sameShape } from "../tensor/shape.ts";
import { type Algebra, commonShape } from "./algebra.ts";
import { areOpposite, branchOf, factorsOfBranch } from "./branches.ts";
import { costOf } from "./evaluate.ts";
import { type Expression, isCalled } from "./expression.ts";
import { factorsOf, type Product, productOf } from "./factors.ts";
import { fewerFractions } from "./fractions.ts";
import { joinedParts } from "./linear.ts";
import { chainOf } from "./matrix-products.ts";
import type { Rule } from "./rule.ts";
import { type Sum, sumOf, termsOf } from "./terms.ts";

/** Any sum in its canonical form. */
export const sum: Rule = (e, algebra) => {
  if (!isCalled(e, "add", "sub") || (e.dtype !== "float64" && e.dtype !== "float32")) return null;
  const terms = termsOf(e);
  if (terms.number === 0) {
    const joined = joinedParts(algebra, terms.terms);
    if (joined !== null && sameShape(joined.shape, e.shape)) return joined;
  }
  const inside = withoutReshape(terms, algebra);
  if (inside !== null) return algebra.reshaped(inside, e.shape);
  const branches = joinedBranches(terms, e, algebra);
  if (branches !== null) return branches;
  const fractions = fewerFractions(terms, e, algebra);
  if (fractions !== null) {
    const simpler = sumOf(algebra, fractions, e.shape, e);
    if (simpler.dtype === e.dtype) return simpler;
  }
  const whole = sumOf(algebra, terms, e.shape, e);
  if (whole.dtype !== e.dtype) return null;
  const factored = factorOut(terms, e, algebra) ?? factorOutMatrix(terms, e, algebra);
  if (factored !== null) {
    const given = partsOf(terms);
    if (costOf([factored], given) < costOf([whole], given)) return factored;
  }
  return whole === e ? null : whole;
};

/** Matrix products that were all brought to the shape of a vector are added up before. */
function withoutReshape({ number, terms }: Sum, algebra: Algebra): Expression | null {
  const list = [...terms];
  if (number !== 0 || list.length < 2) return null;
  const inner = list.map(([term, c]) => {
    const { out, rest } = numbersOut(algebra, term);
    return isCalled(rest, "reshape") && isCalled(rest.call.inputs[0]!, "matmul")
      ? { x: rest.call.inputs[0], out, c }
      : null;
  });
  const [first] = inner;
  if (first === null || first === undefined) return null;
  const scaled: Expression[] = [];
  for (const part of inner) {
    if (part === null || !sameShape(part.x.shape, first.x.shape)) return null;
    const { x, out, c } = part;
    scaled.push(algebra.scaled(c, out === null ? x : algebra.mul(out, x)));
  }
  return scaled.reduce((a, b) => algebra.add(a, b));
}

/** A product's factors of one element, and the one factor that it has beside them. */
function numbersOut(algebra: Algebra, e: Expression): { out: Expression | null; rest: Expression } {
  const { coefficient, factors } = factorsOf(e);
  const big = [...factors].filter(([f]) => numelOf(f.shape) > 1);
  const [only] = big;
  if (big.length !== 1 || only![1] !== 1 || factors.size === 1) return { out: null, rest: e };
  const numbers = new Map([...factors].filter(([f]) => f !== only![0]));
  return { out: productOf(algebra, { coefficient, factors: numbers }, [], e), rest: only![0] };
}

/** where(c, a, 0) + where(c, 0, b) = where(c, a, b). */
function joinedBranches({ number, terms }: Sum, e: Expression, algebra: Algebra): Expression | null {
  const branches = [...terms].flatMap(([term, c]) => {
    const branch = branchOf(algebra, term);
    return branch === null ? [] : [{ term, ...branch, value: algebra.scaled(c, branch.value) }];
  });
  for (const first of branches) {
    if (!first.holds) continue;
    for (const second of branches) {
      const other =
        second.condition === first.condition
          ? !second.holds
          : areOpposite(first.condition, second.condition) && second.holds;
      if (!other || !sameShape(first.term.shape, second.term.shape)) continue;
      const together = algebra.run(
        (holds, x, y) => where(holds, x, y),
        first.condition,
        first.value,
        second.value,
      );
      if (!sameShape(together.shape, first.term.shape) || together.dtype !== e.dtype) continue;
      const others = [...terms].filter(([term]) => term !== first.term && term !== second.term);
      return sumOf(algebra, { number, terms: new Map([[together, 1], ...others]) }, e.shape, e);
    }
  }
  return null;
}

/** What the terms are made of, however they are put together. */
function partsOf({ terms }: Sum): ReadonlySet<Expression> {
  const parts = new Set<Expression>();
  for (const term of terms.keys()) {
    if (isCalled(term, "matmul")) for (const factor of matricesOf(term)) parts.add(factor);
    else for (const base of factorsOf(term).factors.keys()) if (base !== term) parts.add(base);
  }
  return parts;
}

/** a ⊙ b + a ⊙ c = a ⊙ (b + c): for the terms that share the factor that most have, all that they share. */
function factorOut({ number, terms }: Sum, e: Expression, algebra: Algebra): Expression | null {
  const products = [...terms].map(([term, c]) => ({ term, c, product: factorsWithin(algebra, term) }));
  const counts = new Map<string, { base: Expression; sign: number; count: number }>();
  for (const { product } of products) {
    for (const [base, exponent] of product.factors) {
      const key = `${base.id}${exponent > 0}`;
      const entry = counts.get(key) ?? { base, sign: Math.sign(exponent), count: 0 };
      entry.count++;
      counts.set(key, entry);
    }
  }
  const best = [...counts.values()].sort((a, b) => b.count - a.count)[0];
  if (best === undefined || best.count < 2) return null;
  const has = ({ product }: (typeof products)[number]): boolean =>
    (product.factors.get(best.base) ?? 0) * best.sign > 0;
  const sharing = products.filter(has);
  const common = sharedBy(sharing.map(({ product }) => product.factors));
  const inner = new Map<Expression, number>();
  let alone = 0;
  for (const { term, c, product } of sharing) {
    const factors = new Map(product.factors);
    for (const [base, exponent] of common) {
      const left = factors.get(base)! - exponent;
      if (left === 0) factors.delete(base);
      else factors.set(base, left);
    }
    if (factors.size === 0) {
      alone += c * product.coefficient;
      continue;
    }
    const shape = commonShape([...factors.keys()]);
    const rest = productOf(algebra, { coefficient: 1, factors }, shape, term);
    inner.set(rest, (inner.get(rest) ?? 0) + c * product.coefficient);
  }
  const like = [...inner.keys()][0];
  if (like === undefined) return null;
  const bracket = sumOf(algebra, { number: alone, terms: inner }, commonShape([...inner.keys()]), like);
  const shape = commonShape([bracket, ...common.keys()]);
  const { coefficient, factors } = factorsOf(bracket);
  const all = new Map(common);
  for (const [base, exponent] of factors) all.set(base, (all.get(base) ?? 0) + exponent);
  const together = productOf(algebra, { coefficient, factors: all }, shape, e);
  const others = products.filter(p => !has(p));
  if (others.length === 0 && number === 0) {
    return algebra.fitted(together, e.shape);
  }
  const rest = others.map(({ term, c }) => [term, c] as const);
  return sumOf(algebra, { number, terms: new Map([[together, 1], ...rest]) }, e.shape, e);
}

/** The factors of a term, those of a choice's one side and of what was only given dimensions for broadcasting included. */
function factorsWithin(algebra: Algebra, term: Expression): Product {
  const { coefficient, factors } = factorsOfBranch(algebra, term);
  const found = new Map<Expression, number>();
  let times = coefficient;
  for (const [base, exponent] of factors) {
    const inner = isCalled(base, "reshape") && isCalled(base.call.inputs[0]!, "mul", "div", "reciprocal");
    const [whole] = inner ? base.call.inputs : [null];
    const product = whole === null || whole === undefined ? null : factorsOf(whole);
    const reshapes =
      product !== null && [...product.factors.keys()].every(f => sameShape(f.shape, whole!.shape));
    if (product === null || !reshapes) {
      found.set(base, (found.get(base) ?? 0) + exponent);
      continue;
    }
    times *= product.coefficient ** exponent;
    for (const [f, power] of product.factors) {
      const part = algebra.reshaped(f, base.shape);
      found.set(part, (found.get(part) ?? 0) + power * exponent);
    }
  }
  return { coefficient: times, factors: found };
}

/** Factors that all have, with the exponents that all have of them. */
function sharedBy(all: readonly ReadonlyMap<Expression, number>[]): Map<Expression, number> {
  const [first, ...others] = all;
  const shared = new Map<Expression, number>();
  for (const [base, exponent] of first!) {
    const exponents = [exponent, ...others.map(factors => factors.get(base) ?? 0)];
    const sign = Math.sign(exponent);
    if (exponents.every(p => p * sign > 0)) shared.set(base, sign * Math.min(...exponents.map(Math.abs)));
  }
  return shared;
}

/** A B + A C = A (B + C), and B A + C A = (B + C) A, where A is the first or the last factor of both chains. */
function factorOutMatrix({ number, terms }: Sum, e: Expression, algebra: Algebra): Expression | null {
  const list = [...terms].map(([term, c]) => ({ term, c, factors: matricesOf(term) }));
  for (let i = 0; i < list.length; i++) {
    for (let j = i + 1; j < list.length; j++) {
      const together = joinedProducts(algebra, list[i]!, list[j]!);
      if (together === null) continue;
      const others = list.filter((_, k) => k !== i && k !== j).map(({ term, c }) => [term, c] as const);
      return sumOf(algebra, { number, terms: new Map([[together, 1], ...others]) }, e.shape, e);
    }
  }
  return null;
}

interface MatrixTerm {
  readonly c: number;
  readonly factors: readonly Expression[];
}

function joinedProducts(algebra: Algebra, first: MatrixTerm, second: MatrixTerm): Expression | null {
  const [a, b] = [first.factors, second.factors];
  if (a.length < 2 || b.length < 2) return null;
  const added = (left: readonly Expression[], right: readonly Expression[]): Expression | null => {
    const [x, y] = [left, right].map(factors => factors.reduce((A, B) => algebra.matmul(A, B)));
    if (!sameShape(x!.shape, y!.shape)) return null;
    const both = new Map([[x!, first.c] as const, [y!, second.c] as const]);
    return both.size < 2 ? null : sumOf(algebra, { number: 0, terms: both }, x!.shape, x!);
  };
  if (a[0] === b[0]) {
    const rest = added(a.slice(1), b.slice(1));
    if (rest !== null) return algebra.matmul(a[0]!, rest);
  }
  if (a.at(-1) !== b.at(-1)) return null;
  const rest = added(a.slice(0, -1), b.slice(0, -1));
  return rest === null ? null : algebra.matmul(rest, b.at(-1)!);
}

/** The factors of a matrix product; none of what is no such product. */
function matricesOf(e: Expression): readonly Expression[] {
  if (!isCalled(e, "matmul")) return [];
  const factors = e.shape.length < 2 ? [] : chainOf(e, e.shape.slice(0, -2));
  return factors.length < 2 ? e.call.inputs : factors;
}
