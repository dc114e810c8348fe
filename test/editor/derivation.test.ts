/** @file The derivation as people see it: a hover over forward, its link, and the panel with typeset maths, in light and dark. */

import type { FrameLocator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./until.ts";
import { openWorkbench, type Workbench } from "./workbench.ts";

let editor: Workbench;

beforeAll(async () => {
  editor = await openWorkbench({ files: "examples", size: { width: 1500, height: 1000 } });
  await editor.openFile("quadratic-form.ts");
  await editor.waitForLens(/backward correct/);
});

afterAll(() => editor.close());

/** The page within the panel. */
function page(): FrameLocator {
  return editor.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
}

/** The lines of the derivation; none while the page is being replaced by the next. */
async function linesShown(): Promise<string[]> {
  try {
    return await page().locator(".line").allTextContents();
  } catch (error) {
    if (error instanceof Error && /Frame was detached/.test(error.message)) return [];
    throw error;
  }
}

test("a hover over forward tells its VJP, with the shapes, and leads to the derivation", async () => {
  await editor.goTo(24, 12);
  await editor.command("Show or Focus Hover");
  const hover = editor.page.locator(".monaco-hover", { hasText: "VJP of QuadraticForm" }).first();
  await hover.waitFor();
  const text = (await hover.innerText()).replaceAll("\u00a0", " ");
  expect(text).toContain("x: (n, m), A: (m, m)");
  expect(text).toContain("grad_x = grad_out ⊙ (x @ (A + Aᵀ))");
  await editor.screenshot("derivation-hover");
  await hover.getByText("Show derivation").click();
  await page().locator("h1", { hasText: "QuadraticForm" }).waitFor();
});

test("the panel shows the steps in typeset maths, in light and dark", async () => {
  const formulas = page().locator(".formula .katex");
  await formulas.first().waitFor();
  expect(await formulas.count()).toBeGreaterThan(10);
  expect(await page().locator(".plain").count()).toBe(0);
  expect(await page().locator("h2").allTextContents()).toContain("The gradient for A");
  await editor.page.setViewportSize({ width: 900, height: 1000 });
  await editor.screenshot("derivation-narrow");
  await editor.page.setViewportSize({ width: 1500, height: 1000 });
  // Set in KaTeX's own fonts, which come with the extension.
  const fonts = await page()
    .locator("body")
    .evaluate(async () => {
      await document.fonts.ready;
      return [...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family);
    });
  expect(fonts.join()).toMatch(/KaTeX_Main/);
  await editor.screenshot("derivation-light");
  await editor.theme("dark");
  await editor.screenshot("derivation-dark");
  await page().locator("h2", { hasText: "The gradient for A" }).scrollIntoViewIfNeeded();
  await editor.screenshot("derivation-dark-end");
  await editor.theme("light");
});

test("it follows the text", async () => {
  await editor.openFile("quadratic-form.ts");
  await editor.replace("return x.matmul(A).mul(x).sum(1);", "return x.matmul(A).exp();");
  await until("the derivation of the changed forward", linesShown, lines =>
    lines.some(line => line.includes("exp")),
  );
});
