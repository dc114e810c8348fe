/** @file Functions that are written out in simpler ones, told by their form: softmax, its logarithm, log Σ exp, sigmoid. */

import type { Axes } from "../ops/axes.ts";
import { logsumexp } from "../ops/reduction.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import "../ops/softmax.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Algebra } from "./algebra.ts";
import { type Expression, isCalled } from "./expression.ts";
import { factorsOf, productOf } from "./factors.ts";
import type { Rule } from "./rule.ts";
import { termsOf } from "./terms.ts";

/** Whether a broadcast term is the same all along some dimensions of a shape. */
function constantAlong(e: Expression, dims: readonly number[], rank: number): boolean {
  return dims.every(d => (e.shape[d - rank + e.shape.length] ?? 1) === 1);
}

/** Without the terms that are the same along the dimensions: softmax does not see them. */
function unshifted(
  algebra: Algebra,
  u: Expression,
  dims: readonly number[],
): { moved: Expression; shift: Expression | null } {
  if (!isCalled(u, "add", "sub")) return { moved: u, shift: null };
  const [a, b] = u.call.inputs as [Expression, Expression];
  const rank = u.shape.length;
  if (sameShape(a.shape, u.shape) && !constantAlong(a, dims, rank) && constantAlong(b, dims, rank)) {
    const inner = unshifted(algebra, a, dims);
    const own = u.call.name === "add" ? b : algebra.neg(b);
    return { moved: inner.moved, shift: inner.shift === null ? own : algebra.add(inner.shift, own) };
  }
  if (
    u.call.name === "add" &&
    sameShape(b.shape, u.shape) &&
    !constantAlong(b, dims, rank) &&
    constantAlong(a, dims, rank)
  ) {
    const inner = unshifted(algebra, b, dims);
    return { moved: inner.moved, shift: inner.shift === null ? a : algebra.add(inner.shift, a) };
  }
  return { moved: u, shift: null };
}

/** exp(u) / Σ exp(u) along one dimension. */
export const softmaxIdiom: Rule = (e, algebra) => {
  if (!isCalled(e, "div")) return null;
  const [above, below] = e.call.inputs as [Expression, Expression];
  if (!isCalled(above, "exp") || !isCalled(below, "sum") || below.call.inputs[0] !== above) return null;
  const { dims, keepdim } = below.call.params as Axes;
  if (dims.length !== 1 || !(keepdim || above.shape.length === 1)) return null;
  const { moved } = unshifted(algebra, above.call.inputs[0]!, dims);
  return algebra.run(x => softmax(x, dims[0]!), moved);
};

/** log Σ exp(u), whatever was taken out of u first. */
export const logSumExpIdiom: Rule = (e, algebra) => {
  if (!isCalled(e, "log")) return null;
  const [total] = e.call.inputs as [Expression];
  if (!isCalled(total, "sum")) return null;
  const [power] = total.call.inputs as [Expression];
  if (!isCalled(power, "exp")) return null;
  const { dims, keepdim } = total.call.params as Axes;
  const { moved, shift } = unshifted(algebra, power.call.inputs[0]!, dims);
  const lse = algebra.run(x => logsumexp(x, [...dims], keepdim), moved);
  if (shift === null) return lse;
  if (!keepdim && shift.shape.length > 0) {
    return algebra.add(lse, algebra.reshaped(shift, total.shape));
  }
  return algebra.add(lse, shift);
};

/** x − log Σ exp(x). */
export const logSoftmaxIdiom: Rule = (e, algebra) => {
  if (!isCalled(e, "sub")) return null;
  const [x, lse] = e.call.inputs as [Expression, Expression];
  if (!isCalled(lse, "logsumexp") || lse.call.inputs[0] !== x) return null;
  const { dims, keepdim } = lse.call.params as Axes;
  if (dims.length !== 1 || !(keepdim || x.shape.length === 1)) return null;
  return algebra.run(t => logSoftmax(t, dims[0]!), x);
};

/** log softmax(x). */
export const logOfSoftmax: Rule = (e, algebra) => {
  if (!isCalled(e, "log") || !isCalled(e.call.inputs[0]!, "softmax")) return null;
  const inner = e.call.inputs[0];
  return algebra.run(x => logSoftmax(x, inner.call.params as number), inner.call.inputs[0]!);
};

/** eˣ / (eˣ + 1). */
export const sigmoidOfExp: Rule = (e, algebra) => {
  if (!isCalled(e, "mul", "div")) return null;
  const { coefficient, factors } = factorsOf(e);
  for (const [below, exponent] of factors) {
    if (exponent !== -1 || !isCalled(below, "add")) continue;
    const { number, terms } = termsOf(below);
    const [term, ...more] = [...terms];
    if (number !== 1 || term === undefined || more.length > 0 || term[1] !== 1) continue;
    const [power] = term;
    if (!isCalled(power, "exp") || factors.get(power) !== 1) continue;
    const others = new Map([...factors].filter(([base]) => base !== below && base !== power));
    others.set(
      algebra.run(x => x.sigmoid(), power.call.inputs[0]!),
      1,
    );
    return productOf(algebra, { coefficient, factors: others }, e.shape, e);
  }
  return null;
};

/** 1 / (1 + e⁻ˣ). */
export const sigmoidIdiom: Rule = (e, algebra) => {
  const below = isCalled(e, "reciprocal")
    ? e.call.inputs[0]!
    : isCalled(e, "div") && e.call.inputs[0]!.kind === "constant" && e.call.inputs[0]!.uniform === 1
      ? e.call.inputs[1]!
      : null;
  if (below === null || !isCalled(below, "add")) return null;
  const { number, terms } = termsOf(below);
  const [term, ...more] = [...terms];
  if (number !== 1 || term === undefined || more.length > 0 || term[1] !== 1 || !isCalled(term[0], "exp"))
    return null;
  const [power] = term[0].call.inputs as [Expression];
  return sameShape(power.shape, e.shape) ? algebra.run(x => x.neg().sigmoid(), power) : null;
};
