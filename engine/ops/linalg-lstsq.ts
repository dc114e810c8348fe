/**
 * @file Linear least squares, by singular values.
 *
 * Source of the derivative: G. H. Golub & V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
 * problems whose variables separate", SIAM J. Numer. Anal. 10 (1973), where the rank stays as it is.
 */

import { callMany, type MultiPrimitive } from "../autograd/primitive.ts";
import { cutoff, leastSquares, spectrum } from "../kernels/least-squares.ts";
import { zeros } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { empty, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { defaultTolerance, pinv } from "./linalg-pinv.ts";
import { matmul } from "./matmul.ts";
import { alignedBatches, batchOf, eachMatrix, isVector, matrix } from "./matrix-batch.ts";

/** When residuals are given; else they are an empty tensor, as in torch. */
type Residuals = "never" | "always" | "for full rank";

/** X, its squared residuals, the rank and the singular values of A. */
const lstsqOp: MultiPrimitive<[A: Tensor, B: Tensor], { rcond: number; residuals: Residuals }> = {
  name: "lstsq",
  forward([A, B], { rcond, residuals }) {
    const [m, n] = shapeOf(A).slice(-2) as [number, number];
    const k = B.size(-1);
    const results = [{ shape: [n, k] }, { shape: [], dtype: "int64" }, { shape: [Math.min(m, n)] }] as const;
    let fullRank = true;
    const [X, rank, S] = eachMatrix(batchOf(A), [A, B], results, (a, b) => {
      const factors = spectrum(a, m, n, false);
      if (factors === null) throw new RangeError("lstsq() expected finite numbers, got inf or NaN.");
      const tolerance = cutoff(factors.s, 0, rcond);
      const count = factors.s.filter(s => s > tolerance).length;
      fullRank &&= count === n;
      return [leastSquares(factors, b, n, k, tolerance), [count], factors.s];
    });
    const given = residuals === "always" || (residuals === "for full rank" && fullRank);
    const R = B.detach().sub(matmul(A.detach(), X!));
    return [X!, given ? R.square().sum(-2) : empty([0], A.dtype), rank!, S!];
  },
  vjp([gX, gResiduals], [A, B], [X, residuals], { rcond }) {
    const R = B.sub(matmul(A, X!));
    let gA: Tensor | null = null;
    let gB: Tensor | null = null;
    if (gX) {
      const P = pinv(A, { atol: 0, rtol: rcond });
      gB = matmul(P.mT, gX);
      const beside = gX.sub(matmul(P, matmul(A, gX)));
      gA = matmul(R, matmul(P, gB).mT)
        .sub(matmul(gB, X!.mT))
        .add(matmul(matmul(P.mT, X!), beside.mT));
    }
    if (gResiduals && residuals!.numel() > 0) {
      // R is orthogonal to A's columns, so X may be taken for a constant.
      const gR = R.mul(gResiduals.unsqueeze(-2)).mul(2);
      gB = gB === null ? gR : gB.add(gR);
      const moved = matmul(gR, X!.mT);
      gA = gA === null ? moved.neg() : gA.sub(moved);
    }
    return [gA, gB];
  },
  jvp([dA, dB], [A, B], [X, residuals], { rcond }) {
    const P = pinv(A, { atol: 0, rtol: rcond });
    const R = B.sub(matmul(A, X!));
    const moved = dA === null ? dB! : dB === null ? matmul(dA, X!).neg() : dB.sub(matmul(dA, X!));
    let dX = matmul(P, moved);
    if (dA !== null) {
      const across = matmul(dA.mT, matmul(P.mT, X!));
      dX = dX.add(matmul(P, matmul(P.mT, matmul(dA.mT, R))));
      dX = dX.add(across.sub(matmul(P, matmul(A, across))));
    }
    return [dX, residuals!.numel() > 0 ? R.mul(moved).sum(-2).mul(2) : null, null, null];
  },
};

/** LAPACK's: they differ in what they give beside the solution. All are the singular value decomposition here. */
type Driver = "gels" | "gelsy" | "gelsd" | "gelss";

export interface LeastSquares {
  solution: Tensor;
  /** ‖A X − B‖² for each column of B: for m > n, not for "gelsy", for "gelsd" and "gelss" where every A has rank n; else empty. */
  residuals: Tensor;
  /** int64; empty for "gels", which takes A to be of full rank. */
  rank: Tensor;
  /** For "gelsd" and "gelss"; else empty. */
  singularValues: Tensor;
}

interface Lstsq {
  (A: Tensor, B: Tensor, rcond?: number | null, options?: { driver?: Driver | null }): LeastSquares;
  (A: Tensor, B: Tensor, options: { rcond?: number | null; driver?: Driver | null }): LeastSquares;
}

/**
 * The X that makes ‖A X − B‖ least, and of those the one of least norm. A is (m, n); B (m, k) or (m,); batches are broadcast.
 * Singular values up to `rcond` times the largest count as 0; by default ε max(m, n).
 */
export const lstsq: Lstsq = keywords(
  "lstsq",
  ["A", "B", "rcond", "driver"],
  (A: Tensor, B: Tensor, rcond: number | null = null, driver: Driver | null = null): LeastSquares => {
    const by = driver ?? "gelsy";
    if (!["gels", "gelsy", "gelsd", "gelss"].includes(by)) {
      throw new TypeError(
        `lstsq() expected driver "gels", "gelsy", "gelsd" or "gelss", got ${String(driver)}.`,
      );
    }
    matrix("lstsq", A);
    const vector = isVector(A, checked("lstsq", B, true));
    const right = vector ? B.unsqueeze(-1) : B;
    if (right.ndim < 2 || right.size(-2) !== A.size(-2)) {
      throw new RangeError(
        `lstsq() expected B to have as many rows as A: A is ${formatShape(shapeOf(A))}, B is ${formatShape(shapeOf(B))}.`,
      );
    }
    const residuals: Residuals =
      A.size(-2) <= A.size(-1) || by === "gelsy" ? "never" : by === "gels" ? "always" : "for full rank";
    const [X, R, rank, S] = callMany(lstsqOp, alignedBatches(A, right) as [Tensor, Tensor], {
      rcond: rcond ?? defaultTolerance(A),
      residuals,
    }) as [Tensor, Tensor, Tensor, Tensor];
    const nothing = (dtype: Tensor["dtype"]): Tensor => zeros([0], { dtype });
    return {
      solution: vector ? X.squeeze(-1) : X,
      residuals: R,
      rank: by === "gels" ? nothing("int64") : rank,
      singularValues: by === "gelsd" || by === "gelss" ? S.detach() : nothing(X.dtype),
    };
  },
);
