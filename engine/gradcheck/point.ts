/** @file One list of arguments, and everything that is known of a Function there while it is judged. */

import type { Generator } from "../tensor/random.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import type { Cotangents } from "./cotangents.ts";
import type { Jacobian } from "./expected.ts";
import { indexOf, largest } from "./flat.ts";
import type { Measured } from "./measured.ts";
import type { JudgedFunction, Mismatch, Ruling } from "./ruling.ts";
import type { Gradients, Subject } from "./subject.ts";
import type { Tape } from "./tape.ts";

export interface Point {
  readonly definition: JudgedFunction;
  readonly args: readonly unknown[];
  readonly subject: Subject;
  readonly cotangents: Cotangents;
  readonly tape: Tape | null;
  readonly jacobian: Jacobian;
  readonly measured: Measured;
  readonly random: Generator;
  /** What was noticed on the way. */
  readonly notes: { kinks: boolean };
}

/** Where backward is wrong; or a ruling of another kind. */
export type Objection =
  | { readonly kind: "differs" | "not-linear"; readonly worst: Mismatch }
  | { readonly kind: "other"; readonly ruling: Ruling };

/** Entries smaller than this part of the argument's largest are rounding. */
export const NEGLIGIBLE = 1e-12;

/** What backward returned for row `r` at element `j` of argument `i`. */
export function entryOf(rows: readonly Gradients[], r: number, i: number, j: number): number {
  return rows[r]![i]?.[j] ?? 0;
}

/** The cotangent of a row, which is for one entry of gradOutput at a time, divided by it. */
export const ONE: readonly number[] = [1];

/** So many units in the last place are lost where the terms of a derivative cancel. */
const LOST = 32;

/** Smaller elements than this part of the largest count as so large. */
const SMALLEST = 1e-4;

/**
 * Whether two gradients of element `j` of argument `i` are no more than what rounding leaves of zero: x / |x| has the derivative
 * 1/|x| − x²/|x|³, whose terms are of the size of outputs over inputs.
 */
export function areRounding(
  point: Point,
  i: number,
  j: number,
  cotangent: ArrayLike<number>,
  ...gradients: readonly number[]
): boolean {
  const most = LOST * Number.EPSILON * termsAt(point, i, j, cotangent);
  return gradients.every(g => Math.abs(g) <= most);
}

/** The size of outputs over inputs, for element `j` of argument `i`: a derivative's terms are seldom smaller. NaN where the argument is zero. */
export function termsAt({ measured }: Point, i: number, j: number, cotangent: ArrayLike<number>): number {
  const at = measured.at(i);
  const size = Math.max(Math.abs(at[j]!), SMALLEST * largest(at));
  return size > 0 ? (largest(cotangent) * largest(measured.center ?? [])) / size : Number.NaN;
}

/** What is wrong with element `j` of argument `i`; `row` null where all entries of the outputs together show it. */
export function mismatchAt(
  { args, cotangents, subject }: Point,
  i: number,
  j: number,
  row: number | null,
  { returned, expected }: { returned: number; expected: number },
): Mismatch {
  const at = indexOf(j, shapeOf(args[i] as Tensor));
  const place =
    row === null ? { output: 0, outputAt: [] } : entryOfOutput(cotangents.rows[row]!, subject.outputs);
  return { argument: i, at, ...place, returned, expected };
}

/** Which output, and which of its entries, the k-th of all entries is. */
export function entryOfOutput(
  k: number,
  outputs: readonly (Tensor | null)[],
): { output: number; outputAt: number[] } {
  let rest = k;
  for (let o = 0; o < outputs.length; o++) {
    const output = outputs[o];
    if (!output) continue;
    if (rest < output.numel()) return { output: o, outputAt: indexOf(rest, shapeOf(output)) };
    rest -= output.numel();
  }
  return { output: 0, outputAt: [] };
}
