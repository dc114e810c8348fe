import { join } from "node:path";
import { expect, it } from "vitest";
import type { Finding } from "../checker/finding.ts";
import { jsonReport } from "./json.ts";

const CWD = join("/", "code");
const range = { start: { line: 7, character: 4 }, end: { line: 7, character: 9 } };

const wrong: Finding = {
  verdict: "wrong",
  rule: "wrong-vjp",
  message: "wrong",
  domain: "x: (n,)",
  inputs: [
    { name: "x", shape: [2], verdict: "wrong", maxError: Number.POSITIVE_INFINITY, at: [1] },
    { name: "dim", shape: null, verdict: "unchecked", maxError: null, at: null },
  ],
  returned: "1",
  expected: "2",
  cause: { kind: "wrong-sign", sentence: "The gradient for `x` has the wrong sign; negate it." },
  derivation: null,
  name: "Square",
  file: join(CWD, "src", "a.ts"),
  range,
  fixes: [],
  seed: 3,
  durationMs: 5,
};

const skipped: Finding = {
  verdict: "skipped",
  rule: "missing-grad",
  message: "no backward",
  reason: "Add one.",
  domain: null,
  inputs: [],
  name: "Cube",
  file: join("/", "elsewhere", "b.ts"),
  range,
  fixes: [],
  seed: 3,
  durationMs: 0,
};

function written(...findings: Finding[]): string {
  let text = "";
  const report = jsonReport({ write: more => (text += more), colors: true, interactive: true }, CWD);
  for (const finding of findings) report.finding(finding, "");
  const summary = { correct: 0, wrong: 1, surrogate: 0, inconclusive: 0, skipped: 1 };
  report.end({ summary, files: 2, durationMs: 9 });
  return text;
}

it("holds the contract's names, each in every finding", () => {
  expect(JSON.parse(written(wrong, skipped))).toEqual({
    version: 1,
    functions: [
      {
        name: "Square",
        file: "src/a.ts",
        range,
        verdict: "wrong",
        rule: "wrong-vjp",
        message: "wrong",
        domain: "x: (n,)",
        inputs: [
          { name: "x", shape: [2], verdict: "wrong", maxError: "Infinity", at: [1] },
          { name: "dim", shape: null, verdict: "unchecked", maxError: null, at: null },
        ],
        returned: "1",
        expected: "2",
        cause: { kind: "wrong-sign", sentence: "The gradient for `x` has the wrong sign; negate it." },
        fix: null,
        reason: null,
        hints: [],
        seed: 3,
        durationMs: 5,
      },
      {
        name: "Cube",
        file: "../elsewhere/b.ts",
        range,
        verdict: "skipped",
        rule: "missing-grad",
        message: "no backward",
        domain: null,
        inputs: [],
        returned: null,
        expected: null,
        cause: null,
        fix: null,
        reason: "Add one.",
        hints: [],
        seed: 3,
        durationMs: 0,
      },
    ],
    hints: [],
    summary: { correct: 0, wrong: 1, surrogate: 0, inconclusive: 0, skipped: 1 },
  });
});

it("holds hints beside the Functions", () => {
  let text = "";
  const report = jsonReport({ write: more => (text += more), colors: true, interactive: true }, CWD);
  const hint = { rule: "cross-terms", message: "The sum holds more." } as const;
  const fix = { title: "Reduce the diagonal", edits: [{ range, newText: ".diagonal()" }], verified: true };
  const other = { ...fix, title: "Name the row once" };
  report.hint(hint, { ...skipped, name: "x.sum()", file: join(CWD, "a.ts"), fixes: [fix, other] }, "");
  report.end({
    summary: { correct: 0, wrong: 0, surrogate: 0, inconclusive: 0, skipped: 0 },
    files: 1,
    durationMs: 9,
  });
  const { functions, hints } = JSON.parse(text);
  expect(functions).toEqual([]);
  expect(hints).toEqual([{ name: "x.sum()", file: "a.ts", range, ...hint, fix, fixes: [fix, other] }]);
});

it("holds a Function's own hints in it", () => {
  const hint = { rule: "wrong-double-backward", message: "Second derivatives are wrong." } as const;
  const { functions, hints } = JSON.parse(
    written({ ...wrong, verdict: "correct", rule: hint.rule, hints: [hint] }),
  );
  expect(functions[0].hints).toEqual([hint]);
  expect(hints).toEqual([]);
});

it("writes control characters as escapes, which read back as they were", () => {
  const message = "\u001b[31m\u009b2J\u202e\u007f";
  const text = written({ ...wrong, message });
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(JSON.parse(text).functions[0].message).toBe(message);
});
