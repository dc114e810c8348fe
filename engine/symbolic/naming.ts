/** @file Which parts of formulas get a name of their own: those that occur more than once and take some computing. */

import { isView } from "./evaluate.ts";
import { type Expression, reachable, usesOf } from "./expression.ts";

/** A common part, under the name that the formulas after it use. */
export interface Part {
  readonly name: string;
  readonly expression: Expression;
}

const LETTERS: readonly string[] = ["t", "u", "v", "w"];

/**
 * The common parts of formulas, in an order in which each can be computed.
 * @param taken names that mean something else
 */
export function commonParts(roots: readonly Expression[], taken: Iterable<string>): Part[] {
  const used = new Set(taken);
  for (const e of reachable(roots)) if (e.kind === "leaf") used.add(e.name);
  const uses = usesOf(roots);
  let next = 0;
  const fresh = (): string => {
    for (;;) {
      const name = LETTERS[next] ?? `t${next - LETTERS.length + 1}`;
      next++;
      if (!used.has(name)) return name;
    }
  };
  return reachable(roots)
    .filter(e => (uses.get(e) ?? 0) > 1 && isWorthAName(e))
    .map(expression => ({ name: fresh(), expression }));
}

function isWorthAName(e: Expression): boolean {
  if (e.kind !== "application" || isView(e.call)) return false;
  // A sign, a square, a difference from 1: as easily read where they stand.
  return e.call.name !== "neg" && e.call.name !== "square" && e.dtype !== "bool";
}
