/** @file esbuild: the native program, or its WebAssembly build where there is none for the platform. */

import type * as Api from "esbuild";

export type Esbuild = Pick<typeof Api, "build" | "context" | "stop">;

let starting: Promise<Esbuild> | undefined;

/** Starts esbuild's process at the first call; it then stays for the next. */
export function esbuild(): Promise<Esbuild> {
  starting ??= start().catch(error => {
    starting = undefined;
    throw error;
  });
  return starting;
}

/** Whether an error says that esbuild's process has ended: a deep enough nesting of brackets ends it. */
export function isEndOfEsbuild(error: unknown): boolean {
  return error instanceof Error && /The service (was stopped|is no longer running)/.test(error.message);
}

/** Lets go of a process that has ended, unless another has been started since. */
export async function dropEsbuild(ended: Promise<Esbuild> | undefined): Promise<void> {
  if (ended !== undefined && ended === starting) await stopEsbuild();
}

/** What {@link esbuild} gives at this time, if it was called. */
export function runningEsbuild(): Promise<Esbuild> | undefined {
  return starting;
}

export async function stopEsbuild(): Promise<void> {
  const started = starting;
  starting = undefined;
  await (await started?.catch(() => undefined))?.stop();
}

async function start(): Promise<Esbuild> {
  const reasons: string[] = [];
  for (const load of [() => import("esbuild"), () => import("esbuild-wasm")]) {
    try {
      const api: typeof Api = await load();
      // Whether there is a program for the platform shows at the first use only.
      await api.transform("");
      return api;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`esbuild could not be started, neither native nor as WebAssembly: ${reasons.join("; ")}`);
}
