/**
 * @file What the operating system takes from a child, below Node and the language: on Linux a network, a user and shared
 * memory of its own (there is nothing in them), setuid programs, and files to write. By util-linux's tools, which need no
 * privileges; each replaces itself by the next, so that the process id stays the child's. Where they are missing, or
 * a container forbids namespaces, as much of it is used as works, and the other walls stand without it.
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const TOOLS: readonly (readonly [string, ...string[]])[] = [
  ["prlimit", "--core=0", "--fsize=0", "--nofile=256"],
  ["unshare", "--user", "--net", "--ipc", "--uts"],
  ["setpriv", "--no-new-privs"],
];

const FOLDERS = ["/usr/bin", "/bin"];
const PROBE_MS = 2_000;

/** A wrapper's exit codes: it could not do its part, or could not start what it wraps. */
export const ISOLATION_EXITS: readonly (number | null)[] = [1, 126, 127];

let known: readonly string[] | undefined;

/** The command that a child's command line is to follow; empty where there is none. Asked once, some 10 ms. */
export function isolation(): readonly string[] {
  known ??= process.platform === "linux" ? probe() : [];
  return known;
}

function probe(): string[] {
  const tools = TOOLS.flatMap(([name, ...args]) => {
    const folder = FOLDERS.find(folder => existsSync(`${folder}/${name}`));
    return folder ? [[`${folder}/${name}`, ...args]] : [];
  });
  const all = tools.flat();
  return works(all) ? all : tools.filter(works).flat();
}

function works(wrapper: readonly string[]): boolean {
  const [file, ...args] = [...wrapper, "/bin/true"];
  try {
    execFileSync(file!, args, { stdio: "ignore", env: {}, timeout: PROBE_MS });
    return true;
  } catch {
    return false;
  }
}
