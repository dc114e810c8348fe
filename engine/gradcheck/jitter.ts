/** @file How far rounding alone takes what backward returns, and forward. */

import { toFlatArray } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { isTensor } from "../tensor/tensor.ts";
import { concatenated, largest } from "./flat.ts";
import { moved } from "./measured.ts";
import type { Point } from "./point.ts";
import type { JudgedFunction } from "./ruling.ts";
import { Subject } from "./subject.ts";

const NUDGES = 3;
const A_FEW_UNITS = 2 ** -50;
/** No larger part of the outputs may change by that. */
const STEADY = 1e-6;

/**
 * By how much each element of the gradient for argument `i` changes where all inputs are a few units in the last place off.
 * @param returned what backward returns for the cotangent at the inputs themselves
 * @returns null where it does not run there
 */
export function jitterOf(
  { args, definition, random, subject: { total } }: Point,
  i: number,
  cotangent: Float64Array,
  returned: (j: number) => number,
): Float64Array | null {
  let jitter: Float64Array | null = null;
  for (let nudge = 0; nudge < NUDGES; nudge++) {
    const other = Subject.at(definition, nearby(args, random));
    if (!(other instanceof Subject) || other.total !== total) return null;
    const gradients = other.pull(cotangent);
    if ("kind" in gradients) return null;
    const gradient = gradients[i] ?? new Float64Array();
    jitter ??= new Float64Array(gradient.length);
    for (const [j, value] of gradient.entries())
      jitter[j] = Math.max(jitter[j]!, Math.abs(value - returned(j)));
  }
  return jitter;
}

/**
 * Whether forward's outputs are more than rounding: the inverse of a matrix that is singular, but for rounding, is another wherever
 * its elements are a few units in the last place off.
 */
export function isSteady(definition: JudgedFunction, args: readonly unknown[], seed: number): boolean {
  const [here, there] = [args, nearby(args, new Generator(seed))].map(inputs => {
    const subject = Subject.at(definition, inputs);
    return subject instanceof Subject ? concatenated(subject.outputs.filter(isTensor)) : null;
  });
  if (!here || there?.length !== here.length) return false;
  const most = STEADY * largest(here);
  return here.every((value, k) => Math.abs(value - there[k]!) <= most);
}

/** The same inputs a few units in the last place off. */
function nearby(args: readonly unknown[], random: Generator): unknown[] {
  return args.map(arg => {
    if (!isTensor(arg) || !arg.isFloatingPoint()) return arg;
    const at = toFlatArray(arg.detach());
    const step = at.map(x => x * (random.uniform("float64") - 0.5));
    return moved(arg, at, step, A_FEW_UNITS);
  });
}
