/** @file Code that is written on request, as people see it: chosen from the light bulb, it is there, has no error, and its lens says correct. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./until.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

const file = "attention.ts";
const text = `import type { Tensor } from "@gradient-lens/engine";

/** How much each query looks at each key. */
export function attention(q: Tensor, k: Tensor, scale = 0.5) {
  const scores = q.matmul(k.t()).mul(scale);
  return scores.softmax(-1);
}
`;

let editor: Workbench;

beforeAll(async () => {
  editor = await openWorkbench({ files: { [file]: text }, size: { width: 1300, height: 900 } });
  await editor.openFile(file);
});

afterAll(() => editor.close());

/** What the file says once the editor has saved it. */
async function savedWith(part: string): Promise<string> {
  await editor.save();
  return until(
    `${part} in the file`,
    async () => editor.savedText(file),
    saved => saved.includes(part),
  );
}

test("a custom Function for a plain function, with a backward that is correct", async () => {
  await editor.goTo(4, 18);
  const action = await editor.quickFix("Generate a custom Function with a verified backward");
  await editor.screenshot("generate-offered-light");
  await editor.theme("dark");
  await editor.screenshot("generate-offered-dark");
  await editor.theme("light");
  await action.click();

  await editor.waitForLens(/backward correct/);
  await editor.screenshot("generated-light");
  await editor.theme("dark");
  await editor.screenshot("generated-dark");
  await editor.theme("light");
  // Neither ours nor TypeScript's.
  await editor.waitForProblems("no problem", problems => problems.length === 0);
  const saved = await savedWith("class Attention extends Function {");
  expect(saved.startsWith(text.slice(text.indexOf("\n\n")), saved.indexOf("\n\n"))).toBe(true);
  expect(saved).toMatch(/ctx\.scale = scale;/);
});

test("and a jvp for that", async () => {
  const line = editor
    .savedText(file)
    .split("\n")
    .findIndex(one => one.includes("class Attention"));
  await editor.goTo(line + 1, 14);
  const action = await editor.quickFix("Derive jvp");
  await editor.screenshot("derive-jvp-offered");
  await action.click();
  await savedWith("static jvp(");
  await editor.waitForLens(/backward correct/);
  // It is scrolled to.
  await editor.editor.locator(".view-line", { hasText: "static jvp(" }).waitFor();
  await editor.screenshot("derived-jvp");
  await editor.waitForProblems("no problem", problems => problems.length === 0);
});
