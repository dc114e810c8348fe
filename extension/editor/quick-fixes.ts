/**
 * @file The light bulb: fixes of a wrong Function, and of all in the file; of a reduction, what it could be instead.
 * Offered only as long as the finding is of the text that stands; applied, the check runs by itself.
 */

import * as vscode from "vscode";
import { isReduction } from "../checker/checker.ts";
import type { Finding, Fix, TextEdit } from "../checker/finding.ts";
import { DOCUMENTS, pathOf } from "./buffers.ts";
import { COMMANDS, type Target } from "./commands.ts";
import { SOURCE } from "./diagnostics.ts";
import type { FindingStore, FunctionState, State } from "./finding-store.ts";
import { preferredFix, together } from "./fixes.ts";
import { rangeOf } from "./places.ts";

const { QuickFix, SourceFixAll } = vscode.CodeActionKind;

/** For `editor.codeActionsOnSave`. */
export const FIX_ALL = SourceFixAll.append("gradientLens");

export function registerQuickFixes(store: FindingStore): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, range, { diagnostics, only }) {
      const path = pathOf(document);
      const wrong = store.functions(path).flatMap(state => wrongOf(state) ?? []);
      const fixable = wrong.filter(({ finding }) => preferredFix(finding) !== undefined);
      const actions: vscode.CodeAction[] = [];
      if (only?.contains(FIX_ALL) || only === undefined) {
        if (fixable.length > 0) actions.push(fixAll(document, fixable, FIX_ALL));
      }
      if (only !== undefined && !only.contains(QuickFix)) return actions;
      const here = wrong.filter(({ finding, site }) =>
        [rangeOf(finding.range), ...(site.backward ? [rangeOf(site.backward.nameRange)] : [])].some(
          place => place.intersection(range) !== undefined,
        ),
      );
      const ours = diagnostics.filter(({ source }) => source === SOURCE);
      for (const one of here) actions.push(...fixesOf(document, path, one, ours, preferredFix(one.finding)));
      // They change what the code computes: which of them is meant, if any, only its author knows.
      const hinted = store.states(path).flatMap(state => hintedOf(state) ?? []);
      for (const one of hinted.filter(({ finding }) => rangeOf(finding.range).intersection(range)))
        actions.push(...fixesOf(document, path, one, ours, undefined));
      if (here.length > 0 && fixable.length > 1) actions.push(fixAll(document, fixable, QuickFix));
      return actions;
    },
  };
  return vscode.languages.registerCodeActionsProvider(DOCUMENTS, provider, {
    providedCodeActionKinds: [QuickFix, FIX_ALL],
  });
}

type Wrong = Pick<FunctionState, "key" | "site"> & { finding: Finding };

type Hinted = Pick<State, "key"> & { finding: Finding };

function hintedOf({ key, site, status }: State): Hinted | undefined {
  return status.kind === "checked" && isReduction(site) ? { key, finding: status.finding } : undefined;
}

/** A Function that is wrong as the text stands: a finding of an earlier text is no longer `checked`. */
function wrongOf({ key, site, status }: FunctionState): Wrong | undefined {
  if (status.kind !== "checked" || status.finding.verdict !== "wrong") return undefined;
  return { key, site, finding: status.finding };
}

function fixesOf(
  document: vscode.TextDocument,
  path: string,
  { key, finding }: Hinted,
  diagnostics: readonly vscode.Diagnostic[],
  preferred: Fix | undefined,
): vscode.CodeAction[] {
  return finding.fixes.map(fix => {
    const title = fix.verified ? fix.title : `${fix.title} (not checked)`;
    const action = new vscode.CodeAction(title, QuickFix);
    action.edit = editOf(document, fix.edits);
    action.isPreferred = fix === preferred;
    action.diagnostics = diagnostics.filter(({ range }) => range.isEqual(rangeOf(finding.range)));
    const target: Target = { path, key };
    action.command = { command: COMMANDS.checkBackward, title: "Check backward", arguments: [target] };
    return action;
  });
}

function fixAll(
  document: vscode.TextDocument,
  wrong: readonly Wrong[],
  kind: vscode.CodeActionKind,
): vscode.CodeAction {
  const action = new vscode.CodeAction("Fix all Gradient Lens problems in the file", kind);
  const fixes = wrong.flatMap(({ finding }) => preferredFix(finding) ?? []);
  action.edit = editOf(document, together(fixes));
  action.command = { command: COMMANDS.checkFile, title: "Check file" };
  return action;
}

function editOf({ uri }: vscode.TextDocument, edits: readonly TextEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  edit.set(
    uri,
    edits.map(({ range, newText }) => new vscode.TextEdit(rangeOf(range), newText)),
  );
  return edit;
}
