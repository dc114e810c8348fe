/**
 * @file Gaussian elimination with partial pivoting.
 *
 * Source: Golub & Van Loan, Matrix Computations (4th ed., 2013), algorithm 3.4.1; its backward stability:
 * Higham, Accuracy and Stability of Numerical Algorithms (2nd ed., 2002), theorem 9.3.
 */

type Doubles = Float64Array;

/** P A = L U: both triangles in one n × n row-major array, L's unit diagonal left out. */
export interface LU {
  readonly n: number;
  readonly lu: Doubles;
  /** Row of A that became row i. */
  readonly permutation: Int32Array;
  /** Determinant of P: 1 or −1. */
  readonly sign: number;
  /** Whether a pivot was exactly 0. */
  readonly singular: boolean;
}

/** Factors a row-major n × n matrix, which is left as it is. */
export function luDecompose(a: Doubles, n: number): LU {
  const lu = a.slice();
  const permutation = Int32Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  let singular = false;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(lu[i * n + k]!) > Math.abs(lu[pivot * n + k]!)) pivot = i;
    if (lu[pivot * n + k] === 0) {
      singular = true;
      continue;
    }
    if (pivot !== k) {
      for (let j = 0; j < n; j++) [lu[k * n + j], lu[pivot * n + j]] = [lu[pivot * n + j]!, lu[k * n + j]!];
      [permutation[k], permutation[pivot]] = [permutation[pivot]!, permutation[k]!];
      sign = -sign;
    }
    for (let i = k + 1; i < n; i++) {
      const factor = lu[i * n + k]! / lu[k * n + k]!;
      lu[i * n + k] = factor;
      for (let j = k + 1; j < n; j++) lu[i * n + j]! -= factor * lu[k * n + j]!;
    }
  }
  return { n, lu, permutation, sign, singular };
}

/** X of A X = B for a row-major n × m matrix B. */
export function luSolve({ n, lu, permutation }: LU, b: Doubles, m: number): Doubles {
  const x = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = b[permutation[i]! * m + j]!;
      for (let k = 0; k < i; k++) sum -= lu[i * n + k]! * x[k * m + j]!;
      x[i * m + j] = sum;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < m; j++) {
      let sum = x[i * m + j]!;
      for (let k = i + 1; k < n; k++) sum -= lu[i * n + k]! * x[k * m + j]!;
      x[i * m + j] = sum / lu[i * n + i]!;
    }
  }
  return x;
}

/** The determinant of a row-major n × n matrix. */
export function determinant(a: Doubles, n: number): number {
  const { lu, sign } = luDecompose(a, n);
  let det = sign;
  for (let i = 0; i < n; i++) det *= lu[i * n + i]!;
  return det;
}

/** For each entry the signed determinant of the matrix without its row and column: det A · A⁻ᵀ where A has an inverse. */
export function cofactorMatrix(a: Doubles, n: number): Doubles {
  const lu = luDecompose(a, n);
  const cofactors = new Float64Array(n * n);
  if (!lu.singular) {
    const identity = new Float64Array(n * n);
    for (let i = 0; i < n; i++) identity[i * (n + 1)] = determinant(a, n);
    const adjugate = luSolve(lu, identity, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) cofactors[i * n + j] = adjugate[j * n + i]!;
    return cofactors;
  }
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
