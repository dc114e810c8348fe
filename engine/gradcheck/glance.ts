/**
 * @file A quick look at a backward that has agreed elsewhere: random combinations of all entries of the outputs, against the tape, or
 * against how the outputs change along one direction. What it lets pass is right there; what it does not may be, too, and is for the
 * judge.
 */

import type { Outcomes } from "../tensor/comparisons.ts";
import { Generator } from "../tensor/random.ts";
import { isTensor } from "../tensor/tensor.ts";
import { cotangentsFor } from "./cotangents.ts";
import { largest } from "./flat.ts";
import { Line, tapedGradients } from "./line.ts";
import { Measured } from "./measured.ts";
import { NEGLIGIBLE } from "./point.ts";
import type { JudgedFunction } from "./ruling.ts";
import { type Gradients, Subject } from "./subject.ts";

/** Of size 1 and large. */
const COMBINATIONS = 2;

/** What a backward that is right was held against, and which ways its comparisons went. */
export interface Glance {
  readonly by: "tape" | "line";
  readonly outcomes: Outcomes;
}

/**
 * Null where more than a glance is needed.
 * @param constant positions of arguments for which no gradient is expected
 */
export function glanceAt(
  definition: JudgedFunction,
  args: readonly unknown[],
  seed: number,
  constant: ReadonlySet<number>,
): Glance | null {
  const subject = Subject.at(definition, args);
  if (!(subject instanceof Subject)) return null;
  const measured = new Measured(definition, args, subject.outputs.map(isTensor));
  if (measured.center?.length !== subject.total) return null;

  const random = new Generator(seed);
  const dense = cotangentsFor(subject.total, random, subject.total).dense.slice(0, COMBINATIONS);
  const line = new Line(measured, random, i => !constant.has(i));
  const taped = tapedGradients(definition, measured, line, dense);
  const isRight = dense.every((cotangent, c) => {
    const returned = subject.pull(cotangent);
    if ("kind" in returned) return false;
    if (taped === null) return line.shows(returned, cotangent);
    return agree(returned, taped[c]!, measured.tolerance, constant);
  });
  if (!isRight || subject.summed.size > 0) return null;
  return { by: taped === null ? "line" : "tape", outcomes: subject.outcomes };
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
