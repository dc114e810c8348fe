/** @file Code that is written on request: each action, chosen as from the light bulb, ends in a lens that says correct. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { until } from "../until.ts";
import { closeAll, lensesBecome, replace, show } from "./documents.ts";

const TITLES = {
  function: "Generate a custom Function with a verified backward",
  backward: "Derive backward",
  jvp: "Derive jvp",
};

async function actionsAt(document: vscode.TextDocument, text: string): Promise<vscode.CodeAction[]> {
  const at = document.positionAt(document.getText().indexOf(text));
  return vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    new vscode.Range(at, at),
  );
}

/** Chooses the action with this title at a place. */
async function choose(document: vscode.TextDocument, text: string, title: string): Promise<void> {
  const offered = await until(
    `the action ${title}`,
    () => actionsAt(document, text),
    actions => actions.some(action => action.title === title),
  );
  const { command } = offered.find(action => action.title === title)!;
  assert.ok(command);
  await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

describe("generate", () => {
  afterEach(closeAll);

  it("a custom Function for a plain function, in one edit that can be undone", async () => {
    const document = await show("matrix-square-fixed.ts");
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    const end = document.getText().length;
    const edit = new vscode.WorkspaceEdit();
    edit.insert(
      document.uri,
      document.positionAt(end),
      "\nexport function energy(x: Tensor, A: Tensor) {\n  return x.matmul(A).mul(x).sum(1);\n}\n",
    );
    await vscode.workspace.applyEdit(edit);
    const before = document.getText();
    await choose(document, "energy(", TITLES.function);
    assert.match(document.getText(), /export class Energy extends Function \{/);
    await lensesBecome("matrix-square-fixed.ts", [/./, /backward correct/]);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), before);
  });

  it("a backward where there is none, then a jvp", async () => {
    const document = await show("matrix-square-fixed.ts");
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    const text = document.getText();
    const backward = text.slice(text.indexOf("  static backward"), text.lastIndexOf("}"));
    await replace(document, backward, "");
    await choose(document, "class MatrixSquare", TITLES.backward);
    assert.match(document.getText(), /static backward\(ctx: Context, gradOutput: Tensor\)/);
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    await choose(document, "class MatrixSquare", TITLES.jvp);
    assert.match(document.getText(), /static jvp\(ctx: Context, dInput: Tensor\)/);
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    assert.deepEqual(
      (await actionsAt(document, "class MatrixSquare")).filter(({ title }) => /^Derive /.test(title)),
      [],
    );
  });
});
