/**
 * @file One job: a Compartment of its own, the job's script evaluated in it, the class it yields examined, or its derivative
 * derived, or alternatives of it tried. Nothing of it outlives the job but garbage.
 */

import { isTensor, Tensor } from "@gradient-lens/engine";
import type { CrossTerms } from "../../cross-terms/cross-terms.ts";
import { crossTermsIn } from "../../cross-terms/measure.ts";
import type { Derived } from "../../derivation.ts";
import { deriveFor } from "../../diagnose/derive-for.ts";
import { Told } from "../../diagnose/told.ts";
import type { Judgement } from "../../finding.ts";
import { type Attempts, tryCombinations } from "../../probe/alternatives.ts";
import { examine } from "../../probe/examine.ts";
import type { Job, Trial } from "../job.ts";
import { createConsole } from "./console.ts";
import { seededMath } from "./seeded-math.ts";
import { describeThrown } from "./thrown.ts";

/** Of a compartment's globals, those that build realms and compartments: a check has no use for them. */
const WITHHELD = ["Compartment", "lockdown", "harden", "ModuleSource", "HandledPromise"];

/** An import in one of the forms that SES does not look for, as SES writes its own pattern: not a property's name. */
const IMPORT_FORM = /(^|[^.]|\.\.\.)\bimport(\s*\.)/g;

/**
 * A compartment that sees the language, `engine`, `console` and a `Math` whose `random` follows from the seed.
 * @param further What else it sees.
 */
export function createCompartment(
  engine: object,
  seed: number,
  write: (line: string) => void,
  further: object = {},
): Compartment {
  const compartment = new Compartment({
    __options__: true,
    // SES leaves the float arrays out by default, as NaNs have bits that can carry a message; here nobody listens.
    globals: {
      Float32Array,
      Float64Array,
      Math: seededMath(seed),
      engine,
      console: createConsole(write, tensorText),
      ...further,
    } as unknown as Map<string, unknown>,
    transforms: [refuseImportForms],
  });
  for (const name of WITHHELD) Reflect.deleteProperty(compartment.globalThis, name);
  // Before the first evaluation: only what is frozen by then is bound as a constant; the rest is looked up through a
  // Proxy, some forty times slower.
  harden(compartment.globalThis);
  return compartment;
}

export type Answer =
  | { type: "judged"; judgement: Judgement }
  | { type: "derived"; derived: Derived }
  | ({ type: "tried" } & Attempts)
  | { type: "measured"; crossTerms: CrossTerms | null };

/**
 * @param write Takes each line that the checked code prints.
 * @param processorMs Processor time that the process has used so far.
 */
export function answerTo(
  job: Job | Trial,
  engine: object,
  write: (line: string) => void,
  processorMs: () => number,
): Answer {
  let chosen: readonly number[] = [];
  const gradientLensAlternative = (number: number): boolean => chosen.includes(number);
  const told = new Told();
  const further =
    job.task === "try"
      ? { gradientLensAlternative }
      : job.task.startsWith("derive")
        ? { gradientLensIntermediate: told.tell }
        : {};
  let value: unknown;
  try {
    value = createCompartment(engine, job.seed, write, further).evaluate(job.script, {
      // SES knows these by their look, in comments and texts too. Rewritten, they are harmless where they are real:
      // `import(x)` becomes a call of a name that does not exist.
      __evadeHtmlCommentTest__: true,
      __evadeImportExpressionTest__: true,
      __rejectSomeDirectEvalExpressions__: false,
      transforms: [(source: string) => source.replace(IMPORT_FORM, "$1__import__$2")],
    } as Parameters<Compartment["evaluate"]>[1]);
  } catch (error) {
    const thrown = describeThrown(error);
    if (isCheck(job)) return { type: "judged", judgement: cannotEvaluate(job, thrown) };
    if (job.task === "try") return { type: "tried", tried: [], complete: true };
    if (job.task === "cross-terms") return { type: "measured", crossTerms: null };
    const reason = `The top level of its module threw ${thrown}.`;
    return {
      type: "derived",
      derived: { derivation: null, reason, domain: null, inputs: [], alternatives: [] },
    };
  }
  if (isCheck(job)) {
    const sizes = job.task === "check" ? "usual" : "other";
    return { type: "judged", judgement: examine(value, { ...job, sizes }) };
  }
  if ("combinations" in job) {
    const end = processorMs() + job.budgetMs;
    const choose = (combination: readonly number[]): void => {
      chosen = combination;
    };
    return { type: "tried", ...tryCombinations(value, job, choose, () => processorMs() > end) };
  }
  if (job.task === "cross-terms") return { type: "measured", crossTerms: crossTermsIn(value, job) };
  return { type: "derived", derived: deriveFor(value, job, job.task, told) };
}

function isCheck({ task }: Job | Trial): boolean {
  return task === "check" || task === "check-elsewhere";
}

function refuseImportForms(source: string): string {
  if (source.search(IMPORT_FORM) >= 0)
    throw new SyntaxError("there are no modules in the sandbox: expected no import");
  return source;
}

function cannotEvaluate({ name }: Job, thrown: string): Judgement {
  return {
    verdict: "inconclusive",
    rule: "forward-throws",
    message: `${name} could not be checked: the top level of its module threw ${thrown}`,
    reason: `What ${name} needs was evaluated to get at the class, and threw before the class was there. Make the top level of the module run by itself, without files, network, clock or process.`,
    domain: null,
    inputs: [],
  };
}

/** As the engine prints it. Not by a method of the object's own: the checked code may have given it one. */
function tensorText(value: object): string | null {
  return isTensor(value) ? Tensor.prototype.toString.call(value) : null;
}
