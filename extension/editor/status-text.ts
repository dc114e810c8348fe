/** @file What the status bar says. */

import type { Status } from "./finding-store.ts";

export interface Tally {
  all: number;
  checking: number;
  correct: number;
  wrong: number;
  inconclusive: number;
  skipped: number;
  /** Neither checked nor being checked, as the text now stands. */
  open: number;
}

export function tally(statuses: readonly Status[]): Tally {
  const counts: Tally = {
    all: statuses.length,
    checking: 0,
    correct: 0,
    wrong: 0,
    inconclusive: 0,
    skipped: 0,
    open: 0,
  };
  for (const status of statuses) {
    if (status.kind === "checking") counts.checking++;
    else if (status.kind !== "checked") counts.open++;
    else if (status.finding.verdict === "surrogate") counts.correct++;
    else counts[status.finding.verdict]++;
  }
  return counts;
}

export function statusText(counts: Tally, trusted: boolean): { text: string; summary: string } {
  if (!trusted) {
    return { text: "$(workspace-untrusted) ∇", summary: "Nothing is checked: the workspace is not trusted." };
  }
  const { checking, wrong, inconclusive, correct, skipped, open } = counts;
  const parts = [
    checking && `${checking} being checked`,
    wrong && `${wrong} wrong`,
    inconclusive && `${inconclusive} without a verdict`,
    correct && `${correct} correct`,
    skipped && `${skipped} skipped`,
    open && `${open} not checked`,
  ].filter(part => part !== 0);
  const problems = wrong + inconclusive;
  const icon = checking
    ? "sync~spin"
    : wrong
      ? "error"
      : inconclusive
        ? "question"
        : open
          ? "circle-outline"
          : "pass";
  const figure = checking || problems || counts.all;
  return { text: `$(${icon}) ∇ ${figure}`, summary: `Functions: ${parts.join(", ")}.` };
}
