/** @file Elements of tensors in flat arrays, and what is asked of them. */

import { toFlatArray } from "../tensor/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Equal to the last bit. */
export function sameValues(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

export function allFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

/** The largest |value|. */
export function largest(values: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > found) found = Math.abs(values[i]!);
  return found;
}

/** All elements of several tensors in one array. */
export function concatenated(tensors: readonly Tensor[]): Float64Array {
  if (tensors.length === 1) return toFlatArray(tensors[0]!);
  const parts = tensors.map(toFlatArray);
  const all = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

/** Index of a row-major position: 5 in (2, 3) is [1, 2]. */
export function indexOf(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(rest % shape[d]!);
    rest = Math.floor(rest / shape[d]!);
  }
  return index;
}
