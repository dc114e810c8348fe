/** @file What the terminal shows, held against golden texts; `npx vitest run extension/cli --update` writes them anew. */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding, InputReport, Judgement, Range } from "../checker/finding.ts";
import { prettyReport } from "./pretty.ts";
import { emptySummary } from "./report.ts";

const CWD = join("/", "code");

const TEXT = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Linear extends Function {
  static forward(ctx: Context, x: Tensor, bias: Tensor) {
    return x.add(bias);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    return [gradOutput, gradOutput.select(0, 0)];
  }
}
`;

const place = (line: number, from: number, to: number): Range => ({
  start: { line, character: from },
  end: { line, character: to },
});

const RETURNED = place(7, 11, 48);
const BACKWARD = place(6, 9, 17);

const x: InputReport = { name: "x", shape: [3, 2], verdict: "correct", maxError: 7e-14, at: [2, 1] };
const bias: InputReport = { name: "bias", shape: [2], verdict: "wrong", maxError: 1.04, at: [1] };
const dim: InputReport = { name: "dim", shape: null, verdict: "unchecked", maxError: null, at: null };

function findingOf(judgement: Partial<Judgement>, range = BACKWARD): Finding {
  const file = join(CWD, "src", "linear.ts");
  const base = {
    message: "",
    domain: null,
    inputs: [],
    name: "Linear",
    file,
    range,
    seed: 0,
    fixes: [],
    durationMs: 12,
  };
  return { ...base, ...judgement } as Finding;
}

const wrong = findingOf(
  {
    verdict: "wrong",
    rule: "wrong-vjp",
    message:
      "Linear.backward is not the vector–Jacobian product of forward: the gradient for bias[1] is wrong",
    domain: "x: (n, m), bias: (m,)",
    inputs: [x, bias, dim],
    cause: { kind: "not-reduced", sentence: "The gradient for `bias` is not summed over dimension 0." },
    derivation: null,
    returned: "∂ output[2, 1] / ∂ bias[1] = 0",
    expected: "∂ output[2, 1] / ∂ bias[1] = 1\nover two lines",
  },
  RETURNED,
);
wrong.fixes.push({
  title: "Sum over dimension 0",
  edits: [{ range: place(7, 34, 47), newText: ".sum(0)" }],
  verified: true,
});

function shown(write: (report: ReturnType<typeof prettyReport>) => void, colors = false): string {
  let text = "";
  write(prettyReport({ write: more => (text += more), colors, interactive: false }, CWD));
  return text;
}

const golden = (name: string) => join(import.meta.dirname, "golden", `${name}.txt`);

describe("pretty", () => {
  it("correct", async () => {
    const finding = findingOf({
      verdict: "correct",
      rule: null,
      hints: [],
      inputs: [x, { ...x, name: "bias", shape: [2] }, dim],
    });
    await expect(shown(report => report.finding(finding, TEXT))).toMatchFileSnapshot(golden("correct"));
  });

  it("cuts lines that nobody wrote", () => {
    const long = TEXT.replace("  static backward", `  /*${" ".repeat(100_000)}*/ static backward`);
    const lines = shown(report => report.finding(wrong, long)).split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(1_100);
  });

  it("a hint", async () => {
    const hint = {
      rule: "cross-terms",
      message: "The sum holds x[i] @ x[j] for every pair of rows.",
    } as const;
    const about = findingOf({ verdict: "correct", rule: "cross-terms", hints: [hint] }, RETURNED);
    const fix = { title: "Reduce the diagonal alone: .diagonal().sum()", edits: [], verified: true };
    const named = { ...about, name: "x.matmul(x.t()).sum()", fixes: [fix] };
    const text = shown(report => {
      report.hint(hint, named, TEXT);
      report.end({ summary: emptySummary(), files: 1, durationMs: 5 });
    });
    await expect(text).toMatchFileSnapshot(golden("hint"));
  });

  it("correct, with a hint", async () => {
    const message =
      "Second derivatives through Linear are wrong in silence: 2 instead of 3 along a random direction.";
    const hint = { rule: "wrong-double-backward", message } as const;
    const finding = findingOf({ verdict: "correct", rule: hint.rule, hints: [hint], inputs: [x] });
    const text = shown(report => {
      report.finding(finding, TEXT);
      report.end({ summary: { ...emptySummary(), correct: 1 }, files: 1, durationMs: 5 });
    });
    await expect(text).toMatchFileSnapshot(golden("correct-hinted"));
  });

  it("correct for its surrogate", async () => {
    const finding = findingOf({ verdict: "surrogate", rule: null, hints: [], inputs: [x] });
    await expect(shown(report => report.finding(finding, TEXT))).toMatchFileSnapshot(golden("surrogate"));
  });

  it("wrong", async () => {
    await expect(shown(report => report.finding(wrong, TEXT))).toMatchFileSnapshot(golden("wrong"));
  });

  it("wrong, in colours", async () => {
    await expect(shown(report => report.finding(wrong, TEXT), true)).toMatchFileSnapshot(
      golden("wrong-colors"),
    );
  });

  it("inconclusive", async () => {
    const finding = findingOf({
      verdict: "inconclusive",
      rule: "time-limit",
      message: "Linear was stopped after 10 s",
      reason: "It had not finished. Look for a loop that does not end.",
    });
    await expect(shown(report => report.finding(finding, TEXT))).toMatchFileSnapshot(golden("inconclusive"));
  });

  it("skipped", async () => {
    const finding = findingOf({
      verdict: "skipped",
      rule: "missing-grad",
      message: "Linear has no backward yet",
      reason: "Add a static backward.",
    });
    await expect(shown(report => report.finding(finding, TEXT))).toMatchFileSnapshot(golden("skipped"));
  });

  it("the totals", async () => {
    const summary = { correct: 2, wrong: 1, surrogate: 0, inconclusive: 1, skipped: 1 };
    await expect(shown(report => report.end({ summary, files: 3, durationMs: 1234 }))).toMatchFileSnapshot(
      golden("totals"),
    );
  });

  it("nothing found", async () => {
    const totals = { summary: emptySummary(), files: 1, durationMs: 5 };
    await expect(shown(report => report.end(totals))).toMatchFileSnapshot(golden("nothing-found"));
  });

  it("lets no control character of the checked code through", () => {
    const evil = "\u001b[2J\u001b]0;title\u0007\u202e";
    const finding = findingOf({
      verdict: "wrong",
      rule: "wrong-vjp",
      message: `says ${evil}`,
      domain: evil,
      inputs: [{ ...x, name: evil }],
      returned: evil,
      expected: evil,
    });
    const hostile = { ...finding, name: evil, file: join(CWD, `a${evil}.ts`) };
    const text = shown(report => report.finding(hostile, TEXT.replace("gradOutput,", `${evil} gradOutput,`)));
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(text).toContain("says");
  });
});
