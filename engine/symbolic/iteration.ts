/** @file Loops that solve an equation, found in what they computed: the same step again and again, until nothing changes. */

import { toFlatArray } from "../tensor/creation.ts";
import { sameShape } from "../tensor/shape.ts";
import { Algebra } from "./algebra.ts";
import { replaced } from "./derive.ts";
import { type Expression, type Leaf, reachable } from "./expression.ts";
import type { Trace } from "./trace.ts";
import { formOf } from "./verify.ts";

/** x = F(x, θ): what the steps of a loop came to. */
export interface FixedPoint {
  /** F(x, θ) */
  readonly step: Expression;
  readonly x: Leaf;
}

/** How many operations a step may have. */
const MOST_CALLS = 60;

/** How often a step must have been repeated, to be told from a formula that looks like itself. */
const REPEATED = 3;

/** How little the last step may have changed, relative to what it came to. */
const SETTLED = 1e-9;

/**
 * The equation that a traced output solves; null where it is not the last of equal steps that had settled.
 * @param name what the output is called
 */
export function fixedPointOf(trace: Trace, output: Expression, name: string): FixedPoint | null {
  const algebra = new Algebra(trace);
  for (const before of iteratesOf(output)) {
    if (!isClose(output, before)) continue;
    const form = stepForm(algebra, output, before);
    if (form === null || !isRepeated(algebra, before, form)) continue;
    const x = trace.graph.leaf(name, "output", output.value);
    return { step: replaced(algebra, [output], new Map([[before, x]]))[0]!, x };
  }
  return null;
}

/** Whether a step of this form led to `x`, and others to where it started. */
function isRepeated(algebra: Algebra, x: Expression, form: string): boolean {
  let at = x;
  for (let n = 1; n < REPEATED; n++) {
    const before = iteratesOf(at).find(e => stepForm(algebra, at, e) === form);
    if (before === undefined) return false;
    at = before;
  }
  return true;
}

/** What may be the start of the step that led to an expression: the latest first. */
function iteratesOf(e: Expression): Expression[] {
  return [...nearby(e, null)]
    .filter(x => x !== e && x.kind === "application" && sameShape(x.shape, e.shape) && x.dtype === e.dtype)
    .sort((a, b) => b.id - a.id);
}

/** The form of a step from `before` to `after`; null where it is none, or too long. */
function stepForm(algebra: Algebra, after: Expression, before: Expression): string | null {
  const between = nearby(after, before);
  if (between.size >= MOST_CALLS || !between.has(before)) return null;
  const start = algebra.trace.graph.leaf("·", "saved", before.value);
  return formOf(replaced(algebra, [after], new Map([[before, start]])));
}

/** What an expression is made of, nearest first, and what `end` is made of only so far as other ways lead there; not too much of it. */
function nearby(e: Expression, end: Expression | null): Set<Expression> {
  const seen = new Set<Expression>([e]);
  for (const next of seen) {
    if (seen.size >= MOST_CALLS) break;
    if (next.kind === "application" && next !== end) for (const input of next.call.inputs) seen.add(input);
  }
  return seen;
}

function isClose(a: Expression, b: Expression): boolean {
  const [x, y] = [toFlatArray(a.value), toFlatArray(b.value)];
  return x.every((v, i) => Math.abs(v - y[i]!) <= SETTLED * (1 + Math.abs(v)));
}

/** Sums that are zero where the equation is solved: residuals. */
export function residualsIn(roots: readonly Expression[]): Expression[] {
  return reachable(roots).filter(e => {
    if (e.kind !== "application" || (e.call.name !== "add" && e.call.name !== "sub")) return false;
    const size = Math.max(...e.call.inputs.map(({ value }) => value.abs().amax().item()));
    return size > 0 && toFlatArray(e.value).every(v => Math.abs(v) <= SETTLED * size);
  });
}
