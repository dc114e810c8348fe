/**
 * @file How much memory a process holds, and a watch over it. Linux tells at no cost (20 µs); elsewhere nothing does, and
 * only V8's own limit on the heap holds, which does not count the buffers of typed arrays.
 */

import { readFileSync } from "node:fs";

export const canReadMemory = process.platform === "linux";

const INTERVAL_MS = 20;

/** Resident memory in megabytes; null where it cannot be read or the process is gone. */
export function residentMb(pid: number): number | null {
  if (!canReadMemory) return null;
  try {
    const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/** Calls back, once, when the process holds more than `limitMb`. Returns what ends the watch. */
export function watchMemory(pid: number, limitMb: number, onExceeded: () => void): () => void {
  if (!canReadMemory) return () => {};
  const timer = setInterval(() => {
    if ((residentMb(pid) ?? 0) <= limitMb) return;
    clearInterval(timer);
    onExceeded();
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}
