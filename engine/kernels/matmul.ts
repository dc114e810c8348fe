/** @file Matrix products of strided arrays. */

import type { NumericArray } from "../tensor/dtype.ts";
import { hasBlocks, matmulBlocks } from "./matmul-blocks.ts";
import { matmulLoops } from "./matmul-loops.ts";

/** Products of two numbers from which on copying the operands pays: measured, matrices of 7 × 7. */
const WORTH_COPYING = 300;

/** Whether {@link matmulInto} copies its operands to where WebAssembly multiplies them. A vector is gone through once either way. */
export function goesByBlocks(m: number, k: number, n: number): boolean {
  return hasBlocks && m > 1 && n > 1 && m * k * n > WORTH_COPYING;
}

/**
 * C (m × n, row-major) += A (m × k) · B (k × n), each given by its array, offset, and steps from row to row and column to
 * column. The order of summation depends on the sizes, and for floating-point numbers on whether there is WebAssembly.
 * @param zeros whether C is known to hold nothing else; of floating-point numbers by blocks, whether what it holds is overwritten
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
  zeros = false,
): void {
  const big = goesByBlocks(m, k, n);
  if (a instanceof Float64Array && b instanceof Float64Array && c instanceof Float64Array) {
    if (big) matmulBlocks(m, k, n, a, aOffset, aRow, aColumn, b, bOffset, bRow, bColumn, c, cOffset, zeros);
    else matmulLoops(m, k, n, a, aOffset, aRow, aColumn, b, bOffset, bRow, bColumn, c, cOffset);
  } else if (big && isFloat(a) && isFloat(b) && isFloat(c)) {
    matmulBlocks(m, k, n, a, aOffset, aRow, aColumn, b, bOffset, bRow, bColumn, c, cOffset, zeros);
  } else {
    matmulRounding(m, k, n, a, aOffset, aRow, aColumn, b, bOffset, bRow, bColumn, c, cOffset);
  }
}

function isFloat(array: NumericArray): array is Float64Array | Float32Array {
  return array instanceof Float64Array || array instanceof Float32Array;
}

/** For all types of elements: each partial sum is rounded to that of C. */
function matmulRounding(
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
