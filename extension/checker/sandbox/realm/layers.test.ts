/**
 * @file Walls that stand behind others, each by itself: what the boot leaves to code that has got past SES, and whether the
 * realm's audit sees what was not frozen. The attacks do not get that far.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { createSandbox } from "../sandbox.ts";
import { builtRealm, job, limits, sine, temporaryFolder } from "../testing.ts";
import { audit } from "./audit.ts";

/** Why the child at `realm` did not start. */
async function refusal(realm: string): Promise<string> {
  const sandbox = createSandbox({ realm, warm: 0 });
  const outcome = await sandbox.run(job(sine), limits);
  await sandbox.dispose();
  return "detail" in outcome ? outcome.detail : outcome.kind;
}

describe("what the boot leaves to the main realm:", () => {
  /** The boot with another realm in it, which tells what `expression` is, in the place of starting. */
  async function seen(expression: string): Promise<string> {
    const outfile = join(temporaryFolder(), "boot.cjs");
    const realm = `({ send, afterMicrotasks }) => {
      const tell = value => send(JSON.stringify({ type: "failed", detail: "told " + value }));
      try { Promise.resolve(${expression}).then(tell, error => tell("threw " + error.name)); } catch (error) { tell("threw " + error.name); }
      return () => {};
    }`;
    await build({
      entryPoints: [new URL("boot.ts", import.meta.url).pathname],
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs",
      plugins: [
        {
          name: "another-realm",
          setup({ onResolve, onLoad }) {
            onResolve({ filter: /^sandbox:realm$/ }, ({ path }) => ({ path, namespace: "probe" }));
            onLoad({ filter: /.*/, namespace: "probe" }, () => ({ contents: realm, loader: "text" }));
          },
        },
      ],
    });
    return (await refusal(outfile)).replace(/^.*told /, "");
  }

  test("no global but the language's", async () => {
    const language = (await seen("Reflect.ownKeys(globalThis).map(String).join()")).split(",");
    expect(language).toContain("Array");
    const others =
      "process require global Buffer fetch setTimeout setImmediate queueMicrotask performance crypto WeakRef";
    expect(language.filter(name => others.split(" ").includes(name) || name.startsWith("Symbol("))).toEqual(
      [],
    );
  });

  test.each([
    ["syntax for a module's source", "new Function('return import.source(\"x\")')", "threw SyntaxError"],
    ["syntax for a deferred module", "new Function('return import.defer(\"x\")')", "threw SyntaxError"],
    ["syntax that makes a SuppressedError", "new Function('{ using x = null }')", "threw SyntaxError"],
    ["the time zone of the place", "new Date(0).getTimezoneOffset()", "0"],
  ])("not %s", async (_, expression, what) => {
    expect(await seen(expression)).toBe(what);
  });

  test("no module, by a loader that was there before", async () => {
    expect(await seen("new Function('return import(\"node:fs\")')()")).toMatch(/^threw (TypeError|Error)$/);
  });
});

describe("the audit", () => {
  test("names what is not frozen", () => {
    expect(() => audit({ here: {} })).toThrow("here is not frozen");
  });

  test("looks at what syntax alone makes, which in a realm that is not locked can be changed", () => {
    expect(() => audit({})).toThrow("is not frozen");
  });

  let text: string;
  beforeAll(async () => {
    text = readFileSync(await builtRealm(), "utf8");
  }, 60_000);

  test.each([
    [
      "the engine's hidden classes are not hardened",
      "harden(engineClasses);",
      /engineClasses\S* is not frozen/,
    ],
    [
      "the compartment's globals are not hardened",
      "harden(compartment.globalThis);",
      /globalThis\S* is not frozen/,
    ],
    ["SES is not told to lock down", "lockdown({errorTaming:", /could not start/],
  ])("keeps a child from starting where %s", async (_, step, why) => {
    const [before, after, ...more] = text.split(step.replaceAll('"', '\\"'));
    expect(after).toBeDefined();
    const instead = step.startsWith("lockdown") ? "Object({errorTaming:" : "";
    const tampered = join(temporaryFolder(), "tampered.cjs");
    writeFileSync(tampered, [before! + instead + after!, ...more].join(step));
    expect(await refusal(tampered)).toMatch(why);
  });
});
