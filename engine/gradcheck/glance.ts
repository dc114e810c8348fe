/**
 * @file A quick look at a backward that has agreed elsewhere: random combinations of all entries of the outputs, against the tape. What it
 * lets pass is right there; what it does not may be, too, and is for the judge.
 */

import { Generator } from "../tensor/random.ts";
import { isTensor } from "../tensor/tensor.ts";
import { cotangentsFor } from "./cotangents.ts";
import { largest } from "./flat.ts";
import { Measured } from "./measured.ts";
import { NEGLIGIBLE } from "./point.ts";
import type { JudgedFunction } from "./ruling.ts";
import { follows } from "./screen.ts";
import { type Gradients, Subject } from "./subject.ts";

/** @param constant positions of arguments for which no gradient is expected */
export function isRightAtAGlance(
  definition: JudgedFunction,
  args: readonly unknown[],
  seed: number,
  constant: ReadonlySet<number>,
): boolean {
  const subject = Subject.at(definition, args);
  if (!(subject instanceof Subject)) return false;
  const measured = new Measured(definition, args, subject.outputs.map(isTensor));
  const tape = measured.tape();
  if (tape === null || measured.center?.length !== subject.total) return false;

  const random = new Generator(seed);
  const { dense } = cotangentsFor(subject.total, random, subject.total);
  for (const [c, cotangent] of dense.entries()) {
    const expected = tape.pull(cotangent);
    if (expected === null) return false;
    // A tape that is cut is noticed once and for all.
    if (c === 0 && definition.surrogate === undefined && !follows(measured, expected, cotangent, random))
      return false;
    const returned = subject.pull(cotangent);
    if ("kind" in returned || !agree(returned, expected, measured.tolerance, constant)) return false;
  }
  return true;
}

function agree(
  returned: Gradients,
  expected: Gradients,
  tolerance: number,
  constant: ReadonlySet<number>,
): boolean {
  return expected.every((gradient, i) => {
    if (gradient === null || constant.has(i)) return true;
    const slack = NEGLIGIBLE * largest(gradient);
    // NaN agrees with nothing.
    return gradient.every(
      (value, j) => Math.abs((returned[i]?.[j] ?? 0) - value) <= tolerance * Math.abs(value) + slack,
    );
  });
}
