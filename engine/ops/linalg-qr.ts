/**
 * @file QR factorisation by Householder's reflections.
 *
 * Source of the derivative: S. F. Walter & L. Lehmann, "Algorithmic differentiation of linear algebra functions with application
 * in optimum experimental design", arXiv:1001.1654 (2010); of wide matrices: D. A. O. Roberts & L. R. Roberts, "QR and LQ
 * decomposition matrix backpropagation algorithms for square, wide, and deep matrices", arXiv:2009.10071 (2020).
 */

import { callMany, type MultiPrimitive } from "../autograd/primitive.ts";
import { transposed } from "../kernels/dense.ts";
import { householderQR, qrFactors } from "../kernels/householder.ts";
import { eye, zeros } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { constantOf } from "./constant.ts";
import { cat } from "./joining.ts";
import { solveTriangular } from "./linalg-triangular.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, matrix } from "./matrix-batch.ts";

/** Q (m, c) and R (c, n): c = n, or m for the complete factorisation, which has no derivative where m > n. */
const qrOp: MultiPrimitive<[A: Tensor], { columns: number }> = {
  name: "qr",
  forward([A], { columns }) {
    const [m, n] = shapeOf(A).slice(-2) as [number, number];
    return eachMatrix(batchOf(A), [A], [{ shape: [m, columns] }, { shape: [columns, n] }], a => {
      const { q, r } = qrFactors(a, m, n, columns);
      return [q, r];
    });
  },
  // (gQ + Q S) R⁻ᵀ, S symmetric with the upper triangle of gR Rᵀ − Qᵀ gQ.
  vjp([gQ, gR], [A], [Q, R], { columns }) {
    refuseComplete(A, columns);
    const fromR = gR ? matmul(gR, R!.mT) : null;
    const fromQ = gQ ? matmul(Q!.mT, gQ).neg() : null;
    const M = (fromR && fromQ ? fromR.add(fromQ) : (fromR ?? fromQ)!).triu();
    const inner = matmul(Q!, M.add(M.triu(1).mT));
    return [solveTriangular(R!.mT, gQ ? inner.add(gQ) : inner, { upper: false, left: false })];
  },
  // With W = dA R⁻¹ and S = Qᵀ W: dR = (triu(S) + tril(S, −1)ᵀ) R, and dQ = W − Q dR R⁻¹.
  jvp([dA], [A], [Q, R], { columns }) {
    refuseComplete(A, columns);
    const W = solveTriangular(R!, dA!, { upper: true, left: false });
    const S = matmul(Q!.mT, W);
    const T = S.triu().add(S.tril(-1).mT);
    return [W.sub(matmul(Q!, T)), matmul(T, R!)];
  },
};

function refuseComplete(A: Tensor, columns: number): void {
  if (columns > A.size(-1)) {
    throw new Error(
      `qr() has no derivative in mode "complete" for more rows than columns, here ${formatShape(shapeOf(A))}: the last ` +
        'columns of Q are arbitrary. Use mode "reduced".',
    );
  }
}

type QrMode = "reduced" | "complete" | "r";

interface Qr {
  (A: Tensor, mode?: QrMode): { Q: Tensor; R: Tensor };
  (A: Tensor, options: { mode?: QrMode }): { Q: Tensor; R: Tensor };
}

/**
 * A = Q R: orthonormal columns and an upper triangle. "reduced" gives min(m, n) columns, "complete" m, "r" an empty Q. The signs of
 * R's diagonal are LAPACK's. Differentiable where the first min(m, n) columns are linearly independent.
 */
export const qr: Qr = keywords("qr", ["A", "mode"], (A: Tensor, mode: QrMode = "reduced") => {
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new TypeError(`qr() expected mode "reduced", "complete" or "r", got ${String(mode)}.`);
  }
  const [m, n] = shapeOf(matrix("qr", A)).slice(-2) as [number, number];
  // A wide matrix is its leading square block X = Q U, and the rest, R's part of which is Qᵀ times it.
  const leading = A.narrow(-1, 0, Math.min(m, n));
  const [Q, U] = callMany(qrOp, [leading], { columns: mode === "complete" ? m : Math.min(m, n) }) as [
    Tensor,
    Tensor,
  ];
  const R = m < n ? cat([U, matmul(Q.mT, A.narrow(-1, m, n - m))], -1) : U;
  return { Q: mode === "r" ? zeros([0], { dtype: A.dtype }) : Q, R };
});

/** Torch's older `torch.qr`: `some: false` for the complete factorisation. */
interface QrOfSome {
  (input: Tensor, some?: boolean): { Q: Tensor; R: Tensor };
  (input: Tensor, options: { some?: boolean }): { Q: Tensor; R: Tensor };
}

export const qrOfSome: QrOfSome = keywords("qr", ["input", "some"], (input: Tensor, some = true) =>
  qr(input, some ? "reduced" : "complete"),
);

const geqrfOp: MultiPrimitive<[A: Tensor]> = {
  name: "geqrf",
  forward([A]) {
    const [m, n] = shapeOf(A).slice(-2) as [number, number];
    return eachMatrix(batchOf(A), [A], [{ shape: [m, n] }, { shape: [Math.min(m, n)] }], a => {
      const { packed, tau } = householderQR(transposed(a, m, n), m, n);
      return [transposed(packed, n, m), tau];
    });
  },
  vjp: noGeqrfDerivative,
  jvp: noGeqrfDerivative,
};

function noGeqrfDerivative(): never {
  throw new Error("geqrf() has no derivative, as in torch. Use linalg.qr().");
}

/** The QR factorisation as LAPACK keeps it: R on and above the diagonal, reflectors below; {@link householderProduct} makes Q of them. */
export function geqrf(input: Tensor): { a: Tensor; tau: Tensor } {
  const [a, tau] = callMany(geqrfOp, [matrix("geqrf", input)], undefined);
  return { a: a!, tau: tau! };
}

interface HouseholderProduct {
  (A: Tensor, tau: Tensor): Tensor;
  (A: Tensor, options: { tau: Tensor }): Tensor;
}

/**
 * The first n columns of H₁ H₂ … Hₖ, Hᵢ = I − τᵢ vᵢ vᵢᵀ, where vᵢ is column i of A (m, n) below its diagonal, with 1 on it and 0
 * above. k ≤ n ≤ m.
 */
export const householderProduct: HouseholderProduct = keywords(
  "householderProduct",
  ["A", "tau"],
  (A: Tensor, tau: Tensor) => {
    const [m, n] = shapeOf(matrix("householderProduct", A)).slice(-2) as [number, number];
    const k = tau.ndim === 0 ? 0 : tau.size(-1);
    if (
      m < n ||
      n < k ||
      String(shapeOf(tau).slice(0, -1)) !== String(batchOf(A)) ||
      tau.ndim !== A.ndim - 1
    ) {
      throw new RangeError(
        "householderProduct() expected A of (…, m, n) with m ≥ n, and tau of (…, k) with k ≤ n: A is " +
          `${formatShape(shapeOf(A))}, tau is ${formatShape(shapeOf(tau))}.`,
      );
    }
    const start = eye(m, n, { dtype: A.dtype });
    const V = A.tril(-1).add(start);
    let Q = k === 0 ? constantOf(start.expand(shapeOf(A)), A, tau) : start.expand(shapeOf(A));
    for (let i = k - 1; i >= 0; i--) {
      const v = V.narrow(-1, i, 1);
      const scaled = v.mul(tau.narrow(-1, i, 1).unsqueeze(-1));
      Q = Q.sub(matmul(scaled, matmul(v.mT, Q)));
    }
    return Q;
  },
);

const methods = { qr: qrOfSome, geqrf, orgqr: householderProduct };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
