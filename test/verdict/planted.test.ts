/** @file Each class of error, planted, gets the exact rule that its comment names: on the road that every check takes. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";

const FOLDER = join(import.meta.dirname, "planted");
const checker = createChecker({
  realm: inProject("dist", "sandbox.cjs"),
  readText: async path => readFileSync(path, "utf8"),
});
afterAll(() => checker.dispose());

/** `/** rule: what is wrong. *\/ export class Name`; other lines may follow what is wrong. */
const PLANTED = /\/\*\*[\s*]+([\w-]+): ((?:(?!\*\/)[\s\S])*?)\*\/\s*export class (\w+)/g;

for (const name of readdirSync(FOLDER)) {
  const file = join(FOLDER, name);
  const text = readFileSync(file, "utf8");
  const planted = [...text.matchAll(PLANTED)].map(([, rule, , title]) => ({ rule: rule!, title: title! }));

  describe(name, () => {
    test("says of each Function what is wrong with it", async () => {
      const sites = await checker.functions(file, text);
      const complete = sites.filter(site => site.backward !== null);
      expect(complete.map(site => site.name)).toEqual(planted.map(({ title }) => title));
    });

    test.each(planted)("$title: $rule", async ({ rule, title }) => {
      const site = (await checker.functions(file, text)).find(found => found.name === title)!;
      for (const seed of [DEFAULT_SEED, 1, 2]) {
        const finding = await checker.check(file, site, {
          seed,
          limits: { ...DEFAULT_LIMITS, timeMs: 10_000 },
        });
        expect(finding).toMatchObject({ name: title, rule });
      }
    });
  });
}
