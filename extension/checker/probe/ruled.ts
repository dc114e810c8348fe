/** @file What the judge ruled, and where. */

import type { Ruling } from "@gradient-lens/engine/judge";

export interface Ruled {
  readonly ruling: Ruling;
  readonly args: readonly unknown[];
  /** Whether backward has agreed wherever the order of the sizes was another. */
  readonly isTurned?: boolean;
}

const UNDECIDED: ReadonlySet<Ruling["kind"]> = new Set([
  "not-differentiable",
  "forward-throws",
  "nothing-to-check",
]);

/** Whether it says nothing about backward. */
export function isUndecided({ kind }: Ruling): boolean {
  return UNDECIDED.has(kind);
}
