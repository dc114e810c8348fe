/**
 * @file Examines one Function: finds inputs, judges it there, says what came of it. Runs inside the
 * sandbox, on the class that the checked code defined.
 */

import { isTensor } from "@gradient-lens/engine";
import { formatShape, judge, type Ruling } from "@gradient-lens/engine/judge";
import type { InputReport, Judgement } from "../finding.ts";
import { PLAIN_NOTATION } from "../notation.ts";
import type { Job } from "../sandbox/job.ts";
import { diagnosed } from "./diagnosed.ts";
import { domainText, firstKind } from "./domain.ts";
import { type Examined, inputsFor, isFunctionClass, undecided, undeclared } from "./inputs.ts";
import { formatLetter } from "./patterns.ts";
import { rightFor, TELLING } from "./right-for.ts";
import type { Ruled } from "./ruled.ts";
import { elsewhere, enlarged, isScalar, resample, risingLetters, type Sample, wider } from "./sample.ts";
import { type Trial, tryAt } from "./sample-trial.ts";
import { drawnSeed, uniformFrom } from "./seeded.ts";
import { accepts } from "./trials.ts";
import { judgementOf, mergedReports } from "./verdict.ts";

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
  const uniform = uniformFrom(seed);

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
    const isValue = last.ruling.kind === "differs" && !last.isTurned;
    const atOneSize = isValue && isRightAtItsSizes(fn, objection, last, uniform);
    const kind = isValue && !atOneSize ? rightFor(TELLING, fn, sample, names, uniform) : null;
    const how = {
      names,
      gradOutputs,
      notation,
      elsewhere: atOneSize ? sample.args : elsewhere(sample, uniform),
    };
    const told = explained
      ? diagnosed(judgement, fn, sample, { ...last, atOneSize }, how, uniform)
      : judgement;
    const where = last.isTurned
      ? `where ${risingLetters(sample.pattern!).map(formatLetter).join(" < ")}`
      : atOneSize
        ? `at ${shapesText(sample.args, names)}`
        : kind && whereOf(kind);
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

/** Whether a backward that is wrong at other sizes is right at those of the sample, and not only where it was looked at. */
function isRightAtItsSizes(
  fn: Examined,
  { passed, sample }: Trial,
  { args }: Ruled,
  uniform: () => number,
): boolean {
  if (passed.length === 0 || sameShapes(args, sample.args)) return false;
  return (
    judge(fn, wider(sample, resample(sample, uniform)), drawnSeed(uniform), { thorough: false }).kind ===
    "agrees"
  );
}

function sameShapes(a: readonly unknown[], b: readonly unknown[]): boolean {
  const shapes = (args: readonly unknown[]): string =>
    JSON.stringify(args.map(arg => (isTensor(arg) ? arg.shape : null)));
  return shapes(a) === shapes(b);
}

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

/** Rulings by which backward says that it was not written for such inputs. */
const NOT_MEANT: ReadonlySet<Ruling["kind"]> = new Set(["backward-throws", "grad-shape"]);

/**
 * A Function is meant for what both its forward and its backward take. Forward alone often takes more:
 * `matmul` takes vectors and batches, where a backward that transposes matrices throws. That excuses other shapes of the
 * same tensors, not a bias that backward fails with, or without, nor the options that are usual.
 */
function withinDomain(tried: readonly Trial[]): Pick<TriedOut, "trials" | "forwardAlone"> {
  const isMeant = ({ passed, objection }: Trial): boolean =>
    objection === null || passed.length > 0 || !NOT_MEANT.has(objection.ruling.kind);
  const meant = tried.filter(isMeant);
  // A scalar has every shape that one can think of: what works for scalars alone says nothing.
  if (!meant.some(({ sample }) => !isScalar(sample))) return { trials: tried.slice(0, 1), forwardAlone: [] };
  const isExcused = (trial: Trial): boolean =>
    !isMeant(trial) && meant.some(({ sample }) => isOfOneKind(trial.sample, sample));
  return {
    trials: tried.filter(trial => !isExcused(trial)),
    forwardAlone: tried.filter(isExcused).map(({ sample }) => sample),
  };
}

/** Whether the other inputs have tensors for the same arguments, and differ by no option that the first were found without. */
function isOfOneKind(sample: Sample, other: Sample): boolean {
  return tensorsOf(sample) === tensorsOf(other) && (sample.isVariant === true || !other.isVariant);
}

/** Which arguments have tensors in them. */
function tensorsOf({ pattern }: Sample): string {
  return [...new Set(pattern?.tensors)].join();
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
