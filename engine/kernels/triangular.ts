/** @file Cholesky's factorisation and triangular systems. */

/**
 * L of A = L Lᵀ for a row-major n × n matrix, whose lower triangle alone is read.
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithm 4.2.1.
 * @returns null where A is not positive definite
 */
export function choleskyFactor(a: Float64Array, n: number): Float64Array | null {
  const l = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i > j) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
      else return null;
    }
  }
  return l;
}

/** X of T X = B for a row-major triangular n × n matrix T and n × m matrix B, by substitution. */
export function triangularSolve(
  t: Float64Array,
  b: Float64Array,
  n: number,
  m: number,
  { upper, unitriangular }: { upper: boolean; unitriangular: boolean },
): Float64Array {
  const x = new Float64Array(n * m);
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    for (let j = 0; j < m; j++) {
      let sum = b[i * m + j]!;
      for (let k = upper ? i + 1 : 0; k < (upper ? n : i); k++) sum -= t[i * n + k]! * x[k * m + j]!;
      x[i * m + j] = unitriangular ? sum : sum / t[i * n + i]!;
    }
  }
  return x;
}
