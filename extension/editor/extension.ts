/**
 * @file The extension's entry. Activation registers and nothing more: the checker's worker starts when there is
 * something to read.
 */

import * as vscode from "vscode";
import { unsavedBuffers } from "./buffers.ts";
import { CheckerClient } from "./checker-client.ts";
import { Checks } from "./checks.ts";
import { registerCommands } from "./commands.ts";
import { Derivables } from "./derivable.ts";
import { registerDerivationActions } from "./derivation-actions.ts";
import { DerivationPanel } from "./derivation-panel.ts";
import { registerDiagnostics } from "./diagnostics.ts";
import { Faults } from "./faults.ts";
import { FindingStore } from "./finding-store.ts";
import { registerGenerate } from "./generate.ts";
import { registerHovers } from "./hovers.ts";
import { registerLenses } from "./lenses.ts";
import { Outlines } from "./outlines.ts";
import { registerQuickFixes } from "./quick-fixes.ts";
import { registerStatus } from "./status.ts";
import { registerTriggers } from "./triggers.ts";

let client: CheckerClient | undefined;

export function activate({ extensionUri, globalStorageUri, subscriptions }: vscode.ExtensionContext): void {
  const built = (name: string) => vscode.Uri.joinPath(extensionUri, "dist", name).fsPath;
  const log = vscode.window.createOutputChannel("Gradient Lens", { log: true });
  const faults = new Faults(log);
  const store = new FindingStore();
  client = new CheckerClient({
    worker: built("worker.cjs"),
    realm: built("sandbox.cjs"),
    cache: vscode.Uri.joinPath(globalStorageUri, "cache").fsPath,
    buffers: unsavedBuffers,
    log: message => log.warn(message),
  });
  const outlines = new Outlines(client, store);
  const checks = new Checks({ client, store, outlines, log, faults });
  const derivables = new Derivables({ client, store, outlines });
  const panel = new DerivationPanel({ derivables, faults, extensionUri });
  subscriptions.push(
    log,
    derivables,
    panel,
    registerDiagnostics(store, extensionUri),
    registerLenses(store, outlines),
    registerQuickFixes(store),
    registerStatus(store),
    registerCommands({ derivables, panel, checks, store, outlines, log }),
    registerHovers(derivables, faults),
    registerDerivationActions(store),
    registerGenerate({ client, derivables, store, outlines, checks, faults, extensionUri }),
    registerTriggers(store, outlines, checks),
  );
}

/** Ends the worker and, through it, every process of the sandbox. */
export async function deactivate(): Promise<void> {
  await client?.dispose();
}
