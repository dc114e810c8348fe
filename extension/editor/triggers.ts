/** @file What happens to files, and what that means for what is known of their Functions. */

import { sep } from "node:path";
import * as vscode from "vscode";
import { CODE_EXTENSIONS } from "../checker/file-types.ts";
import { documentAt, isCode, isSource, pathOf } from "./buffers.ts";
import { type Checks, outdated } from "./checks.ts";
import type { FindingStore } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { changesFindings, settings } from "./settings.ts";

/** An edit is told before it is told that the document is dirty now. */
const SETTLE_MS = 300;

export function registerTriggers(store: FindingStore, outlines: Outlines, checks: Checks): vscode.Disposable {
  const { workspace } = vscode;
  const settling = new Map<vscode.TextDocument, NodeJS.Timeout>();

  function opened(document: vscode.TextDocument): void {
    if (isCode(document) && settings().checkOnOpen) void checks.document(document, outdated);
  }

  function changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    // The event also comes without a change, when the document becomes dirty.
    if (contentChanges.length === 0 || !isSource(document)) return;
    store.edited(pathOf(document));
    clearTimeout(settling.get(document));
    settling.set(document, setTimeout(settled, SETTLE_MS, document));
  }

  /** Undone back to the file, or read again from it: that is as good as saved. */
  function settled(document: vscode.TextDocument): void {
    settling.delete(document);
    if (!document.isDirty && !document.isClosed) saved(document);
  }

  function saved(document: vscode.TextDocument): void {
    if (!settings().checkOnSave) return;
    if (isCode(document)) void checks.document(document, outdated);
    checkDependents(pathOf(document));
  }

  function closed(document: vscode.TextDocument): void {
    if (!isCode(document)) return;
    const path = pathOf(document);
    // What was found in the buffer need not hold for the file behind it.
    if (checks.isKept(path)) void checks.file(path);
    else store.forget(path);
  }

  function changedOnDisk({ fsPath }: vscode.Uri): void {
    const document = documentAt(fsPath);
    if (document) {
      // A deleted file that is back; of an open one's other changes the document itself tells.
      if (!outlines.has(document)) opened(document);
      return;
    }
    store.edited(fsPath);
    store.forget(fsPath);
    if (settings().checkOnSave) checkDependents(fsPath);
  }

  /** A file, or a folder with all that was in it. */
  function deleted({ fsPath }: vscode.Uri): void {
    for (const path of [...store.files()]) {
      if (path !== fsPath && !path.startsWith(fsPath + sep)) continue;
      store.edited(path);
      store.forget(path);
      const document = documentAt(path);
      if (document) outlines.forget(document);
    }
  }

  /** Functions in other open documents that rest on a file. */
  function checkDependents(path: string): void {
    for (const document of workspace.textDocuments) {
      if (!isCode(document) || pathOf(document) === path) continue;
      const dependents = store
        .functions(pathOf(document))
        .filter(({ sources }) => sources?.includes(path) ?? true);
      const keys = new Set(dependents.map(({ key }) => key));
      if (keys.size > 0) void checks.document(document, state => keys.has(state.key) && outdated(state));
    }
  }

  function everythingAgain(): void {
    workspace.textDocuments.forEach(opened);
  }

  const files = workspace.createFileSystemWatcher(`**/*.{${CODE_EXTENSIONS.join(",")}}`, false, false, true);
  // The deletion of a folder is told as that, not file by file.
  const deletions = workspace.createFileSystemWatcher("**", true, true, false);

  everythingAgain();
  return vscode.Disposable.from(
    { dispose: () => settling.forEach(clearTimeout) },
    workspace.onDidOpenTextDocument(opened),
    workspace.onDidChangeTextDocument(changed),
    workspace.onDidSaveTextDocument(saved),
    workspace.onDidCloseTextDocument(closed),
    workspace.onDidGrantWorkspaceTrust(everythingAgain),
    workspace.onDidChangeConfiguration(event => {
      if (!changesFindings(event)) return;
      store.editedAll();
      everythingAgain();
    }),
    files,
    files.onDidCreate(changedOnDisk),
    files.onDidChange(changedOnDisk),
    deletions,
    deletions.onDidDelete(deleted),
  );
}
