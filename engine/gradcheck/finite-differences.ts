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

/**
 * ∂f/∂x for every output of f at once.
 * @param f outputs at an offset from x; null where f has no (finite) value
 * @param size typical magnitude of x, which sets the step
 * @returns one estimate for each output; null where f could not be evaluated on both sides at any step
 */
export function derivative(f: (offset: number) => Float64Array | null, size: number): Estimate[] | null {
  const start = FIRST_STEP * Math.max(size, 0.1);
  let step = start;
  let columns: Column[] = [];
  for (let halvings = 0; columns.length < LEVELS && halvings < 40; halvings++, step /= SHRINK) {
    const [right, left] = [f(step), f(-step)];
    // Outside of the domain (√ of a negative number): closer to x it may be defined.
    if (right === null || left === null || !right.every(Number.isFinite) || !left.every(Number.isFinite)) {
      columns = [];
      continue;
    }
    columns.push({ step, right, left });
  }
  if (columns.length < LEVELS) return null;
  return Array.from(columns[0]!.right, (_, k) => extrapolate(columns, k));
}

interface Column {
  readonly step: number;
  readonly right: Float64Array;
  readonly left: Float64Array;
}

function extrapolate(columns: readonly Column[], output: number): Estimate {
  let best: Estimate = { value: Number.NaN, error: Number.POSITIVE_INFINITY };
  let previous: number[] = [];
  for (const { step, right, left } of columns) {
    const a = right[output]!;
    const b = left[output]!;
    const row = [(a - b) / (2 * step)];
    // What rounding of f's values alone can do to the quotient.
    const floor = (ROUND_OFF * (Math.abs(a) + Math.abs(b))) / step;
    let power = 1;
    for (let order = 0; order < previous.length; order++) {
      power *= SHRINK * SHRINK;
      const finer = row[order]!;
      const next = finer + (finer - previous[order]!) / (power - 1);
      row.push(next);
      const error = Math.max(Math.abs(next - finer), Math.abs(next - previous[order]!)) + floor;
      if (error <= best.error) best = { value: next, error };
    }
    previous = row;
  }
  return best;
}
