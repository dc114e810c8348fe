/** @file A wrong backward is put right from the light bulb: one choice, and the lens is correct. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./until.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const file = "matrix-square.ts";
const right = "gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput))";

let editor: Workbench;

beforeAll(async () => {
  editor = await openWorkbench({ files: "examples" });
  await editor.openFile(file);
});

afterAll(() => editor.close());

test("the light bulb offers the fix, and applying it turns the lens to correct", async () => {
  await editor.waitForLens(/backward wrong/);
  const { page } = editor;
  // To the problem, then the light bulb's key.
  await page.keyboard.press("F8");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+.");
  const menu = page.locator(".action-widget");
  const fix = menu.getByText(/gradOutput @ inputᵀ|derived|product/i).first();
  await fix.waitFor();
  await editor.screenshot("fix-offered");
  await page.keyboard.press("Enter");

  await editor.waitForLens(/backward correct/);
  await editor.screenshot("fix-applied");
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
