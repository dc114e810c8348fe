/** @file The status bar: whether a check runs, and how the Functions seen so far fare. Hidden until there is one. */

import * as vscode from "vscode";
import { COMMANDS } from "./commands.ts";
import type { FindingStore } from "./finding-store.ts";
import { statusText, tally } from "./status-text.ts";
import { isTrusted, MANAGE_TRUST } from "./trust.ts";

/** Enables the command Cancel while there is something to cancel. */
const CHECKING = "gradientLens.checking";

export function registerStatus(store: FindingStore): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("gradientLens.status", vscode.StatusBarAlignment.Left);
  item.name = "Gradient Lens";
  let wasChecking = false;

  const update = () => {
    const counts = tally(
      [...store.files()].flatMap(file => store.functions(file)).map(({ status }) => status),
    );
    const checking = counts.checking > 0;
    if (checking !== wasChecking) void vscode.commands.executeCommand("setContext", CHECKING, checking);
    wasChecking = checking;
    if (counts.all === 0) return item.hide();
    const { text, summary } = statusText(counts, isTrusted());
    item.text = text;
    item.tooltip = tooltip(summary, checking);
    item.command = checking ? COMMANDS.cancel : "workbench.actions.view.problems";
    item.show();
  };
  update();
  return vscode.Disposable.from(
    item,
    store.onDidChange(update),
    vscode.workspace.onDidGrantWorkspaceTrust(update),
  );
}

function tooltip(summary: string, checking: boolean): vscode.MarkdownString {
  const links: [label: string, command: string][] = isTrusted()
    ? [
        ["Check file", COMMANDS.checkFile],
        ["Check workspace", COMMANDS.checkWorkspace],
        ...(checking ? ([["Cancel", COMMANDS.cancel]] as [string, string][]) : []),
        ["Show output", COMMANDS.showOutput],
      ]
    : [["Manage Workspace Trust", MANAGE_TRUST]];
  const text = new vscode.MarkdownString(`**Gradient Lens**\n\n${summary}\n\n`);
  text.appendMarkdown(links.map(([label, command]) => `[${label}](command:${command})`).join(" · "));
  text.isTrusted = { enabledCommands: links.map(([, command]) => command) };
  return text;
}
