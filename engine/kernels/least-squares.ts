/**
 * @file Solutions of least squares and least norm, from singular values.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), section 5.5.
 */

import { type Svd, svdDecompose } from "./svd.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

type Doubles = Float64Array;

/** A = U Σ Vᵀ with min(m, n) singular values, in any order. @returns null where A is not finite */
export function spectrum(a: Doubles, m: number, n: number, symmetric: boolean): Svd | null {
  return symmetric ? symmetricSpectrum(a, n) : svdDecompose(a, m, n);
}

/** Eigenvalues without their signs, which go to V. */
function symmetricSpectrum(a: Doubles, n: number): Svd | null {
  const eigen = symmetricEigen(a, n);
  if (eigen === null) return null;
  const vt = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const sign = eigen.values[i]! < 0 ? -1 : 1;
    for (let j = 0; j < n; j++) vt[i * n + j] = sign * eigen.vectors[j * n + i]!;
  }
  return { u: eigen.vectors, s: eigen.values.map(Math.abs), vt };
}

/** What singular values must exceed to count: max(atol, rtol · the largest). */
export function cutoff(s: Doubles, atol: number, rtol: number): number {
  return Math.max(atol, rtol * s.reduce((x, y) => Math.max(x, y), 0));
}

/**
 * The X (n × k) that makes ‖A X − B‖ least, and of those the one of least norm: V Σ⁺ Uᵀ B, for B (m × k), row-major.
 * Singular values up to `tolerance` count as 0.
 */
export function leastSquares(
  { u, s, vt }: Svd,
  b: Doubles,
  n: number,
  k: number,
  tolerance: number,
): Doubles {
  const count = s.length;
  const m = count === 0 ? 0 : u.length / count;
  const x = new Float64Array(n * k);
  const row = new Float64Array(k);
  for (let r = 0; r < count; r++) {
    if (!(s[r]! > tolerance)) continue;
    row.fill(0);
    for (let i = 0; i < m; i++) for (let j = 0; j < k; j++) row[j]! += u[i * count + r]! * b[i * k + j]!;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < k; j++) x[i * k + j]! += vt[r * n + i]! * (row[j]! / s[r]!);
    }
  }
  return x;
}
