/** @file The command `gradient-lens`: this process's arguments, streams and exit code around the command line proper. */

import { join } from "node:path";
import { cacheFolder } from "../checker/cache-folder.ts";
import { run } from "./run.ts";
import { terminalOf } from "./terminal.ts";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort(signal));

// A reader that has seen enough (`| head`) closes the pipe: that is no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  out: terminalOf(process.stdout, process.env),
  err: terminalOf(process.stderr, process.env),
  cwd: process.cwd(),
  realm: join(import.meta.dirname, "sandbox.cjs"),
  cache: cacheFolder(),
  signal: abort.signal,
});
