/** @file What the sandbox's tests share: the built realm, jobs, and a view of the processes there are. */

import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSandbox } from "../../../scripts/sandbox-bundle.ts";
import { PLAIN_NOTATION } from "../notation.ts";
import type { Job, Limits, Outcome } from "./job.ts";

export const limits: Limits = { timeMs: 10_000, memoryMb: 350 };

export const sine = `
  class Sine extends engine.Function {
    static forward(ctx, x) { ctx.saveForBackward(x); return x.sin(); }
    static backward(ctx, g) { return g.mul(ctx.savedTensors[0].cos()); }
  }
  Sine`;

const tensor = { name: "x", type: "Tensor", optional: false, initializer: null, rest: false };

export function job(script: string, seed = 0): Job {
  return {
    task: "check",
    script,
    name: "Sine",
    parameters: [tensor],
    gradOutputs: ["g"],
    notation: PLAIN_NOTATION,
    seed,
  };
}

/** Removed with all temporary files of the tests. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "gradient-lens-sandbox-"));
}

/** Path of the child's bundle, built now. */
export async function builtRealm(): Promise<string> {
  const outfile = join(temporaryFolder(), "sandbox.cjs");
  await buildSandbox(outfile);
  return outfile;
}

/** An outcome in one line: `judged correct`, `judged inconclusive forward-throws`, `time-limit`. */
export function said(outcome: Outcome): string {
  if (outcome.kind !== "judged") return outcome.kind;
  const { verdict, rule } = outcome.judgement;
  return `judged ${verdict}${rule ? ` ${rule}` : ""}`;
}

export function logsOf(outcome: Outcome): string[] {
  return "logs" in outcome ? outcome.logs : [];
}

/** Ids of the processes that `parent` started, reapers among them, and that still run. Linux only, as the tests are. */
export function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => processState(pid).parentId === parent && isRunning(pid));
}

/** Ids of the processes that run this bundle. */
export function sandboxesOf(realm: string): number[] {
  return childrenOf(process.pid).filter(pid => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(realm));
}

export function isRunning(pid: number): boolean {
  return !["", "Z"].includes(processState(pid).state);
}

/** Whether a process has computed for longer than a start takes: then it is in the loop that its job is. */
export function isLooping(pid: number): boolean {
  return processState(pid).userTicks > 60;
}

/** From `/proc/PID/stat`, after the name: state, parent, and ten fields on the hundredths of a second spent computing. */
function processState(pid: number): { state: string; parentId: number; userTicks: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.split(" ");
    return { state: fields[0]!, parentId: Number(fields[1]), userTicks: Number(fields[11]) };
  } catch {
    return { state: "", parentId: -1, userTicks: 0 };
  }
}

/** Resolves when `condition` holds; the test's own time limit ends the wait where it never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 20));
}
