/** @file A problem for each Function and reduction whose finding asks for one; it goes as soon as the finding is stale. */

import * as vscode from "vscode";
import type { Rule } from "../checker/finding.ts";
import { uriAt } from "./buffers.ts";
import type { FindingStore, State } from "./finding-store.ts";
import { rangeOf } from "./places.ts";
import { problemText } from "./problem-text.ts";

export const SOURCE = "gradient-lens";

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

export function registerDiagnostics(store: FindingStore, extensionUri: vscode.Uri): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(SOURCE);
  const pageOf = (rule: Rule) => vscode.Uri.joinPath(extensionUri, "docs", "rules", `${rule}.md`);
  const update = (path: string) => {
    const problems = store.states(path).flatMap(state => problemOf(state, pageOf) ?? []);
    collection.set(uriAt(path), problems.length > 0 ? problems : undefined);
  };
  return vscode.Disposable.from(collection, store.onDidChange(update));
}

function problemOf({ status }: State, pageOf: (rule: Rule) => vscode.Uri): vscode.Diagnostic | undefined {
  if (status.kind !== "checked") return undefined;
  const text = problemText(status.finding);
  if (!text) return undefined;
  const { range, rule } = status.finding;
  const problem = new vscode.Diagnostic(rangeOf(range), text.message, SEVERITIES[text.severity]);
  problem.source = SOURCE;
  if (rule) problem.code = { value: rule, target: pageOf(rule) };
  return problem;
}
