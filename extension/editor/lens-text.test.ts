import { describe, expect, it } from "vitest";
import type { Finding, InputReport, Judgement } from "../checker/finding.ts";
import { lensText } from "./lens-text.ts";
import { problemText } from "./problem-text.ts";

const x: InputReport = { name: "x", shape: [2, 3], verdict: "correct", maxError: 1.2e-11, at: [0, 1] };
const A: InputReport = { name: "A", shape: [3, 3], verdict: "correct", maxError: 0, at: [0, 0] };
const dim: InputReport = { name: "dim", shape: null, verdict: "unchecked", maxError: null, at: null };

function findingOf(judgement: Partial<Judgement>): Finding {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  const base = {
    message: "What was found",
    domain: null,
    inputs: [],
    name: "F",
    file: "/f.ts",
    range,
    seed: 0,
    fixes: [],
    durationMs: 1,
  };
  return { ...base, ...judgement } as Finding;
}

const titleOf = (judgement: Partial<Judgement>) =>
  lensText({ kind: "checked", finding: findingOf(judgement) }, true).title;

describe("lens", () => {
  it("offers the check where nothing current is known", () => {
    expect(lensText({ kind: "unchecked" }, true)).toMatchObject({
      title: "$(circle-outline)\u00a0Check backward",
      action: "check",
    });
    expect(lensText({ kind: "stale" }, true)).toMatchObject({
      title: "$(circle-outline)\u00a0Check backward · edited since the last check",
      action: "check",
    });
  });

  it("turns while it checks", () => {
    const run = new AbortController();
    expect(lensText({ kind: "checking", run }, true).title).toBe("$(sync~spin)\u00a0Checking backward");
  });

  it("says inputs and error of what is correct", () => {
    expect(titleOf({ verdict: "correct", rule: null, hints: [], inputs: [x, A, dim] })).toBe(
      "$(pass)\u00a0backward correct · x: (2, 3) · A: (3, 3) · max error 1e-11",
    );
    expect(titleOf({ verdict: "surrogate", rule: null, hints: [], inputs: [x] })).toBe(
      "$(pass)\u00a0backward correct for its surrogate · x: (2, 3) · max error 1e-11",
    );
  });

  it("says where what is wrong is worst, else what was found", () => {
    const wrong = {
      verdict: "wrong",
      rule: "wrong-vjp",
      returned: "",
      expected: "",
      cause: null,
      derivation: null,
    } as const;
    const bias: InputReport = { name: "bias", shape: [4], verdict: "wrong", maxError: 1.04, at: [3] };
    expect(titleOf({ ...wrong, inputs: [x, bias] })).toBe(
      "$(error)\u00a0backward wrong · bias: (4,) · error 1 at [3]",
    );
    expect(titleOf({ ...wrong, inputs: [{ ...bias, shape: [], at: [] }] })).toBe(
      "$(error)\u00a0backward wrong · bias: () · error 1",
    );
    expect(titleOf({ ...wrong, rule: "grad-count" })).toBe("$(error)\u00a0backward wrong · What was found");
  });

  it("says why there is no verdict", () => {
    const reason = { reason: "And what to do." };
    expect(titleOf({ verdict: "inconclusive", rule: "time-limit", ...reason })).toBe(
      "$(question)\u00a0inconclusive · What was found",
    );
    expect(titleOf({ verdict: "skipped", rule: "missing-grad", ...reason })).toBe(
      "$(debug-step-over)\u00a0skipped · What was found",
    );
  });

  it("says nothing but the way out where the workspace is not trusted", () => {
    const finding = findingOf({ verdict: "correct", rule: null, hints: [] });
    for (const status of [{ kind: "unchecked" } as const, { kind: "checked", finding } as const]) {
      expect(lensText(status, false)).toMatchObject({
        title: "$(workspace-untrusted)\u00a0Not checked: the workspace is not trusted",
        action: "trust",
      });
    }
  });

  it("stays one line of bearable length, and draws no icons of the checked code", () => {
    const message = `evil $(sync~spin)\n\u001b[31m ${"long ".repeat(50)}`;
    const title = titleOf({ verdict: "inconclusive", rule: "forward-throws", message, reason: "" });
    expect(title).not.toMatch(/\p{Cc}/u);
    expect(title.indexOf("$(", 1)).toBe(-1);
    expect(title.length).toBeLessThan(140);
    expect(title.endsWith("…")).toBe(true);
  });
});

describe("problem", () => {
  it("is an error with what was returned and expected where backward is wrong", () => {
    const finding = findingOf({
      verdict: "wrong",
      rule: "wrong-vjp",
      cause: null,
      derivation: null,
      returned: "∂ y / ∂ x = 1",
      expected: "∂ y / ∂ x = 2",
      domain: "x: (n, n); square matrices only",
    });
    expect(problemText(finding)).toEqual({
      severity: "error",
      message:
        "What was found\nReturned: ∂ y / ∂ x = 1\nExpected: ∂ y / ∂ x = 2\nDefined for x: (n, n); square matrices only",
    });
  });

  it("is a warning with the reason where there is no verdict", () => {
    const finding = findingOf({ verdict: "inconclusive", rule: "time-limit", reason: "Look for a loop." });
    expect(problemText(finding)).toEqual({
      severity: "warning",
      message: "What was found\nLook for a loop.",
    });
  });

  it("is none where there is nothing to mend", () => {
    expect(problemText(findingOf({ verdict: "correct", rule: null, hints: [] }))).toBeUndefined();
    expect(problemText(findingOf({ verdict: "surrogate", rule: null, hints: [] }))).toBeUndefined();
    expect(problemText(findingOf({ verdict: "skipped", rule: "missing-grad", reason: "" }))).toBeUndefined();
  });
});
