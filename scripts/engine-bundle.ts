/** @file The engine as one file for `import` and one for `require`, with the numeric libraries it uses bundled in. */

import { rmSync } from "node:fs";
import { type BuildOptions, build, context } from "esbuild";
import { inProject, root } from "./project.ts";

function engineOptions(format: "esm" | "cjs"): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: ["engine/index.ts"],
    outfile: inProject("engine", "dist", format === "esm" ? "index.js" : "index.cjs"),
    bundle: true,
    format,
    // Neither Node's nor the browser's: the engine knows no I/O. "main" is for libraries that have no "module".
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    sourcemap: true,
    legalComments: "eof",
    logLevel: "warning",
  };
}

export async function buildEngine(): Promise<void> {
  rmSync(inProject("engine", "dist"), { recursive: true, force: true });
  await Promise.all([build(engineOptions("esm")), build(engineOptions("cjs"))]);
}

export async function watchEngine(): Promise<void> {
  for (const format of ["esm", "cjs"] as const) await (await context(engineOptions(format))).watch();
}
