/** @file A wrong backward is put right from the light bulb: one choice, and the lens is correct. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./until.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const file = "matrix-square.ts";
const wrong = "gradOutput.mul(2).mul(input)";
const right = "gradOutput.matmul(input.mT).add(input.mT.matmul(gradOutput))";

let editor: Workbench;

beforeAll(async () => {
  editor = await openWorkbench({ files: "examples" });
  await editor.openFile(file);
});

afterAll(() => editor.close());

test("the light bulb offers the fix, and applying it turns the lens to correct", async () => {
  await editor.waitForLens(/backward wrong/);
  const lines = editor.savedText(file).split("\n");
  const line = lines.findIndex(text => text.includes(wrong));
  await editor.goTo(line + 1, lines[line]!.indexOf(wrong) + 1);
  await editor.quickFix(/grad_out @ inputᵀ/);
  await editor.screenshot("fix-offered-light");
  await editor.page.keyboard.press("Escape");
  await editor.theme("dark");
  const fix = await editor.quickFix(/grad_out @ inputᵀ/);
  await editor.screenshot("fix-offered-dark");
  await fix.click();

  await editor.waitForLens(/backward correct/);
  await editor.screenshot("fix-applied-dark");
  await editor.theme("light");
  await editor.screenshot("fix-applied-light");
  await editor.waitForProblems("no problem", problems =>
    problems.every(({ source }) => source !== "gradient-lens"),
  );
  // Nothing was saved: the check ran on the buffer by itself.
  expect(editor.savedText(file)).not.toContain(right);
  await editor.save();
  await until(
    "the fix in the file",
    async () => editor.savedText(file),
    text => text.includes(right),
  );
});
