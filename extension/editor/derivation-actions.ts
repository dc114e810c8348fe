/** @file "Show derivation" in the light bulb of a problem: for those who want to know why the right gradient is right. */

import * as vscode from "vscode";
import { DOCUMENTS, pathOf } from "./buffers.ts";
import { COMMANDS } from "./commands.ts";
import type { Derivable } from "./derivable.ts";
import { SOURCE } from "./diagnostics.ts";
import type { FindingStore } from "./finding-store.ts";
import { rangeOf } from "./places.ts";

const TITLE = "Show derivation";

export function registerDerivationActions(store: FindingStore): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, _range, { diagnostics }) {
      const path = pathOf(document);
      return diagnostics
        .filter(({ source }) => source === SOURCE)
        .flatMap(problem => {
          const state = store
            .functions(path)
            .find(({ site }) => site.forward !== null && rangeOf(site.range).contains(problem.range));
          if (!state) return [];
          const action = new vscode.CodeAction(TITLE, vscode.CodeActionKind.QuickFix);
          const derivable: Derivable = { path, key: state.key };
          action.command = { title: TITLE, command: COMMANDS.showDerivation, arguments: [derivable] };
          action.diagnostics = [problem];
          return [action];
        })
        .slice(0, 1);
    },
  };
  return vscode.languages.registerCodeActionsProvider(DOCUMENTS, provider, {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  });
}
