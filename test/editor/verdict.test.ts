/** @file The first promise: a wrong backward is flagged where it stands, and no longer than it is wrong. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Problem } from "./problems.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const file = "matrix-square.ts";
const wrong = "gradOutput.mul(2).mul(input)";
const right = "gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput))";

let editor: Workbench;

beforeAll(async () => {
  editor = await openWorkbench({ files: "examples" });
  await editor.openFile(file);
});

afterAll(() => editor.close());

test("opening a file shows the lens over backward and one problem on what it returns", async () => {
  const lens = await editor.waitForLens(/backward wrong/);
  expect(lens.line).toBe(lineOf("static backward"));
  expect(await editor.lenses()).toHaveLength(1);

  const [problem, ...others] = await ours("one problem", problems => problems.length === 1);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ file, severity: "error", code: "wrong-vjp", line: lineOf(wrong) });
  expect(problem?.message).toContain("square matrices only");
  await editor.screenshot("wrong-light");
  await editor.theme("dark");
  await editor.screenshot("wrong-dark");
  await editor.theme("light");
});

test("a click on the lens shows the problem", async () => {
  const hover = editor.page.locator(".monaco-hover:visible", { hasText: "vector–Jacobian product" });
  await editor.clickLens(/backward wrong/, hover.first());
  await editor.screenshot("wrong-hover");
  await editor.page.keyboard.press("Escape");
});

test("the right backward, saved, clears both", async () => {
  await editor.replace(wrong, right);
  await editor.save();
  await editor.waitForLens(/backward correct/);
  await ours("no problem", problems => problems.length === 0);
  await editor.screenshot("correct");
});

test("typed wrong again, it is stale at once and wrong when saved", async () => {
  await editor.replace(right, wrong);
  await editor.waitForLens(/edited since the last check/);
  await ours("no problem", problems => problems.length === 0);
  await editor.save();
  await editor.waitForLens(/backward wrong/);
  await ours("one problem", problems => problems.length === 1);
});

function ours(what: string, accept: (problems: Problem[]) => boolean): Promise<Problem[]> {
  const reported = (problems: Problem[]): Problem[] =>
    problems.filter(({ source }) => source === "gradient-lens");
  return editor.waitForProblems(what, problems => accept(reported(problems))).then(reported);
}

/** One-based number of the first line that holds a text. */
function lineOf(text: string): number {
  return (
    editor
      .savedText(file)
      .split("\n")
      .findIndex(line => line.includes(text)) + 1
  );
}
