/** @file What a format has to do: it is told of each file's findings in order, then of the end. */

import type { Finding, Hint, Verdict } from "../checker/finding.ts";

export type Summary = Record<Verdict, number>;

export interface Report {
  /** A Function was checked; `text` is the text of its file. Of what is right, its own hints are told with it. */
  finding(finding: Finding, text: string): void;
  /** There is something to know about a reduction; what is found of one that is as it should be is not told. */
  hint(hint: Hint, finding: Finding, text: string): void;
  end(totals: Totals): void;
}

export interface Totals {
  summary: Summary;
  files: number;
  durationMs: number;
}

export function emptySummary(): Summary {
  return { correct: 0, wrong: 0, surrogate: 0, inconclusive: 0, skipped: 0 };
}

/** None but of what is right. */
export function hintsOf(finding: Finding): readonly Hint[] {
  return "hints" in finding ? finding.hints : [];
}

/** Total number of Functions. */
export function countOf(summary: Summary): number {
  return Object.values(summary).reduce((sum, count) => sum + count, 0);
}
