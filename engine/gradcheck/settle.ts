/**
 * @file Columns of the Jacobian in which backward is off, looked at one by one: rounding, a kink, a tape that is cut, or
 * wrong.
 */

import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { oneHot } from "./cotangents.ts";
import { measureColumn } from "./expected.ts";
import { indexOf } from "./flat.ts";
import { jitterOf } from "./jitter.ts";
import { areRounding, entryOf, mismatchAt, type Objection, ONE, type Point } from "./point.ts";
import type { Gradients } from "./subject.ts";

/** Part of an entry that rounding may take where forward cannot be measured: three digits are left of 1 − σ(30). */
const ROUNDED = 2e-3;
/** As many columns are measured where all have to be; of more, a random choice. */
const MOST_COLUMNS = 256;

/** A column in which backward is off, by how much (relative to the argument's largest entry), and in which row most; NaN where nothing is expected yet. */
export interface Suspect {
  readonly i: number;
  readonly j: number;
  readonly off: number;
  readonly row: number;
}

/** Looks at suspected columns until one is wrong beyond doubt. */
export function settle(point: Point, rows: readonly Gradients[], all: readonly Suspect[]): Objection | null {
  const { jacobian, random } = point;
  let list = all;
  if (all.length > MOST_COLUMNS) {
    const first = all.slice(0, 16);
    const rest = Array.from({ length: MOST_COLUMNS - 16 }, () => all[random.uint32() % all.length]!);
    list = [...first, ...rest];
  }
  const clean = jacobian.map(
    (block, i) => (block?.size ?? 0) - all.filter(suspect => suspect.i === i).length,
  );
  let undecided: Objection | null = null;
  for (const suspect of list) {
    const { i, j } = suspect;
    const block = jacobian[i]!;
    if (block.measured[j]) continue;
    const objection = settleColumn(point, rows, suspect, clean[i]! * 2 >= block.size);
    if (objection === null) continue;
    const open = objection.kind === "other" && objection.ruling.kind === "not-differentiable";
    if (!open) return objection;
    undecided ??= objection;
  }
  return undecided;
}

/** @param mostlyClean whether backward agrees with the tape in most of the other columns */
function settleColumn(
  point: Point,
  rows: readonly Gradients[],
  { i, j, off, row }: Suspect,
  mostlyClean: boolean,
): Objection | null {
  const { args, cotangents, jacobian, measured } = point;
  const block = jacobian[i]!;
  const returnedIn = (r: number): number => entryOf(rows, r, i, j);
  const onTape = (r: number): number => block.values[r * block.size + j]!;
  const differs = (r: number, expected: number): Objection => ({
    kind: "differs",
    worst: mismatchAt(point, i, j, r, { returned: returnedIn(r), expected }),
  });

  const infinite = rows.findIndex((_, r) => !Number.isFinite(returnedIn(r)) && Number.isFinite(onTape(r)));
  if (infinite >= 0) return differs(infinite, onTape(infinite));
  const tape = onTape(row);
  if (Number.isFinite(off) && isJitter(point, rows, row, i, j, tape)) {
    return forgive(point, rows, i, j);
  }

  const evidence = measureColumn(measured, jacobian, cotangents.rows, i, j, (r, e) => entryOf(rows, r, i, e));
  switch (evidence.kind) {
    case "right":
      if (evidence.kink) point.notes.kinks = true;
      return null;
    case "undecided": {
      const part = Math.abs(returnedIn(row) - tape) / Math.abs(tape);
      // Where forward is too flat, or too rough, to be measured, rounding may well take some digits of a formula.
      if (part <= ROUNDED) return forgive(point, rows, i, j);
      // And what cannot be rounding the tape decides, if it is to be trusted otherwise.
      if (part > 10 * ROUNDED && mostlyClean) return differs(row, tape);
      const at = indexOf(j, shapeOf(args[i] as Tensor));
      return { kind: "other", ruling: { kind: "not-differentiable", argument: i, at } };
    }
    case "wrong": {
      const { row: worst, expected } = evidence;
      if (areRounding(point, i, j, ONE, returnedIn(worst), expected)) return forgive(point, rows, i, j);
      if (isJitter(point, rows, worst, i, j, expected)) return forgive(point, rows, i, j);
      const missing = rows.every(grads => grads[i] === null);
      return missing
        ? { kind: "other", ruling: { kind: "missing-grad", argument: i } }
        : differs(worst, expected);
    }
  }
}

/** Takes what backward returned in a column for what is right. */
function forgive({ jacobian }: Point, rows: readonly Gradients[], i: number, j: number): null {
  const block = jacobian[i]!;
  rows.forEach((_, r) => {
    block.values[r * block.size + j] = entryOf(rows, r, i, j);
  });
  block.measured[j] = true;
  return null;
}

/**
 * Whether a difference is no larger than what backward's own rounding makes of inputs that are a few units in the last
 * place off: an ill-conditioned formula is not a wrong one.
 */
function isJitter(
  point: Point,
  rows: readonly Gradients[],
  row: number,
  i: number,
  j: number,
  expected: number,
): boolean {
  const { cotangents, subject } = point;
  const seed = cotangents.seeds[row]!;
  const cotangent = oneHot(subject.total, cotangents.rows[row]!, seed);
  const returned = entryOf(rows, row, i, j);
  const jitter = jitterOf(point, i, cotangent, e => seed * entryOf(rows, row, i, e));
  return Math.abs(returned - expected) <= (30 * (jitter?.[j] ?? 0)) / Math.abs(seed);
}
