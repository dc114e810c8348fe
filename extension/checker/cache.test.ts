/** @file The cache gives back what was put there for the very same job, or nothing, whatever becomes of its files. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cache, createCache, type Files } from "./cache.ts";
import { cacheFolder } from "./cache-folder.ts";
import { outcomeFor, sampleJob, sampleLimits } from "./cache-testing.ts";
import { PLAIN_NOTATION } from "./notation.ts";
import { createRuntime } from "./runtime.ts";
import type { Job, Outcome, Trial } from "./sandbox/job.ts";
import { builtRealm, said, sandboxesOf, sine } from "./sandbox/testing.ts";

let root: string;
let folder: string;
let realm: string;

beforeEach(async () => {
  root = await fs.mkdtemp(join(tmpdir(), "gradient-lens-cache-"));
  folder = join(root, "a", "cache");
  realm = join(root, "realm.cjs");
  await fs.writeFile(realm, "the engine and the checker");
});

afterEach(() => fs.rm(root, { recursive: true, force: true }));

const open = (options: { bytes?: number; files?: Files } = {}): Cache =>
  createCache({ folder, realm, ...options });

async function keep(seeds: readonly number[], cache = open()): Promise<void> {
  for (const seed of seeds) cache.put(sampleJob(seed), sampleLimits, outcomeFor(seed));
  await cache.dispose();
}

const entries = async (): Promise<string[]> =>
  (await fs.readdir(folder)).filter(name => name.endsWith(".outcome")).map(name => join(folder, name));

async function tamper(change: (text: string) => string): Promise<void> {
  for (const path of await entries()) await fs.writeFile(path, change(await fs.readFile(path, "utf8")));
}

describe("the cache", () => {
  test("gives back, in another process's life, what was put", async () => {
    await keep([0, 1]);
    expect(await open().get(sampleJob(1), sampleLimits)).toEqual(outcomeFor(1));
    expect(await open().get(sampleJob(2), sampleLimits)).toBeUndefined();
  });

  test("keeps what combinations came to, and tells them apart", async () => {
    const cache = open();
    const trial = (combinations: number[][]): Trial => ({
      ...sampleJob(0),
      task: "try",
      combinations,
      budgetMs: 100,
    });
    const outcome: Outcome = {
      kind: "tried",
      tried: [{ combination: 1, right: "no", arguments: [0] }],
      complete: true,
      logs: [],
    };
    cache.put(trial([[1], [2]]), sampleLimits, outcome);
    await cache.dispose();
    expect(await cache.get(trial([[1], [2]]), sampleLimits)).toEqual(outcome);
    expect(await cache.get(trial([[2], [1]]), sampleLimits)).toBeUndefined();
  });

  const others: [string, Partial<Job>][] = [
    ["another script", { script: "class Sine { } Sine" }],
    ["another seed", { seed: 1 }],
    ["another name", { name: "Cosine" }],
    ["another task", { task: "derive-backward" }],
    ["other parameters", { parameters: [] }],
    ["other names of gradients", { gradOutputs: ["g"] }],
    ["another notation", { notation: { ...PLAIN_NOTATION, style: "functions" } as Job["notation"] }],
  ];
  test.each(others)("knows nothing of %s", async (_, other) => {
    await keep([0]);
    expect(await open().get({ ...sampleJob(0), ...other }, sampleLimits)).toBeUndefined();
  });

  test("knows nothing under other limits, or of another engine or checker", async () => {
    await keep([0]);
    expect(await open().get(sampleJob(0), { ...sampleLimits, memoryMb: 351 })).toBeUndefined();
    expect(await open().get(sampleJob(0), { ...sampleLimits, timeMs: 1 })).toBeUndefined();
    await fs.appendFile(realm, ", mended");
    expect(await open().get(sampleJob(0), sampleLimits)).toBeUndefined();
  });

  test.each<[string, Outcome]>([
    ["a time limit", { kind: "time-limit", limits: sampleLimits, logs: [] }],
    ["a memory limit", { kind: "memory-limit", limits: sampleLimits, logs: [] }],
    ["combinations for which the time was over", { kind: "tried", tried: [], complete: false, logs: [] }],
    ["a crash", { kind: "crashed", detail: "gone", logs: [] }],
    ["a cancelled check", { kind: "cancelled" }],
  ])("does not keep %s", async (_, outcome) => {
    const cache = open();
    cache.put(sampleJob(0), sampleLimits, outcome);
    await cache.dispose();
    expect(await cache.get(sampleJob(0), sampleLimits)).toBeUndefined();
  });

  test("is its owner's alone", async () => {
    await keep([0]);
    expect((await fs.stat(folder)).mode & 0o077).toBe(0);
    for (const path of await entries()) expect((await fs.stat(path)).mode & 0o077).toBe(0);
  });

  test("stays below its size, and keeps what was used last", async () => {
    const cache = open({ bytes: 8_000 });
    cache.put(sampleJob(0), sampleLimits, outcomeFor(0));
    for (let seed = 1; seed < 60; seed++) {
      cache.put(sampleJob(seed), sampleLimits, outcomeFor(seed));
      await cache.dispose();
      await new Promise(resolve => setTimeout(resolve, 2));
      expect(await cache.get(sampleJob(0), sampleLimits)).toEqual(outcomeFor(0));
    }
    const sizes = await Promise.all((await entries()).map(async path => (await fs.stat(path)).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(8_000);
    expect(await cache.get(sampleJob(1), sampleLimits)).toBeUndefined();
  });

  test("clears away what killed processes did not finish, and nothing of another program", async () => {
    await fs.mkdir(folder, { recursive: true });
    const [old, young, foreign] = ["old.part", "young.part", "notes.txt"].map(name => join(folder, name));
    for (const path of [old!, young!, foreign!]) await fs.writeFile(path, "…");
    for (const path of [old!, foreign!]) await fs.utimes(path, 0, 0);
    await keep([0]);
    expect((await fs.readdir(folder)).filter(name => !name.endsWith(".outcome")).sort()).toEqual([
      "notes.txt",
      "young.part",
    ]);
  });
});

describe("an entry is none, and is replaced, when it", () => {
  test.each<[string, (text: string) => string]>([
    ["is empty", () => ""],
    ["is cut off", text => text.slice(0, -20)],
    ["is longer than it was", text => `${text} `],
    ["says another verdict", text => text.replace('"verdict":"wrong"', '"verdict":"correct"')],
    ["is foreign JSON", () => '{ "name": "left-pad" }'],
    ["is no text", () => "\0\ufffd\ud800"],
    ["is vast", text => text + " ".repeat(2 << 20)],
  ])("%s", async (_, change) => {
    await keep([0]);
    await tamper(change);
    expect(await open().get(sampleJob(0), sampleLimits)).toBeUndefined();
    await keep([0]);
    expect(await open().get(sampleJob(0), sampleLimits)).toEqual(outcomeFor(0));
  });

  test("is another job's", async () => {
    await keep([0]);
    const [first] = await entries();
    await keep([1]);
    const second = (await entries()).find(path => path !== first)!;
    await fs.copyFile(first!, second);
    expect(await open().get(sampleJob(1), sampleLimits)).toBeUndefined();
  });

  test("has any byte changed", async () => {
    await keep([0]);
    const [path] = await entries();
    const whole = await fs.readFile(path!);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= change;
        await fs.writeFile(path!, bytes);
        expect(await open().get(sampleJob(0), sampleLimits)).toBeUndefined();
      }),
    );
  });
});

describe("nothing is thrown and nothing wrong is said when", () => {
  const failing = (code: string, ...names: (keyof Files)[]): Files => ({
    ...fs,
    ...Object.fromEntries(
      names.map(name => [name, async () => Promise.reject(Object.assign(new Error(code), { code }))]),
    ),
  });

  test.each<[string, Files]>([
    ["the disk is full", failing("ENOSPC", "writeFile", "mkdir")],
    ["the disk is full at the last moment", failing("ENOSPC", "rename")],
    ["the folder may not be made", failing("EACCES", "mkdir")],
    ["the file system is read-only", failing("EROFS", "mkdir", "writeFile", "rename", "rm", "utimes")],
    ["files may not be listed or removed", failing("EACCES", "readdir", "rm")],
    ["every access fails", failing("EIO", "stat", "readdir", "utimes", "writeFile")],
  ])("%s", async (_, files) => {
    const cache = open({ files });
    for (let seed = 0; seed < 20; seed++) {
      cache.put(sampleJob(seed), sampleLimits, outcomeFor(seed));
      await cache.dispose();
      expect([undefined, outcomeFor(seed)]).toContainEqual(await cache.get(sampleJob(seed), sampleLimits));
    }
  });

  test("the disk is full: nothing half-written stays", async () => {
    const files: Files = {
      ...fs,
      async writeFile(path, data, options) {
        await fs.writeFile(path, String(data).slice(0, 50), options);
        throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      },
    };
    await keep([0, 1, 2], open({ files }));
    expect(await fs.readdir(folder)).toEqual([]);
  });

  test("a file lies where the folder should", async () => {
    await fs.writeFile(join(root, "a"), "a file");
    await keep([0]);
    expect(await open().get(sampleJob(0), sampleLimits)).toBeUndefined();
  });

  test("there is no sandbox to be of the version of", async () => {
    await fs.rm(realm);
    await keep([0]);
    expect(await open().get(sampleJob(0), sampleLimits)).toBeUndefined();
  });

  test("several processes use it at once", async () => {
    const user = new URL("fixtures/cache-user.ts", import.meta.url).pathname;
    const ends = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, [user, folder, realm], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        let printed = "";
        child.stdout.on("data", data => (printed += data));
        const [code] = await once(child, "close");
        return { code, answers: Number(printed) };
      }),
    );
    for (const { code, answers } of ends) {
      expect(code).toBe(0);
      expect(answers).toBeGreaterThan(0);
    }
  }, 30_000);
});

describe("a runtime with a cache", () => {
  const limits = sampleLimits;
  let built: string;
  beforeEach(async () => {
    built ??= await builtRealm();
  }, 60_000);

  test("starts no process for what an earlier one checked", async () => {
    const first = createRuntime(built, { cache: folder, running: 1 });
    const outcome = await first.sandbox.run(sampleJob(0, `console.log("ran"); ${sine}`), limits);
    expect(said(outcome)).toBe("judged correct");
    await first.dispose();
    const second = createRuntime(built, { cache: folder, running: 1 });
    expect(await second.sandbox.run(sampleJob(0, `console.log("ran"); ${sine}`), limits)).toEqual(outcome);
    expect(sandboxesOf(built)).toEqual([]);
    await second.dispose();
  });

  test("checks again what was stopped, and goes on where the cache cannot be written", async () => {
    await fs.writeFile(join(root, "a"), "a file");
    const runtime = createRuntime(built, { cache: folder, running: 1 });
    const endless = sampleJob(0, "for (;;);");
    for (const timeMs of [300, 300])
      expect(said(await runtime.sandbox.run(endless, { ...limits, timeMs }))).toBe("time-limit");
    expect(said(await runtime.sandbox.run(sampleJob(0, sine), limits))).toBe("judged correct");
    await runtime.dispose();
  });

  test("does not answer a check that was cancelled", async () => {
    const runtime = createRuntime(built, { cache: folder, running: 1 });
    await runtime.sandbox.run(sampleJob(0, sine), limits);
    expect(said(await runtime.sandbox.run(sampleJob(0, sine), limits, AbortSignal.abort()))).toBe(
      "cancelled",
    );
    await runtime.dispose();
  });
});

describe("the folder of the command line's cache", () => {
  const home = () => "/home/ada";
  test.each<[NodeJS.Platform, NodeJS.ProcessEnv, string | null]>([
    ["linux", {}, "/home/ada/.cache/gradient-lens"],
    ["linux", { XDG_CACHE_HOME: "/fast" }, "/fast/gradient-lens"],
    ["linux", { XDG_CACHE_HOME: "relative" }, "/home/ada/.cache/gradient-lens"],
    ["darwin", {}, "/home/ada/Library/Caches/gradient-lens"],
  ])("on %s with %o", (platform, env, folder) => {
    expect(cacheFolder(env, platform, home)).toBe(folder);
  });

  test("is nowhere for one without a home", () => {
    const none = () => {
      throw new Error("no home");
    };
    expect(cacheFolder({}, "linux", none)).toBeNull();
    expect(cacheFolder({}, "linux", () => "")).toBeNull();
  });
});
