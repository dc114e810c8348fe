/** @file Cholesky's factorisation and triangular systems. */

/** L of A = L Lᵀ, row-major; `info` as LAPACK's: 0, or the order of the first leading minor that is not positive. */
export interface Cholesky {
  readonly l: Float64Array;
  readonly info: number;
}

/**
 * Factors a row-major n × n matrix, whose lower triangle alone is read.
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithm 4.2.1.
 */
export function choleskyFactor(a: Float64Array, n: number): Cholesky {
  const l = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i > j) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
      else return { l, info: j + 1 };
    }
  }
  return { l, info: 0 };
}

export interface Triangle {
  readonly upper: boolean;
  /** Whether the diagonal is ones, whatever the matrix holds there. */
  readonly unitriangular: boolean;
}

/** X of T X = B for a row-major triangular n × n matrix T and n × m matrix B. */
export function triangularSolve(
  t: Float64Array,
  b: Float64Array,
  n: number,
  m: number,
  triangle: Triangle,
): Float64Array {
  const x = b.slice();
  substitute(t, x, n, m, triangle);
  return x;
}

/** The same in place, by substitution: row after row of X. */
export function substitute(
  t: Float64Array,
  x: Float64Array,
  n: number,
  m: number,
  { upper, unitriangular }: Triangle,
): void {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const row = i * m;
    for (let k = upper ? i + 1 : 0; k < (upper ? n : i); k++) {
      const factor = t[i * n + k]!;
      for (let j = 0; j < m; j++) x[row + j]! -= factor * x[k * m + j]!;
    }
    const pivot = unitriangular ? 1 : t[i * n + i]!;
    if (pivot !== 1) for (let j = row; j < row + m; j++) x[j]! /= pivot;
  }
}
