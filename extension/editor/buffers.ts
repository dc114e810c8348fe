/** @file The documents of the editor as the checker sees them: paths and texts. */

import { join } from "node:path";
import * as vscode from "vscode";
import { mayHoldReductions } from "../checker/cross-terms/may-hold.ts";
import type { Buffers } from "../checker/texts.ts";

const LANGUAGES = ["typescript", "typescriptreact", "javascript", "javascriptreact"];
const EXTENSIONS: Record<string, string> = {
  typescriptreact: "tsx",
  javascript: "js",
  javascriptreact: "jsx",
};

/** Files, and new documents that have none yet. */
const SCHEMES = ["file", "untitled"];

/** Documents that can hold a Function. */
export const DOCUMENTS: vscode.DocumentSelector = LANGUAGES.flatMap(language =>
  SCHEMES.map(scheme => ({ language, scheme })),
);

/** Whether a finding can rest on it: a Function may import any file. */
export function isSource({ uri }: vscode.TextDocument): boolean {
  return SCHEMES.includes(uri.scheme);
}

export function isCode(document: vscode.TextDocument): boolean {
  return vscode.languages.match(DOCUMENTS, document) > 0;
}

/** Spares the worker the files in which there is nothing to find: every one without a derived class. */
export function mayHoldFunctions(text: string): boolean {
  return /\bclass\b/.test(text) && /\bextends\b/.test(text);
}

/** The same for all that can be checked: reductions, too. */
export function mayHoldSites(text: string): boolean {
  return mayHoldFunctions(text) || mayHoldReductions(text);
}

/**
 * The document's absolute path. A new document gets one in the first workspace folder, so that its imports resolve as
 * they will once it is saved there.
 */
export function pathOf(document: vscode.TextDocument): string {
  if (document.uri.scheme !== "untitled") return document.uri.fsPath;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "/";
  return join(folder, `${document.uri.path}.${EXTENSIONS[document.languageId] ?? "ts"}`);
}

export function documentAt(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(document => isCode(document) && pathOf(document) === path);
}

export function uriAt(path: string): vscode.Uri {
  return documentAt(path)?.uri ?? vscode.Uri.file(path);
}

/** Every text that the disk does not have, at this moment. */
export function unsavedBuffers(): Buffers {
  const unsaved = vscode.workspace.textDocuments.filter(document => document.isDirty && isSource(document));
  return Object.fromEntries(unsaved.map(document => [pathOf(document), document.getText()]));
}
