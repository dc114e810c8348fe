/** @file Mistakes as people make them: each is found and its cause named, and the small edit that its comment names makes it right. */

import { afterAll, expect, test } from "vitest";
import { SENTENCES } from "../../extension/checker/diagnose/sentences.ts";
import type { Finding } from "../../extension/checker/finding.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker } from "../../extension/checker/local-checker.ts";
import { readFromDisk } from "../../extension/checker/texts.ts";
import { problemText } from "../../extension/editor/problem-text.ts";
import { inProject } from "../../scripts/project.ts";
import { edited, type Mistake, readMistakes } from "./mistakes.ts";

const buffers = new Map<string, string>();
const checker = createChecker({
  realm: inProject("dist", "sandbox.cjs"),
  readText: async path => buffers.get(path) ?? readFromDisk(path),
});
afterAll(() => checker.dispose());

async function check({ file, site: { name } }: Mistake, text: string) {
  buffers.set(file, text);
  const site = (await checker.functions(file, text)).find(found => found.name === name)!;
  return checker.check(file, site, { seed: DEFAULT_SEED, limits: DEFAULT_LIMITS });
}

const findings = new Map<string, Promise<Finding>>();

/** Of the text as it is. */
function findingOf(mistake: Mistake): Promise<Finding> {
  const found = findings.get(mistake.id) ?? check(mistake, mistake.text);
  findings.set(mistake.id, found);
  return found;
}

const all = await readMistakes();

// A repair may take its whole budget of processor time, on a machine that is busy otherwise.
test.each(all)("$id is explained: $kind", { timeout: 120_000 }, async mistake => {
  expect(await findingOf(mistake)).toMatchObject({ verdict: "wrong", cause: { kind: mistake.kind } });
});

/** One mistake of each kind. */
const kinds = new Map(all.map(mistake => [mistake.kind!, mistake]).reverse() as [string, Mistake][]);

test("each kind of cause has its mistake", () => {
  expect([...kinds.keys()].sort()).toEqual(Object.keys(SENTENCES).sort());
});

test("what people read of each kind of cause", async () => {
  const messages = [];
  for (const kind of Object.keys(SENTENCES)) {
    const mistake = kinds.get(kind)!;
    const { message } = problemText(await findingOf(mistake))!;
    messages.push(`${kind}: ${mistake.site.name}\n\n${message.replace(/^(?=.)/gm, "    ")}\n`);
  }
  await expect(messages.join("\n")).toMatchFileSnapshot("golden/causes.txt");
});

const mended = all.flatMap(mistake => (mistake.smallest ? [{ ...mistake, smallest: mistake.smallest }] : []));

test.each(mended)("$id is right after the smallest edit", async mistake => {
  expect((await check(mistake, edited(mistake, mistake.smallest))).verdict).toBe("correct");
});
