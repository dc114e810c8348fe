/**
 * @file A sample of `npm run escapes`: our own attacks, and of the corpus one of each kind for each expectation. Before them the
 * harness itself: it must see what it is there to see.
 */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildSandbox } from "../../scripts/sandbox-bundle.ts";
import { type Canary, openCanary } from "./canary.ts";
import { type Attack, CorpusError, readCorpus } from "./corpus.ts";
import { openRange, type Range } from "./trial.ts";

const here = import.meta.dirname;
const corpus = readCorpus(join(here, "corpus"));
const sample = [...Map.groupBy(corpus, ({ kind, expectation }) => `${kind} ${expectation}`).values()].map(
  ([first]) => first!,
);

let canary: Canary;
let range: Range;

beforeAll(async () => {
  canary = await openCanary();
  const realm = join(canary.workspace, "..", "sandbox.cjs");
  await buildSandbox(realm);
  range = await openRange(realm, canary);
}, 60_000);

afterAll(async () => {
  await range?.dispose();
  canary?.dispose();
});

const attack = (text: string, rest: Partial<Attack> = {}): Attack => ({
  file: "harness.js",
  kind: "harness",
  expectation: "harmless",
  text,
  ...rest,
});

describe("the harness", () => {
  test("sees what is handed back, whatever else is printed", async () => {
    const trial = await range.tryAttack(
      attack("for (let i = 0; i < 1e4; i++) console.log('handed back:', i); exports.result = [1, 'two'];", {
        result: '^\\[1, "two"\\]$',
      }),
    );
    expect(trial).toMatchObject({ outcome: "correct", met: true, breaches: [] });
  });

  test.each<[string, Attack]>([
    ["one that says it succeeded", attack("exports.result = 'PWNED: by all means';")],
    ["one that was to be stopped", attack("exports.result = 1;", { expectation: "terminated" })],
    ["one that was to end by itself", attack("for (;;);", { expectation: "blocked" })],
    ["another result", attack("exports.result = 'this';", { result: "^that" })],
    ["another verdict", attack("exports.result = 1;", { grad: false })],
  ])(
    "does not count %s as met",
    async (_, given) => {
      expect((await range.tryAttack(given)).met).toBe(false);
    },
    20_000,
  );

  test("sees a connection, a file and the secret", async () => {
    const port = canary.baited("__CANARY_PORT__");
    const { connect } = await import("node:net");
    const { writeFileSync } = await import("node:fs");
    await new Promise(resolve => connect(Number(port), "127.0.0.1").once("close", resolve));
    writeFileSync(join(canary.baited("__CANARY_DIR__"), "egg"), "");
    const secret = process.env.GRADIENT_LENS_CANARY!;
    expect(canary.breaches(`so ${secret} is known`)).toHaveLength(3);
    expect(canary.breaches("")).toEqual([]);
  });

  test("refuses what is no corpus", () => {
    expect(() => readCorpus(here)).toThrow(CorpusError);
  });
});

describe("an attack ends as expected, reaches nothing, and the next check is right:", () => {
  test.each([...readCorpus(join(here, "attacks")), ...sample].map(given => [given.file, given] as const))(
    "%s",
    async (_, given) => {
      const { met, breaches, outcome, detail } = await range.tryAttack(given);
      expect({ met, breaches, outcome, detail }).toEqual({ met: true, breaches: [], outcome, detail });
    },
  );
});
