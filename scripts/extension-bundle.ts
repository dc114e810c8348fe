/**
 * @file The extension's own bundles in dist: what VS Code loads, the worker that reads code, the command line, and the
 * sandbox's process; and beside them the esbuild that bundles people's code at run time, and KaTeX's fonts.
 */

import { chmodSync, rmSync, watch as watchFiles } from "node:fs";
import { type BuildOptions, build, context } from "esbuild";
import { copyKatexAssets } from "./katex-assets.ts";
import { inProject, root } from "./project.ts";
import { copyRuntimeEsbuild } from "./runtime-esbuild.ts";
import { buildSandbox } from "./sandbox-bundle.ts";

const sandboxFile = "dist/sandbox.cjs";

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  // `@gradient-lens/engine` is then its sources, so that its dist need not be built first.
  conditions: ["source"],
  // Found in dist/node_modules at run time: a native program cannot be bundled.
  external: ["vscode", "esbuild", "esbuild-wasm"],
  // Class and function names reach people in messages.
  keepNames: true,
  logLevel: "warning",
};

/** `import.meta` has no meaning in CommonJS; `__filename` says the same. */
const commonjs: BuildOptions = {
  ...shared,
  format: "cjs",
  define: {
    "import.meta.url": "__moduleUrl",
    "import.meta.dirname": "__dirname",
    "import.meta.filename": "__filename",
  },
  banner: { js: 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/** `require` and `__filename` have no meaning in an ES module; the CommonJS packages inside the bundle still use them. */
const esm: BuildOptions = {
  ...shared,
  format: "esm",
  define: { __dirname: "import.meta.dirname", __filename: "import.meta.filename" },
  banner: {
    js: [
      "#!/usr/bin/env node",
      'import { createRequire as __createRequire } from "node:module";',
      "const require = __createRequire(import.meta.url);",
    ].join("\n"),
  },
};

const bundles: BuildOptions[] = [
  {
    ...commonjs,
    entryPoints: ["extension/editor/extension.ts"],
    outfile: inProject("dist", "extension.cjs"),
  },
  { ...commonjs, entryPoints: ["extension/checker/worker.ts"], outfile: inProject("dist", "worker.cjs") },
  { ...esm, entryPoints: ["extension/cli/main.ts"], outfile: inProject("dist", "cli.js") },
];

export async function buildExtension({ production }: { production: boolean }): Promise<void> {
  rmSync(inProject("dist"), { recursive: true, force: true });
  const mode: BuildOptions = production ? { minify: true } : { sourcemap: true };
  await Promise.all([
    ...bundles.map(bundle => build({ ...bundle, ...mode })),
    buildSandbox(inProject(sandboxFile)),
  ]);
  chmodSync(inProject("dist", "cli.js"), 0o755);
  copyRuntimeEsbuild(inProject("dist", "node_modules"));
  copyKatexAssets(inProject("dist", "katex"));
}

export async function watchExtension(): Promise<void> {
  for (const bundle of bundles) await (await context({ ...bundle, sourcemap: true })).watch();
  for (const folder of ["engine", "extension/checker/sandbox", "extension/checker/probe"]) {
    watchFiles(inProject(folder), { recursive: true }, rebuildSandbox);
  }
}

let pending: NodeJS.Timeout | undefined;

/** Editors save in several steps, and engine/dist is written by the build itself: a short wait, and dist left out. */
function rebuildSandbox(_event: string, file: string | null): void {
  if (!file?.endsWith(".ts") || file.startsWith("dist")) return;
  clearTimeout(pending);
  pending = setTimeout(() => {
    buildSandbox(inProject(sandboxFile)).catch((error: Error) => console.error(`build: ${error.message}`));
  }, 100);
}
