/** @file How far rounding alone takes what backward returns. */

import { toFlatArray } from "../tensor/creation.ts";
import { isTensor } from "../tensor/tensor.ts";
import { moved } from "./measured.ts";
import type { Point } from "./point.ts";
import { Subject } from "./subject.ts";

const NUDGES = 3;
const A_FEW_UNITS = 2 ** -50;

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
    const nearby = args.map(arg => {
      if (!isTensor(arg) || !arg.isFloatingPoint()) return arg;
      const at = toFlatArray(arg.detach());
      const step = at.map(x => x * (random.uniform("float64") - 0.5));
      return moved(arg, at, step, A_FEW_UNITS);
    });
    const other = Subject.at(definition, nearby);
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
