/** @file Holds what backward returned against the Jacobian, entry by entry. */

import { COARSEST, type Estimates } from "./finite-differences.ts";
import { largest } from "./flat.ts";
import { jitterOf } from "./jitter.ts";
import type { Direction } from "./measured.ts";
import {
  areRounding,
  entryOf,
  mismatchAt,
  NEGLIGIBLE,
  type Objection,
  ONE,
  type Point,
  termsAt,
} from "./point.ts";
import { type Suspect, settle } from "./settle.ts";
import type { Answer, Gradients } from "./subject.ts";
import type { Tape } from "./tape.ts";

/** Random combinations of all outputs' entries that are compared. */
const PROJECTIONS = 2;

/**
 * Slopes below this part of the steepest do not discredit a tape: x (1 + tanh u) for u ≪ 0 has lost most digits of 1 + tanh u, and is
 * a straight line, of another slope, as far as the smallest steps go.
 */
const TAIL = 1e-8;

/** By how much noise may be larger than it happens to be; and of what terms it is noise. */
const MOST_NOISE = 10;
const NEXT_TO_NOTHING = 1e-5;

/** Which arguments' gradients are looked at. */
export type Chosen = (argument: number) => boolean;

/** One entry of gradOutput at a time. */
export function compareRows(point: Point, rows: readonly Gradients[], chosen: Chosen): Objection | null {
  const objection = settle(
    point,
    rows,
    suspects(point, rows).filter(({ i }) => chosen(i)),
  );
  if (objection !== null || followsDirection(point)) return objection;
  // The tape is cut somewhere: nothing it says counts.
  const all = point.jacobian.flatMap((block, i) =>
    block === null || !chosen(i)
      ? []
      : Array.from({ length: block.size }, (_, j) => ({ i, j, off: Number.NaN, row: 0 })),
  );
  return settle(point, rows, all);
}

/** Columns in which backward returned something else than is expected, worst first; what cannot be compared yet last. */
function suspects(point: Point, rows: readonly Gradients[]): Suspect[] {
  const { jacobian, measured } = point;
  const found: Suspect[] = [];
  jacobian.forEach((block, i) => {
    if (block === null) return;
    const scale = largest(block.values);
    for (let j = 0; j < block.size; j++) {
      let off = 0;
      let row = 0;
      for (let r = 0; r < rows.length; r++) {
        const expected = block.values[r * block.size + j]!;
        const returned = entryOf(rows, r, i, j);
        const difference = returned === expected ? 0 : Math.abs(returned - expected);
        if (difference <= measured.tolerance * Math.abs(expected) + NEGLIGIBLE * scale) continue;
        if (difference / (scale || 1) <= off) continue;
        if (areRounding(point, i, j, ONE, returned, expected)) continue;
        off = difference / (scale || 1);
        row = r;
      }
      if (off !== 0) found.push({ i, j, off, row });
    }
  });
  return found.sort((a, b) => (Number.isNaN(a.off) ? 1 : Number.isNaN(b.off) ? -1 : b.off - a.off));
}

/**
 * Whether the Jacobian agrees with how forward changes along one random direction. It need not be asked where all columns were
 * measured, and cannot where forward is defined on no neighbourhood of the arguments.
 */
function followsDirection(point: Point): boolean {
  const { jacobian, measured, random } = point;
  if (isAuthority(point)) return true;
  if (jacobian.every(block => block === null || block.measured.every(Boolean))) return true;
  const direction = measured.drawn(i => jacobian[i] !== null, random);
  return measured.allows(direction, slopes => agreesAlong(point, direction, slopes));
}

function agreesAlong(
  { cotangents, jacobian, measured }: Point,
  direction: Direction,
  slope: Estimates,
): boolean {
  const steepest = largest(slope.values);
  return cotangents.rows.every((k, r) => {
    let expected = 0;
    let size = 0;
    jacobian.forEach((block, i) => {
      for (let j = 0; block !== null && j < block.size; j++) {
        const term = block.values[r * block.size + j]! * direction[i]![j]!;
        expected += term;
        size += Math.abs(term);
      }
    });
    const [value, error] = [slope.values[k]!, slope.errors[k]!];
    const slack = 10 * error + measured.tolerance * (size + Math.abs(value));
    const greatest = Math.max(size, Math.abs(value));
    // What is below the last digit of a number of size 1 may have been absorbed on the way: log(1 + 1e-18).
    const absorbed = 1e-12 * Math.max(1, Math.abs(measured.center![k]!));
    const known = error <= COARSEST * greatest && greatest > Math.max(absorbed, TAIL * steepest);
    return !known || Math.abs(value - expected) <= slack;
  });
}

/** What a surrogate's tape says holds: with hooks in it, a surrogate can mean gradients that no function has. */
function isAuthority({ definition, tape }: Point): boolean {
  return definition.surrogate !== undefined && tape !== null;
}

/** All entries of gradOutput at once: what adds up must add up. */
export function compareDense(point: Point, answers: readonly Answer[], chosen: Chosen): Objection | null {
  const { jacobian, measured } = point;
  const { rows } = point.cotangents;
  for (const { cotangent, gradients } of answers) {
    const meant = isAuthority(point) ? point.tape!.pull(cotangent) : null;
    for (const [i, block] of jacobian.entries()) {
      if (block === null || !chosen(i)) continue;
      for (let j = 0; j < block.size; j++) {
        let expected = 0;
        let slack = 0;
        for (let r = 0, at = j; r < rows.length; r++, at += block.size) {
          const g = cotangent[rows[r]!]!;
          const entry = block.values[at]!;
          expected += g * entry;
          slack += Math.abs(g) * (measured.tolerance * Math.abs(entry) + 2 * block.errors[at]!);
        }
        const returned = gradients[i]?.[j] ?? 0;
        expected = meant?.[i]?.[j] ?? expected;
        const difference = Math.abs(returned - expected);
        if (difference <= slack || Number.isNaN(expected)) continue;
        if (difference <= NEGLIGIBLE * largest(gradients[i] ?? [])) continue;
        if (areRounding(point, i, j, cotangent, returned, expected)) continue;
        if (isNoise(point, i, j, cotangent, gradients[i] ?? null, expected)) continue;
        return { kind: "not-linear", worst: mismatchAt(point, i, j, null, { returned, expected }) };
      }
    }
  }
  return null;
}

/** Whether a gradient is next to nothing, and as far off as rounding of the inputs takes it: where it is zero, that is all of it. */
function isNoise(
  point: Point,
  i: number,
  j: number,
  cotangent: Float64Array,
  returned: Float64Array | null,
  expected: number,
): boolean {
  const value = returned?.[j] ?? 0;
  // At a tie as little takes it to another slope.
  const most = NEXT_TO_NOTHING * termsAt(point, i, j, cotangent);
  if (!(Math.max(Math.abs(value), Math.abs(expected)) <= most)) return false;
  const jitter = jitterOf(point, i, cotangent, e => returned?.[e] ?? 0);
  return jitter !== null && Math.abs(value - expected) <= MOST_NOISE * largest(jitter);
}

/** The tape, where no measurement has contradicted it. */
export function trustedTape({ jacobian, tape }: Point): Tape | null {
  return jacobian.some(block => block?.measured.some(Boolean)) ? null : tape;
}

/**
 * Random combinations of all entries of the outputs, where they are too many to be asked for one by one: a backward that is wrong for any
 * of them differs with probability 1. Needs a tape.
 */
export function compareProjections(point: Point, chosen: Chosen): Objection | null {
  const { jacobian, random, subject } = point;
  const tape = trustedTape(point);
  for (let attempt = 0; tape !== null && attempt < PROJECTIONS; attempt++) {
    const cotangent = Float64Array.from({ length: subject.total }, () => random.uniform("float64") * 4 - 2);
    const gradients = subject.pull(cotangent);
    if ("kind" in gradients) return { kind: "other", ruling: gradients };
    const expected = tape.pull(cotangent);
    for (const [i, block] of jacobian.entries()) {
      const [got, want] = [gradients[i] ?? null, expected?.[i] ?? null];
      if (block === null || want === null || !chosen(i)) continue;
      const scale = largest(want);
      for (let j = 0; j < block.size; j++) {
        const returned = got?.[j] ?? 0;
        // Sums of thousands of terms: relative to the largest.
        if (Math.abs(returned - want[j]!) <= 1e-8 * scale || !Number.isFinite(want[j]!)) continue;
        if (areRounding(point, i, j, cotangent, returned, want[j]!)) continue;
        if (isNearer(point, i, j, cotangent, returned, want[j]!)) continue;
        if (isNoise(point, i, j, cotangent, got, want[j]!)) continue;
        return { kind: "differs", worst: mismatchAt(point, i, j, null, { returned, expected: want[j]! }) };
      }
    }
  }
  return null;
}

/**
 * Whether backward is nearer than the tape to what is measured, on either side or in the middle: a tape through nearly equal
 * eigenvalues, say, or beside a kink, is far off itself.
 */
function isNearer(
  { measured }: Point,
  i: number,
  j: number,
  cotangent: Float64Array,
  returned: number,
  taped: number,
): boolean {
  const { left, right } = measured.sides(i, j);
  return [measured.column(i, j), left, right].some(slope => {
    if (slope === null) return false;
    const found = cotangent.reduce((sum, g, k) => sum + g * slope.values[k]!, 0);
    return Math.abs(returned - found) < Math.abs(taped - found);
  });
}
