/** @file Threads: rules are shared out, and a mutant that does not end holds nothing up. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { tryAll } from "./crew.ts";
import { readRules } from "./rules.ts";

const fixtures = join(import.meta.dirname, "fixtures");

test("a mutant that does not end is passed over", { timeout: 120_000 }, async () => {
  const rules = await readRules([join(fixtures, "endless"), join(fixtures, "forms")]);
  const chosen = rules.filter(({ site }) => site.name === "Square" || site.name === "Cube");
  const done: string[] = [];
  const report = (_: number, { site }: (typeof rules)[number]): void => void done.push(site.name);
  const results = await tryAll(chosen, { seeds: [0], only: ["dropped-term", "sign"] }, report, 8_000);
  expect(results.map(({ rule }) => rule)).toEqual(["countdown.ts:Square", "forms.ts:Cube"]);
  expect(done.sort()).toEqual(["Cube", "Square"]);
  const [square] = results;
  expect(square!.mutants.map(({ name }) => name)).toEqual([
    "sign",
    "dropped-term 15:18 gradient.add(gradOutput.mul(x)) → gradient",
    "dropped-term 15:18 gradient.add(gradOutput.mul(x)) → gradOutput.mul(x)",
  ]);
});

test("a rule that does not end has no verdict", { timeout: 120_000 }, async () => {
  const [square] = await readRules([join(fixtures, "endless")]);
  const endless = { ...square!, text: square!.text.replace("left - 1", "left") };
  const [result] = await tryAll([endless], { seeds: [0, 1] }, () => {}, 8_000);
  expect(result!.mutants).toEqual([]);
  expect(result!.answers).toMatchObject([
    { seed: 0, verdict: "inconclusive", rule: "time-limit" },
    { seed: 1, verdict: "inconclusive", rule: "time-limit" },
  ]);
});
