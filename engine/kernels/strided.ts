/** @file Walking through several strided arrays at once: the outer dimensions here, the innermost in a tight loop. */

import type { NumericArray } from "../tensor/dtype.ts";

/** Elements of an array, seen through an offset and strides (in elements). */
export interface Source {
  readonly data: NumericArray;
  readonly offset: number;
  readonly strides: readonly number[];
}

/**
 * Joins neighbouring dimensions that every operand steps through as if they were one, and drops those of
 * extent 1: most tensors become a single row.
 */
export function coalesce(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): { shape: number[]; strides: number[][] } {
  const joined: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === 1) continue;
    const last = joined.length - 1;
    let asOne = last >= 0;
    for (let k = 0; asOne && k < strides.length; k++) asOne = steps[k]![last] === strides[k]![i]! * shape[i]!;
    if (asOne) {
      joined[last]! *= shape[i]!;
      for (let k = 0; k < strides.length; k++) steps[k]![last] = strides[k]![i]!;
    } else {
      joined.push(shape[i]!);
      for (let k = 0; k < strides.length; k++) steps[k]!.push(strides[k]![i]!);
    }
  }
  return { shape: joined, strides: steps };
}

/**
 * Calls `row` for every run along the innermost dimension, outermost first.
 * @param row gets the run's length, and each operand's offset and step; both arrays are reused
 */
export function forEachRow(
  shape: readonly number[],
  offsets: readonly number[],
  strides: readonly (readonly number[])[],
  row: (length: number, offsets: readonly number[], steps: readonly number[]) => void,
): void {
  if (shape.includes(0)) return;
  const flat = coalesce(shape, strides);
  const rank = flat.shape.length;
  const at = offsets.slice();
  const steps = flat.strides.map(s => s[rank - 1] ?? 0);
  const length = flat.shape[rank - 1] ?? 1;
  const index = new Array<number>(Math.max(rank - 1, 0)).fill(0);
  for (;;) {
    row(length, at, steps);
    let dim = rank - 2;
    for (; dim >= 0; dim--) {
      for (let k = 0; k < at.length; k++) at[k]! += flat.strides[k]![dim]!;
      if (++index[dim]! < flat.shape[dim]!) break;
      for (let k = 0; k < at.length; k++) at[k]! -= flat.strides[k]![dim]! * flat.shape[dim]!;
      index[dim] = 0;
    }
    if (dim < 0) return;
  }
}

/** From here on the copy that the runtime brings is the faster. */
const LONG = 32;

/** Copies a strided array into a row-major one, through `convert` where there is one. */
export function copyStrided(
  shape: readonly number[],
  out: NumericArray,
  outOffset: number,
  source: Source,
  convert: ((value: number) => number) | null = null,
): void {
  const { data } = source;
  let o = outOffset;
  forEachRow(shape, [source.offset], [source.strides], (length, [offset], [step]) => {
    const end = o + length;
    let x = offset!;
    if (convert !== null) for (; o < end; x += step!) out[o++] = convert(data[x]!);
    else if (step === 1 && length >= LONG) out.set(data.subarray(x, x + length), o);
    else for (; o < end; x += step!) out[o++] = data[x]!;
    o = end;
  });
}

/** `a[i] += b[i]` over strided arrays of one shape. */
export function addStrided(shape: readonly number[], a: Source, b: Source): void {
  forEachRow(shape, [a.offset, b.offset], [a.strides, b.strides], (length, [ao, bo], [as, bs]) => {
    let i = ao!;
    let j = bo!;
    for (let k = 0; k < length; k++, i += as!, j += bs!) a.data[i]! += b.data[j]!;
  });
}

/** `a[i] = b[i]` over strided arrays of one shape, through `convert`. */
export function assignStrided(
  shape: readonly number[],
  a: Source,
  b: Source,
  convert: (value: number) => number,
): void {
  forEachRow(shape, [a.offset, b.offset], [a.strides, b.strides], (length, [ao, bo], [as, bs]) => {
    let i = ao!;
    let j = bo!;
    for (let k = 0; k < length; k++, i += as!, j += bs!) a.data[i] = convert(b.data[j]!);
  });
}
