/** @file The processes around a sandbox: parents that die or live in a thread, children gone bad, runtimes that differ. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, test } from "vitest";
import { REPORT_BYTES } from "./caps.ts";
import { createSandbox } from "./sandbox.ts";
import {
  builtRealm,
  childrenOf,
  isLooping,
  isRunning,
  job,
  limits,
  said,
  sandboxesOf,
  sine,
  temporaryFolder,
  until,
} from "./testing.ts";

const parentFile = new URL("fixtures/parent.ts", import.meta.url);
let realm: string;

beforeAll(async () => {
  realm = await builtRealm();
}, 60_000);

describe("a parent", () => {
  test.each([
    ["is killed", "for (;;);"],
    ["is killed while a promise job loops", "const spin = () => { Promise.resolve().then(spin); }; spin();"],
    ["is killed while native code runs", "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)"],
  ])(
    "that %s takes its children along",
    async (_, script) => {
      const parent = spawn(process.execPath, [parentFile.pathname, realm, script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(parent.stdout, "data");
      await until(() => childrenOf(parent.pid!).some(isLooping));
      const children = childrenOf(parent.pid!);
      parent.kill("SIGKILL");
      await until(() => !children.some(isRunning));
    },
    20_000,
  );

  test("may be a worker thread", async () => {
    const worker = new Worker(parentFile, { workerData: [realm, sine], stdout: true });
    const [outcome] = await once(worker, "message");
    expect(said(outcome)).toBe("judged correct");
    await worker.terminate();
  }, 20_000);

  test("that is a worker thread, and is terminated, takes its children along", async () => {
    const worker = new Worker(parentFile, { workerData: [realm, "for (;;);"], stdout: true });
    await once(worker.stdout, "data");
    await until(() => sandboxesOf(realm).some(isLooping));
    await worker.terminate();
    await until(() => sandboxesOf(realm).length === 0);
  }, 20_000);

  test("that forgets to dispose of an idle sandbox can still end", async () => {
    const file = join(temporaryFolder(), "forgetful.ts");
    const sandbox = JSON.stringify(new URL("sandbox.ts", import.meta.url).pathname);
    writeFileSync(
      file,
      `import { createSandbox } from ${sandbox};
      const outcome = await createSandbox({ realm: ${JSON.stringify(realm)} }).run(${JSON.stringify(job(sine))}, ${JSON.stringify(limits)});
      console.log(outcome.kind);`,
    );
    const parent = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
    const [[text], [code]] = await Promise.all([once(parent.stdout, "data"), once(parent, "exit")]);
    expect([String(text).trim(), code]).toEqual(["judged", 0]);
  }, 20_000);
});

/** A child's bundle that writes these bytes when it gets its job. */
function badChild(answer: string, atStart = 'report({ type: "ready" });'): string {
  const file = join(temporaryFolder(), "bad.cjs");
  writeFileSync(
    file,
    `const { writeSync } = require("node:fs");
    const bytes = (...parts) => { for (const part of parts) for (let sent = 0; sent < part.length; ) sent += writeSync(1, part, sent); };
    const text = s => { const b = Buffer.from(s); const h = Buffer.alloc(4); h.writeUInt32LE(b.length); bytes(h, b); };
    const report = r => text(JSON.stringify(r));
    const right = { verdict: "correct", rule: null, hints: [], message: "m", domain: null, inputs: [] };
    process.stdin.on("data", () => { ${answer} });
    ${atStart}`,
  );
  return file;
}

describe("a child gone bad", () => {
  test.each([
    [
      "a message of a gigabyte",
      "bytes(Buffer.from([0, 0, 0, 64]))",
      /at most 1048576 bytes, got one of 1073741824/,
    ],
    ["a message that is no JSON", 'text("{")', /JSON/],
    ["a message of another kind", 'report({ type: "run", command: "id" })', /type/],
    ["a judgement of another job", 'report({ type: "judged", id: 9, judgement: right })', /job 9/],
    [
      "a verdict that there is not",
      'report({ type: "judged", id: 1, judgement: { ...right, verdict: "fine" } })',
      /verdict/,
    ],
    [
      "fields that there are not",
      'report({ type: "judged", id: 1, judgement: { ...right, html: "<script>" } })',
      /html/,
    ],
    ["ready for the second time", 'report({ type: "ready" })', /twice/],
    [
      "more lines than it may",
      'for (let i = 0; i < 300; i++) report({ type: "log", id: 1, line: "x" })',
      /more lines/,
    ],
    ["a flood on standard error", "process.stderr.write('x'.repeat(1e6))", /standard error/],
    ["nothing and ends", "process.exit(3)", /ended with code 3/],
  ])("that says %s is ended", async (_, answer, detail) => {
    const bad = badChild(answer);
    const sandbox = createSandbox({ realm: bad });
    expect(await sandbox.run(job(sine), limits)).toMatchObject({
      kind: "crashed",
      detail: expect.stringMatching(detail),
    });
    await sandbox.dispose();
    expect(sandboxesOf(bad)).toEqual([]);
  });

  test("that floods the pipe does not fill the parent's memory", async () => {
    const before = process.memoryUsage.rss();
    const sandbox = createSandbox({
      realm: badChild(`const b = Buffer.alloc(1 << 20, 1); for (;;) bytes(b);`),
    });
    expect(said(await sandbox.run(job(sine), limits))).toBe("crashed");
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * REPORT_BYTES);
    await sandbox.dispose();
  });

  test("cannot colour, move or reorder what people read", async () => {
    const answer = String.raw`report({ type: "log", id: 1, line: "\x1b[2J\u202eevil\x07" }); report({ type: "judged", id: 1, judgement: { ...right, message: "\x1b]0;t\x07\x1b[31mred\u2066" } })`;
    const sandbox = createSandbox({ realm: badChild(answer) });
    expect(await sandbox.run(job(sine), limits)).toMatchObject({
      logs: ["evil"],
      judgement: { message: "red" },
    });
    await sandbox.dispose();
  });

  test("that cannot start says why", async () => {
    const sandbox = createSandbox({ realm: badChild("", 'report({ type: "failed", detail: "no realm" });') });
    expect(await sandbox.run(job(sine), limits)).toMatchObject({
      kind: "crashed",
      detail: expect.stringContaining("no realm"),
    });
    await sandbox.dispose();
  });
});

describe("a runtime", () => {
  /** A program that runs Node, but for what the shell does first with each argument. */
  function runtime(perArgument: string): string {
    const file = join(temporaryFolder(), "runtime");
    writeFileSync(
      file,
      `#!/bin/sh
      for argument; do shift; case "$argument" in ${perArgument} ;; *) set -- "$@" "$argument" ;; esac; done
      exec ${JSON.stringify(process.execPath)} "$@"`,
    );
    chmodSync(file, 0o755);
    return file;
  }

  test.each([
    ["takes Node's permission flags and does not enforce them", "--permission|--allow-fs-read=*)"],
    ["does not take Node's permission flags", "--permission) exit 9"],
  ])(
    "that %s is used without",
    async (_, perArgument) => {
      const sandbox = createSandbox({ realm, execPath: runtime(perArgument) });
      expect(said(await sandbox.run(job(sine), limits))).toBe("judged correct");
      expect(said(await sandbox.run(job("for (;;);"), { ...limits, timeMs: 200 }))).toBe("time-limit");
      expect(said(await sandbox.run(job(sine), limits))).toBe("judged correct");
      await sandbox.dispose();
    },
    20_000,
  );

  test("that cannot run the child at all makes the job crash, and says so", async () => {
    const sandbox = createSandbox({ realm, execPath: runtime("*sandbox.cjs) exit 9") });
    const outcome = await sandbox.run(job(sine), limits);
    expect(outcome).toMatchObject({ kind: "crashed", detail: expect.stringContaining("did not start") });
    await sandbox.dispose();
  });
});
