/** @file What checks share and what outlives each of them: esbuild's process, and those of the sandbox. */

import { availableParallelism } from "node:os";
import { Bundler } from "./bundle/bundler.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox/sandbox.ts";

export interface Runtime {
  readonly bundler: Pick<Bundler, "bundle">;
  readonly sandbox: Pick<Sandbox, "run">;
  /** Ends every process. */
  dispose(): Promise<void>;
}

/** More than one process, so that a check that hangs does not hold up all the others. */
const RUNNING = Math.min(4, Math.max(2, availableParallelism() - 1));

/**
 * Starts nothing before the first check: to look for Functions takes no process.
 *
 * @param realm Path of the script that runs inside the sandbox's processes.
 * @param options What of the sandbox is to be other than it is for people.
 */
export function createRuntime(realm: string, options: Omit<SandboxOptions, "realm"> = {}): Runtime {
  const bundler = new Bundler();
  let sandbox: Sandbox | undefined;
  return {
    bundler,
    sandbox: {
      async run(...job) {
        sandbox ??= createSandbox({ running: RUNNING, ...options, realm });
        return sandbox.run(...job);
      },
    },
    async dispose() {
      await Promise.all([sandbox?.dispose(), bundler.dispose()]);
    },
  };
}
