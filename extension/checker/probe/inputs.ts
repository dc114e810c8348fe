/** @file The inputs that a Function is looked at with: those that it gives itself, else those that were found. */

import { isTensor } from "@gradient-lens/engine";
import { bareOf, type JudgedFunction, returnedList } from "@gradient-lens/engine/judge";
import type { Judgement } from "../finding.ts";
import type { Parameter } from "../sandbox/job.ts";
import { describeThrown } from "../sandbox/realm/thrown.ts";
import { DOMAINS } from "./domains.ts";
import { type Sample, search } from "./search.ts";

/** A Function as the checked code wrote it; `sampleInputs` gives argument lists to judge at. */
export interface Examined extends JudgedFunction {
  sampleInputs?(): unknown;
}

export function isFunctionClass(fn: unknown): fn is Examined {
  return typeof fn === "function" && typeof (fn as unknown as Examined).forward === "function";
}

/** A judgement that decides nothing. */
export type Undecided = Extract<Judgement, { verdict: "inconclusive" | "skipped" }>;

/** Likeliest first; a judgement where there are none. */
export function inputsFor(
  fn: Examined,
  name: string,
  parameters: readonly Parameter[],
  uniform: () => number,
): readonly Sample[] | Undecided {
  return fn.sampleInputs === undefined ? searched(fn, name, parameters, uniform) : sampled(fn, name);
}

/** Parameters of a forward that the text did not show, by their number alone. */
export function undeclared(fn: Examined): Parameter[] {
  const withContext = fn.setupContext === undefined ? 1 : 0;
  return Array.from({ length: Math.max(1, fn.forward.length - withContext) }, (_, i) => ({
    name: `argument ${i}`,
    type: null,
    optional: false,
    initializer: null,
    rest: false,
  }));
}

function searched(
  fn: Examined,
  name: string,
  parameters: readonly Parameter[],
  uniform: () => number,
): readonly Sample[] | Undecided {
  const { samples, tries, errors } = search(fn, parameters, uniform);
  if (samples.length > 0) return samples;
  const [message, times] = [...errors].sort((a, b) => b[1] - a[1])[0] ?? [null, 0];
  if (message !== null && times === tries) {
    return undecided(
      "forward-throws",
      `${name}.forward throws ${message}`,
      `It threw this for each of ${tries} inputs that were tried. Mend it, or give inputs that it accepts: static sampleInputs() { return [tensor, …]; }`,
    );
  }
  return undecided(
    "no-inputs-found",
    `No inputs were found that ${name}.forward accepts`,
    `${tries} were tried${message === null ? "; none gave finite numbers" : `; most often it threw ${message.replace(/\.$/, "")}`}. Give some: static sampleInputs() { return [tensor, …]; }`,
  );
}

/** What `sampleInputs` returned: one list of arguments, or a list of such lists. */
function sampled(fn: Examined, name: string): readonly Sample[] | Undecided {
  let given: unknown;
  try {
    given = fn.sampleInputs?.();
  } catch (error) {
    return undecided(
      "no-inputs-found",
      `${name}.sampleInputs throws ${describeThrown(error)}`,
      "It must return a list of arguments for forward.",
    );
  }
  const list = Array.isArray(given) ? returnedList(given) : [];
  if (list.length === 0) {
    return undecided(
      "no-inputs-found",
      `${name}.sampleInputs does not return a list of arguments`,
      "Expected the arguments of forward after ctx, [tensor, …], or several such lists.",
    );
  }
  const lists = list.every(entry => Array.isArray(entry)) ? list.map(returnedList) : [list];
  return lists.map(args => ({
    args: args.map(arg => (isTensor(arg) ? bareOf(arg) : arg)),
    pattern: null,
    domain: DOMAINS[0]!,
  }));
}

export function undecided(
  rule: "no-inputs-found" | "forward-throws" | "cannot-bundle",
  message: string,
  reason: string,
): Undecided {
  return { verdict: "inconclusive", rule, message, reason, domain: null, inputs: [] };
}
