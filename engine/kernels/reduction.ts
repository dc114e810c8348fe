/** @file Loops over rows: arrays of `rows` × `length` elements in row-major order, each row reduced or scanned. */

import type { NumericArray } from "../tensor/dtype.ts";
import { sumOfChunk } from "./vectors.ts";

/** Rows to reduce; row r begins at offset + r · length. */
export interface Rows {
  readonly data: NumericArray;
  readonly offset: number;
  readonly rows: number;
  readonly length: number;
}

const BLOCK = 512;

/**
 * Sum of `length` elements, halved until a block is short: the rounding error grows with log n instead of n.
 * Source: N. J. Higham, "The accuracy of floating point summation", SIAM J. Sci. Comput. 14 (1993).
 */
export function pairwiseSum(data: NumericArray, start: number, length: number): number {
  if (data instanceof Float64Array) {
    const sum = sumOfChunk(data, start, length);
    if (sum !== null) return sum;
    if (length <= BLOCK) return sumOfDoubles(data, start, length);
  } else if (length <= BLOCK) {
    let sum = 0;
    for (let i = start; i < start + length; i++) sum += data[i]!;
    return sum;
  }
  // The first part in whole blocks: copied to where they are summed, these then begin at a multiple of a cache line, as the row does.
  const half = BLOCK * Math.ceil(length / BLOCK / 2);
  return pairwiseSum(data, start, half) + pairwiseSum(data, start + half, length - half);
}

/** In four sums, as each would wait for itself; a loop that meets no other type of array (see loops.ts). */
function sumOfDoubles(data: Float64Array, start: number, length: number): number {
  const end = start + length;
  let i = start;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (; i + 3 < end; i += 4) {
    a += data[i]!;
    b += data[i + 1]!;
    c += data[i + 2]!;
    d += data[i + 3]!;
  }
  for (; i < end; i++) a += data[i]!;
  return a + b + (c + d);
}

/** One number for each row. */
export function reduceRows(
  { data, offset, rows, length }: Rows,
  out: NumericArray,
  outOffset: number,
  reduce: (data: NumericArray, start: number, length: number) => number,
): void {
  for (let r = 0; r < rows; r++) out[outOffset + r] = reduce(data, offset + r * length, length);
}

export function product(data: NumericArray, start: number, length: number): number {
  let result = 1;
  for (let i = start; i < start + length; i++) result *= data[i]!;
  return result;
}

/** For each element the product of the others in its row: of those before it and those after it. */
export function productsOfOthers(
  { data, offset, rows, length }: Rows,
  out: NumericArray,
  outOffset: number,
): void {
  for (let r = 0; r < rows; r++) {
    const x = offset + r * length;
    const y = outOffset + r * length;
    let before = 1;
    for (let i = 0; i < length; i++) {
      out[y + i] = before;
      before *= data[x + i]!;
    }
    let after = 1;
    for (let i = length - 1; i >= 0; i--) {
      out[y + i]! *= after;
      after *= data[x + i]!;
    }
  }
}

/** Place of the first largest element, or of the first NaN, which torch takes for larger than everything. */
export function argmax(data: NumericArray, start: number, length: number): number {
  let best = 0;
  for (let i = 0; i < length; i++) {
    const x = data[start + i]!;
    if (Number.isNaN(x)) return i;
    if (x > data[start + best]!) best = i;
  }
  return best;
}

/** Place of the first smallest element, or of the first NaN. */
export function argmin(data: NumericArray, start: number, length: number): number {
  let best = 0;
  for (let i = 0; i < length; i++) {
    const x = data[start + i]!;
    if (Number.isNaN(x)) return i;
    if (x < data[start + best]!) best = i;
  }
  return best;
}

/** log Σ exp(xᵢ), shifted by the largest so that nothing overflows. */
export function logSumExp(data: NumericArray, start: number, length: number): number {
  if (length === 0) return Number.NEGATIVE_INFINITY;
  const largest = data[start + argmax(data, start, length)]!;
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += Math.exp(data[i]! - largest);
  return largest + Math.log(sum);
}

/** How many elements are not 0. */
export function countNonzero(data: NumericArray, start: number, length: number): number {
  let count = 0;
  for (let i = start; i < start + length; i++) if (data[i] !== 0) count++;
  return count;
}

/** √Σ xᵢ², scaled so that neither squares of large nor of small elements are lost. */
export function euclideanNorm(data: NumericArray, start: number, length: number): number {
  let scale = 0;
  for (let i = start; i < start + length; i++) {
    const x = Math.abs(data[i]!);
    if (x > scale || Number.isNaN(x)) scale = x;
  }
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  if (scale > 1e-140 && scale < 1e140) scale = 1;
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += (data[i]! / scale) ** 2;
  return scale * Math.sqrt(sum);
}

/** (Σ |xᵢ|ᵖ)^(1/p), scaled by the largest, so that no power overflows. */
export function powerNorm(data: NumericArray, start: number, length: number, p: number): number {
  let scale = 0;
  for (let i = start; i < start + length; i++) {
    const x = Math.abs(data[i]!);
    if (x > scale || Number.isNaN(x)) scale = x;
    if (Number.isNaN(scale)) return scale;
  }
  if (scale === 0 || (scale === Infinity && p > 0)) return scale;
  if (scale === Infinity) scale = 1;
  let total = 0;
  for (let i = start; i < start + length; i++) total += (Math.abs(data[i]!) / scale) ** p;
  return scale * total ** (1 / p);
}
