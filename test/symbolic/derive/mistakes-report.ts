/** @file What people and programs are told of the mistakes: each with its cause and fix, then the counts. */

import { relative } from "node:path";
import type { ExplainedMistake } from "./explained-mistake.ts";

export interface MistakesReport {
  mistakes: number;
  /** Judged wrong. */
  caught: number;
  causes: {
    /** Mistakes whose true cause is known. */
    known: number;
    /** Of these, named. */
    right: number;
    /** Mistakes of any kind with a cause that is more than the worst entry. */
    named: number;
  };
  /** With a fix that is right. */
  fixed: number;
  smallest: {
    /** Mistakes that a known small edit makes right. */
    known: number;
    /** Of these, with a fix that is no larger. */
    found: number;
  };
  details: readonly ExplainedMistake[];
}

export function mistakesReport(details: readonly ExplainedMistake[]): MistakesReport {
  const count = (holds: (mistake: ExplainedMistake) => boolean): number => details.filter(holds).length;
  return {
    mistakes: details.length,
    caught: count(({ verdict }) => verdict === "wrong"),
    causes: {
      known: count(({ causeExpected }) => causeExpected !== null),
      right: count(({ causeExpected, causeFound }) => causeExpected !== null && causeExpected === causeFound),
      named: count(({ causeFound }) => causeFound !== null && causeFound !== "worst-entry"),
    },
    fixed: count(({ fixVerified }) => fixVerified),
    smallest: {
      known: count(({ smallestEditFound }) => smallestEditFound !== null),
      found: count(({ smallestEditFound }) => smallestEditFound === true),
    },
    details,
  };
}

/** Nine in ten of each. */
export function mistakesPass({ mistakes, caught, causes, fixed, smallest }: MistakesReport): boolean {
  const most = (count: number, of: number): boolean => count >= 0.9 * of;
  return (
    caught === mistakes &&
    (causes.known > 0 ? most(causes.right, causes.known) : most(causes.named, mistakes)) &&
    most(fixed, mistakes) &&
    most(smallest.found, smallest.known)
  );
}

export function printMistakes(report: MistakesReport): string {
  const { mistakes, caught, causes, fixed, smallest } = report;
  const share = (count: number, of: number): string =>
    of === 0 ? "none to find" : `${count} of ${of} (${((100 * count) / of).toFixed(1)} %)`;
  return [
    ...report.details.map(sectionOf),
    [
      `mistakes found           ${share(caught, mistakes)}`,
      `true cause named         ${share(causes.right, causes.known)}`,
      `some cause named         ${share(causes.named, mistakes)}`,
      `verified fix             ${share(fixed, mistakes)}`,
      `smallest edit, if any    ${share(smallest.found, smallest.known)}`,
    ].join("\n"),
  ].join("\n\n");
}

function sectionOf(mistake: ExplainedMistake): string {
  const { name, file, verdict, causeExpected, causeFound, sentence, fix, fixVerified, smallestEditFound } =
    mistake;
  const missed = causeExpected !== null && causeExpected !== causeFound;
  const cause = `${causeFound ?? "no cause"}${missed ? ` where it is ${causeExpected}` : ""}`;
  const lines = [
    `${name}  (${relative(process.cwd(), file)})`,
    verdict === "wrong" ? `cause  ${cause}` : `judged ${verdict}: ${mistake.message}`,
    ...(sentence === null ? [] : [`       ${sentence}`]),
    fix === null
      ? "fix    none"
      : `fix    ${fix}${fixVerified ? "" : "; it is not right"}${smallestEditFound === false ? "; a smaller one is known" : ""}`,
  ];
  return lines.map((line, i) => (i === 0 ? line : `  ${line}`)).join("\n");
}
