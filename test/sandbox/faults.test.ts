/** @file What goes wrong around a check: files that go, saves that come too fast, checks that hang, processes that die. */

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckOptions } from "../../extension/checker/checker.ts";
import { DEFAULT_LIMITS } from "../../extension/checker/limits.ts";
import { checkerOn, createChecker, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { createRuntime } from "../../extension/checker/runtime.ts";
import {
  builtRealm,
  childrenOf,
  sandboxesOf,
  temporaryFolder,
  until,
} from "../../extension/checker/sandbox/testing.ts";
import { readFromDisk } from "../../extension/checker/texts.ts";
import { flood } from "./flood.ts";

const options: CheckOptions = { seed: 0, limits: DEFAULT_LIMITS };
const sine = `import { Function } from "@gradient-lens/engine";
import { scale } from "./scale.ts";
export class Sine extends Function {
  static forward(ctx: any, x: any) { ctx.saveForBackward(x); return x.sin().mul(scale); }
  static backward(ctx: any, g: any) { return g.mul(ctx.savedTensors[0].cos()).mul(scale); }
}`;

let realm: string;
let folder: string;
let file: string;
let checker: LocalChecker;

beforeAll(async () => {
  realm = await builtRealm();
  folder = join(temporaryFolder(), "workspace");
  mkdirSync(folder);
  file = join(folder, "sine.ts");
  checker = createChecker({ realm, readText: readFromDisk });
}, 60_000);

afterAll(() => checker.dispose());

async function site() {
  writeFileSync(file, sine);
  writeFileSync(join(folder, "scale.ts"), "export const scale = 2;\n");
  return (await checker.functions(file, sine))[0]!;
}

async function expectRight(): Promise<void> {
  expect((await checker.check(file, await site(), options)).verdict).toBe("correct");
}

function becomeFolder(): void {
  rmSync(file);
  mkdirSync(file);
}

describe("a file", () => {
  test.each<[string, () => void]>([
    ["is deleted", () => rmSync(file)],
    ["is renamed", () => renameSync(file, join(folder, "cosine.ts"))],
    ["becomes a folder", becomeFolder],
    ["loses what it imports", () => rmSync(join(folder, "scale.ts"))],
    ["is cut in the middle of a save", () => writeFileSync(file, sine.slice(0, sine.length / 2))],
    ["is emptied", () => writeFileSync(file, "")],
  ])(
    "that %s between being read and being checked gives a finding, and the next check is right",
    async (_, change) => {
      const known = await site();
      change();
      const finding = await checker.check(file, known, options);
      expect([finding.verdict, finding.rule]).toEqual(["inconclusive", "cannot-bundle"]);
      rmSync(file, { recursive: true, force: true });
      await expectRight();
    },
  );
});

test("a thousand saves in a row: each takes the place of the one before, and the last one is judged", async () => {
  const known = await site();
  const runs: Promise<string>[] = [];
  let running = new AbortController();
  for (let save = 0; save < 1_000; save++) {
    running.abort();
    running = new AbortController();
    const last = save === 999;
    writeFileSync(file, last ? sine.replace("cos", "sin") : sine);
    runs.push(
      checker.check(file, known, options, running.signal).then(
        finding => finding.verdict,
        error => (error as Error).name,
      ),
    );
    if (save % 50 === 0) await new Promise(resolve => setTimeout(resolve, 5));
  }
  const ends = await Promise.all(runs);
  expect(ends.at(-1)).toBe("wrong");
  expect(ends.slice(0, -1).filter(end => end !== "AbortError" && end !== "correct")).toEqual([]);
  expect(ends.filter(end => end === "AbortError").length).toBeGreaterThan(900);
  await expectRight();
});

test("processes killed at any moment cost time and no verdict", async () => {
  const copy = await builtRealm();
  const own = createChecker({ realm: copy, readText: readFromDisk });
  const known = await site();
  let kills = 0;
  for (let i = 0; i < 12; i++) {
    const check = own.check(file, known, options);
    await new Promise(resolve => setTimeout(resolve, i * 4));
    const [victim] = sandboxesOf(copy);
    if (victim !== undefined) {
      process.kill(victim, "SIGKILL");
      kills += 1;
    }
    expect(await check).toMatchObject({ verdict: "correct" });
  }
  expect(kills).toBeGreaterThan(5);
  await own.dispose();
  await until(() => sandboxesOf(copy).length === 0);
});

test("a runtime that is disposed of under load leaves no process, and every check ends", async () => {
  const before = new Set(childrenOf(process.pid));
  const runtime = createRuntime(realm);
  const loaded = checkerOn(runtime, readFromDisk);
  const known = await site();
  const checks = Array.from({ length: 40 }, () =>
    loaded.check(file, known, options).then(
      finding => finding.verdict,
      error => (error as Error).name,
    ),
  );
  await checks[0];
  await runtime.dispose();
  const ends = new Set(await Promise.all(checks));
  expect(ends.has("correct")).toBe(true);
  await until(() => childrenOf(process.pid).every(pid => before.has(pid)));
});

test("a flood of checks of which a third hang or fill memory: the others are judged right, and nothing is left", async () => {
  const { misjudged, processesLeft, grownBytes, outcomes } = await flood(realm, 54);
  expect(misjudged).toEqual([]);
  expect(outcomes).toEqual({ correct: 18, wrong: 18, "time-limit": 12, "memory-limit": 6 });
  expect(processesLeft).toBe(0);
  expect(grownBytes).toBeLessThan(32 << 20);
}, 120_000);
