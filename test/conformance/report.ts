/** @file What people and programs are told about a run: a table by op and by category, and a JSON report. */

import { describeCall } from "./describe.ts";
import { type CheckedSample, KINDS, type OpResult } from "./op.ts";
import { nameOf } from "./vectors.ts";

/** Counts are of samples, of all kinds; ops that the engine lacks have none. */
export interface ConformanceReport {
  ops: { op: string; variant: string; passed: number; failed: number; firstFailure: string | null }[];
  passed: number;
  failed: number;
  /** Names of the ops that the engine lacks. */
  missing: string[];
}

export function reportOf(results: readonly OpResult[]): ConformanceReport {
  const ops = results.map(({ op, variant, samples }) => {
    const failing = samples.filter(failed);
    const first = failing[0];
    const firstFailure = first === undefined ? null : `sample ${first.sample.i}: ${first.failures[0]}`;
    return { op, variant, passed: samples.length - failing.length, failed: failing.length, firstFailure };
  });
  return {
    ops,
    passed: ops.reduce((n, { passed }) => n + passed, 0),
    failed: ops.reduce((n, { failed }) => n + failed, 0),
    missing: [...new Set(results.filter(({ missing }) => missing).map(({ op }) => op))],
  };
}

/** @param failuresShown how many failing samples are printed of each op */
export function print(results: readonly OpResult[], failuresShown: number): string {
  const sections = [
    opTable(results),
    failureList(results, failuresShown),
    missingList(results),
    categoryTable(results),
    totals(results),
  ];
  return sections.filter(section => section !== "").join("\n\n");
}

const COLUMNS = [...KINDS, "worst error"];

function opTable(results: readonly OpResult[]): string {
  const rows = categories(results).flatMap(category => {
    const ops = results.filter(result => result.category === category);
    return [[""], [category, ...COLUMNS], ...ops.map(opRow)];
  });
  return aligned(rows.slice(1));
}

function opRow(result: OpResult): string[] {
  const name = `  ${nameOf(result)}`;
  if (result.missing) return [name, "missing"];
  if (result.samples.length === 0) return [name, "exists"];
  return [name, ...counts(result.samples)];
}

function categoryTable(results: readonly OpResult[]): string {
  const row = (label: string, group: readonly OpResult[]): string[] => {
    const missing = new Set(group.filter(result => result.missing).map(({ op }) => op)).size;
    return [
      label,
      String(new Set(group.map(({ op }) => op)).size),
      missing === 0 ? "" : String(missing),
      ...counts(group.flatMap(({ samples }) => samples)),
    ];
  };
  const rows = categories(results).map(category =>
    row(
      category,
      results.filter(result => result.category === category),
    ),
  );
  return aligned([["category", "ops", "missing", ...COLUMNS], ...rows, row("all", results)]);
}

/** Passed of all for each kind, and the largest error in units of the tolerance. */
function counts(samples: readonly CheckedSample[]): string[] {
  const byKind = KINDS.map(kind => {
    const group = samples.filter(sample => sample.kind === kind);
    return group.length === 0 ? "" : `${group.filter(s => !failed(s)).length}/${group.length}`;
  });
  const worst = samples.reduce((error, sample) => Math.max(error, sample.worst), 0);
  return [...byKind, samples.length === 0 ? "" : formatError(worst)];
}

function formatError(error: number): string {
  if (error === 0 || error === Infinity) return error === 0 ? "0" : "∞";
  return error >= 1e-3 && error < 1000 ? error.toPrecision(2) : error.toExponential(1);
}

function failureList(results: readonly OpResult[], shown: number): string {
  const lines = results.flatMap(result => {
    const failing = result.samples.filter(failed);
    if (failing.length === 0) return [];
    return [
      `${nameOf(result)}: ${failing.length} of ${result.samples.length} samples fail`,
      ...failing
        .slice(0, shown)
        .flatMap(({ sample, failures }) => [
          `  sample ${sample.i} (${sample.src})  ${describeCall(result.call, sample)}`,
          ...failures.map(failure => `    ${failure}`),
        ]),
    ];
  });
  return lines.join("\n");
}

function missingList(results: readonly OpResult[]): string {
  const { missing } = reportOf(results);
  return missing.length === 0 ? "" : `missing: ${missing.join(", ")}`;
}

function totals(results: readonly OpResult[]): string {
  const { passed, failed, missing } = reportOf(results);
  const worst = results
    .flatMap(result => result.samples.map(({ sample, worst: error }) => ({ result, sample, error })))
    .reduce<{ result: OpResult; sample: { i: number }; error: number } | null>(
      (a, b) => (a !== null && a.error >= b.error ? a : b),
      null,
    );
  const where = worst === null ? "" : `, in ${nameOf(worst.result)}, sample ${worst.sample.i}`;
  return [
    `${passed} samples pass, ${failed} fail; ${missing.length} ops are missing.`,
    `Worst error: ${formatError(worst?.error ?? 0)} of what is allowed${where}.`,
  ].join("\n");
}

function failed({ failures }: CheckedSample): boolean {
  return failures.length > 0;
}

function categories(results: readonly OpResult[]): string[] {
  return [...new Set(results.map(({ category }) => category))].sort();
}

/** Columns under one another: the first from the left, the others from the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows
    .map(row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))))
    .map(cells => cells.join("  ").trimEnd())
    .join("\n");
}
