/** @file Starts a child: which flags and settings it runs under, and what it inherits, which is nothing. */

import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { parse } from "node:path";
import type { Readable, Writable } from "node:stream";
import { isolation } from "./isolation.ts";
import { CONFINED_ARGUMENT } from "./launch-contract.ts";
import { canReadMemory } from "./resident-memory.ts";

export type Launched = ChildProcessByStdio<Writable, Readable, Readable>;

export interface LaunchOptions {
  /** Megabytes that a job in this child may hold. */
  memoryMb: number;
  /** Ask Node to confine the process, where it can. */
  confined: boolean;
  /** Ask the operating system to, where it can. */
  isolated: boolean;
}

export type Launch = (options: LaunchOptions) => Launched;

/** Nothing of the parent's; but Electron has to be told that it is Node here. */
const runtimeEnv = process.versions.electron ? { ELECTRON_RUN_AS_NODE: "1" } : {};

/**
 * How much freed memory the C library keeps for what comes next. V8 lets some 90 MB of large tensors pile up before it
 * collects them. Left to itself, glibc keeps twice the largest block that was ever freed, here 2 MB, and each page that it
 * takes from the system again costs 1.5 µs, several times what adding its elements does.
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
function allocatorEnv(memoryMb: number): Record<string, string> {
  if (process.platform !== "linux") return {};
  const [keptMb, mappedMb] = [Math.min(128, Math.floor(memoryMb / 3)), 32];
  return {
    MALLOC_TRIM_THRESHOLD_: String(keptMb * 2 ** 20),
    // Named, either keeps the other from adapting; this is how far it would.
    MALLOC_MMAP_THRESHOLD_: String(mappedMb * 2 ** 20),
  };
}

/**
 * @param execPath Node, or Electron, which is then run as Node.
 * @param realm Path of the child's bundle. Throws where there is none, or no runtime at `execPath`.
 */
export function createLaunch(execPath: string, realm: string): Launch {
  const bundle = realpathSync(realm);
  const known = knownFlags(execPath);
  const permission = permissionFlags(known, bundle);
  return ({ memoryMb, confined, isolated }) => {
    const asked = confined ? permission : [];
    const [command, ...args] = [
      ...(isolated ? isolation() : []),
      execPath,
      ...asked,
      ...engineFlags(known, memoryMb),
      bundle,
      ...(asked.length > 0 ? [CONFINED_ARGUMENT] : []),
    ];
    return spawn(command!, args, {
      // The root: it is there, and a crash leaves nothing in people's folders.
      cwd: parse(bundle).root,
      env: { ...runtimeEnv, ...allocatorEnv(memoryMb) },
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
  };
}

/** Node's permission model: no files but the bundle, no child processes, workers, native code; from Node 25 no network. */
function permissionFlags(known: ReadonlySet<string>, bundle: string): string[] {
  const flag = ["--permission", "--experimental-permission"].find(name => known.has(name));
  return flag ? [flag, `--allow-fs-read=${bundle}`] : [];
}

function engineFlags(known: ReadonlySet<string>, memoryMb: number): string[] {
  // Where the parent watches the whole process, V8's limit lies above it: an end by the parent is cleaner than V8's abort.
  const heapMb = Math.ceil(canReadMemory ? memoryMb * 1.5 : memoryMb);
  return [
    "--no-warnings",
    "--no-addons",
    // It opens files past the permission model.
    ...(known.has("--experimental-sqlite") ? ["--no-experimental-sqlite"] : []),
    "--disable-proto=delete",
    `--max-old-space-size=${heapMb}`,
    // A young generation this large keeps code that makes many small objects at full speed; it is up to three of these.
    `--max-semi-space-size=${Math.min(48, Math.floor(memoryMb / 7))}`,
    // V8's own default: code that a person's Node runs must not overflow here.
    "--stack-size=984",
  ];
}

/** A runtime refuses to start on a flag that it does not know. Another than our own is asked. */
function knownFlags(execPath: string): ReadonlySet<string> {
  if (execPath === process.execPath) return process.allowedNodeEnvironmentFlags;
  const script = 'process.stdout.write([...process.allowedNodeEnvironmentFlags].join("\\n"))';
  return new Set(execFileSync(execPath, ["-e", script], { encoding: "utf8", env: runtimeEnv }).split("\n"));
}
