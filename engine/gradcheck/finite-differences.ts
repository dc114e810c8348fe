/**
 * @file Derivatives from values alone, with an estimate of their own error.
 *
 * Source: C. J. F. Ridders, "Accurate computation of F′(x) and F′(x) F″(x)", Advances in Engineering
 * Software 4 (1982): differences with shrinking steps, extrapolated to step 0; the best entry of the
 * tableau is where neighbouring entries agree most.
 */

import { allFinite } from "./flat.ts";

/** Derivatives of several outputs, and how far each may be off. */
export interface Estimates {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

/** The outputs at an offset from x; null where they have no (finite) value. */
export type Offset = (offset: number) => Float64Array | null;

const SHRINK = 2;
const LEVELS = 6;
/** First step, relative to the size of x: large, since extrapolation removes the error of a large step. */
const FIRST_STEP = 0.02;
/** Where that is too large (a kink or an oscillation nearby), the next tableau begins with a step so many times smaller. */
const NEXT_ROUND = 64;
const ROUNDS = 4;
/** Half the gap between neighbouring numbers at 1. */
export const UNIT_ROUNDOFF = { float64: 2 ** -53, float32: 2 ** -24 } as const;
/** An estimate this good, relative to the largest derivative, is not refined; two levels can agree by chance, but not to rounding. */
const GOOD_ENOUGH = 1e-10;
const AGREES_TO_ROUNDING = 1e-12;
/** An estimate this good is not tried again with smaller steps. */
const PRECISE = 1e-8;
/** A measurement that may be off by more than this, relative to what is measured, decides nothing. */
export const COARSEST = 1e-4;
/**
 * Factors on the steps, for measurements that are made again. Noise, a jump or an oscillation can look like a derivative for
 * once: not for other steps, too.
 */
export const STRETCHES = [1, 0.73, 0.41] as const;
/** Part of the slopes' difference that is left, after at least one halving of the step, at a kink and not elsewhere. */
const KINK = 0.75;

/** Step of a plain quotient, relative to the size of x: where neither a curve nor rounding takes a millionth off most derivatives. */
const CLOSE = 1e-4;

/** What differences are taken, and how their error falls with the step. */
interface Scheme {
  /** The two offsets at a step. */
  readonly offsets: (step: number) => readonly [number, number];
  /** Error of the quotient, as a power of the step; that of each further extrapolation has `next` more. */
  readonly order: number;
  readonly next: number;
}

/** Errors in even powers of the step. */
const CENTRAL: Scheme = { offsets: step => [step, -step], order: 2, next: 2 };
/** One side only: errors in all powers. */
const RIGHT: Scheme = { offsets: step => [step, 0], order: 1, next: 1 };
const LEFT: Scheme = { offsets: step => [0, -step], order: 1, next: 1 };

/**
 * ∂f/∂x for every output of f at once.
 * At a kink the two sides have different slopes, of which central differences see the mean; there the error is infinite.
 * @param center f(0)
 * @param size typical magnitude of x, which sets the step
 * @param roundoff relative precision of f's values, one of {@link UNIT_ROUNDOFF}
 * @returns null where f could not be evaluated on both sides at any step
 */
export function derivative(
  f: Offset,
  center: Float64Array,
  size: number,
  roundoff: number = UNIT_ROUNDOFF.float64,
): Estimates | null {
  return estimate(f, center, size, CENTRAL, roundoff);
}

/**
 * The same by two values of f alone, with nothing told of the error: enough to confirm a derivative that is right, and no evidence
 * against one.
 */
export function quotient(f: Offset, size: number): Float64Array | null {
  const step = CLOSE * size;
  const right = f(step);
  const left = right === null ? null : f(-step);
  if (right === null || left?.length !== right.length) return null;
  const slopes = right.map((value, k) => (value - left[k]!) / (2 * step));
  // Not a number where f has no value, beyond the edge of its domain.
  return allFinite(slopes) ? slopes : null;
}

/**
 * Whether some measurement of ∂f/∂x agrees with what is expected of it. Two runs of f are enough for most that is right; what they do
 * not show is measured again with errors, and again with other steps.
 * @returns null where f has no derivative
 */
export function confirms(
  f: Offset,
  center: Float64Array,
  size: number,
  agrees: (slopes: Estimates) => boolean,
  roundoff?: number,
): boolean | null {
  const values = quotient(f, size);
  if (values?.length === center.length && agrees({ values, errors: new Float64Array(values.length) }))
    return true;
  for (const stretch of STRETCHES.slice(0, 2)) {
    const slopes = derivative(f, center, stretch * size, roundoff);
    if (slopes === null) return null;
    if (agrees(slopes)) return true;
  }
  return false;
}

/** The slopes of all outputs on either side of x: equal where f is smooth. Null for a side on which f is not defined. */
export function oneSidedDerivatives(
  f: Offset,
  center: Float64Array,
  size: number,
): { left: Estimates | null; right: Estimates | null } {
  const side = (scheme: Scheme): Estimates | null =>
    estimate(offset => (offset === 0 ? center : f(offset)), center, size, scheme, UNIT_ROUNDOFF.float64);
  return { left: side(LEFT), right: side(RIGHT) };
}

function estimate(
  f: Offset,
  center: Float64Array,
  size: number,
  scheme: Scheme,
  roundoff: number,
): Estimates | null {
  let best: Tableau | null = null;
  let step = FIRST_STEP * Math.max(size, 0.1);
  for (let round = 0; round < ROUNDS; round++) {
    const tableau = tabulate(f, center, step, scheme, roundoff);
    if (tableau === null) break;
    best = best === null ? tableau : best.mergedWith(tableau);
    if (best.isWithin(PRECISE)) break;
    step = tableau.firstStep / NEXT_ROUND;
  }
  return best;
}

/** One tableau, from the first step at which f has values; null where it has none at any. */
function tabulate(
  f: Offset,
  center: Float64Array,
  firstStep: number,
  scheme: Scheme,
  roundoff: number,
): Tableau | null {
  let step = firstStep;
  let tableau: Tableau | null = null;
  for (let halvings = 0; halvings < 40; halvings++, step /= SHRINK) {
    const [to, from] = scheme.offsets(step);
    const right = f(to);
    const left = right === null ? null : f(from);
    if (right === null || left === null || !allFinite(right) || !allFinite(left)) {
      // Outside of the domain (√ of a negative number): closer to x it may be defined.
      tableau = null;
      continue;
    }
    tableau ??= new Tableau(center, step, scheme, roundoff);
    tableau.add(to - from, right, left);
    if (tableau.levels === LEVELS || tableau.isGoodEnough()) return tableau.withoutKinks();
  }
  return null;
}

/** Richardson's extrapolation of difference quotients, for all outputs side by side. */
class Tableau implements Estimates {
  readonly values: Float64Array;
  readonly errors: Float64Array;
  readonly firstStep: number;
  levels = 0;
  /** The row of the last level: the plain quotients, then each order of extrapolation. */
  readonly #row: Float64Array[] = [];
  readonly #center: Float64Array;
  readonly #scheme: Scheme;
  /** By how much the slopes of the two sides differ, at the first step and at the last. */
  readonly #firstJump: Float64Array;
  readonly #lastJump: Float64Array;
  readonly #roundoff: number;

  constructor(center: Float64Array, firstStep: number, scheme: Scheme, roundoff: number) {
    this.values = new Float64Array(center.length).fill(Number.NaN);
    this.errors = new Float64Array(center.length).fill(Number.POSITIVE_INFINITY);
    this.firstStep = firstStep;
    this.#roundoff = roundoff;
    this.#scheme = scheme;
    this.#center = center;
    this.#firstJump = new Float64Array(center.length);
    this.#lastJump = new Float64Array(center.length);
  }

  /** Takes f's values at the ends of an interval into account. */
  add(width: number, right: Float64Array, left: Float64Array): void {
    const { values, errors } = this;
    const row = this.#row;
    row.push(new Float64Array(values.length));
    const first = SHRINK ** this.#scheme.order;
    const factor = SHRINK ** this.#scheme.next;
    for (let k = 0; k < values.length; k++) {
      let finer = (right[k]! - left[k]!) / width;
      // What rounding of f's values alone can do to the quotient.
      const floor = (2 * this.#roundoff * (Math.abs(right[k]!) + Math.abs(left[k]!))) / width;
      const jump = (2 * Math.abs(right[k]! - 2 * this.#center[k]! + left[k]!)) / width;
      if (this.levels === 0) this.#firstJump[k] = jump;
      this.#lastJump[k] = jump > 100 * floor ? jump : 0;
      let power = first;
      for (let order = 0; order < this.levels; order++) {
        const coarser = row[order]![k]!;
        row[order]![k] = finer;
        const value = finer + (finer - coarser) / (power - 1);
        power *= factor;
        const error = Math.max(Math.abs(value - finer), Math.abs(value - coarser)) + floor;
        if (error <= errors[k]!) {
          errors[k] = error;
          values[k] = value;
        }
        finer = value;
      }
      row[this.levels]![k] = finer;
    }
    this.levels++;
  }

  /** Where f is smooth, the slopes' difference shrinks with the step; at a kink it stays. */
  withoutKinks(): this {
    if (this.#scheme !== CENTRAL) return this;
    for (let k = 0; k < this.errors.length; k++) {
      if (this.#lastJump[k]! > KINK * this.#firstJump[k]!) this.errors[k] = Number.POSITIVE_INFINITY;
    }
    return this;
  }

  /** For each output the better of two estimates. */
  mergedWith(other: Tableau): this {
    for (let k = 0; k < this.errors.length; k++) {
      if (this.errors[k]! <= other.errors[k]!) continue;
      this.errors[k] = other.errors[k]!;
      this.values[k] = other.values[k]!;
    }
    return this;
  }

  isGoodEnough(): boolean {
    return this.levels >= 2 && this.isWithin(this.levels === 2 ? AGREES_TO_ROUNDING : GOOD_ENOUGH);
  }

  /** Whether all errors are within this part of the largest derivative. */
  isWithin(tolerance: number): boolean {
    let largest = 0;
    let worst = 0;
    for (let k = 0; k < this.values.length; k++) {
      largest = Math.max(largest, Math.abs(this.values[k]!));
      worst = Math.max(worst, this.errors[k]!);
    }
    return worst <= tolerance * largest || worst === 0;
  }
}
