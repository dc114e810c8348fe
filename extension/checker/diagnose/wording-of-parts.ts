/** @file Parts of formulas as people read them: short, and in the file's own names. */

import { asMaths, type Expression, isCalled, reachable } from "@gradient-lens/engine/symbolic";

/** A longer part says less than none. */
const LONGEST = 60;

/** What a part is as maths; undefined where that is too long to be read. */
export function partText(e: Expression): string | undefined {
  // What forward keeps has no name in the file.
  if (reachable([e]).some(part => part.kind === "leaf" && part.role === "saved")) return undefined;
  const text = asMaths(e);
  return text.length > LONGEST ? undefined : text;
}

/** Whether an expression is another with its last two dimensions swapped. */
export function isTransposed(e: Expression): e is Extract<Expression, { kind: "application" }> {
  if (!isCalled(e, "permute")) return false;
  const order = e.call.params as readonly number[];
  const n = order.length;
  return n >= 2 && order.every((d, i) => d === (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
}

export function dependsOn(e: Expression, role: "gradOutput" | "input" | "output"): boolean {
  return reachable([e]).some(part => part.kind === "leaf" && part.role === role);
}
