/** @file Bundles the suite that runs in the extension host: `run.cjs`, and its suites in `suites/`. */

import { globSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { inProject } from "../../scripts/project.ts";

const shared: BuildOptions = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.dirname": "__dirname" },
  external: ["vscode", "mocha"],
  sourcemap: true,
  logLevel: "warning",
};

/** Writes into `folder` and returns the path of what VS Code is to run. */
export async function bundleHostSuites(suites: string, folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const files = globSync(join(suites, "**", "*.test.ts"));
  const run = join(folder, "run.cjs");
  await Promise.all([
    build({
      ...shared,
      entryPoints: [inProject("test", "editor", "host", "run.ts")],
      outfile: run,
      outExtension: {},
    }),
    build({ ...shared, entryPoints: files, outdir: join(folder, "suites"), outbase: suites }),
  ]);
  return run;
}
