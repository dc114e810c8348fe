import { describe, expect, it } from "vitest";
import type { CheckOptions, FunctionSite } from "./checker.ts";
import type { Judgement, Range } from "./finding.ts";
import { checkerOn } from "./local-checker.ts";
import { PLAIN_NOTATION } from "./notation.ts";
import type { Runtime } from "./runtime.ts";
import type { Job, Outcome } from "./sandbox/job.ts";

const FILE = "/code/square.ts";
const OPTIONS: CheckOptions = { seed: 7, limits: { timeMs: 2000, memoryMb: 200 } };

/** A range that says which line it stands for. */
const line = (number: number): Range => ({
  start: { line: number, character: 0 },
  end: { line: number, character: 9 },
});

const CLASS_NAME = line(1);
const FORWARD_NAME = line(2);
const BACKWARD_NAME = line(4);
const RETURNED = line(5);

const SITE: FunctionSite = {
  name: "Square",
  path: ["Square"],
  range: line(0),
  nameRange: CLASS_NAME,
  forward: {
    nameRange: FORWARD_NAME,
    parameters: [{ name: "x", type: "Tensor", optional: false, initializer: null, rest: false }],
  },
  backward: { nameRange: BACKWARD_NAME, returns: [RETURNED, line(6)], gradOutputs: ["g"] },
  notation: PLAIN_NOTATION,
  declares: { backward: true, jvp: false },
};

const CORRECT: Judgement = {
  verdict: "correct",
  rule: null,
  hints: [],
  message: "as it should be",
  domain: null,
  inputs: [],
};
const WRONG: Judgement = {
  ...CORRECT,
  verdict: "wrong",
  rule: "wrong-vjp",
  returned: "1",
  expected: "2",
  cause: null,
  derivation: null,
};

const judged = (judgement: Judgement): Outcome => ({ kind: "judged", judgement, logs: ["a line"] });

interface Fakes {
  bundle?: Awaited<ReturnType<Runtime["bundler"]["bundle"]>>;
  outcome?: Outcome;
}

/** The real road between a bundler and a sandbox that give what the test says. */
function checkerWith({ bundle, outcome = judged(CORRECT) }: Fakes) {
  const jobs: Job[] = [];
  const bundled = { script: "the script", inputs: [FILE, "/code/helper.ts"] };
  const runtime: Runtime = {
    bundler: { bundle: async () => bundle ?? (bundled as typeof bundle & object) },
    sandbox: {
      async run(job) {
        jobs.push(job);
        return outcome;
      },
    },
    dispose: async () => {},
  };
  return { jobs, checker: checkerOn(runtime, async () => undefined) };
}

describe("checker", () => {
  it("hands the script, the parameters and the seed to the sandbox", async () => {
    const { jobs, checker } = checkerWith({});
    await checker.check(FILE, SITE, OPTIONS);
    expect(jobs).toEqual([
      {
        task: "check",
        script: "the script",
        name: "Square",
        parameters: SITE.forward!.parameters,
        gradOutputs: ["g"],
        notation: PLAIN_NOTATION,
        seed: OPTIONS.seed,
      },
    ]);
  });

  it("adds to the judgement what it is about", async () => {
    const { checker } = checkerWith({});
    const { durationMs, ...finding } = await checker.check(FILE, SITE, OPTIONS);
    expect(finding).toEqual({
      ...CORRECT,
      fixes: [],
      name: "Square",
      file: FILE,
      range: BACKWARD_NAME,
      seed: 7,
    });
    expect(durationMs).toBeGreaterThanOrEqual(0);
  });

  it("records what the finding rests on, and what was printed", async () => {
    const { checker } = checkerWith({});
    const { sources, logs } = await checker.record(FILE, SITE, OPTIONS);
    expect(sources).toEqual([FILE, "/code/helper.ts"]);
    expect(logs).toEqual(["a line"]);
  });

  describe("places", () => {
    const placeWith = async (fakes: Fakes, site = SITE) =>
      (await checkerWith(fakes).checker.check(FILE, site, OPTIONS)).range;
    const undecided = (rule: Judgement["rule"]) =>
      judged({ ...CORRECT, verdict: "inconclusive", rule: rule!, reason: "" });

    it("a wrong backward at the first expression it returns", async () => {
      expect(await placeWith({ outcome: judged(WRONG) })).toEqual(RETURNED);
    });
    it("a wrong backward that returns nothing at its name", async () => {
      const site = { ...SITE, backward: { nameRange: BACKWARD_NAME, returns: [], gradOutputs: null } };
      expect(await placeWith({ outcome: judged(WRONG) }, site)).toEqual(BACKWARD_NAME);
    });
    it("what forward does at forward", async () => {
      expect(await placeWith({ outcome: undecided("forward-throws") })).toEqual(FORWARD_NAME);
      expect(await placeWith({ outcome: undecided("no-inputs-found") })).toEqual(FORWARD_NAME);
    });
    it("what could not be run at the name of the class", async () => {
      const refused = { rule: "cannot-bundle" as const, message: "no such file" };
      expect(await placeWith({ bundle: { refused } })).toEqual(CLASS_NAME);
    });
  });

  describe("without a run", () => {
    it("skips a Function that has no backward yet", async () => {
      const { jobs, checker } = checkerWith({});
      const finding = await checker.check(FILE, { ...SITE, backward: null }, OPTIONS);
      expect(finding).toMatchObject({ verdict: "skipped", rule: "missing-grad", range: CLASS_NAME });
      expect(finding.message).toBe("Square has no backward yet");
      expect(jobs).toEqual([]);
    });

    it("skips what cannot be reached, with the reason", async () => {
      const { jobs, checker } = checkerWith({});
      const finding = await checker.check(FILE, { ...SITE, unreachable: "It is declared in f." }, OPTIONS);
      expect(finding).toMatchObject({ verdict: "skipped", reason: "It is declared in f." });
      expect(jobs).toEqual([]);
    });

    it("says why a bundle was refused, and rests on unknown files then", async () => {
      const refused = { rule: "cannot-bundle" as const, message: 'Could not resolve "./gone"' };
      const { jobs, checker } = checkerWith({ bundle: { refused } });
      const { finding, sources } = await checker.record(FILE, SITE, OPTIONS);
      expect(finding).toMatchObject({
        verdict: "inconclusive",
        rule: "cannot-bundle",
        reason: refused.message,
      });
      expect(sources).toBeNull();
      expect(jobs).toEqual([]);
    });
  });

  describe("runs that were stopped", () => {
    const { limits } = OPTIONS;
    const findingOf = (outcome: Outcome) => checkerWith({ outcome }).checker.check(FILE, SITE, OPTIONS);

    it("time limit", async () => {
      const finding = await findingOf({ kind: "time-limit", limits, logs: [] });
      expect(finding).toMatchObject({ verdict: "inconclusive", rule: "time-limit" });
      expect(finding.message).toBe("Square was stopped after 2 s");
    });
    it("memory limit", async () => {
      const finding = await findingOf({ kind: "memory-limit", limits, logs: [] });
      expect(finding).toMatchObject({ verdict: "inconclusive", rule: "memory-limit" });
      expect(finding.message).toBe("Square was stopped at 200 MB of memory");
    });
    it("crash, with its detail made plain", async () => {
      const finding = await findingOf({
        kind: "crashed",
        detail: "\u001b[31msignal\u001b[0m SIGSEGV",
        logs: [],
      });
      expect(finding).toMatchObject({ verdict: "inconclusive", rule: "sandbox-violation" });
      expect("reason" in finding && finding.reason).toMatch(/^signal SIGSEGV\. Check again/);
    });
    it("a cancelled run is no finding", async () => {
      await expect(findingOf({ kind: "cancelled" })).rejects.toMatchObject({ name: "AbortError" });
    });
  });

  it("rejects with the signal's reason, and runs nothing, when it is aborted before", async () => {
    const { jobs, checker } = checkerWith({});
    const reason = new Error("edited");
    await expect(checker.check(FILE, SITE, OPTIONS, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(jobs).toEqual([]);
  });
});
