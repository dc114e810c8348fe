/** @file What came of a corpus: as JSON, for the terminal, and as a page of docs/. */

import { plainLine } from "../../extension/checker/plain-text.ts";
import type { Trial } from "./trial.ts";

export interface Report {
  attacks: Pick<Trial, "file" | "kind" | "expectation" | "outcome" | "met" | "detail">[];
  /** How many attacks reached something. */
  breaches: number;
}

const DETAIL_CHARS = 160;

export function reportOf(trials: readonly Trial[]): Report {
  return {
    attacks: trials.map(({ file, kind, expectation, outcome, met, detail }) => ({
      file,
      kind,
      expectation,
      outcome,
      met,
      detail: clipped(plainLine(detail), 10 * DETAIL_CHARS),
    })),
    breaches: trials.filter(({ breaches }) => breaches.length > 0).length,
  };
}

export function print({ attacks, breaches }: Report): string {
  const missed = attacks.filter(({ met }) => !met);
  const lines = missed.map(
    ({ file, expectation, outcome, detail }) =>
      `✗ ${file}: expected ${expectation}, got ${outcome}: ${clipped(detail, DETAIL_CHARS)}`,
  );
  const sum = `${attacks.length - missed.length} of ${attacks.length} attacks ended as expected; ${breaches} breaches`;
  return [...lines, sum].join("\n");
}

function clipped(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 2)} …` : text;
}
