/** @file A change of a Function's text that may make it right. */

import type ts from "typescript";
import { applied as appliedTo, type Change as TextChange } from "../write/changes.ts";

export type { TextChange };

/** One place of the code that can be switched to something else. */
export interface Change {
  /** An expression whose value is used, or a statement. */
  readonly node: ts.Expression | ts.Statement;
  /** What stands in its place. */
  readonly alternative: string;
  /** The same as changes of the text, as small as they can be. */
  readonly edits: readonly TextChange[];
}

export type Group =
  | "transposes"
  | "operands"
  | "operations"
  | "drops"
  | "signs"
  | "further"
  | "numbers"
  | "sums"
  | "dimensions"
  | "orders"
  | "names"
  | "saving"
  | "effects"
  | "results"
  | "derived";

export interface Candidate {
  /** What it does, for people: "Transpose weight". */
  readonly title: string;
  readonly changes: readonly Change[];
  /** Changes that go with it, and without which it runs all the same: a declaration that nobody needs any more. */
  readonly beside?: readonly TextChange[];
  /** Names of the engine that must be imported. */
  readonly imports?: readonly string[];
  /** What sort of mistake it is for. */
  readonly group?: Group;
  /** How much less likely it is than its length says, in characters. */
  readonly surcharge?: number;
}

/** Every change of the text that a candidate makes, in the order of the text. */
export function editsOf({ changes, beside = [] }: Candidate): TextChange[] {
  return [...changes.flatMap(({ edits }) => edits), ...beside].sort(
    (a, b) => a.start - b.start || a.end - b.end,
  );
}

/** Characters that come and go. */
export function sizeOf(candidate: Candidate): number {
  return editsOf(candidate).reduce((n, { start, end, newText }) => n + end - start + newText.length, 0);
}

/** Smaller comes first. */
export function costOf(candidate: Candidate): number {
  return sizeOf(candidate) + (candidate.surcharge ?? 0) + 2 * (candidate.changes.length - 1);
}

/** Whether two changes, given in the order of the text, touch the same place. */
export function overlap(edits: readonly TextChange[]): boolean {
  return edits.some(({ start }, i) => i > 0 && start < edits[i - 1]!.end);
}

/** Null where two of the changes touch the same place. */
export function applied(text: string, edits: readonly TextChange[]): string | null {
  return overlap(edits) ? null : appliedTo(text, edits);
}

/** What a change of the text makes of one node. */
export function alternativeOf(text: string, node: ts.Node, edits: readonly TextChange[]): string {
  const start = node.getStart();
  const moved = edits
    .map(edit => ({ ...edit, start: edit.start - start, end: edit.end - start }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  return applied(text.slice(start, node.end), moved) ?? text.slice(start, node.end);
}

/** Two candidates as one. */
export function combined(a: Candidate, b: Candidate): Candidate {
  return {
    title:
      a.title === b.title
        ? `${a.title}, in both places`
        : `${a.title}; ${b.title.charAt(0).toLowerCase()}${b.title.slice(1)}`,
    changes: [...a.changes, ...b.changes],
    beside: [...(a.beside ?? []), ...(b.beside ?? [])],
    imports: [...new Set([...(a.imports ?? []), ...(b.imports ?? [])])],
    surcharge: (a.surcharge ?? 0) + (b.surcharge ?? 0),
  };
}
