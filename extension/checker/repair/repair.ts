/**
 * @file Fixes of a wrong Function. Hundreds of small changes are tried in one job of the sandbox; the smallest of those that make it right
 * there are then checked as any text is checked, and only what that calls correct is a fix.
 */

import type { CheckOptions, FunctionSite } from "../checker.ts";
import type { Fix, Judgement } from "../finding.ts";
import type { Tried } from "../sandbox/job.ts";
import { applied, type Candidate, combined, costOf, editsOf, type TextChange } from "./candidate.ts";
import { candidatesFor } from "./candidates.ts";
import { type Ground, groundOf } from "./ground.ts";
import { importing } from "./imports.ts";
import { withSwitches } from "./switches.ts";

export type Wrong = Extract<Judgement, { verdict: "wrong" }>;

/** What a repair asks of the road of a check. */
export interface Workshop {
  /**
   * Tries alternatives; null where they cannot be run, or did not end in time.
   * @param rewrite puts them into the file's text, of which what the Function does not need is blank
   */
  attempt(
    rewrite: (text: string) => string,
    combinations: readonly (readonly number[])[],
    options: CheckOptions,
  ): Promise<readonly Tried[] | null>;
  /** A check of the file with another text; null where the Function is no longer there. */
  check(text: string): Promise<Judgement | null>;
}

export interface RepairOptions extends CheckOptions {
  readonly file: string;
  readonly text: string;
  readonly site: FunctionSite;
}

/** Candidates that are checked before the rest is given up. */
const MOST_CHECKS = 4;
/** Pairs of changes that are tried. */
const MOST_PAIRS = 2_500;
/** Single changes that pairs are made of, where nothing says which are of use. */
const MOST_PAIRED = 70;
/** A change longer than this may be undercut by two small ones. */
const LARGE = 16;

/** Smallest first; none where no small change makes it right. */
export async function repair(
  judgement: Wrong,
  { file, text, site, seed, limits }: RepairOptions,
  workshop: Workshop,
): Promise<Fix[]> {
  const ground = groundOf(file, text, site);
  if (ground === null) return [];
  const candidates = candidatesFor(ground, judgement);
  if (candidates.length === 0) return [];
  const attempt = async (combinations: readonly (readonly number[])[]): Promise<readonly Tried[]> => {
    const rewrite = (sliced: string): string => withSwitches(sliced, candidates);
    return (await workshop.attempt(rewrite, combinations, { seed, limits })) ?? [];
  };
  const order = surestFirst(candidates);
  const tried = await attempt(order.map(number => [number]));
  const singles = tried.map(one => ({ ...one, combination: order[one.combination]! }));
  const passed = best(singles, combination => candidates[combination]!);
  const fix = await firstVerified(passed, ground, workshop);
  if (fix !== null && fix.cost <= LARGE) return [fix.fix];

  const pairs = pairsOf(candidates, singles);
  const together = await attempt(pairs);
  const passedPairs = best(together, combination => {
    const [a, b] = pairs[combination] as [number, number];
    return combined(candidates[a]!, candidates[b]!);
  });
  const smaller = fix === null ? passedPairs : passedPairs.filter(pair => costOf(pair) < fix.cost);
  const other = await firstVerified(smaller, ground, workshop);
  const verified = other ?? fix;
  return verified === null ? [] : [verified.fix];
}

/** Numbers of the candidates: those that were derived are not lost where the time is over before the last one. */
function surestFirst(candidates: readonly Candidate[]): number[] {
  const numbers = candidates.map((_, number) => number);
  const isDerived = (number: number): boolean => candidates[number]!.group === "derived";
  return [...numbers.filter(isDerived), ...numbers.filter(number => !isDerived(number))];
}

/** Those that are right, everywhere before somewhere, and the smallest first. */
function best(tried: readonly Tried[], candidateAt: (combination: number) => Candidate): Candidate[] {
  const rank = (answer: Tried["right"]): number => (answer === "everywhere" ? 0 : 1);
  return tried
    .filter(({ right }) => right !== "no")
    .map(({ combination, right }) => ({ candidate: candidateAt(combination), right }))
    .sort((a, b) => rank(a.right) - rank(b.right) || costOf(a.candidate) - costOf(b.candidate))
    .map(({ candidate }) => candidate);
}

/**
 * Two changes that together may do: each makes some of the gradients right; and where that leads nowhere, any two of the smallest.
 */
function pairsOf(candidates: readonly Candidate[], singles: readonly Tried[]): [number, number][] {
  const helping = singles.filter(tried => tried.arguments.length > 0).slice(0, 120);
  const pairs: [number, number][] = [];
  const add = (a: number, b: number): void => {
    if (!overlap(editsOf(combined(candidates[a]!, candidates[b]!)))) pairs.push([a, b]);
  };
  helping.forEach((a, i) => {
    for (const b of helping.slice(i + 1)) {
      const more = b.arguments.some(argument => !a.arguments.includes(argument));
      const other = a.arguments.some(argument => !b.arguments.includes(argument));
      if (more && other) add(a.combination, b.combination);
    }
  });
  const small = candidates.slice(0, MOST_PAIRED).map((_, i) => i);
  small.forEach(a => {
    for (const b of small.slice(a + 1)) add(a, b);
  });
  const cost = ([a, b]: [number, number]): number => costOf(candidates[a]!) + costOf(candidates[b]!);
  const key = ([a, b]: [number, number]): string => `${a} ${b}`;
  return [...new Map(pairs.map(pair => [key(pair), pair])).values()]
    .slice(0, 4 * MOST_PAIRS)
    .sort((p, q) => cost(p) - cost(q))
    .slice(0, MOST_PAIRS);
}

function overlap(edits: readonly TextChange[]): boolean {
  return edits.some(({ start }, i) => i > 0 && start < edits[i - 1]!.end);
}

/** The first that the whole check calls correct; rather one that it has nothing to say about. */
async function firstVerified(
  candidates: readonly Candidate[],
  ground: Ground,
  workshop: Workshop,
): Promise<{ fix: Fix; cost: number } | null> {
  let hinted: { fix: Fix; cost: number } | null = null;
  for (const candidate of candidates.slice(0, MOST_CHECKS)) {
    const edits = allEdits(candidate, ground);
    const changed = edits && applied(ground.text, edits);
    if (edits === null || changed === null) continue;
    const judgement = await workshop.check(changed);
    if (judgement?.verdict !== "correct" && judgement?.verdict !== "surrogate") continue;
    const verified = { fix: fixOf(candidate.title, edits, ground), cost: costOf(candidate) };
    if (judgement.hints.length === 0) return verified;
    hinted ??= verified;
  }
  return hinted;
}

function allEdits(candidate: Candidate, ground: Ground): TextChange[] | null {
  const imports = importing(ground, candidate.imports ?? []);
  if (imports === null) return null;
  return [...imports, ...editsOf(candidate)].sort((a, b) => a.start - b.start || a.end - b.end);
}

function fixOf(title: string, edits: readonly TextChange[], { lines }: Ground): Fix {
  return {
    title,
    edits: edits.map(({ start, end, newText }) => ({ range: lines.rangeOf(start, end), newText })),
    verified: true,
  };
}
