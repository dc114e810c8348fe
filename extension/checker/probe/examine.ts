/**
 * @file Examines one Function: finds inputs, judges it there, says what came of it. Runs inside the
 * sandbox, on the class that the checked code defined.
 */

import { isTensor } from "@gradient-lens/engine";
import {
  type Coverage,
  formatShape,
  Generator,
  glanceAt,
  type Hint,
  judge,
  outcomesAt,
  type Ruling,
} from "@gradient-lens/engine/judge";
import type { InputReport, Judgement } from "../finding.ts";
import { PLAIN_NOTATION } from "../notation.ts";
import type { Job } from "../sandbox/job.ts";
import { Branches } from "./branches.ts";
import { diagnosed } from "./diagnosed.ts";
import { domainText, firstKind } from "./domain.ts";
import { type Examined, inputsFor, isFunctionClass, undecided, undeclared } from "./inputs.ts";
import { rightFor, TELLING } from "./right-for.ts";
import { elsewhere, enlarged, nearby, resample, type Sample, wider } from "./sample.ts";
import { accepts } from "./trials.ts";
import { inputReports, judgementOf, mergedReports } from "./verdict.ts";

/**
 * Points at which the first sample is judged; the others at half as many, and twice as many where there are indices among the
 * arguments: which they are decides what is done. More where the first ones happen to lie on a kink.
 */
const POINTS = 2;
/** Scalars are cheap. */
const POINTS_OF_SCALARS = 3;
/** By how much sizes grow for a look at others: beyond those that code may ask for. */
const MORE = 3;
/** Where some entry of the inputs has not mattered yet (the maximum was always another): so many points at most. */
const POINTS_FOR_ALL = 12;
const MOST_POINTS = 6;
/** As many points in a row are drawn in vain to find one at which a comparison goes another way; and as many in all. */
const MOST_IN_VAIN = 8;
const MOST_DRAWS = 24;
/** Where forward reads numbers out, it may branch by them unseen: so many points more. */
const POINTS_WITHOUT_TAPE = 6;

/** What is known of a Function beside its code. */
interface Examination
  extends Pick<Job, "name" | "parameters" | "seed">,
    Partial<Pick<Job, "gradOutputs" | "notation">> {
  /** Of the inputs: those that were found, or the same kinds with other sizes. Default: "usual". */
  sizes?: "usual" | "other";
  /** Whether a wrong backward's mistake is looked for, too. Default: true. */
  explained?: boolean;
}

export function examine(fn: unknown, examination: Examination): Judgement {
  const tried = tryOut(fn, examination);
  return "verdict" in tried ? tried : judged(tried, examination);
}

/** A Function at the inputs that were found for it. */
export interface TriedOut {
  readonly fn: Examined;
  /** Of forward's parameters. */
  readonly names: readonly string[];
  readonly uniform: () => number;
  readonly trials: readonly Trial[];
  /** What forward takes, and backward says that it was not written for. */
  readonly forwardAlone: readonly Sample[];
}

/** Finds inputs and judges there; what is undecided where there are none. */
export function tryOut(
  fn: unknown,
  { name, parameters, seed, sizes = "usual" }: Examination,
): TriedOut | Judgement {
  if (!isFunctionClass(fn)) {
    return undecided(
      "cannot-bundle",
      `${name} has no static forward`,
      "A Function is a class with a static forward(ctx, …) and a static backward(ctx, …).",
    );
  }
  const declared = parameters ?? undeclared(fn);
  const names = declared.map(parameter => parameter.name);
  const random = new Generator(seed);
  const uniform = (): number => random.uniform("float64");

  const found = inputsFor(fn, name, declared, uniform);
  if ("verdict" in found) return found;

  const samples = sizes === "usual" ? found : ofOtherSizes(fn, found, uniform);
  if (samples.length === 0)
    return undecided(
      "no-inputs-found",
      `${name}.forward takes no inputs of other sizes`,
      "It was called with each size one larger.",
    );
  const tried: Trial[] = [];
  for (const sample of samples) {
    const care = tried.length === 0 ? "most" : tried[0]!.passed.length > 0 ? "least" : "some";
    tried.push(tryAt(fn, sample, care, names, seed, uniform));
  }
  const { trials, forwardAlone } = withinDomain(tried);
  const [likeliest, ...others] = trials;
  if (likeliest === undefined || likeliest === tried[0]) return { fn, names, uniform, trials, forwardAlone };
  const closely = tryAt(fn, likeliest.sample, "most", names, seed, uniform);
  return { fn, names, uniform, trials: [closely, ...others], forwardAlone };
}

/** The same kinds of inputs, larger, as far as forward takes them. */
function ofOtherSizes(fn: Examined, samples: readonly Sample[], uniform: () => number): Sample[] {
  return samples.flatMap(sample => {
    const other = enlarged(sample, uniform);
    return other !== undefined && accepts(fn, other.args) ? [other] : [];
  });
}

function judged(
  { fn, names, uniform, trials, forwardAlone }: TriedOut,
  { name, gradOutputs = null, notation = PLAIN_NOTATION, explained = true }: Examination,
): Judgement {
  const domain = domainText(
    trials.map(({ sample }) => sample),
    names,
  );
  const by = fn.backward === undefined && fn.jvp !== undefined ? "jvp" : "backward";
  const about = { name, parameters: names, domain, surrogate: fn.surrogate !== undefined, by } as const;
  const objection = trials.find(trial => trial.objection !== null) ?? null;
  const telling = trials.filter(({ passed, sample }) => passed.length > 0 && !isScalar(sample));
  const passed = (telling.length > 0 ? trials : trials.slice(0, 1)).flatMap(trial => trial.passed);
  const hints = trials.flatMap(trial => trial.hints).slice(0, 1);
  const last = objection?.objection ?? (passed.length === 0 ? trials[0]!.undecided : null);
  if (last !== null) {
    const judgement = judgementOf(
      last.ruling,
      { ...about, at: shapesText(last.args, names) },
      unchecked(last.args, names),
    );
    if (objection === null) return judgement;
    const { sample } = objection;
    const atOneSize = last.ruling.kind === "differs" && isRightAtItsSizes(fn, objection, last, uniform);
    const kind =
      last.ruling.kind === "differs" && !atOneSize ? rightFor(TELLING, fn, sample, names, uniform) : null;
    const how = {
      names,
      gradOutputs,
      notation,
      elsewhere: atOneSize ? sample.args : elsewhere(sample, uniform),
    };
    const told = explained
      ? diagnosed(judgement, fn, sample, { ...last, atOneSize }, how, uniform)
      : judgement;
    const where = atOneSize ? `at ${shapesText(sample.args, names)}` : kind === null ? null : whereOf(kind);
    return where === null ? told : onlyWhere(where, told, `${name}.${by}`);
  }
  const coverage = trials.find(trial => trial.coverage !== null)!.coverage!;
  const agreed = judgementOf(
    { kind: "agrees", reports: [], hints, kinks: false, coverage, active: [], outcomes: [] },
    { ...about, at: "" },
    [],
  );
  const alone = firstKind(forwardAlone, names);
  const message = alone === null ? agreed.message : `${agreed.message}. Forward alone takes ${alone}`;
  return { ...agreed, message, inputs: mergedReports(passed) };
}

/** A ruling and the arguments it was made at. */
interface Ruled {
  readonly ruling: Ruling;
  readonly args: readonly unknown[];
}

/** How backward fared at the points of one sample. */
export interface Trial {
  readonly sample: Sample;
  readonly passed: readonly InputReport[][];
  /** What is to be known of a backward that passed. */
  readonly hints: readonly Hint[];
  /** Of the first point at which it passed. */
  readonly coverage: Coverage | null;
  /** The first ruling against backward. */
  readonly objection: Ruled | null;
  /** The first point that decided nothing. */
  readonly undecided: Ruled | null;
}

/**
 * How closely a sample is looked at: the likeliest most; the others, where the likeliest has passed, at a glance as long as that says
 * all is right.
 */
type Care = "most" | "some" | "least";

function tryAt(
  fn: Examined,
  sample: Sample,
  care: Care,
  names: readonly string[],
  seed: number,
  uniform: () => number,
): Trial {
  const passed: InputReport[][] = [];
  const hints: Hint[] = [];
  let coverage: Coverage | null = null;
  let hasTape = false;
  let undecided: Ruled | null = null;
  const first = care === "most";
  const given = sample.pattern === null;
  let points = given ? 1 : first ? POINTS_FOR_ALL : MOST_POINTS;
  const constant = new Set<number>();
  const indices = sample.args.some(arg => isTensor(arg) && !arg.isFloatingPoint());
  const enough = isScalar(sample) ? POINTS_OF_SCALARS : (first || given ? POINTS : 1) * (indices ? 2 : 1);
  const branches = new Branches();
  let idle: boolean[][] = [];
  const isDone = (): boolean =>
    passed.length >= enough && (!first || given || !idle.some(columns => columns.includes(true)));
  for (let point = 0; point < points && !isDone(); point++) {
    const args = argumentsAt(point, sample, uniform);
    if (care === "least" && !given) {
      const glance = glanceAt(fn, args, Math.floor(uniform() * 2 ** 32), constant);
      if (glance?.by === "tape") {
        // What it says of the inputs, the likeliest sample has said.
        passed.push([]);
        branches.note(glance.outcomes);
        hasTape = true;
        continue;
      }
    }
    const judged = (): Ruling =>
      judge(fn, args, Math.floor(uniform() * 2 ** 32), { thorough: first && passed.length === 0, constant });
    let ruling = judged();
    while (ruling.kind === "missing-grad" && GIVEN.test(names[ruling.argument] ?? "")) {
      constant.add(ruling.argument);
      ruling = judged();
    }
    if (ruling.kind === "agrees") {
      passed.push(inputReports(ruling.reports, names));
      hints.push(...ruling.hints);
      coverage ??= ruling.coverage;
      hasTape ||= ruling.coverage.projected;
      branches.note(ruling.outcomes);
      const { active } = ruling;
      idle = active.map((columns, i) => columns?.map((moves, j) => !moves && idle[i]?.[j] !== false) ?? []);
      // At a kink several gradients are right: beside it only one is.
      if (given && ruling.kinks) points = MOST_POINTS;
    } else if (UNDECIDED.has(ruling.kind)) undecided ??= { ruling, args };
    else return { sample, passed, hints, coverage, objection: { ruling, args }, undecided };
  }
  const other =
    passed.length === 0
      ? null
      : ((first ? atOtherSizes(fn, sample, constant, seed) : null) ??
        atOtherBranches(fn, sample, branches, hasTape, constant, seed));
  return { sample, passed, hints, coverage, objection: other, undecided };
}

function argumentsAt(point: number, sample: Sample, uniform: () => number): readonly unknown[] {
  if (point === 0) return sample.args;
  if (sample.pattern === null) return nearby(sample.args, uniform);
  // A scalar is of one sign only: both are looked at, where forward takes both.
  if (point === 1 && isScalar(sample)) return sample.args.map(negated);
  return resample(sample, uniform);
}

/** What is said against a backward at other sizes: a number that is one, 2 for √4 say, is right at that size alone. */
function atOtherSizes(
  fn: Examined,
  sample: Sample,
  constant: ReadonlySet<number>,
  seed: number,
): Ruled | null {
  const random = new Generator(seed);
  const uniform = (): number => random.uniform("float64");
  const other = isScalar(sample) ? undefined : elsewhere(sample, uniform, MORE);
  if (other === undefined) return null;
  const args = [wider(sample, other), other].find(found => accepts(fn, found));
  if (args === undefined) return null;
  return objectionAt(fn, args, Math.floor(uniform() * 2 ** 32), constant);
}

/** What is said against a backward where comparisons go ways that they have not gone at the points before. */
function atOtherBranches(
  fn: Examined,
  sample: Sample,
  branches: Branches,
  hasTape: boolean,
  constant: ReadonlySet<number>,
  seed: number,
): Ruled | null {
  const isAnyPoint = !hasTape && !isScalar(sample);
  if (sample.pattern === null || (branches.areAllSeen && !isAnyPoint)) return null;
  const random = new Generator(seed);
  const uniform = (): number => random.uniform("float64");
  const blind = isAnyPoint ? POINTS_WITHOUT_TAPE : 0;
  let inVain = 0;
  for (let draw = 0; draw < MOST_DRAWS && (draw < blind || !branches.areAllSeen); draw++) {
    const drawn = resample(sample, uniform);
    const args = draw % 2 === 0 ? wider(sample, drawn) : drawn;
    const outcomes = outcomesAt(fn, args);
    const isNews = outcomes !== null && branches.isNews(outcomes);
    inVain = isNews ? 0 : inVain + 1;
    if (inVain > MOST_IN_VAIN) break;
    if (outcomes === null || !(isNews || draw < blind) || !accepts(fn, args)) continue;
    const objection = objectionAt(fn, args, Math.floor(uniform() * 2 ** 32), constant);
    if (objection !== null) return objection;
    branches.note(outcomes);
  }
  return null;
}

/** What is said against a backward that has agreed elsewhere: most often nothing, which a glance tells. */
function objectionAt(
  fn: Examined,
  args: readonly unknown[],
  seed: number,
  constant: ReadonlySet<number>,
): Ruled | null {
  if (glanceAt(fn, args, seed, constant) !== null) return null;
  const ruling = judge(fn, args, seed, { thorough: false, constant });
  return ruling.kind === "agrees" || UNDECIDED.has(ruling.kind) ? null : { ruling, args };
}

/** Whether a backward that is wrong at other sizes is right at those of the sample, and not only where it was looked at. */
function isRightAtItsSizes(
  fn: Examined,
  { passed, sample }: Trial,
  { args }: Ruled,
  uniform: () => number,
): boolean {
  if (passed.length === 0 || sameShapes(args, sample.args)) return false;
  return (
    judge(fn, wider(sample, resample(sample, uniform)), Math.floor(uniform() * 2 ** 32), { thorough: false })
      .kind === "agrees"
  );
}

function sameShapes(a: readonly unknown[], b: readonly unknown[]): boolean {
  const shapes = (args: readonly unknown[]): string =>
    JSON.stringify(args.map(arg => (isTensor(arg) ? arg.shape : null)));
  return shapes(a) === shapes(b);
}

const negated = (arg: unknown): unknown => (isTensor(arg) && arg.isFloatingPoint() ? arg.neg() : arg);

/** Names of data that a loss is measured against: null for their gradient says that nobody differentiates by them. */
export const GIVEN = /^(targets?|labels?|masks?|y_?true|ground_?truth|noise)$/i;

function whereOf(kind: string): string {
  const dimension = /^size 1 for (\S+)$/.exec(kind)?.[1];
  return dimension === undefined ? `for ${kind}` : `where ${dimension} = 1`;
}

function onlyWhere(where: string, judgement: Judgement, rule: string): Judgement {
  if (judgement.verdict !== "wrong") return judgement;
  return {
    ...judgement,
    rule: "only-special-inputs",
    message: `${rule} is right ${where} only; otherwise it${judgement.message.slice(rule.length)}`,
  };
}

/** Rulings that say nothing about backward. */
const UNDECIDED: ReadonlySet<Ruling["kind"]> = new Set([
  "not-differentiable",
  "forward-throws",
  "nothing-to-check",
]);

/** Rulings by which backward says that it was not written for such inputs. */
const NOT_MEANT: ReadonlySet<Ruling["kind"]> = new Set(["backward-throws", "grad-shape"]);

/**
 * A Function is meant for what both its forward and its backward take. Forward alone often takes more:
 * `matmul` takes vectors and batches, where a backward that transposes matrices throws.
 */
function withinDomain(tried: readonly Trial[]): Pick<TriedOut, "trials" | "forwardAlone"> {
  const isMeant = ({ passed, objection }: Trial): boolean =>
    objection === null || passed.length > 0 || !NOT_MEANT.has(objection.ruling.kind);
  const meant = tried.filter(isMeant);
  // A scalar has every shape that one can think of: what works for scalars alone says nothing.
  if (!meant.some(({ sample }) => !isScalar(sample))) return { trials: tried.slice(0, 1), forwardAlone: [] };
  const others = tried.filter(trial => !isMeant(trial));
  return { trials: meant, forwardAlone: others.map(({ sample }) => sample) };
}

function isScalar({ args }: Sample): boolean {
  return args.every(arg => !isTensor(arg) || arg.numel() === 1);
}

/** "input: (2, 2), weight: (3,)" */
function shapesText(args: readonly unknown[], names: readonly string[]): string {
  const shapes = args.flatMap((arg, i) =>
    isTensor(arg) ? [`${names[i] ?? `argument ${i}`}: ${formatShape(arg.shape)}`] : [],
  );
  return shapes.join(", ");
}

function unchecked(args: readonly unknown[], names: readonly string[]): InputReport[] {
  return args.map((arg, i) => ({
    name: names[i] ?? `argument ${i}`,
    shape: isTensor(arg) ? arg.shape : null,
    verdict: "unchecked",
    maxError: null,
    at: null,
  }));
}
