/**
 * @file The pseudoinverse, and the rank: what singular values above a tolerance decide.
 *
 * Source of the derivative: G. H. Golub & V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
 * problems whose variables separate", SIAM J. Numer. Anal. 10 (1973), where the rank stays as it is.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { identity } from "../kernels/dense.ts";
import { cutoff, leastSquares, spectrum } from "../kernels/least-squares.ts";
import { full } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { eigvalsh } from "./linalg-eigh.ts";
import { svdvals } from "./linalg-svd.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, matrix, overBatch, square } from "./matrix-batch.ts";

const pinvOp: Primitive<[A: Tensor, atol: Tensor, rtol: Tensor], { hermitian: boolean }> = {
  name: "pinv",
  forward([A, atol, rtol], { hermitian }) {
    const [m, n] = shapeOf(A).slice(-2) as [number, number];
    const unit = identity(m);
    const [P] = eachMatrix(batchOf(A), [A, atol, rtol], [{ shape: [n, m] }], (a, absolute, relative) => {
      const factors = spectrum(a, m, n, hermitian);
      if (factors === null) throw new RangeError("pinv() expected finite numbers, got inf or NaN.");
      return [leastSquares(factors, unit, n, m, cutoff(factors.s, absolute[0]!, relative[0]!))];
    });
    return P!;
  },
  // The transpose of the derivative below, term by term.
  vjp: (g, [A], P) => {
    const first = matmul(matmul(P.mT, g), P.mT).neg();
    const second = matmul(matmul(g.mT, P), P.mT);
    const third = matmul(P.mT, matmul(P, g.mT));
    const gA = first
      .add(second.sub(matmul(A, matmul(P, second))))
      .add(third.sub(matmul(matmul(third, P), A)));
    return [gA, null, null];
  },
  // dP = −P dA P + P Pᵀ dAᵀ (I − A P) + (I − P A) dAᵀ Pᵀ P
  jvp: ([dA], [A], P) => {
    const first = matmul(matmul(P, dA!), P).neg();
    const second = matmul(P, matmul(P.mT, dA!.mT));
    const third = matmul(matmul(dA!.mT, P.mT), P);
    return first.add(second.sub(matmul(matmul(second, A), P))).add(third.sub(matmul(P, matmul(A, third))));
  },
  batch: overBatch(() => pinvOp),
};

/** A number, or one for each matrix of the batch. */
type Tolerance = number | Tensor | null;

/** What counts as 0: singular values up to max(atol, rtol · the largest). */
export interface RankOptions {
  atol?: Tolerance;
  /** By default ε times the larger extent, and 0 where atol is more than 0. */
  rtol?: Tolerance;
  /** Whether A is symmetric: eigenvalues are quicker. Only the lower triangle is read then. */
  hermitian?: boolean;
}

/** atol and rtol for each matrix of a batch. */
function tolerances(A: Tensor, atol: Tolerance, rtol: Tolerance): [atol: Tensor, rtol: Tensor] {
  const batch = batchOf(A);
  const each = (part: number | Tensor): Tensor =>
    (isTensor(part) ? part.detach() : full([], part)).to("float64").expand(batch);
  const absolute = each(atol ?? 0);
  return [absolute, each(rtol ?? where(absolute.gt(0), 0, defaultTolerance(A)))];
}

/** Of what the dtype resolves: singular values are known up to about as much of the largest. */
export function defaultTolerance(A: Tensor): number {
  return (A.dtype === "float32" ? 2 ** -23 : 2 ** -52) * Math.max(A.size(-2), A.size(-1));
}

/** The one tolerance of torch's older spellings, where it was given and no newer one beside it. */
function older(name: string, given: Tolerance, atol: Tolerance, rtol: Tolerance): boolean {
  if (given === null) return false;
  if (atol === null && rtol === null) return true;
  throw new TypeError(`${name}() takes either one tolerance or atol and rtol, got both.`);
}

interface Pinv {
  (A: Tensor, rcond?: Tolerance | RankOptions, hermitian?: boolean): Tensor;
  (A: Tensor, options: RankOptions & { rcond?: Tolerance }): Tensor;
}

/**
 * The Moore–Penrose pseudoinverse V Σ⁺ Uᵀ (n, m) of A = U Σ Vᵀ (m, n). Its gradient takes the rank for constant. `rcond` is
 * torch's older name for rtol.
 */
export const pinv: Pinv = keywords(
  "pinv",
  ["A", "rcond", "hermitian", "atol", "rtol"],
  (
    A: Tensor,
    rcond: Tolerance = null,
    hermitian = false,
    atol: Tolerance = null,
    rtol: Tolerance = null,
  ): Tensor => {
    if (older("pinv", rcond, atol, rtol)) return pinv(A, { atol: 0, rtol: rcond, hermitian });
    (hermitian ? square : matrix)("pinv", A);
    return call(pinvOp, [A, ...tolerances(A, atol, rtol)], { hermitian });
  },
);

interface MatrixRank {
  (A: Tensor, tol?: Tolerance | RankOptions, hermitian?: boolean): Tensor;
  (A: Tensor, options: RankOptions & { tol?: Tolerance }): Tensor;
}

/** How many singular values are more than 0, as int64. `tol` is torch's older name for atol, with no rtol. */
export const matrixRank: MatrixRank = keywords(
  "matrixRank",
  ["A", "tol", "hermitian", "atol", "rtol"],
  (
    A: Tensor,
    tol: Tolerance = null,
    hermitian = false,
    atol: Tolerance = null,
    rtol: Tolerance = null,
  ): Tensor => {
    if (older("matrixRank", tol, atol, rtol)) return matrixRank(A, { atol: tol, rtol: 0, hermitian });
    (hermitian ? square : matrix)("matrixRank", A);
    const S = hermitian ? eigvalsh(A.detach()).abs() : svdvals(A.detach());
    if (S.size(-1) === 0) return S.sum(-1).to("int64");
    const [absolute, relative] = tolerances(A, atol, rtol);
    return S.gt(absolute.maximum(relative.mul(S.amax(-1))).unsqueeze(-1)).sum(-1);
  },
);

interface Pinverse {
  (input: Tensor, rcond?: number): Tensor;
  (input: Tensor, options: { rcond?: number }): Tensor;
}

/** Torch's older `torch.pinverse`. */
export const pinverse: Pinverse = keywords("pinverse", ["input", "rcond"], (input: Tensor, rcond = 1e-15) =>
  pinv(input, { rtol: rcond }),
);

const methods = { pinverse };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
