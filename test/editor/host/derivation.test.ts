/** @file Derivations in the extension host: what hovers say, where they are silent, and the panel that the command opens. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { until } from "../until.ts";
import { closeAll, replace, show, uriOf } from "./documents.ts";

const file = "quadratic-form.ts";

/** Our hovers at the first occurrence of a text; `within` is where in it. */
async function hoversAt(document: vscode.TextDocument, text: string, within: string): Promise<string[]> {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `${text} is in the file`);
  const position = document.positionAt(offset + text.indexOf(within) + 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    position,
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map(content => (typeof content === "string" ? content : content.value))
    .filter(value => value.includes("showDerivation"))
    .map(value => value.replaceAll("&nbsp;", " "));
}

/** The one that comes: a hover gives up where the machine is slow, and what was worked out is there for the next. */
async function hoverAt(document: vscode.TextDocument, text: string, within: string): Promise<string> {
  const [hover] = await until(
    `a hover over ${within} in ${text}`,
    () => hoversAt(document, text, within),
    hovers => hovers.length === 1,
  );
  return hover!;
}

function panels(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) =>
        input instanceof vscode.TabInputWebview && input.viewType.endsWith("gradientLens.derivation"),
    );
}

describe("derivations", () => {
  afterEach(closeAll);

  it("are told by hovers over a Function's forward, its backward and its name", async () => {
    const document = await show(file);
    for (const [text, within] of [
      ["static forward", "forward"],
      ["class QuadraticForm", "QuadraticForm"],
      ["static backward", "backward"],
    ] as const) {
      const hover = await hoverAt(document, text, within);
      assert.match(hover, /x: \(n, m\), A: \(m, m\)/);
      assert.match(hover, /grad_x = grad_out ⊙ \(x @ \(A \+ Aᵀ\)\)/);
      assert.match(hover, /\(command:gradientLens\.showDerivation\?%5B%7B%22path/);
    }
  });

  it("of a loss are its gradient", async () => {
    const document = await show(file);
    const hover = await hoverAt(document, "x.matmul(A).matmul(x.t()).diagonal().sum()", "sum");
    assert.match(hover, /Gradient of loss/);
    assert.match(hover, /grad_x = x @ \(A \+ Aᵀ\)/);
    assert.match(hover, /grad_A = xᵀ @ x/);
  });

  it("are not told elsewhere", async () => {
    const document = await show(file);
    assert.deepEqual(await hoversAt(document, "ctx.saveForBackward(x, A)", "saveForBackward"), []);
    assert.deepEqual(await hoversAt(document, "manualSeed(1066)", "manualSeed"), []);
  });

  it("of a text that has changed are of the new text", async () => {
    const document = await show(file);
    await hoverAt(document, "static forward", "forward");
    await replace(document, "return x.matmul(A).mul(x).sum(1);", "return x.matmul(A);");
    const hover = await hoverAt(document, "static forward", "forward");
    assert.match(hover, /grad_x = grad_out @ Aᵀ/);
  });

  it("are shown in one panel, by the command", async () => {
    const document = await show(file);
    const editor = vscode.window.activeTextEditor!;
    const at = document.positionAt(document.getText().indexOf("static forward"));
    editor.selection = new vscode.Selection(at, at);
    await vscode.commands.executeCommand("gradientLens.showDerivation");
    await vscode.commands.executeCommand("gradientLens.showDerivation", {
      path: uriOf(file).fsPath,
      key: "QuadraticForm",
    });
    const labels = await until(
      "the panel",
      async () => panels().map(({ label }) => label),
      seen => seen.length > 0,
    );
    assert.deepEqual(labels, ["Derivation of QuadraticForm"]);
  });
});
