/**
 * @file A quick look at a backward that has agreed elsewhere: a random combination of all entries of the outputs, against the tape, or
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

/** What a backward that is right was held against, and what was seen on the way. */
export interface Glance {
  readonly by: "tape" | "line";
  /** For each argument, which of its elements any output depends on here; null for one that is not differentiated. */
  readonly active: readonly (readonly boolean[] | null)[];
  /** Which ways its comparisons went. */
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
  // A large one: what clamps gradients does so there.
  const cotangent = cotangentsFor(subject.total, random, subject.total).dense[1]!;
  const line = new Line(measured, random, i => !constant.has(i));
  const [taped = null] = tapedGradients(definition, measured, line, [cotangent]) ?? [];
  const returned = subject.pull(cotangent);
  if ("kind" in returned || subject.summed.size > 0) return null;
  const isRight =
    taped === null ? line.shows(returned, cotangent) : agree(returned, taped, measured.tolerance, constant);
  if (!isRight) return null;
  // A random combination of derivatives is zero only where all of them are.
  const active = (taped ?? returned).map((gradient, i) =>
    gradient === null || constant.has(i) ? null : Array.from(gradient, value => value !== 0),
  );
  return { by: taped === null ? "line" : "tape", active, outcomes: subject.outcomes };
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
