/** @file Choices by a condition: what is known within a branch, and factors that both branches have. */

import { where } from "../ops/arithmetic.ts";
import { sameShape } from "../tensor/shape.ts";
import { type Algebra, commonShape, isElementwise, numberOf } from "./algebra.ts";
import { costOf } from "./evaluate.ts";
import { type Application, type Expression, isCalled } from "./expression.ts";
import { factorsOf, type Product, productOf } from "./factors.ts";
import type { Rule } from "./rule.ts";

const OPPOSITES: Readonly<Record<string, string>> = { gt: "le", le: "gt", lt: "ge", ge: "lt" };

/** Whether one comparison holds exactly where another does not, for numbers. */
export function areOpposite(a: Expression, b: Expression): boolean {
  if (a.kind !== "application" || b.kind !== "application") return false;
  return (
    OPPOSITES[a.call.name] === b.call.name &&
    a.call.inputs.every((input, i) => {
      const other = b.call.inputs[i]!;
      return input === other || (numberOf(input) !== null && numberOf(input) === numberOf(other));
    })
  );
}

/** How deep a branch is looked into. */
const DEPTH = 6;

/** An elementwise expression where a condition is known to hold, or not to. */
function assuming(
  algebra: Algebra,
  e: Expression,
  condition: Expression,
  holds: boolean,
  depth = DEPTH,
): Expression {
  if (e.kind !== "application" || depth === 0) return e;
  const same = (x: Expression): boolean => sameShape(x.shape, e.shape) && x.dtype === e.dtype;
  if (isCalled(e, "where")) {
    const [c, a, b] = e.call.inputs as [Expression, Expression, Expression];
    const known = c === condition ? holds : areOpposite(c, condition) ? !holds : null;
    const chosen = known === null ? null : known ? a : b;
    if (chosen !== null && same(chosen)) return assuming(algebra, chosen, condition, holds, depth - 1);
  }
  const inside = withinBound(e, condition, holds);
  if (inside !== null && same(inside)) return inside;
  if (!isElementwise(e)) return e;
  const inputs = e.call.inputs.map(input =>
    sameShape(input.shape, e.shape) ? assuming(algebra, input, condition, holds, depth - 1) : input,
  );
  const again = algebra.again(e, inputs);
  return same(again) ? again : e;
}

/** max(x, c) where x > c, and min(x, c) where x < c, are x. */
function withinBound(e: Application, condition: Expression, holds: boolean): Expression | null {
  if (!isCalled(e, "clampMin", "clampMax", "relu") || condition.kind !== "application") return null;
  const [x, bound] = e.call.inputs as [Expression, Expression | undefined];
  const [left, right] = condition.call.inputs;
  const limit = bound === undefined ? boundOf(e) : numberOf(bound);
  if (left !== x || right === undefined || limit === null || numberOf(right) !== limit) return null;
  const above = ["gt", "ge"].includes(condition.call.name)
    ? holds
    : ["lt", "le"].includes(condition.call.name) && !holds;
  const below = ["lt", "le"].includes(condition.call.name)
    ? holds
    : ["gt", "ge"].includes(condition.call.name) && !holds;
  return (e.call.name === "clampMax" ? below : above) ? x! : null;
}

function boundOf(e: Application): number | null {
  if (e.call.name === "relu") return 0;
  return typeof e.call.params === "number" ? e.call.params : null;
}

/** Within a branch the condition is known: where(c, a, where(c, p, q)) = where(c, a, q). */
export const knownCondition: Rule = (e, algebra) => {
  if (!isCalled(e, "where")) return null;
  const [condition, a, b] = e.call.inputs as [Expression, Expression, Expression];
  const first = sameShape(a.shape, e.shape) ? assuming(algebra, a, condition, true) : a;
  const second = sameShape(b.shape, e.shape) ? assuming(algebra, b, condition, false) : b;
  return first === a && second === b ? null : algebra.again(e, [condition, first, second]);
};

/** where(c, u ⊙ a, u ⊙ b) = u ⊙ where(c, a, b). */
export const commonFactor: Rule = (e, algebra) => {
  if (!isCalled(e, "where")) return null;
  const [condition, a, b] = e.call.inputs as [Expression, Expression, Expression];
  if (numberOf(a) !== null || numberOf(b) !== null) return null;
  const [p, q] = [factorsOf(a), factorsOf(b)];
  const common = new Map<Expression, number>();
  for (const [base, exponent] of p.factors) {
    const other = q.factors.get(base) ?? 0;
    if (exponent > 0 && other > 0) common.set(base, Math.min(exponent, other));
  }
  if (common.size === 0) return null;
  const rest = ({ coefficient, factors }: typeof p): Expression => {
    const left = new Map(factors);
    for (const [base, exponent] of common) {
      const remaining = left.get(base)! - exponent;
      if (remaining === 0) left.delete(base);
      else left.set(base, remaining);
    }
    if (left.size === 0) return algebra.number(coefficient);
    return productOf(algebra, { coefficient, factors: left }, commonShape([...left.keys()]), e);
  };
  const chosen = algebra.run((c, x, y) => where(c, x, y), condition, rest(p), rest(q));
  const outside = productOf(algebra, { coefficient: 1, factors: common }, commonShape([...common.keys()]), e);
  const result = algebra.mul(outside, chosen);
  if (!sameShape(result.shape, e.shape) || result.dtype !== e.dtype) return null;
  return costOf([result]) < costOf([e]) ? result : null;
};

/** A term that is there on one side of a condition only, times what else it is multiplied by. */
export interface Branch {
  readonly condition: Expression;
  readonly holds: boolean;
  readonly value: Expression;
}

/** where(c, a, 0) ⊙ t as a ⊙ t where c holds; null for what is no such term. */
export function branchOf(algebra: Algebra, e: Expression): Branch | null {
  const direct = sideOf(e);
  if (direct !== null) return { ...direct, value: algebra.expanded(direct.value, e.shape) };
  if (!isCalled(e, "mul", "div")) return null;
  const { coefficient, factors } = factorsOf(e);
  for (const [base, exponent] of factors) {
    const side = exponent === 1 && sameShape(base.shape, e.shape) ? sideOf(base) : null;
    if (side === null) continue;
    const others = new Map(factors);
    others.delete(base);
    others.set(side.value, (others.get(side.value) ?? 0) + 1);
    return { ...side, value: productOf(algebra, { coefficient, factors: others }, e.shape, e) };
  }
  return null;
}

function sideOf(e: Expression): Branch | null {
  if (!isCalled(e, "where")) return null;
  const [condition, a, b] = e.call.inputs as [Expression, Expression, Expression];
  const holds = numberOf(b) === 0;
  if (holds === (numberOf(a) === 0)) return null;
  const value = holds ? a : b;
  return { condition, holds, value };
}

/** A term that is 0 on one side of a condition as factors, those that are finite for sure taken out of the choice. */
export function factorsOfBranch(algebra: Algebra, e: Expression): Product {
  const side = sideOf(e);
  if (side === null) return factorsOf(e);
  const { coefficient, factors } = factorsOf(side.value);
  const flows = (base: Expression): boolean => base.kind === "leaf" && base.role === "gradOutput";
  const out = new Map([...factors].filter(([base, exponent]) => flows(base) && exponent > 0));
  if (out.size === 0) return factorsOf(e);
  const inside = new Map([...factors].filter(([base]) => !out.has(base)));
  const rest =
    inside.size === 0
      ? algebra.number(1)
      : productOf(algebra, { coefficient: 1, factors: inside }, commonShape([...inside.keys()]), e);
  const choice = algebra.run((c, x) => (side.holds ? where(c, x, 0) : where(c, 0, x)), side.condition, rest);
  if (choice.dtype !== e.dtype) return factorsOf(e);
  return { coefficient, factors: new Map([...out, [choice, 1]]) };
}
