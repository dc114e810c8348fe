/**
 * @file Weighted sums of a few neighbours along one dimension: a sparse matrix with a row for each output,
 * in compressed rows (CSR). Padding, averaging and interpolation are all of this kind.
 */

import type { NumericArray } from "../tensor/dtype.ts";

export interface Taps {
  /** How many inputs there are to take from. */
  readonly inputs: number;
  /** Output o takes taps starts[o] … starts[o + 1] − 1. */
  readonly starts: Int32Array;
  /** The input that a tap takes, and its weight. */
  readonly sources: Int32Array;
  readonly weights: Float64Array;
}

/** One tap: an input, and its weight. */
export type Tap = readonly [source: number, weight: number];

export function tapsOf(inputs: number, rows: readonly (readonly Tap[])[]): Taps {
  const flat = rows.flat();
  const starts = new Int32Array(rows.length + 1);
  for (let o = 0; o < rows.length; o++) starts[o + 1] = starts[o]! + rows[o]!.length;
  return {
    inputs,
    starts,
    sources: Int32Array.from(flat, ([source]) => source),
    weights: Float64Array.from(flat, ([, weight]) => weight),
  };
}

/** The transposed matrix: each input takes from the outputs that took from it. */
export function transposed({ inputs, starts, sources, weights }: Taps): Taps {
  const rows = Array.from({ length: inputs }, (): Tap[] => []);
  for (let o = 0; o + 1 < starts.length; o++) {
    for (let t = starts[o]!; t < starts[o + 1]!; t++) rows[sources[t]!]!.push([o, weights[t]!]);
  }
  return tapsOf(starts.length - 1, rows);
}

/** y (outer × outputs × inner, zeroed) += the sums over the middle dimension of x (outer × inputs × inner). */
export function tapInto(
  { inputs, starts, sources, weights }: Taps,
  outer: number,
  inner: number,
  x: NumericArray,
  xOffset: number,
  y: NumericArray,
  yOffset: number,
): void {
  const outputs = starts.length - 1;
  for (let b = 0; b < outer; b++) {
    for (let o = 0; o < outputs; o++) {
      const to = yOffset + (b * outputs + o) * inner;
      for (let t = starts[o]!; t < starts[o + 1]!; t++) {
        const from = xOffset + (b * inputs + sources[t]!) * inner;
        const weight = weights[t]!;
        for (let i = 0; i < inner; i++) y[to + i]! += weight * x[from + i]!;
      }
    }
  }
}
