/** @file One rule and its mutants before the judge. */

import { isTensor } from "@gradient-lens/engine";
import type { Judgement } from "../../../extension/checker/finding.ts";
import { edited } from "./edits.ts";
import { type Program, prepare } from "./examination.ts";
import type { Mutant } from "./mutant.ts";
import { type Point, pointsOf, type RuleClass } from "./points.ts";
import { besides, differs, isFinitePullback, type Pullback, pullbackAt, roundingOf } from "./pullback.ts";
import type { Rule } from "./rules.ts";
import { wrappers } from "./wrappers.ts";

export interface TrialOptions {
  readonly seeds: readonly number[];
  /** Mutants that are tried, by name or kind; all where it is left out. */
  readonly only?: readonly string[];
  /** Names of mutants that are passed over. */
  readonly without?: readonly string[];
  /** A sample of them: one of so many, from the one at `from` on. */
  readonly sample?: { readonly from: number; readonly oneOf: number };
}

/** What the judge said for one seed. */
export interface Answer {
  readonly seed: number;
  readonly verdict: Judgement["verdict"];
  readonly rule: string | null;
  readonly message: string;
}

export interface MutantResult {
  readonly name: string;
  readonly kind: string;
  /** The answers that are not "wrong"; none where it was caught. */
  readonly missed: readonly Answer[];
}

export interface RuleResult {
  readonly rule: string;
  /** The judge's answers for the rule as it is, by seed. */
  readonly answers: readonly Answer[];
  /** Those that change the VJP. */
  readonly mutants: readonly MutantResult[];
}

/** A mutant is first shown to change the VJP. */
export type Doing = "shown" | "judged";

/** What is being done to which mutant, null for the rule as it is; of the judge's answers it is told before each. */
export type Progress = (mutant: string | null, doing: Doing) => void;

export async function tryRule(
  rule: Rule,
  { seeds, only, without = [], sample = { from: 0, oneOf: 1 } }: TrialOptions,
  progress: Progress = () => {},
): Promise<RuleResult> {
  const prepared = await prepare(rule.file, rule.text, rule.site.name);
  if ("refused" in prepared) {
    const { verdict, rule: name, message } = prepared.refused;
    const answers = seeds.map(seed => ({ seed, verdict, rule: name, message }));
    return { rule: rule.id, answers, mutants: [] };
  }
  const { program } = prepared;
  const answersOf = (judged: Program, mutant: string | null): Answer[] =>
    seeds.map(seed => {
      progress(mutant, "judged");
      return answerOf(judged, seed);
    });
  const answers = answersOf(program, null);
  const shown = new Shown(program);
  const wanted = (mutant: Mutant): boolean =>
    (only === undefined || only.includes(mutant.name) || only.includes(mutant.kind)) &&
    !without.includes(mutant.name);
  const mutants: MutantResult[] = [];
  const made = shown.points.length === 0 ? [] : mutantsOf(rule, shown).filter(wanted);
  for (const [i, mutant] of made.entries()) {
    if (i % sample.oneOf !== sample.from % sample.oneOf) continue;
    progress(mutant.name, "shown");
    const faulty = await prepareMutant(rule, mutant);
    if (faulty === null || !shown.isMutant(faulty)) continue;
    const missed = answersOf(faulty, mutant.name).filter(({ verdict }) => verdict !== "wrong");
    mutants.push({ name: mutant.name, kind: mutant.kind, missed });
  }
  return { rule: rule.id, answers, mutants };
}

function mutantsOf(rule: Rule, { points, correct }: Shown): Mutant[] {
  const due = (i: number): boolean => points.some(point => isDifferentiable(point[i]));
  const positions = points[0]!.map((_, i) => i);
  return [
    ...wrappers(rule, {
      tensors: positions.filter(due),
      hasSetupContext: correct.setupContext !== undefined,
    }),
    ...edited(rule),
  ];
}

function isDifferentiable(arg: unknown): boolean {
  return isTensor(arg) && arg.isFloatingPoint();
}

/** Null where it is no script any more. */
async function prepareMutant(rule: Rule, { text, className }: Mutant): Promise<Program | null> {
  const prepared = await prepare(rule.file, text, className);
  return "program" in prepared ? prepared.program : null;
}

function answerOf(program: Program, seed: number): Answer {
  const { verdict, rule, message } = program.examine(seed);
  return { seed, verdict, rule, message };
}

/** What the correct rule and the mutants so far give at the points where the rule is judged. */
class Shown {
  readonly points: readonly Point[];
  readonly correct: RuleClass;
  readonly #pullbacks: readonly Pullback[];
  readonly #rounding: readonly (readonly number[])[];
  /** Of each mutant so far, with null where it does not run. */
  readonly #seen: (readonly (Pullback | null)[])[] = [];

  constructor(program: Program) {
    this.correct = program.evaluate(0) as RuleClass;
    const usable = pointsOf(program).flatMap(point => {
      const pullback = pullbackAt(this.correct, point);
      return pullback !== null && isFinitePullback(pullback) ? [{ point, pullback }] : [];
    });
    this.points = usable.map(({ point }) => point);
    this.#pullbacks = usable.map(({ pullback }) => pullback);
    this.#rounding = usable.map(({ point, pullback }) => roundingOf(this.correct, point, pullback));
  }

  /** Whether it runs and gives something else than the rule, and than every mutant before it. */
  isMutant(program: Program): boolean {
    let rule: RuleClass;
    try {
      rule = program.evaluate(0) as RuleClass;
    } catch {
      return false;
    }
    const pullbacks = this.points.map(point => pullbackAt(rule, point));
    const changed = pullbacks.some(
      (pullback, i) =>
        pullback !== null &&
        differs(this.#pullbacks[i]!, pullback, this.#rounding[i]) &&
        this.#alsoBesides(rule, this.points[i]!),
    );
    if (!changed || this.#seen.some(other => isSame(other, pullbacks))) return false;
    this.#seen.push(pullbacks);
    return true;
  }

  /**
   * Whether it gives something else beside the point, too. At a tie or a kink there is no one gradient, and another
   * than the rule's may be as right.
   */
  #alsoBesides(mutated: RuleClass, point: Point): boolean {
    const beside = besides(point);
    const [expected, given] = [pullbackAt(this.correct, beside), pullbackAt(mutated, beside)];
    return expected === null || given === null || differs(expected, given);
  }
}

function isSame(a: readonly (Pullback | null)[], b: readonly (Pullback | null)[]): boolean {
  return a.every((pullback, i) => {
    const other = b[i]!;
    return pullback === null || other === null ? pullback === other : !differs(pullback, other);
  });
}
