/**
 * @file A derivative from values alone, with an estimate of its own error.
 *
 * Source: C. J. F. Ridders, "Accurate computation of F′(x) and F′(x) F″(x)", Advances in Engineering
 * Software 4 (1982): central differences with shrinking steps, extrapolated to step 0; the best entry of
 * the tableau is where neighbouring entries agree most.
 */

/** A derivative and how far it may be off, both of one entry. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

const SHRINK = 2;
const LEVELS = 6;
/** First step, relative to the size of x: large, since extrapolation removes the error of a large step. */
const FIRST_STEP = 0.02;
/** Half the gap between neighbouring doubles at 1. */
const ROUND_OFF = 2 ** -53;
/** An estimate this good, relative to the largest derivative, is not refined. */
const GOOD_ENOUGH = 1e-10;

/**
 * ∂f/∂x for every output of f at once.
 * @param f outputs at an offset from x; null where f has no (finite) value
 * @param size typical magnitude of x, which sets the step
 * @returns one estimate for each output; null where f could not be evaluated on both sides at any step
 */
export function derivative(f: (offset: number) => Float64Array | null, size: number): Estimate[] | null {
  let step = FIRST_STEP * Math.max(size, 0.1);
  let tableau: Tableau | null = null;
  for (let halvings = 0; halvings < 40; halvings++, step /= SHRINK) {
    const right = f(step);
    const left = right === null ? null : f(-step);
    if (right === null || left === null || !right.every(Number.isFinite) || !left.every(Number.isFinite)) {
      // Outside of the domain (√ of a negative number): closer to x it may be defined.
      tableau = null;
      continue;
    }
    tableau ??= new Tableau(right.length);
    tableau.add(step, right, left);
    if (tableau.levels === LEVELS || tableau.isGoodEnough()) return tableau.best;
  }
  return null;
}

/** Richardson's extrapolation of central differences, a row for each output. */
class Tableau {
  readonly best: Estimate[];
  levels = 0;
  #previous: number[][];

  constructor(outputs: number) {
    this.best = Array.from({ length: outputs }, () => ({
      value: Number.NaN,
      error: Number.POSITIVE_INFINITY,
    }));
    this.#previous = this.best.map(() => []);
  }

  /** Takes f's values at ± step into account. */
  add(step: number, right: Float64Array, left: Float64Array): void {
    this.levels++;
    for (let k = 0; k < right.length; k++) {
      const a = right[k]!;
      const b = left[k]!;
      const previous = this.#previous[k]!;
      const row = [(a - b) / (2 * step)];
      // What rounding of f's values alone can do to the quotient.
      const floor = (ROUND_OFF * (Math.abs(a) + Math.abs(b))) / step;
      let power = 1;
      for (let order = 0; order < previous.length; order++) {
        power *= SHRINK * SHRINK;
        const finer = row[order]!;
        const value = finer + (finer - previous[order]!) / (power - 1);
        row.push(value);
        const error = Math.max(Math.abs(value - finer), Math.abs(value - previous[order]!)) + floor;
        if (error <= this.best[k]!.error) this.best[k] = { value, error };
      }
      this.#previous[k] = row;
    }
  }

  isGoodEnough(): boolean {
    // Two levels can agree by chance.
    if (this.levels < 3) return false;
    let largest = 0;
    let worst = 0;
    for (const { value, error } of this.best) {
      largest = Math.max(largest, Math.abs(value));
      worst = Math.max(worst, error);
    }
    return worst <= GOOD_ENOUGH * largest || worst === 0;
  }
}
