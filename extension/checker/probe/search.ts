/** @file Finds arguments that `forward` accepts by trying it on tiny tensors. */

import { type FunctionClass, isTensor, noGrad, type Tensor } from "@gradient-lens/engine";
import { applyFunction } from "@gradient-lens/engine/judge";
import type { Parameter } from "../sandbox/job.ts";
import { describeThrown } from "../sandbox/realm/thrown.ts";
import { type Candidate, candidatesFor, DOMAINS, type Domain } from "./candidates.ts";
import { allEqual, type Pattern, patternsOf, rankings, shapesOf } from "./patterns.ts";

/** Arguments that forward accepts, and what they stand for. */
export interface Sample {
  readonly args: readonly unknown[];
  /** For each tensor argument: which argument it is and its dimensions' letters; null where `sampleInputs` gave them. */
  readonly pattern: { readonly tensors: readonly number[]; readonly letters: Pattern } | null;
  readonly domain: Domain;
}

export interface SearchResult {
  /** The most general pattern for each number of dimensions that was accepted, likeliest first. */
  readonly samples: readonly Sample[];
  readonly tries: number;
  /** What forward threw, by how often. */
  readonly errors: ReadonlyMap<string, number>;
}

const MOST_TRIES = 6000;
/** As many differently shaped lists of arguments as are judged. */
const MOST_SAMPLES = 4;
/** As many further values of the arguments that are no tensors. */
const MOST_VARIANTS = 3;

/** Searches domain by domain: values without restriction first. */
export function search(
  definition: FunctionClass,
  parameters: readonly Parameter[],
  uniform: () => number,
): SearchResult {
  const errors = new Map<string, number>();
  const state = { tries: 0, errors, uniform };
  for (const thorough of [false, true]) {
    for (const domain of DOMAINS) {
      const plans = [...plansFor(parameters)];
      for (const [p, plan] of plans.entries()) {
        const samples = accepted(definition, plan, domain, thorough, state);
        if (samples.length === 0) continue;
        samples.push(...variants(definition, samples[0]!, plans.slice(p + 1), state));
        return { samples, tries: state.tries, errors };
      }
    }
  }
  return { samples: [], tries: state.tries, errors };
}

/** Which arguments are tensors, and the values of the others. */
interface Plan {
  readonly tensors: readonly number[];
  readonly values: readonly unknown[];
}

function* plansFor(parameters: readonly Parameter[]): Generator<Plan> {
  const choices = parameters.map(parameter => candidatesFor(parameter));
  yield* combine(choices, 0, { tensors: [], values: [] });
}

function* combine(choices: readonly (readonly Candidate[])[], at: number, plan: Plan): Generator<Plan> {
  const here = choices[at];
  if (here === undefined) {
    if (plan.tensors.length > 0) yield plan;
    return;
  }
  for (const candidate of here) {
    if (candidate.kind === "tensor") {
      yield* combine(choices, at + 1, { tensors: [...plan.tensors, at], values: [...plan.values, null] });
    } else {
      for (const value of candidate.values) {
        yield* combine(choices, at + 1, { tensors: plan.tensors, values: [...plan.values, value] });
      }
    }
  }
}

interface State {
  tries: number;
  readonly errors: Map<string, number>;
  readonly uniform: () => number;
}

/**
 * The most general pattern that is accepted, for each number of dimensions.
 *
 * Where sizes must agree, they agree when all are equal; so a number of dimensions that is not accepted
 * with all sizes equal is seldom accepted with any, and is passed over unless `thorough`.
 */
function accepted(
  definition: FunctionClass,
  plan: Plan,
  domain: Domain,
  thorough: boolean,
  state: State,
): Sample[] {
  const samples: Sample[] = [];
  const attempt = (letters: Pattern): Sample | null => {
    const args = state.tries < MOST_TRIES ? argumentsFor(plan, letters, domain, state.uniform) : null;
    if (args === null) return null;
    state.tries++;
    return accepts(definition, args, state.errors)
      ? { args, pattern: { tensors: plan.tensors, letters }, domain }
      : null;
  };
  for (const ranks of rankings(plan.tensors.length)) {
    if (!thorough && attempt(allEqual(ranks)) === null) continue;
    for (const letters of patternsOf(ranks)) {
      const sample = attempt(letters);
      if (sample === null) continue;
      samples.push(sample);
      break;
    }
    if (samples.length === MOST_SAMPLES) break;
  }
  return samples;
}

/** The same shapes with other values for the arguments that are no tensors: "sum" where "mean" was first. */
function variants(definition: FunctionClass, first: Sample, plans: readonly Plan[], state: State): Sample[] {
  const { tensors, letters } = first.pattern!;
  const found: Sample[] = [];
  for (const plan of plans) {
    if (found.length === MOST_VARIANTS) break;
    if (String(plan.tensors) !== String(tensors)) continue;
    const args = argumentsFor(plan, letters, first.domain, state.uniform);
    if (args === null) continue;
    state.tries++;
    if (accepts(definition, args, state.errors))
      found.push({ args, pattern: { tensors, letters }, domain: first.domain });
  }
  return found;
}

/** Fresh arguments of a sample's kind, at other values. */
export function resample({ args, pattern, domain }: Sample, uniform: () => number): readonly unknown[] {
  if (pattern === null) return args;
  return argumentsFor({ tensors: pattern.tensors, values: args }, pattern.letters, domain, uniform) ?? args;
}

function argumentsFor(plan: Plan, letters: Pattern, domain: Domain, uniform: () => number): unknown[] | null {
  const args = plan.values.slice();
  const shapes = shapesOf(letters);
  for (let i = 0; i < plan.tensors.length; i++) {
    const value: Tensor | null = domain.sample(shapes[i]!, uniform);
    if (value === null) return null;
    args[plan.tensors[i]!] = value;
  }
  return args;
}

/** Whether forward returns tensors of finite numbers, with at least one element that could be differentiated. */
export function accepts(
  definition: FunctionClass,
  args: readonly unknown[],
  errors: Map<string, number>,
): boolean {
  try {
    // On copies: forward may change them.
    const copies = args.map(arg => (isTensor(arg) ? arg.clone() : arg));
    const { result } = noGrad(() => applyFunction(definition, copies));
    const outputs = (Array.isArray(result) ? result : [result]).filter(isTensor);
    return (
      outputs.some(output => output.isFloatingPoint() && output.numel() > 0) &&
      outputs.every(output => output.isfinite().all().item() === 1)
    );
  } catch (error) {
    const message = describeThrown(error);
    errors.set(message, (errors.get(message) ?? 0) + 1);
    return false;
  }
}
