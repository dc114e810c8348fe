/**
 * @file What is wrong gets a fix that was itself checked: for the planted errors and for mistakes as people make them; mostly no longer
 * than the smallest edit that is known.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FunctionSite } from "../../extension/checker/checker.ts";
import type { Finding } from "../../extension/checker/finding.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";
import { lengthOfEdits, lengthOfSmallest } from "./edit-length.ts";
import { readMistakes } from "./mistakes.ts";

const wave = inProject("test", "verdict", "wave.ts");
const WAVE = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";
export class Wave extends Function {
  static forward(ctx: Context, x: Tensor, positions: Tensor) {
    ctx.saveForBackward(positions);
    return x.mul(positions.cos());
  }
  static backward(ctx: Context, g: Tensor) {
    const [positions] = ctx.savedTensors;
    return [g.mul(positions.sin()), null];
  }
}
`;

const checker = createChecker({
  realm: inProject("dist", "sandbox.cjs"),
  readText: async path => (path === wave ? WAVE : readFileSync(path, "utf8")),
});
afterAll(() => checker.dispose());

/** Seconds for all of them, where many things run at once. */
const PATIENCE_S = 600;

interface Wrong {
  readonly text: string;
  readonly finding: Finding;
}

const folders = ["planted", "mistakes"].map(name => inProject("test", "verdict", name));
const untraced = inProject("test", "verdict", "untraced.ts");
const files = [...folders.flatMap(folder => readdirSync(folder).map(name => join(folder, name))), untraced];
let found: Map<string, Wrong>;

beforeAll(async () => {
  const work = files.map(async file => {
    const text = readFileSync(file, "utf8");
    const sites = (await checker.functions(file, text)).filter(site => site.backward !== null);
    return Promise.all(sites.map(site => checked(file, text, site)));
  });
  const all = (await Promise.all(work)).flat();
  found = new Map(
    all.filter(({ finding }) => finding.verdict === "wrong").map(one => [keyOf(one.finding), one]),
  );
}, 1000 * PATIENCE_S);

async function checked(file: string, text: string, site: FunctionSite): Promise<Wrong> {
  const finding = await checker.check(file, site, { seed: DEFAULT_SEED, limits: DEFAULT_LIMITS });
  return { text, finding };
}

const keyOf = ({ file, name }: Pick<Finding, "file" | "name">): string => `${file} ${name}`;

test("nine of ten have a fix, and every fix was checked", () => {
  const all = [...found.values()];
  const without = all.filter(({ finding }) => finding.fixes.length === 0).map(({ finding }) => finding.name);
  expect(all.length).toBeGreaterThan(130);
  expect(without.length, `without a fix: ${without.join(", ")}`).toBeLessThanOrEqual(all.length / 10);
  expect(all.flatMap(({ finding }) => finding.fixes).every(({ verified }) => verified)).toBe(true);
});

test("where a small edit is known, the fix is no longer, in nine of ten", async () => {
  const known = (await readMistakes()).filter(({ smallest }) => smallest !== null);
  const longer = known.flatMap(mistake => {
    const { id, file, text, site } = mistake;
    const [fix] = found.get(keyOf({ file, name: site.name }))?.finding.fixes ?? [];
    const length = fix === undefined ? Number.POSITIVE_INFINITY : lengthOfEdits(text, fix.edits);
    const smallest = lengthOfSmallest(mistake, mistake.smallest!);
    return length > smallest ? [`${id}: ${length} > ${smallest}`] : [];
  });
  expect(longer.length, longer.join(", ")).toBeLessThanOrEqual(known.length / 10);
});

test("where forward cannot be traced, an edit, the fixed point of its loop or the transpose of jvp", () => {
  const titles = [...found.values()]
    .filter(({ finding }) => finding.file === untraced)
    .map(({ finding: { name, fixes } }) => [name, fixes[0]?.title]);
  expect(Object.fromEntries(titles)).toEqual({
    NumbersSquared: "Multiply g.mul(x) by 2",
    Elimination: "Transpose A",
    Equilibrium: "Differentiate the fixed point z of the loop",
    ScaledByLength: "Return the transpose of jvp",
  });
});

test("positions need no gradient for a fix of another argument's", async () => {
  const [site] = await checker.functions(wave, WAVE);
  const { finding } = await checked(wave, WAVE, site!);
  expect(finding.fixes.map(({ title }) => title)).toEqual(["Use cos instead of sin"]);
});
