/** @file What people and programs are told about a run: a table by kind of mutant, then all that went wrong. */

import type { MutantResult, RuleResult } from "./trial.ts";

export interface MutantsReport {
  rules: number;
  mutants: number;
  /** Mutants found wrong for every seed. */
  caught: number;
  /** Correct rules found wrong, and those without a verdict: one for each seed. */
  falseAlarms: number;
  inconclusive: number;
  /** Mutants not found wrong for some seed, with the first such seed and its verdict. */
  missed: { rule: string; mutant: string; seed: number; verdict: string; seeds: number }[];
  details: {
    falseAlarms: { rule: string; seed: number; finding: string | null; message: string }[];
    inconclusive: { rule: string; seed: number; finding: string | null; message: string }[];
    kinds: { kind: string; mutants: number; caught: number }[];
  };
}

export function reportOf(results: readonly RuleResult[]): MutantsReport {
  const mutants = results.flatMap(({ rule, mutants }) => mutants.map(mutant => ({ rule, mutant })));
  const answers = results.flatMap(({ rule, answers }) => answers.map(answer => ({ rule, answer })));
  const listed = (verdicts: readonly string[]) =>
    answers
      .filter(({ answer }) => verdicts.includes(answer.verdict))
      .map(({ rule, answer: { seed, rule: finding, message } }) => ({ rule, seed, finding, message }));
  const falseAlarms = listed(["wrong"]);
  const inconclusive = listed(["inconclusive", "skipped"]);
  const missed = mutants.flatMap(({ rule, mutant: { name, missed } }) => {
    const [first] = missed;
    if (first === undefined) return [];
    return [{ rule, mutant: name, seed: first.seed, verdict: first.verdict, seeds: missed.length }];
  });
  return {
    rules: results.length,
    mutants: mutants.length,
    caught: mutants.length - missed.length,
    falseAlarms: falseAlarms.length,
    inconclusive: inconclusive.length,
    missed,
    details: { falseAlarms, inconclusive, kinds: kindsOf(mutants.map(({ mutant }) => mutant)) },
  };
}

export function passes({ missed, falseAlarms }: MutantsReport): boolean {
  return missed.length === 0 && falseAlarms === 0;
}

function kindsOf(mutants: readonly MutantResult[]): MutantsReport["details"]["kinds"] {
  return [...Map.groupBy(mutants, ({ kind }) => kind)]
    .map(([kind, group]) => ({
      kind,
      mutants: group.length,
      caught: group.filter(({ missed }) => missed.length === 0).length,
    }))
    .sort((a, b) => a.kind.localeCompare(b.kind));
}

export function print(report: MutantsReport, seeds: number): string {
  const { details, missed } = report;
  return [
    table(details.kinds.map(({ kind, mutants, caught }) => [kind, `${caught}/${mutants}`])),
    list("missed", missed, ({ rule, mutant, seed, verdict, seeds: times }) => [
      `${rule}  ${mutant}`,
      `${verdict}, seed ${seed}${seeds > 1 ? ` (${times} of ${seeds} seeds)` : ""}`,
    ]),
    list("false alarms", byRule(details.falseAlarms), lineOf),
    list("inconclusive", byRule(details.inconclusive), lineOf),
    [
      `${report.rules} rules, ${report.mutants} mutants, ${report.caught} caught`,
      `false alarms ${report.falseAlarms}, inconclusive ${report.inconclusive}, seeds ${seeds}`,
    ].join("; "),
  ]
    .filter(section => section !== "")
    .join("\n\n");
}

type Listed = MutantsReport["details"]["falseAlarms"][number];

/** The first of each rule, with the number of seeds it stands for. */
function byRule(list: readonly Listed[]): (Listed & { times: number })[] {
  return [...Map.groupBy(list, ({ rule }) => rule).values()].map(group => ({
    ...group[0]!,
    times: group.length,
  }));
}

function lineOf({ rule, seed, finding, message, times }: Listed & { times: number }): string[] {
  const also = times > 1 ? ` and ${times - 1} more` : "";
  return [`${rule}  ${finding ?? "none"}, seed ${seed}${also}`, message];
}

function list<T>(title: string, items: readonly T[], lines: (item: T) => readonly string[]): string {
  if (items.length === 0) return "";
  return [
    `${title}: ${items.length}`,
    ...items.flatMap(item => lines(item).map((line, i) => `${i === 0 ? "  " : "      "}${line}`)),
  ].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string {
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]!.length)));
  return rows.map(([kind, count]) => `${kind.padEnd(widths[0]!)}  ${count.padStart(widths[1]!)}`).join("\n");
}
