/** @file Where the project's parts are, as absolute paths. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** A path inside the project: `inProject("dist", "cli.js")`. */
export const inProject = (...segments: string[]): string => join(root, ...segments);

/** What may be deleted at any time and comes back by itself: downloads, profiles, results, screenshots. */
export const inCache = (...segments: string[]): string => inProject(".cache", ...segments);

/** The project's own Node, which bootstrap.mjs installs; the `node` on the machine may be another one. */
export const nodeExecutable = inProject(
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);
