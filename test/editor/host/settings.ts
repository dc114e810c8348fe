/** @file Settings for the length of a test. */

import * as vscode from "vscode";
import { until } from "../until.ts";

/** Runs `body` with settings of the extension; before and after, waits until the extension host reads them so. */
export async function withSettings(
  values: Readonly<Record<string, unknown>>,
  body: () => Promise<void>,
): Promise<void> {
  try {
    for (const [key, value] of Object.entries(values)) await set(key, value);
    await body();
  } finally {
    for (const key of Object.keys(values)) await set(key, undefined);
  }
}

async function set(key: string, value: unknown): Promise<void> {
  const read = () => vscode.workspace.getConfiguration("gradientLens");
  await read().update(key, value, vscode.ConfigurationTarget.Global);
  await until(
    `gradientLens.${key} to be ${String(value)}`,
    async () => read().inspect(key)?.globalValue,
    seen => seen === value,
  );
}
