/** @file Loops along a row of n elements that carry something from element to element. Sums are carried in double precision. */

import type { NumericArray } from "../tensor/dtype.ts";

/** Reads a row of n elements that begins at `start`, and writes another that begins at `at`. */
export type RowKernel = (data: NumericArray, start: number, n: number, out: NumericArray, at: number) => void;

export const runningSum: RowKernel = (data, start, n, out, at) => {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    sum += data[start + i]!;
    out[at + i] = sum;
  }
};

export const runningProduct: RowKernel = (data, start, n, out, at) => {
  let product = 1;
  for (let i = 0; i < n; i++) {
    product *= data[start + i]!;
    out[at + i] = product;
  }
};

/** log Σ exp of all elements so far, shifted by the larger of what is added so that nothing overflows. */
export const runningLogSumExp: RowKernel = (data, start, n, out, at) => {
  let total = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const x = data[start + i]!;
    const larger = Math.max(total, x);
    // Two infinities of one sign would leave NaN as their difference.
    total = total === x && !Number.isFinite(x) ? x : larger + Math.log1p(Math.exp(-Math.abs(total - x)));
    out[at + i] = total;
  }
};

/** Places of the largest element so far: the last of equals; of the last NaN from the first NaN on. */
export const runningArgmax: RowKernel = (data, start, n, out, at) => runningPlace(data, start, n, out, at, 1);
/** {@link runningArgmax} for the smallest. */
export const runningArgmin: RowKernel = (data, start, n, out, at) =>
  runningPlace(data, start, n, out, at, -1);

function runningPlace(
  data: NumericArray,
  start: number,
  n: number,
  out: NumericArray,
  at: number,
  sign: 1 | -1,
): void {
  let place = 0;
  for (let i = 0; i < n; i++) {
    const x = data[start + i]!;
    // False beside a NaN that was met before.
    if (Number.isNaN(x) || sign * x >= sign * data[start + place]!) place = i;
    out[at + i] = place;
  }
}

/** sᵢ = bᵢ + aᵢ sᵢ₋₁ from s₋₁ = 0, for each row of two arrays of `rows` × n elements. */
export function linearRecurrence(
  rows: number,
  n: number,
  a: NumericArray,
  aStart: number,
  b: NumericArray,
  bStart: number,
  out: NumericArray,
  at: number,
): void {
  for (let r = 0; r < rows; r++) {
    let s = 0;
    for (let i = r * n; i < (r + 1) * n; i++) {
      s = i === r * n ? b[bStart + i]! : b[bStart + i]! + a[aStart + i]! * s;
      out[at + i] = s;
    }
  }
}
