/** @file The hint `cross-terms` is no false alarm: in the rules, the hard points, the examples and the docs only what shows it has it. */

import { globSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { builtRealm } from "../../extension/checker/sandbox/testing.ts";
import { readFromDisk } from "../../extension/checker/texts.ts";
import { inProject, root } from "../../scripts/project.ts";

/** Texts that stand in the place of files: the pages' blocks of code. */
const blocks = new Map<string, string>();
let checker: LocalChecker;

beforeAll(async () => {
  const readText = async (path: string) => blocks.get(path) ?? (await readFromDisk(path));
  checker = createChecker({ realm: await builtRealm(), readText });
});
afterAll(() => checker.dispose());

/** The reductions that have the hint; a reduction of which nothing could be found out has none. */
async function hinted(file: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const site of await checker.reductions(file, text)) {
    const { rule, verdict } = await checker.check(file, site, { seed: DEFAULT_SEED, limits: DEFAULT_LIMITS });
    if (rule === "cross-terms" && verdict === "correct") found.push(site.name);
  }
  return found;
}

const sources = ["test/verdict/rules/*.ts", "test/verdict/hard-points.ts", "examples/*.ts"].flatMap(pattern =>
  globSync(inProject(pattern)).sort(),
);
/** Where the question itself is shown, which is what the hint answers. */
const QUESTION = "x.matmul(A).matmul(x.t()).sum()";
const ASKED = new Set([
  "examples/quadratic-form.ts",
  "docs/engine/from-pytorch.md",
  "docs/rules/cross-terms.md",
]);
const shownIn = (path: string): string[] => (ASKED.has(path) ? [QUESTION] : []);

it.each(sources.map(file => relative(root, file)))("%s", async path => {
  const file = inProject(path);
  expect(await hinted(file, readFileSync(file, "utf8"))).toEqual(shownIn(path));
});

const pages = ["*.md", "docs/**/*.md", "engine/*.md"].flatMap(pattern => globSync(inProject(pattern)).sort());

it.each(pages.map(file => relative(root, file)))("%s", async path => {
  const page = readFileSync(inProject(path), "utf8");
  const found: string[] = [];
  for (const [i, [, code]] of [...page.matchAll(/^```(?:ts|js).*\n([\s\S]*?)^```$/gm)].entries()) {
    const file = inProject("examples", `block-${i}.ts`);
    blocks.set(file, code!);
    found.push(...(await hinted(file, code!)));
    blocks.delete(file);
  }
  expect(found).toEqual(shownIn(path));
});
