/**
 * @file Gaussian elimination with partial pivoting.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithm 3.4.1; its backward stability:
 * Higham, Accuracy and Stability of Numerical Algorithms (2nd ed., 2002), theorem 9.3.
 */

import { identity, transposed } from "./dense.ts";
import { substitute } from "./triangular.ts";

type Doubles = Float64Array;

/** P A = L U: both factors in one m × n row-major array, L's unit diagonal left out. */
export interface LU {
  readonly n: number;
  readonly lu: Doubles;
  /** Row of A that became row i. */
  readonly permutation: Int32Array;
  /** LAPACK's: step k exchanged rows k and pivots[k] − 1. */
  readonly pivots: Int32Array;
  /** Determinant of P: 1 or −1. */
  readonly sign: number;
  /** LAPACK's: 0, or the number of the first pivot that is exactly 0. */
  readonly info: number;
}

/**
 * Factors a row-major m × n matrix, which is left as it is.
 * @param pivoting without it rows stay in place, which is not stable
 */
export function luDecompose(a: Doubles, n: number, m = n, pivoting = true): LU {
  const lu = a.slice();
  const permutation = Int32Array.from({ length: m }, (_, i) => i);
  const pivots = new Int32Array(Math.min(m, n));
  let sign = 1;
  let info = 0;
  for (let k = 0; k < pivots.length; k++) {
    let pivot = k;
    if (pivoting) {
      for (let i = k + 1; i < m; i++) if (Math.abs(lu[i * n + k]!) > Math.abs(lu[pivot * n + k]!)) pivot = i;
    }
    pivots[k] = pivot + 1;
    if (lu[pivot * n + k] === 0) {
      if (info === 0) info = k + 1;
      if (pivoting) continue;
    }
    if (pivot !== k) {
      for (let j = 0; j < n; j++) [lu[k * n + j], lu[pivot * n + j]] = [lu[pivot * n + j]!, lu[k * n + j]!];
      [permutation[k], permutation[pivot]] = [permutation[pivot]!, permutation[k]!];
      sign = -sign;
    }
    for (let i = k + 1; i < m; i++) {
      const factor = lu[i * n + k]! / lu[k * n + k]!;
      lu[i * n + k] = factor;
      for (let j = k + 1; j < n; j++) lu[i * n + j]! -= factor * lu[k * n + j]!;
    }
  }
  return { n, lu, permutation, pivots, sign, info };
}

/** X of A X = B for a row-major n × m matrix B. */
export function luSolve({ n, lu, permutation }: LU, b: Doubles, m: number): Doubles {
  const x = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) x[i * m + j] = b[permutation[i]! * m + j]!;
  }
  substitute(lu, x, n, m, { upper: false, unitriangular: true });
  substitute(lu, x, n, m, { upper: true, unitriangular: false });
  return x;
}

/** The determinant of a row-major n × n matrix. */
export function determinant(a: Doubles, n: number): number {
  const { lu, sign } = luDecompose(a, n);
  let det = sign;
  for (let i = 0; i < n; i++) det *= lu[i * n + i]!;
  return det;
}

/** The sign of the determinant, and log |det| without overflow. */
export function signedLogDeterminant(a: Doubles, n: number): { sign: number; logabsdet: number } {
  const { lu, sign } = luDecompose(a, n);
  let result = sign;
  let logabsdet = 0;
  for (let i = 0; i < n; i++) {
    const pivot = lu[i * n + i]!;
    result *= Math.sign(pivot);
    logabsdet += Math.log(Math.abs(pivot));
  }
  return { sign: result, logabsdet };
}

/**
 * For each entry the signed determinant of the matrix without its row and column: det A · A⁻ᵀ where A has an inverse.
 * One factorisation for both, so that the error of a small pivot cancels.
 * Source: G. W. Stewart, "On the adjugate matrix", Linear Algebra Appl. 283 (1998).
 */
export function cofactorMatrix(a: Doubles, n: number): Doubles {
  const lu = luDecompose(a, n);
  if (lu.info !== 0) return cofactorsOfSingular(a, n);
  let det = lu.sign;
  for (let i = 0; i < n; i++) det *= lu.lu[i * n + i]!;
  const inverse = luSolve(lu, identity(n), n);
  return transposed(
    inverse.map(x => x * det),
    n,
    n,
  );
}

function cofactorsOfSingular(a: Doubles, n: number): Doubles {
  const cofactors = new Float64Array(n * n);
  const minor = new Float64Array((n - 1) * (n - 1));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let k = 0;
      for (let r = 0; r < n; r++)
        for (let c = 0; c < n; c++) if (r !== i && c !== j) minor[k++] = a[r * n + c]!;
      cofactors[i * n + j] = ((i + j) % 2 === 0 ? 1 : -1) * determinant(minor, n - 1);
    }
  }
  return cofactors;
}
