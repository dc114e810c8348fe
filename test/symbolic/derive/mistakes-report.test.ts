/** @file What is counted of mistakes, and when that is enough. */

import { expect, test } from "vitest";
import type { ExplainedMistake } from "./explained-mistake.ts";
import { mistakesPass, mistakesReport, printMistakes } from "./mistakes-report.ts";

const found: ExplainedMistake = {
  name: "Square",
  file: "square.ts",
  verdict: "wrong",
  rule: "wrong-vjp",
  message: "Square.backward is not the vector–Jacobian product of forward",
  causeExpected: "wrong-sign",
  causeFound: "wrong-sign",
  sentence: "The gradient for `x` has the wrong sign.",
  returned: "−2·g ⊙ x",
  expected: "2·g ⊙ x",
  fix: "Drop .neg()",
  fixVerified: true,
  smallestEditFound: true,
  ms: 100,
};

test("nothing missed passes", () => {
  const report = mistakesReport([found, { ...found, causeExpected: null, smallestEditFound: null }]);
  expect(report).toMatchObject({
    mistakes: 2,
    caught: 2,
    causes: { known: 1, right: 1, named: 2 },
    fixed: 2,
    smallest: { known: 1, found: 1 },
  });
  expect(mistakesPass(report)).toBe(true);
});

test.each<[string, Partial<ExplainedMistake>]>([
  ["not caught", { verdict: "correct" }],
  ["another cause", { causeFound: "wrong-factor" }],
  ["no cause where none is known", { causeExpected: null, causeFound: null }],
  ["the worst entry, which is no cause", { causeExpected: null, causeFound: "worst-entry" }],
  ["a fix that is not right", { fixVerified: false }],
  ["a larger fix", { smallestEditFound: false }],
])("%s does not", (_, missed) => {
  expect(mistakesPass(mistakesReport([{ ...found, ...missed }]))).toBe(false);
});

test("people read each mistake with its cause and fix, then the counts", () => {
  const other = {
    ...found,
    causeFound: "wrong-factor",
    fix: null,
    fixVerified: false,
    smallestEditFound: false,
  };
  expect(printMistakes(mistakesReport([found, other])).replaceAll("\\", "/")).toBe(`Square  (square.ts)
  cause  wrong-sign
         The gradient for \`x\` has the wrong sign.
  fix    Drop .neg()

Square  (square.ts)
  cause  wrong-factor where it is wrong-sign
         The gradient for \`x\` has the wrong sign.
  fix    none

mistakes found           2 of 2 (100.0 %)
true cause named         1 of 2 (50.0 %)
some cause named         2 of 2 (100.0 %)
verified fix             1 of 2 (50.0 %)
smallest edit, if any    1 of 2 (50.0 %)`);
});
