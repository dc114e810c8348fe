/**
 * @file Householder's reflections, and the QR factorisation by them.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithms 5.1.1 and 5.2.1; signs and compact form as in
 * LAPACK's dlarfg and dgeqrf; backward stability: Higham, Accuracy and Stability of Numerical Algorithms (2nd ed.,
 * 2002), theorem 19.4. Matrices are kept transposed here, column after column, so that loops run over neighbours.
 */

import { transposed } from "./dense.ts";
import { euclideanNorm } from "./reduction.ts";

type Doubles = Float64Array;

/**
 * The reflection H = I − τ v vᵀ, v₀ = 1, that takes x = (x[start], …, x[end − 1]) to (β, 0, …). Leaves β and v₁, … in the
 * place of x.
 * @returns τ; 0, and x as it is, where all but its first element are 0
 */
export function reflector(x: Doubles, start: number, end: number): number {
  const alpha = x[start]!;
  const rest = euclideanNorm(x, start + 1, end - start - 1);
  if (rest === 0) return 0;
  const length = Math.hypot(alpha, rest);
  const beta = alpha < 0 ? length : -length;
  for (let i = start + 1; i < end; i++) x[i]! /= alpha - beta;
  x[start] = beta;
  return (beta - alpha) / beta;
}

/** H y in the place of y, whose first element is y[at], for the H of `length` that {@link reflector} left at v[start]. */
export function reflect(
  v: Doubles,
  start: number,
  length: number,
  tau: number,
  y: Doubles,
  at: number,
): void {
  if (tau === 0) return;
  let dot = y[at]!;
  for (let i = 1; i < length; i++) dot += v[start + i]! * y[at + i]!;
  dot *= tau;
  y[at]! -= dot;
  for (let i = 1; i < length; i++) y[at + i]! -= dot * v[start + i]!;
}

/** Q R = A, or Q R = A P: reflectors below the diagonal, R on and above it. */
export interface Reflections {
  readonly m: number;
  readonly n: number;
  /** n × m, the transpose of LAPACK's compact form. */
  readonly packed: Doubles;
  readonly tau: Doubles;
  /** Column of A that became column j. */
  readonly order: Int32Array;
}

/**
 * Factors an m × n matrix given by its transpose, which is overwritten.
 * @param pivoting whether each step takes the longest column left (Businger & Golub 1965)
 */
export function householderQR(packed: Doubles, m: number, n: number, pivoting = false): Reflections {
  const tau = new Float64Array(Math.min(m, n));
  const order = Int32Array.from({ length: n }, (_, j) => j);
  for (let k = 0; k < tau.length; k++) {
    if (pivoting) bringLongest(packed, m, n, k, order);
    tau[k] = reflector(packed, k * m + k, (k + 1) * m);
    for (let j = k + 1; j < n; j++) reflect(packed, k * m + k, m - k, tau[k]!, packed, j * m + k);
  }
  return { m, n, packed, tau, order };
}

/** Exchanges column k with the one that is longest from row k on. */
function bringLongest(packed: Doubles, m: number, n: number, k: number, order: Int32Array): void {
  let longest = k;
  let length = -1;
  for (let j = k; j < n; j++) {
    const l = euclideanNorm(packed, j * m + k, m - k);
    if (l > length) [longest, length] = [j, l];
  }
  if (longest === k) return;
  [order[k], order[longest]] = [order[longest]!, order[k]!];
  for (let i = 0; i < m; i++) {
    [packed[k * m + i], packed[longest * m + i]] = [packed[longest * m + i]!, packed[k * m + i]!];
  }
}

/** The columns of Q from `first` to before `last`, one after the other: a (last − first) × m matrix. */
export function columnsOfQ({ m, packed, tau }: Reflections, first: number, last: number): Doubles {
  const q = new Float64Array((last - first) * m);
  for (let j = first; j < last; j++) {
    const at = (j - first) * m;
    q[at + j] = 1;
    // Reflections further down leave the unit vector as it is.
    for (let k = Math.min(tau.length - 1, j); k >= 0; k--) {
      reflect(packed, k * m + k, m - k, tau[k]!, q, at + k);
    }
  }
  return q;
}

/** The first `rows` rows of R, row-major. */
export function upperTriangle({ m, n, packed }: Reflections, rows: number): Doubles {
  const r = new Float64Array(rows * n);
  for (let i = 0; i < rows; i++) for (let j = i; j < n; j++) r[i * n + j] = packed[j * m + i]!;
  return r;
}

/** A = Q R for a row-major m × n matrix: Q of m × `columns`, R of `columns` × n, both row-major. */
export function qrFactors(a: Doubles, m: number, n: number, columns: number): { q: Doubles; r: Doubles } {
  const factors = householderQR(transposed(a, m, n), m, n);
  return {
    q: transposed(columnsOfQ(factors, 0, columns), columns, m),
    r: upperTriangle(factors, columns),
  };
}

/** `count` vectors of length m, orthonormal and orthogonal to the given `known` ones; all one after the other. */
export function complement(vectors: Doubles, known: number, m: number, count: number): Doubles {
  return columnsOfQ(householderQR(vectors.slice(0, known * m), m, known), known, known + count);
}
