/**
 * @file Linear systems whose matrix is known by its product with a vector alone.
 *
 * Sources: Y. Saad, Iterative Methods for Sparse Linear Systems (2nd ed., 2003): conjugate gradients
 * (algorithm 6.18), GMRES (6.9), BiCGSTAB (7.7, after H. A. van der Vorst, 1992).
 */

import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

/** The product of the system's matrix with a tensor, of the same shape. */
export type LinearMap = (v: Tensor) => Tensor;

export interface KrylovOptions {
  /** Stop when the residual's norm is this small relative to the right side's. Default 1e-10. */
  tol?: number;
  /** Most products with the matrix; default 10 for each unknown, at least 100. */
  maxIterations?: number;
}

/** Solves `A(x) = b`. */
export type LinearSolver = (A: LinearMap, b: Tensor, options?: KrylovOptions) => Tensor;

const dot = (x: Tensor, y: Tensor): number => x.mul(y).sum().item();
const normOf = (x: Tensor): number => Math.sqrt(dot(x, x));

interface Limits {
  readonly tolerance: number;
  readonly most: number;
}

function limits(
  b: Tensor,
  { tol = 1e-10, maxIterations = Math.max(100, 10 * b.numel()) }: KrylovOptions,
): Limits {
  return { tolerance: tol * normOf(b), most: maxIterations };
}

function notConverged(name: string, residual: number, { tolerance, most }: Limits, b: Tensor): Error {
  return new Error(
    `${name} did not converge for a right side of shape ${formatShape(shapeOf(b))}: residual ${residual.toExponential(2)} after ` +
      `${most} products with the matrix, expected ${tolerance.toExponential(2)}. Raise maxIterations or tol, or use another solver.`,
  );
}

/** For a symmetric positive definite map. */
export const conjugateGradients: LinearSolver = (A, b, options = {}) => {
  const limit = limits(b, options);
  let x = b.mul(0);
  let r = b;
  let p = r;
  let rr = dot(r, r);
  for (let i = 0; !(Math.sqrt(rr) <= limit.tolerance); i++) {
    if (i === limit.most || Number.isNaN(rr))
      throw notConverged("Conjugate gradients", Math.sqrt(rr), limit, b);
    const Ap = A(p);
    const alpha = rr / dot(p, Ap);
    x = x.add(p.mul(alpha));
    r = r.sub(Ap.mul(alpha));
    const next = dot(r, r);
    p = r.add(p.mul(next / rr));
    rr = next;
  }
  return x;
};

/** For any invertible map; short recurrences, so that memory does not grow. */
export const bicgstab: LinearSolver = (A, b, options = {}) => {
  const limit = limits(b, options);
  let x = b.mul(0);
  let r = b;
  const shadow = b;
  let p = r;
  let rho = dot(shadow, r);
  for (let i = 0; !(normOf(r) <= limit.tolerance); i += 2) {
    if (i >= limit.most || rho === 0 || Number.isNaN(rho))
      throw notConverged("BiCGSTAB", normOf(r), limit, b);
    const Ap = A(p);
    const alpha = rho / dot(shadow, Ap);
    const s = r.sub(Ap.mul(alpha));
    const As = A(s);
    const squared = dot(As, As);
    const omega = squared === 0 ? 0 : dot(As, s) / squared;
    x = x.add(p.mul(alpha)).add(s.mul(omega));
    r = s.sub(As.mul(omega));
    const next = dot(shadow, r);
    const beta = omega === 0 ? 0 : (next / rho) * (alpha / omega);
    p = r.add(p.sub(Ap.mul(omega)).mul(beta));
    rho = next;
  }
  return x;
};

/** Arnoldi vectors kept before GMRES starts over. */
const RESTART = 50;

/** For any invertible map; the residual never grows. Restarted after 50 vectors. */
export const gmres: LinearSolver = (A, b, options = {}) => {
  const limit = limits(b, options);
  let x = b.mul(0);
  let used = 0;
  for (;;) {
    const r = used === 0 ? b : b.sub(A(x));
    const beta = normOf(r);
    if (beta <= limit.tolerance) return x;
    if (used >= limit.most || Number.isNaN(beta)) throw notConverged("GMRES", beta, limit, b);
    const { basis, coefficients } = arnoldi(A, r, beta, limit.tolerance, Math.min(RESTART, b.numel()));
    used += coefficients.length;
    coefficients.forEach((y, k) => {
      x = x.add(basis[k]!.mul(y));
    });
  }
};

/** Orthonormal vectors of the Krylov space of r, and the combination of them that makes the residual least. */
function arnoldi(
  A: LinearMap,
  r: Tensor,
  beta: number,
  tolerance: number,
  most: number,
): { basis: Tensor[]; coefficients: number[] } {
  const basis = [r.div(beta)];
  // The Hessenberg matrix, column by column, made triangular by Givens rotations as it grows.
  const columns: number[][] = [];
  const rotations: [cos: number, sin: number][] = [];
  const right = [beta];
  for (let k = 0; k < most; k++) {
    let w = A(basis[k]!);
    const column: number[] = [];
    for (const v of basis) {
      const h = dot(w, v);
      column.push(h);
      w = w.sub(v.mul(h));
    }
    const next = normOf(w);
    rotations.forEach(([cos, sin], i) => {
      const [a, c] = [column[i]!, column[i + 1]!];
      column[i] = cos * a + sin * c;
      column[i + 1] = cos * c - sin * a;
    });
    const radius = Math.hypot(column[k]!, next);
    const [cos, sin] = radius === 0 ? [1, 0] : [column[k]! / radius, next / radius];
    rotations.push([cos, sin]);
    column[k] = radius;
    columns.push(column);
    right.push(-sin * right[k]!);
    right[k]! *= cos;
    if (Math.abs(right[k + 1]!) <= tolerance || next === 0) break;
    basis.push(w.div(next));
  }
  const coefficients = new Array<number>(columns.length).fill(0);
  for (let i = columns.length - 1; i >= 0; i--) {
    let sum = right[i]!;
    for (let j = i + 1; j < columns.length; j++) sum -= columns[j]![i]! * coefficients[j]!;
    coefficients[i] = sum / columns[i]![i]!;
  }
  return { basis, coefficients };
}
