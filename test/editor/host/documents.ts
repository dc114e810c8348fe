/** @file The workspace's files as a suite in the extension host handles them. */

import { setTimeout } from "node:timers/promises";
import * as vscode from "vscode";
import { type Patience, until } from "../until.ts";

export function uriOf(file: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error("no workspace is open");
  return vscode.Uri.joinPath(folder.uri, file);
}

/** VS Code's watcher may miss the first file of a new folder. */
const WRITTEN_AGAIN_MS = 5_000;

/** Writes a file on disk; resolves once VS Code has told its extensions of it, which a busy machine does late. */
export async function write(file: string, text: string): Promise<void> {
  const watcher = vscode.workspace.createFileSystemWatcher(`**/${file}`);
  const told = new Promise<boolean>(resolve => {
    watcher.onDidCreate(() => resolve(true));
    watcher.onDidChange(() => resolve(true));
  });
  try {
    await until(
      `VS Code to tell of ${file}`,
      async () => {
        await vscode.workspace.fs.writeFile(uriOf(file), Buffer.from(text));
        return Promise.race([told, setTimeout(WRITTEN_AGAIN_MS, false)]);
      },
      seen => seen,
    );
  } finally {
    watcher.dispose();
  }
}

export async function show(file: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uriOf(file));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Replaces the only occurrence of a text in the buffer, without saving it. */
export async function replace(
  document: vscode.TextDocument,
  text: string,
  replacement: string,
): Promise<void> {
  const start = document.getText().indexOf(text);
  if (start < 0 || start !== document.getText().lastIndexOf(text)) {
    throw new Error(`expected "${text}" once in ${document.fileName}`);
  }
  const range = new vscode.Range(document.positionAt(start), document.positionAt(start + text.length));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, replacement);
  await vscode.workspace.applyEdit(edit);
}

/** Titles of a file's lenses, ours only: no other extension puts lenses on these files. */
export async function lensTitles(file: string): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    uriOf(file),
    100,
  );
  return lenses.map(({ command }) => command?.title ?? "");
}

export function lensesBecome(file: string, titles: RegExp[], patience?: Patience): Promise<string[]> {
  const asExpected = (seen: string[]): boolean =>
    seen.length === titles.length && titles.every((title, index) => title.test(seen[index] ?? ""));
  return until(`lenses ${titles.join(", ")} in ${file}`, () => lensTitles(file), asExpected, patience);
}

/** Codes of our problems in a file. */
export function rulesIn(file: string): string[] {
  return vscode.languages
    .getDiagnostics(uriOf(file))
    .filter(({ source }) => source === "gradient-lens")
    .map(({ code }) => (typeof code === "object" ? String(code.value) : String(code)));
}

export function rulesBecome(file: string, rules: string[], patience?: Patience): Promise<string[]> {
  const asExpected = (seen: string[]): boolean => seen.join() === rules.join();
  return until(`problems ${rules.join(", ")} in ${file}`, async () => rulesIn(file), asExpected, patience);
}

/** Closes every editor and puts the given files back as they are on disk. */
export async function closeAll(): Promise<void> {
  for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}
