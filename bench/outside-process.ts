/**
 * @file Runs texts as any Node does, in a process of its own: it begins as new as the sandbox's, and grows as old. Each
 * message is a text that sees `engine`; the answer is the milliseconds that it took.
 */

import * as engine from "@gradient-lens/engine";

process.on("message", (text: string) => {
  const run = new Function("engine", `"use strict"; ${text}`) as (names: typeof engine) => void;
  const start = performance.now();
  run(engine);
  process.send?.(performance.now() - start);
});
