/**
 * @file People's code is bundled by esbuild at run time, so esbuild ships beside the bundles, as packages that
 * `require("esbuild")` finds from there: the native one of this platform, and the WebAssembly one for where no native
 * program may run. Only what their JavaScript interface loads is copied.
 */

import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "./project.ts";

const files: Record<string, string[]> = {
  esbuild: ["package.json", "LICENSE.md", "lib/main.js"],
  "esbuild-wasm": [
    "package.json",
    "LICENSE.md",
    "lib/main.js",
    "bin/esbuild",
    "esbuild.wasm",
    "wasm_exec.js",
    "wasm_exec_node.js",
  ],
};

/** Copies both esbuilds into the given `node_modules` folder. */
export function copyRuntimeEsbuild(target: string): void {
  for (const [name, paths] of Object.entries(files)) {
    for (const path of paths) cpSync(inProject("node_modules", name, path), join(target, name, path));
  }
  const native = inProject("node_modules", "@esbuild");
  if (!existsSync(native))
    throw new Error("esbuild has no native program for this platform: run npm ci again");
  for (const platform of readdirSync(native)) {
    const program = platform.startsWith("win32") ? "esbuild.exe" : "bin/esbuild";
    for (const path of ["package.json", program])
      cpSync(join(native, platform, path), join(target, "@esbuild", platform, path));
  }
}
