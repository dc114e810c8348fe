/** @file What happens to files, and what that means for what is known of their Functions. */

import * as vscode from "vscode";
import { CODE_EXTENSIONS } from "../checker/file-types.ts";
import { documentAt, isCode, isSource, pathOf } from "./buffers.ts";
import { type Checks, outdated } from "./checks.ts";
import { Dependents } from "./dependents.ts";
import { type FindingStore, isAt } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { changesFindings, settings } from "./settings.ts";

/** An edit is told before it is told that the document is dirty now. */
const SETTLE_MS = 300;

export function registerTriggers(store: FindingStore, outlines: Outlines, checks: Checks): vscode.Disposable {
  const { workspace } = vscode;
  const settling = new Map<vscode.TextDocument, NodeJS.Timeout>();
  const dependents = new Dependents(store, checks);

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
    dependents.checkSoon(pathOf(document));
  }

  function closed(document: vscode.TextDocument): void {
    if (!isCode(document)) return;
    const path = pathOf(document);
    // What was found in the buffer need not hold for the file behind it.
    if (checks.isKept(path)) void checks.kept(path);
    else store.forget(path);
  }

  function changedOnDisk({ fsPath }: vscode.Uri): void {
    const document = documentAt(fsPath);
    // Of an open file's changes the document itself tells, unless it was deleted and is back.
    if (document && outlines.has(document)) return;
    store.edited(fsPath);
    if (document) opened(document);
    else if (!checks.isKept(fsPath)) store.forget(fsPath);
    if (settings().checkOnSave) dependents.checkSoon(fsPath);
  }

  /** A file, or a folder with all that was in it. */
  function deleted({ fsPath }: vscode.Uri): void {
    store.edited(fsPath);
    for (const path of [...store.files()].filter(path => isAt(path, fsPath))) {
      store.forget(path);
      checks.release(path);
    }
    workspace.textDocuments
      .filter(document => isAt(pathOf(document), fsPath))
      .forEach(document => void outlines.forget(document));
    if (settings().checkOnSave) dependents.checkSoon(fsPath);
  }

  function everythingAgain(): void {
    workspace.textDocuments.forEach(opened);
  }

  const files = workspace.createFileSystemWatcher(`**/*.{${CODE_EXTENSIONS.join(",")}}`, false, false, true);
  // The deletion of a folder is told as that, not file by file.
  const deletions = workspace.createFileSystemWatcher("**", true, true, false);

  everythingAgain();
  return vscode.Disposable.from(
    { dispose: () => settling.forEach(timer => void clearTimeout(timer)) },
    dependents,
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
