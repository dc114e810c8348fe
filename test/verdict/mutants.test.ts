/**
 * @file A sample of `npm run mutants`: every fourth rule of the corpus, a few mutants of each, one seed. Which ones they
 * are is fixed, and over the rules every kind of mutant comes by.
 */

import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { dispose } from "./mutants/examination.ts";
import { passes, print, reportOf } from "./mutants/report.ts";
import { readRules } from "./mutants/rules.ts";
import { type RuleResult, tryRule } from "./mutants/trial.ts";

const ONE_RULE_OF = 4;
const ONE_MUTANT_OF = 7;

afterAll(dispose);

test("a sample of the mutants is caught, without a false alarm", { timeout: 180_000 }, async () => {
  const rules = await readRules([
    join(import.meta.dirname, "rules"),
    join(import.meta.dirname, "hard-points.ts"),
  ]);
  const results: RuleResult[] = [];
  for (const [i, rule] of rules.filter((_, i) => i % ONE_RULE_OF === 0).entries()) {
    results.push(await tryRule(rule, { seeds: [0], sample: { from: i, oneOf: ONE_MUTANT_OF } }));
  }
  const report = reportOf(results);
  expect(passes(report), print(report, 1)).toBe(true);
  expect(report.mutants).toBeGreaterThan(100);
});
