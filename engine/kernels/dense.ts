/** @file Dense matrices as row-major arrays: what every decomposition needs. */

import { matmulInto } from "./matmul.ts";

export function identity(n: number): Float64Array {
  const eye = new Float64Array(n * n);
  for (let i = 0; i < n; i++) eye[i * (n + 1)] = 1;
  return eye;
}

/** The n × m transpose of an m × n matrix. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const t = new Float64Array(n * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) t[j * m + i] = a[i * n + j]!;
  return t;
}

/** A B for n × n matrices. */
export function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const c = new Float64Array(n * n);
  matmulInto(n, n, n, a, 0, n, 1, b, 0, n, 1, c, 0, true);
  return c;
}

/** The largest |aᵢⱼ|; NaN if an entry is. */
export function largestEntry(a: Float64Array): number {
  let largest = 0;
  for (const x of a) {
    const size = Math.abs(x);
    if (size > largest || Number.isNaN(size)) largest = size;
  }
  return largest;
}

/** The maximum column sum of |A|: ‖A‖₁. */
export function oneNorm(a: Float64Array, n: number): number {
  let largest = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(a[i * n + j]!);
    if (sum > largest || Number.isNaN(sum)) largest = sum;
  }
  return largest;
}

/** Rows p and q of a matrix with rows of length n turned by an angle: (p, q) ← (c p + s q, c q − s p). */
export function rotateRows(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let i = p * n, j = q * n; i < (p + 1) * n; i++, j++) {
    const x = a[i]!;
    const y = a[j]!;
    a[i] = c * x + s * y;
    a[j] = c * y - s * x;
  }
}
