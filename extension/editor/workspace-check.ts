/** @file Checks every Function of the workspace, with progress. Texts are read in the worker. */

import * as vscode from "vscode";
import {
  CODE_EXTENSIONS,
  canHoldFunctions,
  isSkippedFolder,
  SKIPPED_FOLDERS,
} from "../checker/file-types.ts";
import type { Verdict } from "../checker/finding.ts";
import type { Checks } from "./checks.ts";
import type { FindingStore } from "./finding-store.ts";

const FILES = `**/*.{${CODE_EXTENSIONS.join(",")}}`;
const EXCLUDED = `**/{${SKIPPED_FOLDERS.join(",")}}/**`;

/** Files in work at once: enough to keep the sandbox busy while the next ones are read. */
const AT_ONCE = 4;

export async function checkWorkspace(checks: Checks, store: FindingStore): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: "Gradient Lens",
    cancellable: true,
  };
  const { cancelled } = checks;
  const counted = await vscode.window.withProgress(options, async (progress, token) => {
    token.onCancellationRequested(() => checks.cancelAll());
    const files = await filesToRead(token);
    const waiting = files.values();
    let done = 0;
    const work = async () => {
      for (const file of waiting) {
        if (cancelled.aborted) return;
        await checks.keep(file);
        done++;
        progress.report({ increment: 100 / files.length, message: `${done} of ${files.length} files` });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return cancelled.aborted ? undefined : count(store, files);
  });
  // Not waited for: a message stays until somebody closes it.
  if (counted) void tell(counted);
}

async function filesToRead(token: vscode.CancellationToken): Promise<string[]> {
  const uris = await vscode.workspace.findFiles(FILES, EXCLUDED, undefined, token);
  return uris
    .filter(uri => uri.scheme === "file" && canHoldFunctions(uri.path))
    .filter(uri => !vscode.workspace.asRelativePath(uri, false).split("/").slice(0, -1).some(isSkippedFolder))
    .map(uri => uri.fsPath)
    .sort();
}

type Counts = Record<Verdict, number>;

function count(store: FindingStore, files: readonly string[]): Counts {
  const counts: Counts = { correct: 0, wrong: 0, surrogate: 0, inconclusive: 0, skipped: 0 };
  for (const file of files) {
    for (const { status } of store.functions(file)) {
      if (status.kind === "checked") counts[status.finding.verdict]++;
    }
  }
  return counts;
}

async function tell(counts: Counts): Promise<void> {
  const parts = Object.entries(counts).filter(([, number]) => number > 0);
  if (parts.length === 0) {
    void vscode.window.showInformationMessage("There is no Function in this workspace.");
    return;
  }
  const text = parts.map(([verdict, number]) => `${number} ${verdict}`).join(", ");
  if (counts.wrong + counts.inconclusive === 0) {
    void vscode.window.showInformationMessage(`Checked the workspace: ${text}.`);
    return;
  }
  const show = "Show Problems";
  const answer = await vscode.window.showWarningMessage(`Checked the workspace: ${text}.`, show);
  if (answer === show) await vscode.commands.executeCommand("workbench.actions.view.problems");
}
