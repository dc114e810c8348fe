/**
 * @file Folders that a test may write in, and that go with it. They lie inside the project, so that
 * `@gradient-lens/engine` is found from them as from any workspace that has installed it.
 */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inCache, inProject } from "../../scripts/project.ts";

/** Where a workspace's files come from: a folder of the project to copy, or the files' texts by relative path. */
export type WorkspaceSource = string | Record<string, string>;

export interface Scratch {
  readonly folder: string;
  remove(): void;
}

export function scratchFolder(): Scratch {
  mkdirSync(inCache("scratch"), { recursive: true });
  const folder = mkdtempSync(inCache("scratch", "test-"));
  // The server may still be writing its last state when it is told to stop.
  return {
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** Makes `folder` a workspace with these files. */
export function fillWorkspace(folder: string, source: WorkspaceSource): void {
  if (typeof source === "string") {
    cpSync(inProject(source), folder, { recursive: true });
    return;
  }
  for (const [path, text] of Object.entries(source)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
