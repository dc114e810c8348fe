/**
 * @file Children must not outlive their parent. One that waits ends by itself when its pipe closes; one in an endless
 * loop hears nothing, whatever kills the parent. On Windows the parent's job object ends it. Elsewhere a shell of a
 * few kilobytes stands by: it knows the children's ids, and kills them when its own pipe closes.
 */

import { spawn } from "node:child_process";

export interface Reaper {
  watch(pid: number): void;
  /** To be said as soon as the process is gone, before its id can be another's. */
  forget(pid: number): void;
  /** Kills what is still watched, as the parent's death would. */
  end(): void;
}

const SCRIPT = `
trap '' HUP INT TERM
watched=' '
while read -r sign pid; do
  case $sign in
    +) watched="$watched$pid " ;;
    -) watched="\${watched%% $pid *} \${watched#* $pid }" ;;
  esac
done
[ "$watched" = ' ' ] || kill -KILL $watched
`;

export function createReaper(): Reaper {
  if (process.platform === "win32") return { watch() {}, forget() {}, end() {} };
  const shell = spawn("/bin/sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], cwd: "/", env: {} });
  // Without a shell children still end with their pipe, all but the endless ones.
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return {
    watch: pid => void shell.stdin.write(`+ ${pid}\n`),
    forget: pid => void shell.stdin.write(`- ${pid}\n`),
    end: () => void shell.stdin.end(),
  };
}
