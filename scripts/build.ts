/**
 * @file Builds what runs outside this repository: the engine as a package (engine/dist) and the extension with its
 * command line (dist).
 *
 *     npm run build [-- --production | --watch]
 */

import { parseArgs } from "node:util";
import { buildEngine, watchEngine } from "./engine-bundle.ts";
import { emitEngineTypes } from "./engine-types.ts";
import { buildExtension, watchExtension } from "./extension-bundle.ts";

export interface BuildOptions {
  /** Minified and without source maps: what ships. */
  production?: boolean;
}

/** Builds all of it once; throws with the compiler's messages printed when something does not compile. */
export async function build({ production = false }: BuildOptions = {}): Promise<void> {
  const started = performance.now();
  await Promise.all([buildEngine(), buildExtension({ production })]);
  emitEngineTypes();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Built engine/dist and dist${production ? " for production" : ""} in ${seconds} s`);
}

/** Rebuilds on each change until stopped. The engine's declarations are left out: the workspace reads its sources. */
async function watch(): Promise<void> {
  await build();
  await Promise.all([watchEngine(), watchExtension()]);
  console.log("Watching for changes; stop with Ctrl-C");
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { production: { type: "boolean", default: false }, watch: { type: "boolean", default: false } },
  });
  try {
    await (values.watch ? watch() : build({ production: values.production }));
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
