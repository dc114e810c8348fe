/** @file Rules of the corpus without their backward get one again that is judged correct: a sample; run.ts does them all. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtRealm } from "../../extension/checker/sandbox/testing.ts";
import { Buffered, syntaxErrors } from "./rule.ts";

const folder = fileURLToPath(new URL("../verdict/rules", import.meta.url));

/** One for each kind of code: chains and free functions, numbers, dimensions, options, outputs, intermediates, setupContext. */
const SAMPLE: readonly [file: string, name: string, written: RegExp][] = [
  ["activations.ts", "ISRLU", /ctx\.alpha/],
  ["activations.ts", "Softplus", /ctx\.beta/],
  ["softmax.ts", "Softmax", /sum\(mul\(gradOutput, output\), ctx\.dim, true\)/],
  ["determinants.ts", "Determinant", /ctx\.savedTensors/],
  ["gated.ts", "GELU", /gradOutput/],
  ["indexing.ts", "Gather", /scatterAdd/],
  ["hyperbolic.ts", "Arcosh", /t1\.log\(\)/],
  ["determinants.ts", "SignLogDeterminant", /setupContext/],
];

describe("a derived backward of", () => {
  let buffered: Buffered;
  beforeAll(async () => {
    buffered = new Buffered(await builtRealm());
  });
  afterAll(() => buffered.checker.dispose());

  test.each(SAMPLE)("%s %s", async (name, rule, says) => {
    const file = join(folder, name);
    const { outcome, detail, written } = await buffered.rewritten(file, readFileSync(file, "utf8"), rule);
    expect(`${outcome} ${detail}`).toBe("correct ");
    expect(written).toMatch(says);
    expect(written).toMatch(/static backward\(/);
  });
});

test("text that does not parse is seen", () => {
  expect(syntaxErrors("const x = ;")).not.toBe("");
  expect(syntaxErrors("const x: number = 1;")).toBe("");
});
