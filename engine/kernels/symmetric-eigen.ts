/**
 * @file Eigenvalues and eigenvectors of a symmetric matrix: to tridiagonal form by Householder's reflections, then the
 * implicit QR algorithm with Wilkinson's shift.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithms 8.3.1, 8.3.2 and 8.3.3: the computed
 * eigenvalues are those of A + E with ‖E‖₂ a modest multiple of ε ‖A‖₂.
 */

import { identity, largestEntry, rotateRows } from "./dense.ts";
import { reflect, reflector } from "./householder.ts";

type Doubles = Float64Array;

export interface SymmetricEigen {
  /** Rising. */
  readonly values: Doubles;
  /** Row-major; column j belongs to value j. */
  readonly vectors: Doubles;
}

/** A = Q T Qᵀ with a tridiagonal T. */
interface Tridiagonal {
  readonly diagonal: Doubles;
  /** Entry i is beside diagonal entries i and i + 1. */
  readonly beside: Doubles;
  /** Qᵀ. */
  readonly vectors: Doubles;
}

/** More than ever needed: two or three steps an eigenvalue are usual. */
const STEPS_PER_VALUE = 60;

/**
 * Decomposes a row-major n × n matrix, of which the lower triangle alone is read.
 * @returns null where the matrix is not finite, or (which is not known to happen) the iteration does not end
 */
export function symmetricEigen(a: Doubles, n: number): SymmetricEigen | null {
  const full = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) full[i * n + j] = full[j * n + i] = a[i * n + j]!;
  const largest = largestEntry(full);
  if (!Number.isFinite(largest)) return null;
  const scale = largest || 1;
  const T = tridiagonalize(
    full.map(x => x / scale),
    n,
  );
  if (!diagonalize(T, n)) return null;
  return sorted(T, scale, n);
}

/** @param a symmetric; overwritten */
function tridiagonalize(a: Doubles, n: number): Tridiagonal {
  const tau = new Float64Array(Math.max(0, n - 2));
  const beside = new Float64Array(Math.max(0, n - 1));
  const w = new Float64Array(n);
  for (let k = 0; k < tau.length; k++) {
    const at = k * n;
    tau[k] = reflector(a, at + k + 1, at + n);
    beside[k] = a[at + k + 1]!;
    if (tau[k] === 0) continue;
    a[at + k + 1] = 1;
    // The trailing block B becomes H B H = B − v wᵀ − w vᵀ with w = p − ½ τ (pᵀv) v, p = τ B v.
    let half = 0;
    for (let i = k + 1; i < n; i++) {
      let p = 0;
      for (let j = k + 1; j < n; j++) p += a[i * n + j]! * a[at + j]!;
      w[i] = tau[k]! * p;
      half += (tau[k]! / 2) * w[i]! * a[at + i]!;
    }
    for (let i = k + 1; i < n; i++) w[i]! -= half * a[at + i]!;
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= a[at + i]! * w[j]! + w[i]! * a[at + j]!;
    }
  }
  if (n > 1) beside[n - 2] = a[(n - 2) * n + n - 1]!;
  const vectors = identity(n);
  for (let j = 1; j < n; j++) {
    for (let k = Math.min(tau.length, j) - 1; k >= 0; k--) {
      reflect(a, k * n + k + 1, n - k - 1, tau[k]!, vectors, j * n + k + 1);
    }
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * (n + 1)]!), beside, vectors };
}

/** Makes T diagonal and its vectors those of A. @returns whether it came to an end */
function diagonalize(T: Tridiagonal, n: number): boolean {
  const { diagonal: d, beside: e } = T;
  const negligible = (i: number): boolean =>
    Math.abs(e[i]!) <= Number.EPSILON * (Math.abs(d[i]!) + Math.abs(d[i + 1]!));
  let end = n - 1;
  for (let step = 0; step < STEPS_PER_VALUE * n; step++) {
    while (end > 0 && negligible(end - 1)) e[--end] = 0;
    if (end <= 0) return true;
    let start = end - 1;
    while (start > 0 && !negligible(start - 1)) start--;
    if (start > 0) e[start - 1] = 0;
    chase(T, n, start, end);
  }
  return end <= 0;
}

/** One implicit QR step on the block from `start` to `end`: a bulge is made at the top and chased off the bottom. */
function chase(
  { diagonal: d, beside: e, vectors }: Tridiagonal,
  n: number,
  start: number,
  end: number,
): void {
  const last = e[end - 1]!;
  const gap = (d[end - 1]! - d[end]!) / 2;
  const reach = Math.hypot(gap, last);
  const shift = d[end]! - last * (last / (gap < 0 ? gap - reach : gap + reach));
  let x = d[start]! - shift;
  let bulge = e[start]!;
  for (let k = start; k < end; k++) {
    const r = Math.hypot(x, bulge);
    const c = r === 0 ? 1 : x / r;
    const s = r === 0 ? 0 : bulge / r;
    if (k > start) e[k - 1] = r;
    const [a, b, f] = [d[k]!, e[k]!, d[k + 1]!];
    d[k] = c * (c * a + s * b) + s * (c * b + s * f);
    d[k + 1] = s * (s * a - c * b) - c * (s * b - c * f);
    e[k] = c * s * (f - a) + (c * c - s * s) * b;
    if (k < end - 1) {
      bulge = s * e[k + 1]!;
      e[k + 1]! *= c;
      x = e[k]!;
    }
    rotateRows(vectors, n, k, k + 1, c, s);
  }
}

function sorted({ diagonal, vectors }: Tridiagonal, scale: number, n: number): SymmetricEigen {
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[i]! - diagonal[j]!);
  const columns = new Float64Array(n * n);
  order.forEach((from, j) => {
    for (let i = 0; i < n; i++) columns[i * n + j] = vectors[from * n + i]!;
  });
  return { values: Float64Array.from(order, i => diagonal[i]! * scale), vectors: columns };
}
