/**
 * @file What backward is asked with. Seeds that are 1 and positive, as most checkers use, do not see |g|, relu(g), a clamped g
 * or g²; these are of either sign, small and large, one entry at a time and all together.
 */

import type { Generator } from "../tensor/random.ts";

export interface Cotangents {
  /** Positions among all outputs' entries that are asked for one by one, in order. */
  readonly rows: readonly number[];
  /** The size of each row's only entry. */
  readonly seeds: Float64Array;
  /** Entries of all rows at once, at several scales, and ones, as `y.sum()` gives: what adds up must add up here. */
  readonly dense: readonly Float64Array[];
}

const MOST_ROWS = 96;

/** @param most as many entries of the outputs are asked for one by one; of more, a random choice */
export function cotangentsFor(total: number, random: Generator, most = MOST_ROWS): Cotangents {
  const rows = total <= most ? Array.from({ length: total }, (_, k) => k) : chosen(most, total, random);
  const seeds = Float64Array.from(rows, () => signed(random));
  const signs = new Float64Array(total);
  for (const k of rows) signs[k] = random.uint32() % 2 === 0 ? 1 : -1;
  // By the scale's sign each entry is asked for with both signs, small and large: |g| and relu(g) differ for one of them.
  const dense = (scale: number): Float64Array =>
    signs.map(sign => (sign === 0 ? 0 : sign * scale * sized(random)));
  const ones = new Float64Array(total);
  for (const k of rows) ones[k] = 1;
  return { rows, seeds, dense: [dense(1), dense(-37.5), dense(-1e-3), dense(1e3), ones] };
}

/** The cotangent that is `seed` at one entry. */
export function oneHot(total: number, at: number, seed: number): Float64Array {
  const cotangent = new Float64Array(total);
  cotangent[at] = seed;
  return cotangent;
}

/** Numbers between −1 and 1: a random direction, or weights. */
export function drawn(n: number, random: Generator): Float64Array {
  return Float64Array.from({ length: n }, () => random.uniform("float64") * 2 - 1);
}

/** Between 0.5 and 2.5 in size, of either sign. */
export function signed(random: Generator): number {
  const size = sized(random);
  return random.uint32() % 2 === 0 ? size : -size;
}

function sized(random: Generator): number {
  return 0.5 + 2 * random.uniform("float64");
}

/** Different positions, sorted. */
function chosen(count: number, total: number, random: Generator): number[] {
  const positions = new Set<number>();
  while (positions.size < count) positions.add(random.uint32() % total);
  return [...positions].sort((a, b) => a - b);
}
