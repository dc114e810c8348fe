/** @file What a lens and a problem say holds for the texts as they are: edits, saves, other files, files that go. */

import * as assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import * as vscode from "vscode";
import { until } from "../until.ts";
import { closeAll, lensesBecome, lensTitles, replace, rulesIn, uriOf, write } from "./documents.ts";
import { withSettings } from "./settings.ts";

const { fs } = vscode.workspace;

/** Each test has files of its own: what VS Code tells of the last one's may come late. */
let folder = "";
let scaleFile = "";
let factorFile = "";
let tests = 0;

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
    folder = `freshness-${++tests}`;
    scaleFile = `${folder}/scale.ts`;
    factorFile = `${folder}/factor.ts`;
    await write(scaleFile, scale);
    await write(factorFile, "export const factor = 3;\n");
  });
  afterEach(async () => {
    await closed(scaleFile);
    await fs.delete(uriOf(folder), { recursive: true });
  });

  it("an edit of an imported file makes a finding stale, and its save checks again", async () => {
    await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    const helper = await show(factorFile);
    await replace(helper, "= 3", "= 4");
    await lensesBecome(scaleFile, [/edited since the last check/]);
    await helper.save();
    await lensesBecome(scaleFile, [/backward wrong/]);
    await problemsBecome(scaleFile, ["wrong-vjp"]);
  });

  it("a check sees the unsaved text of an imported file", async () => {
    await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    await replace(await show(factorFile), "= 3", "= 4");
    await show(scaleFile);
    await vscode.commands.executeCommand("gradientLens.checkFile");
    await lensesBecome(scaleFile, [/backward wrong/]);
  });

  it("a change of an imported file on disk checks again", async () => {
    await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    await write(factorFile, "export const factor = 4;\n");
    await lensesBecome(scaleFile, [/backward wrong/]);
  });

  it("a change of the file itself on disk checks again", async () => {
    await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    await write(scaleFile, scale.replace("mul(3)", "mul(5)"));
    await lensesBecome(scaleFile, [/backward wrong/]);
  });

  it("an undo back to the saved text checks again", async () => {
    const document = await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    await replace(document, "mul(3)", "mul(5)");
    await lensesBecome(scaleFile, [/edited since the last check/]);
    await vscode.commands.executeCommand("undo");
    await lensesBecome(scaleFile, [/backward correct/]);
  });

  it("a missing import that appears is found", async () => {
    await fs.delete(uriOf(factorFile));
    await show(scaleFile);
    await lensesBecome(scaleFile, [/inconclusive/]);
    await problemsBecome(scaleFile, ["cannot-bundle"]);
    await write(factorFile, "export const factor = 3;\n");
    await lensesBecome(scaleFile, [/backward correct/]);
    await problemsBecome(scaleFile, []);
  });

  it("half-typed code keeps the other Functions and the editor going", async () => {
    const document = await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    await replace(document, ".mul(gradOutput).mul(3);", ".mul(gradOutput).mul(");
    await vscode.commands.executeCommand("gradientLens.checkFile");
    await lensesBecome(scaleFile, [/inconclusive/]);
    await problemsBecome(scaleFile, ["cannot-bundle"]);
  });

  it("a new document is checked before it has a file", async () => {
    const text = scale.replace("./factor.ts", `./${factorFile}`);
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
    await write(factorFile, "export const factor = 4;\n");
    await show(scaleFile);
    await problemsBecome(scaleFile, ["wrong-vjp"]);
    await closed(scaleFile);
    await problemsBecome(scaleFile, []);
  });

  it("a problem that Check workspace found stays until its file changes", async () => {
    await write(factorFile, "export const factor = 4;\n");
    await vscode.commands.executeCommand("gradientLens.checkWorkspace");
    await problemsBecome(scaleFile, ["wrong-vjp"]);
    await show(scaleFile);
    await lensesBecome(scaleFile, [/backward wrong/]);
    await closed(scaleFile);
    await problemsBecome(scaleFile, ["wrong-vjp"]);
    await write(scaleFile, scale.replace("mul(3)", "mul(4)"));
    await problemsBecome(scaleFile, []);
  });

  it("a problem goes with a file that is deleted, and with its folder", async () => {
    await write(factorFile, "export const factor = 4;\n");
    await show(scaleFile);
    await problemsBecome(scaleFile, ["wrong-vjp"]);
    await fs.delete(uriOf(folder), { recursive: true });
    await problemsBecome(scaleFile, []);
    await write(scaleFile, scale);
  });

  it("a problem moves with a file that is renamed", async () => {
    await write(factorFile, "export const factor = 4;\n");
    await show(scaleFile);
    await problemsBecome(scaleFile, ["wrong-vjp"]);
    const renamed = `${folder}/renamed.ts`;
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(uriOf(scaleFile), uriOf(renamed));
    await vscode.workspace.applyEdit(edit);
    await problemsBecome(renamed, ["wrong-vjp"]);
    await problemsBecome(scaleFile, []);
  });

  it("another seed checks again", async () => {
    await write(factorFile, "export const factor = 4;\n");
    await show(scaleFile);
    await problemsBecome(scaleFile, ["wrong-vjp"]);
    const message = (): string | undefined =>
      vscode.languages.getDiagnostics(uriOf(scaleFile)).find(({ source }) => source === "gradient-lens")
        ?.message;
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
    await show(scaleFile);
    await lensesBecome(scaleFile, [/backward correct/]);
    await withSettings({ codeLens: false }, async () => {
      await until(
        "no lens",
        () => lensTitles(scaleFile),
        titles => titles.length === 0,
      );
    });
    await lensesBecome(scaleFile, [/backward correct/]);
  });

  it("nothing is checked on open or on save where the settings say so", async () => {
    await withSettings({ checkOnOpen: false, checkOnSave: false }, async () => {
      const document = await show(scaleFile);
      await lensesBecome(scaleFile, [/Check backward$/]);
      await vscode.commands.executeCommand("gradientLens.checkFile");
      await lensesBecome(scaleFile, [/backward correct/]);
      await replace(document, "mul(3)", "mul(5)");
      await document.save();
      await lensesBecome(scaleFile, [/edited since the last check/]);
      assert.deepEqual(rulesIn(scaleFile), []);
    });
  });

  it("a file that has just been made is not checked when it is opened where the settings say so", async () => {
    await withSettings({ checkOnOpen: false }, async () => {
      const made = `${folder}/made.ts`;
      await write(made, scale);
      await show(made);
      await lensesBecome(made, [/Check backward$/]);
      await setTimeout(1_000);
      assert.match((await lensTitles(made)).join(), /Check backward$/);
      await closed(made);
    });
  });
});
