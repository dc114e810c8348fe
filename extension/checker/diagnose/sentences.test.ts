/** @file What is said for each cause, to be read: with all details, and with none. */

import { expect, test } from "vitest";
import type { Details } from "./explanation.ts";
import { type Kind, SENTENCES, sentenceOf } from "./sentences.ts";

const FORMULAS = {
  returned: "2·grad_out ⊙ x",
  expected: "grad_out @ xᵀ + xᵀ @ grad_out",
  gradName: "grad_out",
};
const NONE = { returned: null, expected: null, gradName: "grad_out" };
const DETAILS: Details = {
  argument: "x",
  part: "y",
  instead: "yᵀ",
  factor: "twice what it should be",
  size: "the number of entries of `x`",
};

/** What a sentence may be about besides, where it makes a difference. */
const PLACES: Partial<Record<Kind, readonly string[]>> = {
  "transpose-superfluous": ["result"],
  "factor-missing": ["divisor", "condition"],
  "factor-superfluous": ["divisor"],
  "wrong-operand": ["both"],
  "stopped-early": ["σ(x)"],
  "path-missing": ["μ", "μ` and `σ"],
  "wrong-factor": ["μ"],
  "sum-for-mean": ["μ"],
  "mean-for-sum": ["μ"],
  "wrong-sign": ["μ"],
  "not-saved": ["field"],
  "term-missing": ["Aᵀ"],
  "worst-entry": ["is wrong on the diagonal only", "is furthest off at `x[0, 1]`"],
};

test("the sentences of all causes", async () => {
  const lines = (Object.keys(SENTENCES) as Kind[]).flatMap(kind => [
    kind,
    ...[
      ...new Set([
        sentenceOf(kind, DETAILS, FORMULAS),
        ...(PLACES[kind] ?? []).map(where => sentenceOf(kind, { ...DETAILS, where }, NONE)),
        sentenceOf(kind, {}, NONE),
      ]),
    ].map(sentence => `  - ${sentence}`),
    "",
  ]);
  await expect(lines.join("\n")).toMatchFileSnapshot("golden/sentences.txt");
});

test.each(Object.keys(SENTENCES) as Kind[])("%s is one sentence for people", kind => {
  for (const formulas of [FORMULAS, NONE]) {
    for (const details of [DETAILS, {}, { argument: "x" }]) {
      const text = sentenceOf(kind, details, formulas);
      expect(text).toMatch(/^[A-Z`].*[.?]$/);
      expect(text).not.toMatch(/undefined(?! in backward)| {2}|``/);
      expect(text.split("`").length % 2).toBe(1);
    }
  }
});
