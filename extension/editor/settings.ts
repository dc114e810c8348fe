/** @file The settings `gradientLens.*`, as package.json declares them. */

import * as vscode from "vscode";
import type { CheckOptions } from "../checker/checker.ts";

export const SECTION = "gradientLens";

export interface Settings {
  checkOnOpen: boolean;
  checkOnSave: boolean;
  codeLens: boolean;
  check: CheckOptions;
}

export function settings(): Settings {
  const section = vscode.workspace.getConfiguration(SECTION);
  // The manifest's defaults stand behind each.
  const get = <T>(name: string) => section.get<T>(name) as T;
  return {
    checkOnOpen: get("checkOnOpen"),
    checkOnSave: get("checkOnSave"),
    codeLens: get("codeLens"),
    check: {
      seed: get("seed"),
      limits: { timeMs: get<number>("timeLimit") * 1000, memoryMb: get("memoryLimit") },
    },
  };
}

/** Whether a change of the settings makes findings out of date. */
export function changesFindings(event: vscode.ConfigurationChangeEvent): boolean {
  return ["seed", "timeLimit", "memoryLimit"].some(name => event.affectsConfiguration(`${SECTION}.${name}`));
}
