/**
 * @file Singular value decomposition by one-sided Jacobi rotations, after a QR factorisation with column pivoting.
 *
 * Source: Z. Drmač & K. Veselić, "New fast and accurate Jacobi SVD algorithm I, II", SIAM J. Matrix Anal. Appl. 29 (2008);
 * rotations: H. Rutishauser, "The Jacobi method for real symmetric matrices", Numer. Math. 9 (1966). Backward stable, and
 * small singular values of a badly scaled matrix come out with the accuracy that scaling its columns would give them.
 */

import { largestEntry, rotateRows, transposed } from "./dense.ts";
import { columnsOfQ, complement, householderQR, upperTriangle } from "./householder.ts";
import { euclideanNorm } from "./reduction.ts";

type Doubles = Float64Array;

/** A = U Σ Vᵀ; all matrices are row-major, `s` falls. */
export interface Svd {
  readonly u: Doubles;
  readonly s: Doubles;
  readonly vt: Doubles;
}

/** Vectors of U and V one after the other, and their singular values, falling. */
interface Triplets {
  readonly left: Doubles;
  readonly values: Doubles;
  readonly right: Doubles;
}

/** Sweeps converge quadratically; ten are many. */
const MOST_SWEEPS = 60;
/** Relative to the largest entry: squares of what is smaller are lost. It counts as zero. */
const TINY = 1e-140;

/**
 * Decomposes a row-major m × n matrix.
 * @param full whether U is m × m and V n × n; else both have min(m, n) columns
 * @returns null where the matrix is not finite
 */
export function svdDecompose(a: Doubles, m: number, n: number, full = false): Svd | null {
  const scale = largestEntry(a);
  if (!Number.isFinite(scale)) return null;
  const k = Math.min(m, n);
  if (scale === 0) return { u: corner(m, full ? m : k), s: new Float64Array(k), vt: corner(full ? n : k, n) };
  const tall = (m >= n ? transposed(a, m, n) : a.slice()).map(x => x / scale);
  const { left, values, right } = m >= n ? triplets(tall, m, n) : swapped(triplets(tall, n, m));
  const extended = (vectors: Doubles, length: number): Doubles =>
    full && length > k ? joined(vectors, complement(vectors, k, length, length - k)) : vectors;
  const u = extended(left, m);
  return {
    u: transposed(u, m === 0 ? 0 : u.length / m, m),
    s: values.map(s => s * scale),
    vt: extended(right, n),
  };
}

/** The first rows and columns of an identity. */
function corner(rows: number, columns: number): Doubles {
  const e = new Float64Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) e[i * (columns + 1)] = 1;
  return e;
}

const swapped = ({ left, values, right }: Triplets): Triplets => ({ left: right, values, right: left });

function joined(a: Doubles, b: Doubles): Doubles {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/**
 * For m ≥ n and an m × n matrix A given by its transpose, which is overwritten: A P = Q R; rotating the rows of R until they
 * are orthogonal gives G R = Σ Xᵀ, so A = (Q Gᵀ) Σ (P X)ᵀ.
 */
function triplets(at: Doubles, m: number, n: number): Triplets {
  const factors = householderQR(at, m, n, true);
  const rows = upperTriangle(factors, n);
  const rotated = columnsOfQ(factors, 0, n);
  orthogonalize(rows, rotated, m, n);

  const norms = Float64Array.from({ length: n }, (_, i) => {
    const norm = euclideanNorm(rows, i * n, n);
    return norm > TINY ? norm : 0;
  });
  const falling = Array.from(norms.keys()).sort((i, j) => norms[j]! - norms[i]!);
  const left = new Float64Array(n * m);
  const right = new Float64Array(n * n);
  falling.forEach((from, to) => {
    left.set(rotated.subarray(from * m, (from + 1) * m), to * m);
    if (norms[from] === 0) return;
    for (let j = 0; j < n; j++) right[to * n + factors.order[j]!] = rows[from * n + j]! / norms[from]!;
  });
  const values = Float64Array.from(falling, i => norms[i]!);
  const rank = values.filter(s => s > 0).length;
  if (rank < n) right.set(complement(right, rank, n, n - rank), rank * n);
  return { left, values, right };
}

/** Rotates pairs of rows of an n × n matrix, and of `along` (n × m) with them, until all are orthogonal to working accuracy. */
function orthogonalize(rows: Doubles, along: Doubles, m: number, n: number): void {
  const tolerance = n * Number.EPSILON;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let turned = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const [pp, qq, pq] = [dot(rows, n, p, p), dot(rows, n, q, q), dot(rows, n, p, q)];
        if (pp <= TINY ** 2 || qq <= TINY ** 2) continue;
        if (Math.abs(pq) <= tolerance * Math.sqrt(pp) * Math.sqrt(qq)) continue;
        turned = true;
        // tan of the smaller angle that makes the rows orthogonal.
        const zeta = (qq - pp) / (2 * pq);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        rotateRows(rows, n, p, q, c, -c * t);
        rotateRows(along, m, p, q, c, -c * t);
      }
    }
    if (!turned) return;
  }
}

function dot(a: Doubles, n: number, p: number, q: number): number {
  let sum = 0;
  for (let i = p * n, j = q * n; i < (p + 1) * n; i++, j++) sum += a[i]! * a[j]!;
  return sum;
}
