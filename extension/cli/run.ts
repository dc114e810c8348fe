/** @file The command line: from arguments to an exit code. */

import type { Checker } from "../checker/checker.ts";
import { plainLine } from "../checker/plain-text.ts";
import { readFromDisk } from "../checker/texts.ts";
import { checkFiles } from "./check-files.ts";
import { expandPaths, PathError } from "./files.ts";
import { jsonReport } from "./json.ts";
import { type CheckArguments, parse } from "./options.ts";
import { prettyReport } from "./pretty.ts";
import { progressOn } from "./progress.ts";
import type { Report } from "./report.ts";
import type { Terminal } from "./terminal.ts";

export interface Surroundings {
  out: Terminal;
  err: Terminal;
  cwd: string;
  /** Path of the script that runs inside the sandbox's process. */
  realm: string;
  /** Where outcomes may be kept; null for nowhere. */
  cache: string | null;
  signal: AbortSignal;
}

/** As users' scripts know them. */
export const EXIT = { nothingWrong: 0, wrong: 1, couldNotRun: 2, interrupted: 130 } as const;

export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err, signal } = surroundings;
  const parsed = parse(argv, text => out.write(text));
  if (parsed.kind === "told") return EXIT.nothingWrong;
  if (parsed.kind === "unusable") return refuse(err, parsed.message);
  try {
    return await check(parsed.arguments, surroundings);
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    if (error instanceof PathError) return refuse(err, error.message);
    return refuse(err, `a fault of its own: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function check(
  { paths, format, seed, limits, cached }: CheckArguments,
  { out, err, cwd, realm, cache, signal }: Surroundings,
): Promise<number> {
  const reports: Record<typeof format, () => Report> = {
    pretty: () => prettyReport(out, cwd),
    json: () => jsonReport(out, cwd),
  };
  const files = await expandPaths(paths, cwd);
  const checker = await loadChecker(realm, cached ? cache : null);
  const progress = progressOn(err);
  try {
    const options = { seed, limits };
    const report = reports[format]();
    const { summary } = await checkFiles({ files, checker, options, report, progress, signal });
    return summary.wrong > 0 ? EXIT.wrong : EXIT.nothingWrong;
  } finally {
    progress.clear();
    await checker.dispose();
  }
}

/** Only now: the compilers behind it take longer to load than a mistyped option takes to be refused. */
async function loadChecker(realm: string, cache: string | null): Promise<Checker> {
  const { createChecker } = await import("../checker/local-checker.ts");
  return createChecker({ realm, cache, readText: readFromDisk });
}

function refuse(err: Terminal, message: string): number {
  err.write(`gradient-lens: ${plainLine(message)}\n`);
  return EXIT.couldNotRun;
}
