/**
 * @file A derivative from values alone, with an estimate of its own error.
 *
 * Source: C. J. F. Ridders, "Accurate computation of F′(x) and F′(x) F″(x)", Advances in Engineering
 * Software 4 (1982): central differences with shrinking steps, extrapolated to step 0; the best entry of
 * the tableau is where neighbouring entries agree most.
 */

/** Derivatives of several outputs, and how far each may be off. */
export interface Estimates {
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

const SHRINK = 2;
const LEVELS = 6;
/** First step, relative to the size of x: large, since extrapolation removes the error of a large step. */
const FIRST_STEP = 0.02;
/** Half the gap between neighbouring numbers at 1. */
export const UNIT_ROUNDOFF = { float64: 2 ** -53, float32: 2 ** -24 } as const;
/** An estimate this good, relative to the largest derivative, is not refined; two levels can agree by chance, but not to rounding. */
const GOOD_ENOUGH = 1e-10;
const AGREES_TO_ROUNDING = 1e-12;

/**
 * ∂f/∂x for every output of f at once.
 * At a kink the two sides have different slopes, of which central differences see the mean; there the error is infinite.
 * @param f outputs at an offset from x; null where f has no (finite) value
 * @param center f(0)
 * @param size typical magnitude of x, which sets the step
 * @param roundoff relative precision of f's values, one of {@link UNIT_ROUNDOFF}
 * @returns null where f could not be evaluated on both sides at any step
 */
export function derivative(
  f: (offset: number) => Float64Array | null,
  center: Float64Array,
  size: number,
  roundoff: number = UNIT_ROUNDOFF.float64,
): Estimates | null {
  let step = FIRST_STEP * Math.max(size, 0.1);
  let tableau: Tableau | null = null;
  for (let halvings = 0; halvings < 40; halvings++, step /= SHRINK) {
    const right = f(step);
    const left = right === null ? null : f(-step);
    if (right === null || left === null || !allFinite(right) || !allFinite(left)) {
      // Outside of the domain (√ of a negative number): closer to x it may be defined.
      tableau = null;
      continue;
    }
    tableau ??= new Tableau(center, roundoff);
    tableau.add(step, right, left);
    if (tableau.levels === LEVELS || tableau.isGoodEnough()) return tableau.withoutKinks();
  }
  return null;
}

/** Part of the slopes' difference that is left, after at least one halving of the step, at a kink and not elsewhere. */
const KINK = 0.75;

function allFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** Richardson's extrapolation of central differences, for all outputs side by side. */
class Tableau implements Estimates {
  readonly values: Float64Array;
  readonly errors: Float64Array;
  levels = 0;
  /** The row of the last level: the plain quotients, then each order of extrapolation. */
  readonly #row: Float64Array[] = [];
  readonly #center: Float64Array;
  /** By how much the slopes of the two sides differ, at the first step and at the last. */
  readonly #firstJump: Float64Array;
  readonly #lastJump: Float64Array;
  readonly #roundoff: number;

  constructor(center: Float64Array, roundoff: number) {
    this.#roundoff = roundoff;
    this.values = new Float64Array(center.length).fill(Number.NaN);
    this.errors = new Float64Array(center.length).fill(Number.POSITIVE_INFINITY);
    this.#center = center;
    this.#firstJump = new Float64Array(center.length);
    this.#lastJump = new Float64Array(center.length);
  }

  /** Takes f's values at ± step into account. */
  add(step: number, right: Float64Array, left: Float64Array): void {
    const { values, errors } = this;
    const row = this.#row;
    row.push(new Float64Array(values.length));
    for (let k = 0; k < values.length; k++) {
      let finer = (right[k]! - left[k]!) / (2 * step);
      // What rounding of f's values alone can do to the quotient.
      const floor = (this.#roundoff * (Math.abs(right[k]!) + Math.abs(left[k]!))) / step;
      const jump = Math.abs(right[k]! - 2 * this.#center[k]! + left[k]!) / step;
      if (this.levels === 0) this.#firstJump[k] = jump;
      this.#lastJump[k] = jump > 100 * floor ? jump : 0;
      let power = 1;
      for (let order = 0; order < this.levels; order++) {
        const coarser = row[order]![k]!;
        row[order]![k] = finer;
        power *= SHRINK * SHRINK;
        const value = finer + (finer - coarser) / (power - 1);
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
    for (let k = 0; k < this.errors.length; k++) {
      if (this.#lastJump[k]! > KINK * this.#firstJump[k]!) this.errors[k] = Number.POSITIVE_INFINITY;
    }
    return this;
  }

  isGoodEnough(): boolean {
    if (this.levels < 2) return false;
    let largest = 0;
    let worst = 0;
    for (let k = 0; k < this.values.length; k++) {
      largest = Math.max(largest, Math.abs(this.values[k]!));
      worst = Math.max(worst, this.errors[k]!);
    }
    return worst <= (this.levels === 2 ? AGREES_TO_ROUNDING : GOOD_ENOUGH) * largest || worst === 0;
  }
}
