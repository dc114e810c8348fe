/** @file Matrix products of strided arrays. */

import type { NumericArray } from "../tensor/dtype.ts";

/** A matrix inside an array: where it begins, and the steps from row to row and from column to column. */
export interface Matrix {
  readonly data: NumericArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/**
 * C (m × n, row-major) = A (m × k) · B (k × n). Goes through B by rows, so that the innermost loop runs
 * over neighbours in both B and C.
 */
export function matmulInto(
  m: number,
  k: number,
  n: number,
  a: Matrix,
  b: Matrix,
  out: NumericArray,
  outOffset: number,
): void {
  const { data: ad, row: ar, column: ac } = a;
  const { data: bd, row: br, column: bc } = b;
  for (let i = 0; i < m; i++) {
    const c = outOffset + i * n;
    for (let p = 0; p < k; p++) {
      const x = ad[a.offset + i * ar + p * ac]!;
      let y = b.offset + p * br;
      for (let j = 0; j < n; j++, y += bc) out[c + j]! += x * bd[y]!;
    }
  }
}
