/** @file A line on a terminal that says how far a long run is, and is gone when it ends. */

import type { Terminal } from "./terminal.ts";

/** Short runs finish without it. */
const AFTER_MS = 500;
const EVERY_MS = 100;

export interface Progress {
  update(text: string): void;
  /** Takes the line away: to be called before anything else is written, and at the end. */
  clear(): void;
}

export function progressOn(err: Terminal, now: () => number = () => performance.now()): Progress {
  const started = now();
  let written = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    update(text) {
      if (!err.interactive || now() - started < AFTER_MS || now() - written < EVERY_MS) return;
      err.write(`\r\u001b[K${text}`);
      written = now();
      shown = true;
    },
    clear() {
      if (shown) err.write("\r\u001b[K");
      shown = false;
    },
  };
}
