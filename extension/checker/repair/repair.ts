/**
 * @file Fixes of a wrong Function. Hundreds of small changes are tried in one job of the sandbox; the smallest of those that make it right
 * there are then checked as any text is checked, and only what that calls correct is a fix.
 */

import type { CheckOptions, FunctionSite } from "../checker.ts";
import type { Derivation } from "../derivation.ts";
import type { Fix, Judgement } from "../finding.ts";
import type { Tried } from "../sandbox/job.ts";
import { edited } from "../write/changes.ts";
import { applied, type Candidate, combined, costOf, editsOf, overlap, type TextChange } from "./candidate.ts";
import { candidatesFor } from "./candidates.ts";
import { type Ground, groundOf } from "./ground.ts";
import { importing } from "./imports.ts";
import { rewriteOf } from "./rewrite.ts";
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
  /** What it should be; null where that cannot be derived. */
  derive(of: "backward" | "jvp"): Promise<Derivation | null>;
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

/** A small change; where none makes it right, backward written anew. None where that is not right either. */
export async function repair(judgement: Wrong, options: RepairOptions, workshop: Workshop): Promise<Fix[]> {
  // A judgement's own formulas are of one kind of input; what is derived by itself holds for tensors of any rank, too.
  const general = await workshop.derive(judgement.rule === "wrong-jvp" ? "jvp" : "backward");
  const wrong = { ...judgement, derivation: general ?? judgement.derivation };
  const small = await smallFixes(wrong, options, workshop);
  return small.length > 0 ? small : rewrites(wrong, options, workshop);
}

async function rewrites(
  { rule, derivation }: Wrong,
  { file, text, site }: RepairOptions,
  workshop: Workshop,
): Promise<Fix[]> {
  if (derivation === null || rule === "wrong-jvp") return [];
  const rewrite = rewriteOf(file, text, site, derivation);
  if (rewrite === null) return [];
  const judgement = await workshop.check(edited(text, rewrite.edits));
  return isRight(judgement) ? [{ ...rewrite, verified: true }] : [];
}

async function smallFixes(
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
  const passed = ranked(singles, combination => candidates[combination]!);
  const fix = await firstVerified(passed, ground, workshop);
  if (fix !== null && fix.cost <= LARGE) return [fix.fix];

  const pairs = pairsOf(candidates, singles);
  const together = await attempt(pairs);
  const passedPairs = ranked(together, combination => {
    const [a, b] = pairs[combination] as [number, number];
    return combined(candidates[a]!, candidates[b]!);
  });
  const smaller =
    fix === null
      ? passedPairs
      : passedPairs
          .slice(0, 1 + fix.rank)
          .map(candidates => candidates.filter(pair => costOf(pair) < fix.cost));
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

/** How right a change can be; what makes backward throw where it ran before is the last resort. */
const RANKS = ["everywhere", "hinted", "somewhere"] as const;

/** Those that are right, by rank, and the smallest first. */
function ranked(
  tried: readonly Tried[],
  candidateAt: (combination: number) => Candidate,
): readonly (readonly Candidate[])[] {
  return RANKS.map(rank =>
    tried
      .filter(({ right }) => right === rank)
      .map(({ combination }) => candidateAt(combination))
      .sort((a, b) => costOf(a) - costOf(b)),
  );
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

interface Verified {
  readonly fix: Fix;
  readonly cost: number;
  readonly rank: number;
}

/** The first that the whole check calls correct, of the highest rank that has one. */
async function firstVerified(
  ranks: readonly (readonly Candidate[])[],
  ground: Ground,
  workshop: Workshop,
): Promise<Verified | null> {
  for (const [rank, candidates] of ranks.entries()) {
    const found = await verifiedOf(candidates, ground, workshop);
    if (found !== null) return { ...found, rank };
  }
  return null;
}

/** Rather one that the check has nothing to say about. */
async function verifiedOf(
  candidates: readonly Candidate[],
  ground: Ground,
  workshop: Workshop,
): Promise<Omit<Verified, "rank"> | null> {
  let hinted: Omit<Verified, "rank"> | null = null;
  for (const candidate of candidates.slice(0, MOST_CHECKS)) {
    const edits = allEdits(candidate, ground);
    const changed = edits && applied(ground.text, edits);
    if (edits === null || changed === null) continue;
    const judgement = await workshop.check(changed);
    if (!isRight(judgement)) continue;
    const verified = { fix: fixOf(candidate.title, edits, ground), cost: costOf(candidate) };
    if (judgement.hints.length === 0) return verified;
    hinted ??= verified;
  }
  return hinted;
}

function isRight(
  judgement: Judgement | null,
): judgement is Extract<Judgement, { verdict: "correct" | "surrogate" }> {
  return judgement?.verdict === "correct" || judgement?.verdict === "surrogate";
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
