/** @file What a lens and a problem say holds for the texts as they are: edits, saves, other files, files that go. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { until } from "../until.ts";
import { closeAll, lensesBecome, lensTitles, replace, rulesIn, uriOf } from "./documents.ts";
import { withSettings } from "./settings.ts";

const { fs } = vscode.workspace;

const SCALE = "freshness/scale.ts";
const FACTOR = "freshness/factor.ts";

const scale = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";
import { factor } from "./factor.ts";

export class Scale extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square().mul(factor);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    return ctx.savedTensors[0].mul(2).mul(gradOutput).mul(3);
  }
}
`;

const write = (file: string, text: string): Thenable<void> => fs.writeFile(uriOf(file), Buffer.from(text));

/** As a person opens it: a document that an extension opens outlives its editor by minutes. */
async function show(file: string): Promise<vscode.TextDocument> {
  const { fsPath } = uriOf(file);
  await vscode.commands.executeCommand("vscode.open", uriOf(file));
  const active = async (): Promise<vscode.TextDocument | undefined> =>
    vscode.window.activeTextEditor?.document;
  return (await until(
    `an editor with ${file}`,
    active,
    document => document?.uri.fsPath === fsPath,
  )) as vscode.TextDocument;
}

/** Until VS Code has told that it is closed. */
async function closed(file: string): Promise<void> {
  await closeAll();
  const isOpen = async (): Promise<boolean> =>
    vscode.workspace.textDocuments.some(({ uri }) => uri.fsPath === uriOf(file).fsPath);
  await until(`${file} to be closed`, isOpen, open => !open);
}

const problemsBecome = (file: string, rules: string[]): Promise<string[]> =>
  until(
    `problems ${rules.join(", ") || "gone"} in ${file}`,
    async () => rulesIn(file),
    seen => seen.join() === rules.join(),
  );

describe("freshness", () => {
  beforeEach(async () => {
    await write(SCALE, scale);
    await write(FACTOR, "export const factor = 3;\n");
  });
  afterEach(async () => {
    await closed(SCALE);
    await fs.delete(uriOf("freshness"), { recursive: true });
  });

  it("an edit of an imported file makes a finding stale, and its save checks again", async () => {
    await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    const helper = await show(FACTOR);
    await replace(helper, "= 3", "= 4");
    await lensesBecome(SCALE, [/edited since the last check/]);
    await helper.save();
    await lensesBecome(SCALE, [/backward wrong/]);
    await problemsBecome(SCALE, ["wrong-vjp"]);
  });

  it("a check sees the unsaved text of an imported file", async () => {
    await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    await replace(await show(FACTOR), "= 3", "= 4");
    await show(SCALE);
    await vscode.commands.executeCommand("gradientLens.checkFile");
    await lensesBecome(SCALE, [/backward wrong/]);
  });

  it("a change of an imported file on disk checks again", async () => {
    await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    await write(FACTOR, "export const factor = 4;\n");
    await lensesBecome(SCALE, [/backward wrong/]);
  });

  it("a change of the file itself on disk checks again", async () => {
    await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    await write(SCALE, scale.replace("mul(3)", "mul(5)"));
    await lensesBecome(SCALE, [/backward wrong/]);
  });

  it("an undo back to the saved text checks again", async () => {
    const document = await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    await replace(document, "mul(3)", "mul(5)");
    await lensesBecome(SCALE, [/edited since the last check/]);
    await vscode.commands.executeCommand("undo");
    await lensesBecome(SCALE, [/backward correct/]);
  });

  it("a missing import that appears is found", async () => {
    await fs.delete(uriOf(FACTOR));
    await show(SCALE);
    await lensesBecome(SCALE, [/inconclusive/]);
    await problemsBecome(SCALE, ["cannot-bundle"]);
    await write(FACTOR, "export const factor = 3;\n");
    await lensesBecome(SCALE, [/backward correct/]);
    await problemsBecome(SCALE, []);
  });

  it("half-typed code keeps the other Functions and the editor going", async () => {
    const document = await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    await replace(document, ".mul(gradOutput).mul(3);", ".mul(gradOutput).mul(");
    await vscode.commands.executeCommand("gradientLens.checkFile");
    await lensesBecome(SCALE, [/inconclusive/]);
    await problemsBecome(SCALE, ["cannot-bundle"]);
  });

  it("a new document is checked before it has a file", async () => {
    const text = scale.replace("./factor.ts", "./freshness/factor.ts");
    const document = await vscode.workspace.openTextDocument({ language: "typescript", content: text });
    await vscode.window.showTextDocument(document);
    const titles = async (): Promise<string[]> => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        "vscode.executeCodeLensProvider",
        document.uri,
        100,
      );
      return lenses.map(({ command }) => command?.title ?? "");
    };
    await until("a correct lens", titles, ([title]) => /backward correct/.test(title ?? ""));
  });

  it("a problem goes with its file's editor", async () => {
    await write(FACTOR, "export const factor = 4;\n");
    await show(SCALE);
    await problemsBecome(SCALE, ["wrong-vjp"]);
    await closed(SCALE);
    await problemsBecome(SCALE, []);
  });

  it("a problem that Check workspace found stays until its file changes", async () => {
    await write(FACTOR, "export const factor = 4;\n");
    await vscode.commands.executeCommand("gradientLens.checkWorkspace");
    await problemsBecome(SCALE, ["wrong-vjp"]);
    await show(SCALE);
    await lensesBecome(SCALE, [/backward wrong/]);
    await closed(SCALE);
    await problemsBecome(SCALE, ["wrong-vjp"]);
    await write(SCALE, scale.replace("mul(3)", "mul(4)"));
    await problemsBecome(SCALE, []);
  });

  it("a problem goes with a file that is deleted, and with its folder", async () => {
    await write(FACTOR, "export const factor = 4;\n");
    await show(SCALE);
    await problemsBecome(SCALE, ["wrong-vjp"]);
    await fs.delete(uriOf("freshness"), { recursive: true });
    await problemsBecome(SCALE, []);
    await write(SCALE, scale);
  });

  it("a problem moves with a file that is renamed", async () => {
    await write(FACTOR, "export const factor = 4;\n");
    await show(SCALE);
    await problemsBecome(SCALE, ["wrong-vjp"]);
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(uriOf(SCALE), uriOf("freshness/renamed.ts"));
    await vscode.workspace.applyEdit(edit);
    await problemsBecome("freshness/renamed.ts", ["wrong-vjp"]);
    await problemsBecome(SCALE, []);
  });

  it("another seed checks again", async () => {
    await write(FACTOR, "export const factor = 4;\n");
    await show(SCALE);
    await problemsBecome(SCALE, ["wrong-vjp"]);
    const message = (): string | undefined =>
      vscode.languages.getDiagnostics(uriOf(SCALE)).find(({ source }) => source === "gradient-lens")?.message;
    const before = message();
    await withSettings({ seed: 5 }, async () => {
      await until(
        "other figures",
        async () => message(),
        seen => seen !== undefined && seen !== before,
      );
    });
  });

  it("no lens is shown where the setting says so", async () => {
    await show(SCALE);
    await lensesBecome(SCALE, [/backward correct/]);
    await withSettings({ codeLens: false }, async () => {
      await until(
        "no lens",
        () => lensTitles(SCALE),
        titles => titles.length === 0,
      );
    });
    await lensesBecome(SCALE, [/backward correct/]);
  });

  it("nothing is checked on open or on save where the settings say so", async () => {
    await withSettings({ checkOnOpen: false, checkOnSave: false }, async () => {
      const document = await show(SCALE);
      await lensesBecome(SCALE, [/Check backward$/]);
      await vscode.commands.executeCommand("gradientLens.checkFile");
      await lensesBecome(SCALE, [/backward correct/]);
      await replace(document, "mul(3)", "mul(5)");
      await document.save();
      await lensesBecome(SCALE, [/edited since the last check/]);
      assert.deepEqual(rulesIn(SCALE), []);
    });
  });
});
