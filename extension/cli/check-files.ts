/** @file Checks the Functions and reductions of many files, and reports each in the order of the files and of their texts. */

import type { Checker, CheckOptions, Site } from "../checker/checker.ts";
import type { Finding } from "../checker/finding.ts";
import { readFromDisk } from "../checker/texts.ts";
import type { Progress } from "./progress.ts";
import { countOf, emptySummary, hintsOf, type Report, type Totals } from "./report.ts";

export interface Batch {
  files: readonly string[];
  checker: Checker;
  options: CheckOptions;
  report: Report;
  progress: Progress;
  signal: AbortSignal;
}

/** Files that are read and begun ahead of the one whose findings are waited for. */
const AHEAD = 2;

/** Rejects when `signal` is aborted. */
export async function checkFiles(batch: Batch): Promise<Totals> {
  const { files, report, progress, signal } = batch;
  const started = performance.now();
  const summary = emptySummary();
  const begun: Promise<Begun | undefined>[] = [];
  for (const index of files.keys()) {
    while (begun.length < files.length && begun.length <= index + AHEAD) {
      const next = begin(files[begun.length]!, batch);
      next.catch(ignored);
      begun.push(next);
    }
    signal.throwIfAborted();
    const { text, checks, reductions } = (await begun[index]) ?? { text: "", checks: [], reductions: [] };
    for (const check of checks) {
      const finding = await check;
      summary[finding.verdict]++;
      progress.clear();
      report.finding(finding, text);
    }
    for (const check of reductions) {
      const finding = await check;
      const [hint] = hintsOf(finding);
      if (hint === undefined) continue;
      progress.clear();
      report.hint(hint, finding, text);
    }
    progress.update(`${index + 1} of ${files.length} files, ${countOf(summary)} Functions checked`);
  }
  const totals: Totals = { summary, files: files.length, durationMs: performance.now() - started };
  progress.clear();
  report.end(totals);
  return totals;
}

interface Begun {
  text: string;
  checks: Promise<Finding>[];
  reductions: Promise<Finding>[];
}

/** All Functions and reductions of a file at once: the sandbox runs as many as it has processes, the others wait there. */
async function begin(file: string, { checker, options, signal }: Batch): Promise<Begun | undefined> {
  const text = await readFromDisk(file);
  if (text === undefined) return undefined;
  const check = (site: Site): Promise<Finding> => checker.check(file, site, options, signal);
  const checks = (await checker.functions(file, text)).map(check);
  const reductions = (await checker.reductions(file, text)).map(check);
  for (const begun of [...checks, ...reductions]) begun.catch(ignored);
  return { text, checks, reductions };
}

/** Where one check rejects, those behind it are not waited for; none of them is a fault of its own. */
function ignored(): void {}
