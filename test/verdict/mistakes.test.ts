/** @file Mistakes as people make them: each is found, and the small edit that its comment names makes it right. */

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";
import { edited, mistakes } from "./mistakes.ts";

const buffers = new Map<string, string>();
const checker = createChecker({
  realm: inProject("dist", "sandbox.cjs"),
  readText: async path => buffers.get(path) ?? readFileSync(path, "utf8"),
});
afterAll(() => checker.dispose());

async function check(file: string, name: string, text: string) {
  buffers.set(file, text);
  const site = (await checker.functions(file, text)).find(found => found.name === name)!;
  return checker.check(file, site, { seed: DEFAULT_SEED, limits: DEFAULT_LIMITS });
}

const all = mistakes();

describe.each(all)("$name", ({ file, name, kind }) => {
  test(`is explained: ${kind}`, async () => {
    const finding = await check(file, name, readFileSync(file, "utf8"));
    expect(finding).toMatchObject({ verdict: "wrong", cause: { kind } });
  });
});

describe.each(all.filter(({ smallest }) => smallest !== null))("$name", mistake => {
  const { file, name } = mistake;

  test("is right after the smallest edit", async () => {
    const text = edited(readFileSync(file, "utf8"), mistake);
    expect(await check(file, name, text)).toMatchObject({ verdict: "correct" });
  });
});
