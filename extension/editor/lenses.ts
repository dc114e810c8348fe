/** @file A code lens over each `backward`: the verdict where the code is. */

import * as vscode from "vscode";
import { DOCUMENTS, pathOf } from "./buffers.ts";
import { COMMANDS, type Target } from "./commands.ts";
import type { FindingStore, FunctionState } from "./finding-store.ts";
import { lensText } from "./lens-text.ts";
import type { Outlines } from "./outlines.ts";
import { placeOf } from "./places.ts";
import { SECTION, settings } from "./settings.ts";
import { isTrusted, MANAGE_TRUST } from "./trust.ts";

export function registerLenses(store: FindingStore, outlines: Outlines): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document, token) {
      if (!settings().codeLens) return [];
      await outlines.read(document);
      if (token.isCancellationRequested) return [];
      const path = pathOf(document);
      return store.functions(path).map(state => lensOf(path, state));
    },
  };
  return vscode.Disposable.from(
    changed,
    store.onDidChange(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(`${SECTION}.codeLens`)) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider(DOCUMENTS, provider),
  );
}

function lensOf(path: string, { key, site, status }: FunctionState): vscode.CodeLens {
  const { title, tooltip, action } = lensText(status, isTrusted());
  const target: Target = { path, key };
  const command = {
    check: COMMANDS.checkBackward,
    show: COMMANDS.showProblem,
    trust: MANAGE_TRUST,
    none: "",
  }[action];
  return new vscode.CodeLens(placeOf(site), {
    title,
    tooltip,
    command,
    arguments: action === "trust" ? [] : [target],
  });
}
