/** @file What is derived for the rules of the corpus: right, for nearly all, as cheap as by hand, and code that may be put into files. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withoutForeignCode } from "../../extension/checker/written-code.ts";
import { dispose } from "../verdict/mutants/examination.ts";
import { readRules } from "../verdict/mutants/rules.ts";
import { type DerivedRule, deriveRule } from "./derive/derived-rule.ts";
import { reportOf } from "./derive/report.ts";

const details: DerivedRule[] = [];

beforeAll(async () => {
  for (const rule of await readRules([new URL("../verdict/rules", import.meta.url).pathname]))
    details.push(await deriveRule(rule));
}, 600_000);

afterAll(dispose);

describe("of the backwards that are derived for the rules of the corpus", () => {
  test("none is wrong", () => {
    expect(reportOf(details).wrong).toBe(0);
  });

  test("nine in ten are correct at no more than 1.5× the operations of the rule's own", () => {
    expect(reportOf(details).within).toBeGreaterThanOrEqual(0.9 * details.length);
  });

  test("all pass the wall as they were written", () => {
    for (const { derivation, rule } of details)
      if (derivation !== null) expect(withoutForeignCode(derivation), rule).toEqual(derivation);
  });
});
