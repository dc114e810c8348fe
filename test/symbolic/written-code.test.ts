/** @file Every backward that is derived for the rules of the corpus passes the wall as it was written: its code may be put into files. */

import { afterAll, expect, test } from "vitest";
import { derive, type Traceable } from "../../engine/symbolic.ts";
import { derivationOf } from "../../extension/checker/diagnose/derivation-of.ts";
import { withoutForeignCode } from "../../extension/checker/written-code.ts";
import { dispose, prepare } from "../verdict/mutants/examination.ts";
import { pointsOf } from "../verdict/mutants/points.ts";
import { readRules } from "../verdict/mutants/rules.ts";

afterAll(dispose);

test("no derived code is foreign", { timeout: 300_000 }, async () => {
  const rules = await readRules([new URL("../verdict/rules", import.meta.url).pathname]);
  let passed = 0;
  for (const rule of rules) {
    const prepared = await prepare(rule.file, rule.text, rule.site.name);
    if ("refused" in prepared) continue;
    const [point] = pointsOf(prepared.program);
    if (point === undefined) continue;
    const names = { inputs: point.map((_, i) => `x${i}`) };
    const style = passed % 2 === 0 ? "methods" : "functions";
    const derived = derive(prepared.program.evaluate(0) as Traceable, point, names, { style });
    if ("untraceable" in derived) continue;
    const derivation = derivationOf(derived);
    expect(withoutForeignCode(derivation), rule.id).toEqual(derivation);
    passed++;
  }
  expect(passed).toBeGreaterThan(0.8 * rules.length);
});
