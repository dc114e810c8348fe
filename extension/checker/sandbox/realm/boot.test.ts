/**
 * @file The boot by itself: what of Node is left to one that holds on to its modules from before, what a child does with
 * orders that are none, and where it was told that it is confined and is not.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { ORDER_BYTES } from "../caps.ts";
import { frame } from "../framing.ts";
import { CONFINED_ARGUMENT, EXIT } from "../launch-contract.ts";
import { builtRealm, temporaryFolder } from "../testing.ts";

let realm: string;

beforeAll(async () => {
  realm = await builtRealm();
}, 60_000);

describe("after the boot has given Node's powers up,", () => {
  /** What a script prints that took hold of Node's modules before. */
  async function left(script: string): Promise<string> {
    const outfile = join(temporaryFolder(), "held.cjs");
    await build({
      stdin: {
        contents: `import held from "node:process";
          import { writeSync } from "node:fs";
          import { createRequire } from "node:module";
          import { renounce } from "./renounce.ts";
          const require = createRequire("/");
          const { stringify } = JSON;
          const say = value => writeSync(1, stringify(value));
          renounce();
          ${script}`,
        resolveDir: import.meta.dirname,
        loader: "ts",
      },
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs",
      logLevel: "error",
    });
    const child = spawn(process.execPath, ["--no-warnings", outfile], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", data => (text += data));
    await once(child, "close");
    return text;
  }

  test("`process` is an empty shell", async () => {
    const script =
      "say(Object.fromEntries(Reflect.ownKeys(held).map(key => [String(key), typeof held[key]])))";
    const kinds = Object.entries(JSON.parse(await left(script)))
      .filter(([, kind]) => kind !== "undefined")
      .map(([key]) => key);
    // Node reads these itself; the last two cannot be taken away, and say nothing.
    const ofNode =
      "nextTick emitWarning domain _events _eventsCount _maxListeners _exiting _fatalException features argv0";
    expect(ofNode.split(" ")).toEqual(expect.arrayContaining(kinds));
  });

  test("the environment holds nothing but a time zone", async () => {
    expect(
      JSON.parse(await left("say([held.env ?? null, new Date(0).getTimezoneOffset()])").then(String)),
    ).toEqual([null, 0]);
  });

  test.each([
    ["imported", `import("node:fs").then(() => say("loaded"), error => say(error.message))`],
    ["required", `try { require("node:fs"); say("loaded"); } catch (error) { say(error.message); }`],
  ])("no module can be %s, by code that could before", async (_, script) => {
    expect(await left(script)).toContain("there are no modules in the sandbox");
  });
});

describe("a child", () => {
  function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, ["--no-warnings", ...args], { stdio: ["pipe", "pipe", "pipe"] });
  }

  async function endOf(child: ChildProcess): Promise<number | null> {
    const [code] = await once(child, "exit");
    return code;
  }

  test("that was to be confined, and is not, runs nothing", async () => {
    const child = start(realm, CONFINED_ARGUMENT);
    let told = "";
    child.stdout!.on("data", data => (told += data));
    expect(await endOf(child)).toBe(EXIT.notConfined);
    expect(told).toBe("");
  });

  test.each<[string, Buffer]>([
    ["is no JSON", frame("{")],
    ["is no order", frame(JSON.stringify({ id: 1, run: "id" }))],
    ["is longer than any", Buffer.from(new Uint32Array([ORDER_BYTES + 1]).buffer)],
  ])(
    "ends at an order that %s",
    async (_, bytes) => {
      const child = start(realm);
      await once(child.stdout!, "data");
      child.stdin!.write(bytes);
      expect(await endOf(child)).toBe(EXIT.uncaught);
    },
    20_000,
  );

  test("ends with the pipe from its parent", async () => {
    const child = start(realm);
    await once(child.stdout!, "data");
    child.stdin!.end();
    expect(await endOf(child)).toBe(EXIT.done);
  }, 20_000);
});

describe("in the realm of a child that is ready,", () => {
  /** What an expression is there, in the scope of the realm's own code. */
  async function told(expression: string): Promise<string> {
    // As text within a text: its quotes may be escaped.
    const [before, after] = readFileSync(realm, "utf8").split(/send\(written\d*\(\{type:\\?"ready\\?"\}\)\)/);
    if (after === undefined) throw new Error("the realm does not say that it is ready");
    const tampered = join(temporaryFolder(), "tampered.cjs");
    writeFileSync(tampered, `${before}send(String(${expression}))${after}`);
    const child = spawn(process.execPath, ["--no-warnings", tampered], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [data] = await once(child.stdout, "data");
    child.kill("SIGKILL");
    return (data as Buffer).subarray(4).toString();
  }

  test.each([
    ["there is no WebAssembly any more", "typeof globalThis.WebAssembly", "undefined"],
    [
      "no error has an untamed parent",
      "!SuppressedError || Object.getPrototypeOf(SuppressedError) === Error",
      "true",
    ],
    ["the engine is frozen", "Object.isFrozen(engine) && Object.isFrozen(engine.Tensor.prototype)", "true"],
  ])("%s", async (_, expression, value) => {
    expect(await told(expression)).toBe(value);
  });
});
