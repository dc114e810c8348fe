/** @file The order of a row's elements. NaN counts as larger than every number, as in torch. */

import type { NumericArray } from "../tensor/dtype.ts";

/** Places of the n elements from the smallest to the largest, or back; equal ones stay in order. */
export function sortedPlaces(data: NumericArray, start: number, n: number, descending: boolean): Int32Array {
  const places = new Int32Array(n);
  for (let i = 0; i < n; i++) places[i] = i;
  const sign = descending ? -1 : 1;
  return places.sort((i, j) => sign * compare(data[start + i]!, data[start + j]!));
}

function compare(x: number, y: number): number {
  if (x < y) return -1;
  if (x > y) return 1;
  return x === y ? 0 : Number(Number.isNaN(x)) - Number(Number.isNaN(y));
}

/** Place of the k-th smallest element, k from 1. */
export function placeOfKth(data: NumericArray, start: number, n: number, k: number): number {
  return sortedPlaces(data, start, n, false)[k - 1]!;
}

/** Place of the median, the lower of two; of the first NaN if there is one. */
export function placeOfMedian(data: NumericArray, start: number, n: number): number {
  for (let i = 0; i < n; i++) if (Number.isNaN(data[start + i]!)) return i;
  return placeOfKth(data, start, n, (n + 1) >> 1);
}

/** Place of the median of all that are not NaN, the lower of two. */
export function placeOfNanMedian(data: NumericArray, start: number, n: number): number {
  let numbers = 0;
  for (let i = 0; i < n; i++) if (!Number.isNaN(data[start + i]!)) numbers++;
  return placeOfKth(data, start, n, Math.max((numbers + 1) >> 1, 1));
}

/** Place of the last of the most frequent elements; among equally frequent ones, of the smallest. */
export function placeOfMode(data: NumericArray, start: number, n: number): number {
  const places = sortedPlaces(data, start, n, false);
  let best = places[0]!;
  let most = 0;
  let run = 0;
  for (let i = 0; i < n; i++) {
    run++;
    const ends = i + 1 === n || data[start + places[i + 1]!] !== data[start + places[i]!];
    if (!ends) continue;
    if (run > most) {
      most = run;
      best = places[i]!;
    }
    run = 0;
  }
  return best;
}
