/** @file The commands, from the palette and from a lens. */

import * as vscode from "vscode";
import { isCode, pathOf, uriAt } from "./buffers.ts";
import { all, type Checks } from "./checks.ts";
import { type Derivables, isDerivable } from "./derivable.ts";
import type { DerivationPanel } from "./derivation-panel.ts";
import type { FindingStore, FunctionState } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { placeOf, rangeOf } from "./places.ts";
import { requireTrust } from "./trust.ts";
import { checkWorkspace } from "./workspace-check.ts";

export const COMMANDS = {
  checkBackward: "gradientLens.checkBackward",
  checkFile: "gradientLens.checkFile",
  checkWorkspace: "gradientLens.checkWorkspace",
  cancel: "gradientLens.cancel",
  showDerivation: "gradientLens.showDerivation",
  showOutput: "gradientLens.showOutput",
  /** From a lens only. */
  showProblem: "gradientLens.showProblem",
} as const;

/** The Function that a lens stands for. */
export interface Target {
  path: string;
  key: string;
}

interface Rooms {
  derivables: Derivables;
  panel: DerivationPanel;
  checks: Checks;
  store: FindingStore;
  outlines: Outlines;
  log: vscode.LogOutputChannel;
}

export function registerCommands(rooms: Rooms): vscode.Disposable {
  const { checks, store, log } = rooms;
  const handlers: Record<keyof typeof COMMANDS, (target?: Target) => unknown> = {
    checkBackward: target => withTrust(() => checkBackward(rooms, target)),
    checkFile: () => withTrust(() => checkFile(rooms)),
    checkWorkspace: () => withTrust(() => checkWorkspace(checks, store)),
    showDerivation: target => withTrust(() => showDerivation(rooms, target)),
    cancel: () => checks.cancelAll(),
    showOutput: () => log.show(),
    showProblem: target => target && showProblem(rooms, target),
  };
  return vscode.Disposable.from(
    ...Object.entries(COMMANDS).map(([name, id]) =>
      vscode.commands.registerCommand(id, handlers[name as keyof typeof COMMANDS]),
    ),
  );
}

async function withTrust(run: () => unknown): Promise<void> {
  if (await requireTrust()) await run();
}

async function checkBackward({ checks, store, outlines }: Rooms, target?: Target): Promise<void> {
  if (target) {
    const document = await vscode.workspace.openTextDocument(uriAt(target.path));
    return checks.document(document, ({ key }) => key === target.key);
  }
  const editor = activeCode();
  if (!editor) return;
  await outlines.read(editor.document);
  const at = functionAt(store.functions(pathOf(editor.document)), editor.selection.active);
  if (!at)
    return say(
      "There is no Function at the cursor: put it inside a class that extends the engine's Function.",
    );
  await checks.document(editor.document, ({ key }) => key === at.key);
}

async function checkFile({ checks, store }: Rooms): Promise<void> {
  const editor = activeCode();
  if (!editor) return;
  await checks.document(editor.document, all);
  if (store.functions(pathOf(editor.document)).length === 0) {
    say("There is no Function in this file: no class in it extends the engine's Function.");
  }
}

/** Of what a link names, else of what the cursor is in. */
async function showDerivation({ derivables, panel }: Rooms, target?: unknown): Promise<void> {
  if (isDerivable(target)) {
    const document = await vscode.workspace.openTextDocument(uriAt(target.path));
    const place = await derivables.find(document, target);
    return place
      ? panel.show(place.derivable, place.site.name)
      : say("That function is no longer in the file.");
  }
  const editor = activeCode();
  if (!editor) return;
  const { document, selection } = editor;
  const place =
    (await derivables.at(document, selection.active)) ??
    (await derivables.around(document, selection.active));
  if (!place)
    return say(
      "There is nothing to derive at the cursor: put it inside a Function, a function that takes and returns tensors, or a loss.",
    );
  await panel.show(place.derivable, place.site.name);
}

/** The innermost one, as a class can be declared inside another. */
function functionAt(states: readonly FunctionState[], position: vscode.Position): FunctionState | undefined {
  return states.findLast(({ site }) => rangeOf(site.range).contains(position));
}

async function showProblem({ store }: Rooms, { path, key }: Target): Promise<void> {
  const state = store.functions(path).find(state => state.key === key);
  if (!state) return;
  const { status, site } = state;
  const range = status.kind === "checked" ? rangeOf(status.finding.range) : placeOf(site);
  await vscode.window.showTextDocument(uriAt(path), {
    selection: new vscode.Range(range.start, range.start),
  });
  await vscode.commands.executeCommand("editor.action.showHover");
}

function activeCode(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor && isCode(editor.document)) return editor;
  say("Open a TypeScript or JavaScript file first.");
  return undefined;
}

function say(message: string): void {
  void vscode.window.showInformationMessage(message);
}
