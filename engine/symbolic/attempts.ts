/**
 * @file A derivation that was checked. Forward is traced without its numbers where that goes; else with them readable, for code that
 * guards against bad arguments, and the outcome counts only where other numbers give the same formula.
 */

import { noGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { numelOf } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Derivation, derive, isFloating } from "./derive.ts";
import { type Leaf, reachable } from "./expression.ts";
import {
  type ForwardTrace,
  type Names,
  namesOf,
  type Refusal,
  refusalOf,
  type TraceChoices,
  traceForward,
} from "./function-trace.ts";
import { deriveImplicitly } from "./implicit.ts";
import { agrees, formOf, type Traceable } from "./verify.ts";

export interface Checked {
  readonly forward: ForwardTrace;
  readonly derivation: Derivation;
}

/** From the strictest: what is traced without numbers holds for all of them. */
export const CHOICES: readonly TraceChoices[] = [{}, { watched: false }, { readable: true }];

/** Fixed, as nothing depends on which numbers they are. */
const SEED = 20;

/** Code that reads numbers and does more than this solves something step by step; its steps are no formula. */
const MOST_CALLS = 60;

function callsOf({ outputs }: ForwardTrace): number {
  return reachable(outputs.filter(y => y !== null)).filter(e => e.kind === "application").length;
}

/** The derivation for a Function at arguments that its forward accepts, or why there is none. */
export function derived(definition: Traceable, args: readonly unknown[], names: Names): Checked | Refusal {
  let refusal: Refusal | null = null;
  for (const choices of CHOICES) {
    try {
      const forward = traceForward(definition, args, names, choices);
      const gradOutputs = cotangents(forward, names);
      const solved = derivedAsSolution(definition, args, names, { forward, gradOutputs }, choices);
      if (solved !== null) return solved;
      if (choices.readable && callsOf(forward) > MOST_CALLS) continue;
      const derivation = derive(forward, names, gradOutputs);
      const agreement = agrees(definition, args, derivation, SEED);
      const holds = choices.readable
        ? agreement === true && dependsOnInputs(derivation) && isGeneral(definition, args, names, forward)
        : agreement !== false &&
          (choices.watched !== false || holdsForIndices(definition, args, names, forward));
      if (holds) return { forward, derivation };
      refusal ??= {
        untraceable:
          "What forward computes depends on the numbers in a way that its operations do not show: the derivative of the " +
          "trace is not that of the function.",
      };
    } catch (error) {
      refusal ??= refusalOf(error);
    }
  }
  return refusal!;
}

/** The derivation of a loop that solves an equation, where it is right and the same at other numbers; else null. */
function derivedAsSolution(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  { forward, gradOutputs }: { forward: ForwardTrace; gradOutputs: readonly (Leaf | null)[] },
  choices: TraceChoices,
): Checked | null {
  const solved = deriveImplicitly(forward, names, gradOutputs);
  if (solved === null || agrees(definition, args, solved.derivation, SEED) !== true) return null;
  const formAt = (others: readonly unknown[]): string => {
    const there = traceForward(definition, others, names, choices);
    return formOf(deriveImplicitly(there, names, cotangents(there, names))?.derivation.grads ?? []);
  };
  return holdsElsewhere(args, formOf(solved.derivation.grads), formAt) ? solved : null;
}

/** A named tensor of random numbers for each output that has a derivative. */
export function cotangents({ trace, outputs }: ForwardTrace, names: Names, seed = SEED): (Leaf | null)[] {
  const generator = new Generator(seed);
  const called = namesOf(names.gradOutputs, outputs.length, "gradOutput");
  return outputs.map((y, o) => {
    if (y === null || !isFloating(y.dtype)) return null;
    const values = Array.from({ length: numelOf(y.shape) }, () => generator.normal());
    return trace.graph.leaf(called[o]!, "gradOutput", ofValues(values, y.shape, y.dtype));
  });
}

/** Whether other numbers in the arguments are traced to the same expressions. */
function isGeneral(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  { outputs }: ForwardTrace,
): boolean {
  const formAt = (others: readonly unknown[]): string =>
    formOf(traceForward(definition, others, names, { readable: true }).outputs);
  return holdsElsewhere(args, formOf(outputs), formAt);
}

/** Whether anything flows back at all: where elements were read, what was computed of them looks constant. */
function dependsOnInputs({ grads }: Derivation): boolean {
  return grads.some(grad => grad !== null);
}

/** Whether what was computed of indices' numbers, outside of tensors, is the same for others: these in another order. */
function holdsForIndices(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  { outputs }: ForwardTrace,
): boolean {
  const reversed = args.map(arg => (isTensor(arg) && !arg.isFloatingPoint() ? turned(arg) : arg));
  try {
    return formOf(traceForward(definition, reversed, names, { watched: false }).outputs) === formOf(outputs);
  } catch {
    return true;
  }
}

function turned(t: Tensor): Tensor {
  return ofValues(toFlatArray(t).reverse(), shapeOf(t), t.dtype);
}

/**
 * Whether a form is the same at other numbers, at some of which at least the code runs.
 * @param formAt the form at other arguments; throws where the code does not accept them
 */
export function holdsElsewhere(
  args: readonly unknown[],
  form: string,
  formAt: (others: readonly unknown[]) => string,
): boolean {
  let seen = false;
  for (const moved of [jiggled, enlarged]) {
    const others = args.map(arg => (isTensor(arg) && arg.isFloatingPoint() ? moved(arg) : arg));
    try {
      if (formAt(others) !== form) return false;
      seen = true;
    } catch {
      // Not accepted: says nothing.
    }
  }
  return seen;
}

function jiggled(t: Tensor): Tensor {
  const generator = new Generator(SEED + 1);
  const values = toFlatArray(t).map(x => x * (1 + 0.01 * generator.normal()));
  return ofValues(values, shapeOf(t), t.dtype);
}

/** Keeps symmetry, definiteness, order and sign. */
function enlarged(t: Tensor): Tensor {
  return noGrad(() => t.detach().mul(1.01));
}
