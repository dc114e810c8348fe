/** @file The question of the forum, as a person meets it: the sum that mixes samples is marked, says why, and one choice puts it right. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./until.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const file = "quadratic-form.ts";
const sum = "sum: gradient(x => x.matmul(A).matmul(x.t()).sum())";

let editor: Workbench;
let line: number;

beforeAll(async () => {
  editor = await openWorkbench({ files: "examples" });
  await editor.openFile(file);
  await editor.waitForLens(/backward correct/);
  const lines = editor.savedText(file).split("\n");
  line = lines.findIndex(text => text.includes(sum)) + 1;
});

afterAll(() => editor.close());

test("the hint stands among the problems and says what the sum holds", async () => {
  const problems = await editor.waitForProblems("the hint", seen =>
    seen.some(({ code }) => code.includes("cross-terms")),
  );
  const [hint, ...others] = problems.filter(({ source }) => source === "gradient-lens");
  expect(others).toEqual([]);
  expect(hint).toMatchObject({ file, line, severity: "info" });
  expect(hint!.message).toContain("x[i] @ A @ x[j]");
  await editor.goTo(line, 30);
  await editor.screenshot("cross-terms-light");
  await editor.theme("dark");
  await editor.screenshot("cross-terms-dark");
  await editor.theme("light");
});

test("a hover says why its gradient is not that of each row", async () => {
  await editor.goTo(line, 30);
  await editor.command("Show or Focus Hover");
  const hover = editor.page.locator(".monaco-hover", { hasText: "cross terms" }).first();
  await hover.waitFor();
  const text = (await hover.innerText()).replaceAll("\u00a0", " ");
  expect(text).toContain("the gradient by x is not x @ (A + Aᵀ)");
  await editor.screenshot("cross-terms-hover");
  await editor.page.keyboard.press("Escape");
});

test("the light bulb offers the diagonal, an einsum and the comment; the diagonal ends the hint", async () => {
  await editor.goTo(line, 30);
  const fix = await editor.quickFix(".diagonal().sum()");
  const menu = await editor.page.locator(".action-widget").first().innerText();
  expect(menu).toMatch(/diagonal\(\)\.sum\(\)[\s\S]*einsum\("ni,ij,nj->"[\s\S]*are meant/);
  await editor.screenshot("cross-terms-fixes");
  await fix.click();
  await editor.waitForProblems("no problem", seen => seen.every(({ source }) => source !== "gradient-lens"));
  await editor.save();
  const saved = await until(
    "the fix in the file",
    async () => editor.savedText(file),
    text => !text.includes(sum),
  );
  expect(saved).toContain("sum: gradient(x => x.matmul(A).matmul(x.t()).diagonal().sum())");
});
