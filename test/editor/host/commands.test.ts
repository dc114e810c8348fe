/** @file The commands of the palette, on buffers as they stand. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { until } from "../until.ts";
import { closeAll, lensesBecome, replace, rulesIn, show } from "./documents.ts";

const run = (command: string): Thenable<unknown> => vscode.commands.executeCommand(`gradientLens.${command}`);

describe("commands", () => {
  afterEach(closeAll);

  it("are all registered", async () => {
    const extension = vscode.extensions.getExtension("gradient-lens.gradient-lens");
    assert.ok(extension);
    await extension.activate();
    const { commands } = extension.packageJSON.contributes as { commands: { command: string }[] };
    const contributed = commands.map(({ command }) => command);
    assert.ok(contributed.length > 0);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributed.filter(command => !registered.has(command)),
      [],
    );
  });

  it("Check file checks the unsaved buffer", async () => {
    const document = await show("matrix-square-fixed.ts");
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    await replace(document, "return gradOutput", "return gradOutput.neg()");
    await lensesBecome("matrix-square-fixed.ts", [/edited since the last check/]);
    await run("checkFile");
    await lensesBecome("matrix-square-fixed.ts", [/backward wrong/]);
    assert.equal(document.isDirty, true);
    assert.deepEqual(rulesIn("matrix-square-fixed.ts"), ["wrong-vjp"]);
  });

  it("Check backward checks the Function at the cursor only", async () => {
    const document = await show("energy.ts");
    await lensesBecome("energy.ts", [/backward correct/, /backward correct/]);
    await replace(document, "import { ", "import {  ");
    await lensesBecome("energy.ts", [/edited since/, /edited since/]);
    const inside = document.positionAt(document.getText().indexOf("class Energy"));
    const { activeTextEditor } = vscode.window;
    if (activeTextEditor) activeTextEditor.selection = new vscode.Selection(inside, inside);
    await run("checkBackward");
    await lensesBecome("energy.ts", [/edited since/, /backward correct/]);
  });

  it("Check workspace finds the planted errors in files that are not open", async () => {
    // Ends only when its last message is answered.
    void run("checkWorkspace");
    const planted = ["linear.ts", "matrix-square.ts"];
    const found = async (): Promise<string[][]> => planted.map(rulesIn);
    await until("a problem in each planted file", found, rules => rules.every(({ length }) => length === 1));
    assert.deepEqual(await found(), [["only-special-inputs"], ["wrong-vjp"]]);
    for (const file of ["energy.ts", "matrix-square-fixed.ts", "softmax.ts", "solve.ts"]) {
      assert.deepEqual(rulesIn(file), []);
    }
  });

  it("Cancel ends a check, and the next one gets a fresh process", async () => {
    const document = await show("matrix-square-fixed.ts");
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    await replace(
      document,
      "return input.matmul(input);",
      "while (true) {}\n    return input.matmul(input);",
    );
    void run("checkFile");
    await lensesBecome("matrix-square-fixed.ts", [/Checking backward/]);
    await run("cancel");
    await lensesBecome("matrix-square-fixed.ts", [/Check backward/]);
    await replace(document, "while (true) {}", "");
    await run("checkFile");
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
  });
});
