/**
 * @file Eigenvalues and eigenvectors of a general real matrix: to Hessenberg form by Householder's reflections, to Schur form by
 * the implicit double-shift QR algorithm (Francis), and eigenvectors by substitution.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithms 7.4.2, 7.5.1 and 7.5.2: the computed eigenvalues
 * are those of A + E with ‖E‖₂ a modest multiple of ε ‖A‖₂. Matrices are kept transposed: "column j" is a row of the array.
 */

import { identity, largestEntry, rotateRows, transposed } from "./dense.ts";
import { reflect, reflector } from "./householder.ts";
import { euclideanNorm } from "./reduction.ts";

type Doubles = Float64Array;

export interface Eigen {
  readonly values: Doubles;
  /** Imaginary parts of the values; where any is not 0 there are no (real) vectors. */
  readonly imaginary: Doubles;
  /** Row-major; column j belongs to value j and has length 1. */
  readonly vectors: Doubles;
}

/** A = Z T Zᵀ: T has 1 × 1 blocks on its diagonal, and 2 × 2 ones for complex pairs; zeros below. */
interface Schur {
  readonly n: number;
  readonly t: Doubles;
  readonly z: Doubles;
}

const STEPS_PER_VALUE = 60;
/** After as many steps without success, a shift that has nothing to do with the matrix breaks a cycle. */
const STEPS_BETWEEN_EXCEPTIONS = 10;

/** @returns null where the row-major n × n matrix is not finite, or (which is not known to happen) the iteration does not end */
export function generalEigen(a: Doubles, n: number): Eigen | null {
  const largest = largestEntry(a);
  if (!Number.isFinite(largest)) return null;
  const scale = largest || 1;
  const at = transposed(a, n, n).map(x => x / scale);
  const schur: Schur = { n, t: at, z: identity(n) };
  hessenberg(schur);
  const imaginary = schurForm(schur);
  if (imaginary === null) return null;
  return {
    values: Float64Array.from({ length: n }, (_, i) => at[i * (n + 1)]! * scale),
    imaginary: imaginary.map(x => x * scale),
    vectors: imaginary.every(x => x === 0) ? eigenvectors(schur) : new Float64Array(n * n),
  };
}

/** A (I − τ v vᵀ) in the place of A, for a v whose elements belong to A's columns from `first` on, in rows `from` to before `to`. */
function reflectColumns(
  a: Doubles,
  n: number,
  first: number,
  v: Doubles,
  tau: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    let dot = 0;
    for (let j = 0; j < v.length; j++) dot += v[j]! * a[(first + j) * n + i]!;
    dot *= tau;
    for (let j = 0; j < v.length; j++) a[(first + j) * n + i]! -= dot * v[j]!;
  }
}

/** Zeros below the first subdiagonal. */
function hessenberg({ n, t, z }: Schur): void {
  for (let k = 0; k < n - 2; k++) {
    const at = k * n + k + 1;
    const tau = reflector(t, at, (k + 1) * n);
    if (tau === 0) continue;
    for (let j = k + 1; j < n; j++) reflect(t, at, n - k - 1, tau, t, j * n + k + 1);
    const v = t.slice(at, (k + 1) * n);
    v[0] = 1;
    reflectColumns(t, n, k + 1, v, tau, 0, n);
    reflectColumns(z, n, k + 1, v, tau, 0, n);
    t.fill(0, at + 1, (k + 1) * n);
  }
}

/** Makes T of a Hessenberg matrix. @returns the imaginary parts of the eigenvalues, whose real parts end up on the diagonal */
function schurForm({ n, t, z }: Schur): Doubles | null {
  const h = (i: number, j: number): number => t[j * n + i]!;
  const negligible = (i: number): boolean =>
    Math.abs(h(i, i - 1)) <= Number.EPSILON * (Math.abs(h(i, i)) + Math.abs(h(i - 1, i - 1)));
  const imaginary = new Float64Array(n);
  let end = n - 1;
  let stuck = 0;
  for (let step = 0; step < STEPS_PER_VALUE * n && end > 0; step++) {
    let start = end;
    while (start > 0 && !negligible(start)) start--;
    if (start > 0) t[(start - 1) * n + start] = 0;
    if (start < end - 1) {
      stuck++;
      francisStep({ n, t, z }, start, end, stuck % STEPS_BETWEEN_EXCEPTIONS === 0);
      continue;
    }
    if (start === end - 1) splitPair({ n, t, z }, start, imaginary);
    end = start - 1;
    stuck = 0;
  }
  return end <= 0 ? imaginary : null;
}

/** One step with both eigenvalues of the last 2 × 2 block of rows `start` to `end` for shifts: a bulge is made and chased. */
function francisStep({ n, t, z }: Schur, start: number, end: number, exceptional: boolean): void {
  const h = (i: number, j: number): number => t[j * n + i]!;
  let trace = h(end - 1, end - 1) + h(end, end);
  let det = h(end - 1, end - 1) * h(end, end) - h(end - 1, end) * h(end, end - 1);
  if (exceptional) {
    const size = Math.abs(h(end, end - 1)) + Math.abs(h(end - 1, end - 2));
    trace = 1.5 * size;
    det = size * size;
  }
  const s = start;
  // First column of (H − shift₁) (H − shift₂).
  let bulge = [
    h(s, s) * h(s, s) + h(s, s + 1) * h(s + 1, s) - trace * h(s, s) + det,
    h(s + 1, s) * (h(s, s) + h(s + 1, s + 1) - trace),
    h(s + 1, s) * h(s + 2, s + 1),
  ];
  for (let k = start; k < end; k++) {
    const v = Float64Array.from(bulge);
    const tau = reflector(v, 0, v.length);
    v[0] = 1;
    for (let j = Math.max(start, k - 1); j < n; j++) reflect(v, 0, v.length, tau, t, j * n + k);
    reflectColumns(t, n, k, v, tau, 0, Math.min(k + 4, end + 1));
    reflectColumns(z, n, k, v, tau, 0, n);
    if (k > start) for (let i = 1; i < v.length; i++) t[(k - 1) * n + k + i] = 0;
    bulge = Array.from({ length: Math.min(3, end - k) }, (_, i) => h(k + 1 + i, k));
  }
}

/** A 2 × 2 block at rows p and p + 1: made triangular where its eigenvalues are real, else its pair of values noted. */
function splitPair({ n, t, z }: Schur, p: number, imaginary: Doubles): void {
  const q = p + 1;
  const [a, b, c, d] = [t[p * n + p]!, t[q * n + p]!, t[p * n + q]!, t[q * n + q]!];
  const half = (a - d) / 2;
  const discriminant = half * half + b * c;
  if (discriminant < 0) {
    t[p * n + p] = t[q * n + q] = (a + d) / 2;
    imaginary[p] = Math.sqrt(-discriminant);
    imaginary[q] = -imaginary[p]!;
    return;
  }
  // λ − d without cancellation; (λ − d, c) is an eigenvector, which becomes the first axis.
  const gap = half + (half < 0 ? -1 : 1) * Math.sqrt(discriminant);
  const length = Math.hypot(gap, c);
  const [cosine, sine] = [gap / length, c / length];
  rotateRows(t, n, p, q, cosine, sine);
  for (let j = 0; j < n; j++) {
    const [x, y] = [t[j * n + p]!, t[j * n + q]!];
    t[j * n + p] = cosine * x + sine * y;
    t[j * n + q] = cosine * y - sine * x;
  }
  rotateRows(z, n, p, q, cosine, sine);
  t[p * n + q] = 0;
}

/** Of A, from those of a triangular T. */
function eigenvectors({ n, t, z }: Schur): Doubles {
  const vectors = new Float64Array(n * n);
  // What stands for a difference of two equal eigenvalues.
  const least = Number.EPSILON * (largestEntry(t) || 1);
  for (let k = 0; k < n; k++) {
    const x = new Float64Array(n);
    x[k] = 1;
    for (let i = k - 1; i >= 0; i--) {
      let sum = 0;
      for (let j = i + 1; j <= k; j++) sum -= t[j * n + i]! * x[j]!;
      const gap = t[i * n + i]! - t[k * n + k]!;
      x[i] = sum / (Math.abs(gap) < least ? least : gap);
      if (Math.abs(x[i]!) > 1e100) for (let j = i; j <= k; j++) x[j]! /= 1e100;
    }
    const v = new Float64Array(n);
    for (let j = 0; j <= k; j++) for (let i = 0; i < n; i++) v[i]! += x[j]! * z[j * n + i]!;
    const length = euclideanNorm(v, 0, n);
    for (let i = 0; i < n; i++) vectors[i * n + k] = v[i]! / length;
  }
  return vectors;
}
