/** @file Whether the workspace is trusted. A check runs the workspace's code, so without trust there is none. */

import * as vscode from "vscode";

export const MANAGE_TRUST = "workbench.trust.manage";

export function isTrusted(): boolean {
  return vscode.workspace.isTrusted;
}

/** For commands: says why nothing runs, and offers the way out. */
export async function requireTrust(): Promise<boolean> {
  if (isTrusted()) return true;
  const manage = "Manage Workspace Trust";
  const answer = await vscode.window.showWarningMessage(
    "Not checked: the workspace is not trusted, and a check runs its code.",
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand(MANAGE_TRUST);
  return false;
}
