/** @file Every rule has its page, every page is a rule's, and what the pages' examples are said to get they do get. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { RULES } from "../../extension/checker/finding.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";

const FOLDER = inProject("docs", "rules");
const pageOf = (rule: string) => readFileSync(join(FOLDER, `${rule}.md`), "utf8");

describe("rule pages", () => {
  it("are one for each rule", () => {
    const pages = readdirSync(FOLDER).map(name => name.replace(/\.md$/, ""));
    expect(pages.toSorted()).toEqual(RULES.toSorted());
  });

  it.each(RULES)("%s begins with its name and says what to do", rule => {
    expect(pageOf(rule)).toMatch(new RegExp(`^# ${rule}\n\n\\S`));
    expect(pageOf(rule)).toMatch(/^## What to do$/m);
  });

  it.each(RULES)("%s links to pages that are there", rule => {
    for (const [, link] of pageOf(rule).matchAll(/\]\(([\w-]+)\.md\)/g)) expect(RULES).toContain(link);
  });
});

/** The code blocks of a page that are marked with a word: "```ts reported". */
function examples(rule: string, mark: "reported" | "correct" | "silent"): string[] {
  return [...pageOf(rule).matchAll(new RegExp(`^\`\`\`ts ${mark}\n(.*?)^\`\`\``, "gms"))].map(
    ([, code]) => code!,
  );
}

const LIMITED = { seed: DEFAULT_SEED, limits: { ...DEFAULT_LIMITS, timeMs: 10_000 } };

const NOT_YET = "> This version of Gradient Lens does not report it yet.";

describe("examples of the rule pages", () => {
  const file = join(FOLDER, "example.ts");
  let text = "";
  const checker = createChecker({
    realm: inProject("dist", "sandbox.cjs"),
    readText: async path => (path === file ? text : undefined),
  });
  afterAll(() => checker.dispose());

  async function findingOf(code: string) {
    text = code;
    const functions = await checker.functions(file, code);
    const [site, ...others] = functions.length > 0 ? functions : await checker.reductions(file, code);
    expect(others).toEqual([]);
    return checker.check(file, site!, LIMITED);
  }

  it.each(RULES)("%s is reported, or says that it is not yet", async rule => {
    const codes = examples(rule, "reported");
    expect(codes.length > 0).toBe(!pageOf(rule).includes(NOT_YET));
    for (const code of codes) expect(await findingOf(code)).toMatchObject({ rule });
  });

  it.each(RULES)("%s shows code of which nothing is said", async rule => {
    for (const code of examples(rule, "silent")) {
      text = code;
      for (const site of await checker.reductions(file, code))
        expect(await checker.check(file, site, LIMITED)).toMatchObject({ rule: null, hints: [] });
    }
  });

  it.each(RULES)("%s shows correct code", async rule => {
    for (const code of examples(rule, "correct"))
      expect(await findingOf(code)).toMatchObject({ verdict: "correct" });
  });
});
