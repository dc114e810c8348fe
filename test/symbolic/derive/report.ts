/** @file What people and programs are told of a run: each rule's formulas, then a table of costs and the counts. */

import { median } from "../../../bench/statistics.ts";
import type { Derivation } from "../../../extension/checker/derivation.ts";
import type { DerivedRule } from "./derived-rule.ts";

/** A derived backward may cost so many times what the rule's own does. */
export const DEAREST = 1.5;

export interface DeriveReport {
  rules: number;
  derived: number;
  correct: number;
  /** Judged anything but correct. */
  wrong: number;
  /** Correct, and no dearer than {@link DEAREST} times the rule's own. */
  within: number;
  medianMs: number | null;
  details: readonly DerivedRule[];
}

export function reportOf(details: readonly DerivedRule[]): DeriveReport {
  const times = details.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  return {
    rules: details.length,
    derived: details.filter(({ derivation }) => derivation !== null).length,
    correct: details.filter(isCorrect).length,
    wrong: details.filter(rule => rule.verdict !== null && !isCorrect(rule)).length,
    within: details.filter(isWithin).length,
    medianMs: times.length === 0 ? null : median(times),
    details,
  };
}

/** A surrogate's derivative is what its backward means to be. */
function isCorrect({ verdict }: DerivedRule): boolean {
  return verdict === "correct" || verdict === "surrogate";
}

function isWithin(rule: DerivedRule): boolean {
  return isCorrect(rule) && rule.ratio !== null && rule.ratio <= DEAREST;
}

/** Nine in ten within the cost, and none wrong. */
export function passes({ rules, wrong, within }: DeriveReport): boolean {
  return wrong === 0 && within >= 0.9 * rules;
}

export function print(report: DeriveReport): string {
  const { details, rules, derived, correct, wrong, within, medianMs } = report;
  const share = (count: number): string => `${count} (${((100 * count) / rules).toFixed(1)} %)`;
  return [
    ...details.map(sectionOf),
    tableOf(details),
    [
      `${rules} rules: ${share(derived)} derived, ${share(correct)} judged correct, ${wrong} not`,
      `${share(within)} correct at no more than ${DEAREST}× the operations of the rule's own backward`,
      ...(medianMs === null ? [] : [`median ${medianMs.toFixed(1)} ms`]),
    ].join("; "),
  ].join("\n\n");
}

/** The formulas of one rule. */
function sectionOf({ rule, at, names, refusal, derivation }: DerivedRule): string {
  const lines = derivation === null ? [`not derived: ${refusal}`] : formulaLines(derivation, names);
  return [`${rule}${at === "" ? "" : `  (${at})`}`, ...lines.map(line => `  ${line}`)].join("\n");
}

function formulaLines(
  { gradients, parts, statements, saved }: Derivation,
  names: readonly string[],
): string[] {
  const kept = saved.flatMap(({ name, formula, parts: own }) => [
    ...own.map(part => [`keep ${part.name}`, part.maths, part.typescript] as const),
    ...(formula === null ? [] : [[`keep ${name}`, formula.maths, formula.typescript] as const]),
  ]);
  const named = parts.map(({ name, maths, typescript }) => [name, maths, typescript] as const);
  const results = gradients.flatMap((gradient, i) =>
    gradient === null ? [] : [[`∂${names[i]}`, gradient.maths, gradient.typescript] as const],
  );
  return [...kept, ...named, ...results].flatMap(([name, maths, typescript]) => [
    `${name} = ${maths}`,
    `${" ".repeat(name.length)} = ${typescript ?? (statements === null ? "no public function" : "")}`,
  ]);
}

function tableOf(details: readonly DerivedRule[]): string {
  const rows = details.map(({ rule, verdict, operations, textbook, ratio, ms, refusal, derivation }) => [
    rule,
    refusal !== null ? "not derived" : (verdict ?? (derivation === null ? "" : "unwritable")),
    operations === null ? "–" : String(operations),
    textbook === null ? "–" : `${textbook.operations}${textbook.ofRun ? "*" : ""}`,
    ratio === null ? "–" : `${ratio.toFixed(2)}×`,
    ms === null ? "–" : ms.toFixed(1),
  ]);
  const all = [["rule", "verdict", "operations", "its own", "ratio", "ms"], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  const lines = all.map(row =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  "),
  );
  const notes = details.some(({ textbook }) => textbook?.ofRun)
    ? [
        "* counted in a run: this backward looks at numbers. What it computes outside of tensors is not counted.",
      ]
    : [];
  return [...lines, ...notes].join("\n");
}
