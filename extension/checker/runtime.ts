/** @file What checks share and what outlives each of them: esbuild's process, and those of the sandbox. */

import { availableParallelism } from "node:os";
import { Bundler } from "./bundle/bundler.ts";
import { createCache } from "./cache.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox/sandbox.ts";

export interface Runtime {
  readonly bundler: Pick<Bundler, "bundle">;
  readonly sandbox: Pick<Sandbox, "run">;
  /** Ends every process. */
  dispose(): Promise<void>;
}

/** More than one process, so that a check that hangs does not hold up all the others. */
const RUNNING = Math.min(4, Math.max(2, availableParallelism() - 1));

export interface RuntimeOptions extends Omit<SandboxOptions, "realm"> {
  /** Absolute path of a folder outside of every workspace, where outcomes are kept; null for none. */
  cache?: string | null;
}

/**
 * Starts nothing before the first check: to look for Functions takes no process.
 *
 * @param realm Path of the script that runs inside the sandbox's processes.
 * @param options A cache, and what of the sandbox is to be other than it is for people.
 */
export function createRuntime(
  realm: string,
  { cache: folder = null, ...options }: RuntimeOptions = {},
): Runtime {
  const bundler = new Bundler();
  const cache = folder === null ? undefined : createCache({ folder, realm });
  let sandbox: Sandbox | undefined;
  return {
    bundler,
    sandbox: {
      async run(job, limits, signal) {
        const known = await cache?.get(job, limits);
        if (known && !signal?.aborted) return known;
        sandbox ??= createSandbox({ running: RUNNING, ...options, realm });
        const outcome = await sandbox.run(job, limits, signal);
        cache?.put(job, limits, outcome);
        return outcome;
      },
    },
    async dispose() {
      await Promise.all([sandbox?.dispose(), bundler.dispose(), cache?.dispose()]);
    },
  };
}
