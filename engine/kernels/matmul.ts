/** @file Matrix products of strided arrays. */

import type { NumericArray } from "../tensor/dtype.ts";

/**
 * C (m × n, row-major, zeroed) += A (m × k) · B (k × n), each given by its array, offset, and steps from
 * row to row and column to column. Goes through B by rows, so that the innermost loop runs over
 * neighbours in both B and C.
 */
export function matmulInto(
  m: number,
  k: number,
  n: number,
  a: NumericArray,
  aOffset: number,
  aRow: number,
  aColumn: number,
  b: NumericArray,
  bOffset: number,
  bRow: number,
  bColumn: number,
  c: NumericArray,
  cOffset: number,
): void {
  for (let i = 0; i < m; i++) {
    const start = cOffset + i * n;
    for (let p = 0; p < k; p++) {
      const x = a[aOffset + i * aRow + p * aColumn]!;
      let y = bOffset + p * bRow;
      for (let j = start; j < start + n; j++, y += bColumn) c[j]! += x * b[y]!;
    }
  }
}
