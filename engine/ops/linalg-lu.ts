/**
 * @file LU factorisation with partial pivoting, A = P L U, of square, wide and tall matrices.
 *
 * Source of the derivative: F. de Hoog, R. Anderssen & M. Lukas, "Differentiation of matrix functionals using triangular
 * factorization", Math. Comp. 80 (2011). The permutation is constant wherever there is a derivative.
 */

import { call, callMany, type MultiPrimitive, type Primitive } from "../autograd/primitive.ts";
import { luDecompose } from "../kernels/lu.ts";
import { eye, zeros } from "../tensor/creation.ts";
import type { DType } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { cat } from "./joining.ts";
import { solveTriangular } from "./linalg-triangular.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, matrix, overBatch, square } from "./matrix-batch.ts";

/** Both factors in one matrix, L's unit diagonal left out; the pivots; and LAPACK's info. */
const luOp: MultiPrimitive<[A: Tensor], { pivot: boolean; check: boolean }> = {
  name: "luFactor",
  forward([A], { pivot, check }) {
    const [m, n] = shapeOf(A).slice(-2) as [number, number];
    const results = [
      { shape: [m, n] },
      { shape: [Math.min(m, n)], dtype: "int32" },
      { shape: [], dtype: "int32" },
    ] as const;
    return eachMatrix(batchOf(A), [A], results, a => {
      const { lu, pivots, info } = luDecompose(a, n, m, pivot);
      if (check && info !== 0)
        throw new RangeError(`luFactorEx(): the matrix is singular (pivot ${info} is 0).`);
      return [lu, pivots, [info]];
    });
  },
  // B = Pᵀ A. The leading block gets L⁻ᵀ (tril(Lᵀ gL, −1) + triu(gU Uᵀ)) U⁻ᵀ. What is right of it in U is L⁻¹ B, what is below
  // it in L is B U⁻¹; their gradients go through these solves, to B and on to L and to U.
  vjp([g], _inputs, [LU, pivots]) {
    if (!g) return [null];
    const f = parts(LU!);
    const gRight = f.throughLT(f.right(g));
    const gBelow = f.throughUT(f.below(g));
    const lower = matmul(f.L.mT, f.leading(g).tril(-1)).sub(matmul(f.right(g), f.right(LU!).mT));
    const upper = matmul(f.leading(g).triu(), f.U.mT).sub(matmul(f.below(LU!).mT, f.below(g)));
    const gLeading = f.throughLT(f.throughUT(lower.tril(-1).add(upper.triu())));
    return [matmul(permutation(pivots!, LU!), f.joined(gLeading, gRight, gBelow))];
  },
  // X = L⁻¹ dB U⁻¹ in the leading block, and dL = L tril(X, −1), dU = triu(X) U.
  jvp([dA], _inputs, [LU, pivots]) {
    const f = parts(LU!);
    const dB = matmul(permutation(pivots!, LU!).mT, dA!);
    const X = f.throughU(f.throughL(f.leading(dB)));
    const [dL, dU] = [matmul(f.L, X.tril(-1)), matmul(X.triu(), f.U)];
    const dRight = f.throughL(f.right(dB).sub(matmul(dL, f.right(LU!))));
    const dBelow = f.throughU(f.below(dB).sub(matmul(f.below(LU!), dU)));
    return [f.joined(dL.add(dU), dRight, dBelow), null, null];
  },
};

/**
 * A matrix of LU's shape has a leading square block, and columns right of it or rows below it (or neither). L and U are the
 * leading blocks of the factors; `throughL(B)` is L⁻¹ B, `throughU(B)` is B U⁻¹, and T stands for the transpose.
 */
function parts(LU: Tensor) {
  const [m, n] = shapeOf(LU).slice(-2) as [number, number];
  const k = Math.min(m, n);
  const leading = (X: Tensor): Tensor => X.narrow(-2, 0, k).narrow(-1, 0, k);
  const packed = leading(LU);
  const unit = { unitriangular: true };
  return {
    L: packed.tril(-1).add(eye(k, { dtype: LU.dtype })),
    U: packed.triu(),
    leading,
    right: (X: Tensor): Tensor => X.narrow(-2, 0, k).narrow(-1, k, n - k),
    below: (X: Tensor): Tensor => X.narrow(-2, k, m - k).narrow(-1, 0, k),
    joined: (X: Tensor, right: Tensor, below: Tensor): Tensor =>
      m === n ? X : cat([X, n > m ? right : below], n > m ? -1 : -2),
    throughL: (B: Tensor): Tensor => solveTriangular(packed, B, { upper: false, ...unit }),
    throughLT: (B: Tensor): Tensor => solveTriangular(packed.mT, B, { upper: true, ...unit }),
    throughU: (B: Tensor): Tensor => solveTriangular(packed, B, { upper: true, left: false }),
    throughUT: (B: Tensor): Tensor => solveTriangular(packed.mT, B, { upper: false, left: false }),
  };
}

const permutationOp: Primitive<[pivots: Tensor], { m: number; dtype: DType }> = {
  name: "permutation",
  forward([pivots], { m, dtype }) {
    const [P] = eachMatrix(shapeOf(pivots).slice(0, -1), [pivots], [{ shape: [m, m], dtype }], steps => {
      const rows = Array.from({ length: m }, (_, i) => i);
      steps.forEach((step, i) => {
        const j = checkedPivot(step, m);
        [rows[i], rows[j]] = [rows[j]!, rows[i]!];
      });
      const p = new Float64Array(m * m);
      rows.forEach((from, to) => {
        p[from * m + to] = 1;
      });
      return [p];
    });
    return P!;
  },
  vjp: [],
  jvp: "linear",
  batch: overBatch(() => permutationOp),
};

function checkedPivot(step: number, m: number): number {
  if (Number.isInteger(step) && step >= 1 && step <= m) return step - 1;
  throw new RangeError(
    `Expected pivots from 1 to ${m}, the number of rows, as luFactor() gives them; got ${step}.`,
  );
}

/** P of A = P L U. */
function permutation(pivots: Tensor, LU: Tensor): Tensor {
  return call(permutationOp, [pivots], { m: LU.size(-2), dtype: LU.dtype });
}

type LuFactor = (A: Tensor, options?: { pivot?: boolean }) => { LU: Tensor; pivots: Tensor };

/**
 * The factors of A = P L U in one matrix, without L's diagonal of ones; and `pivots`: step i exchanged rows i and pivots[i] − 1.
 * With `pivot: false` rows stay where they are, which is not stable.
 */
export const luFactor: LuFactor = keywords("luFactor", ["A", "pivot"], (A: Tensor, pivot = true) => {
  const [LU, pivots] = callMany(luOp, [matrix("luFactor", A)], { pivot, check: false });
  return { LU: LU!, pivots: pivots! };
});

type LuFactorEx = (
  A: Tensor,
  options?: { pivot?: boolean; checkErrors?: boolean },
) => { LU: Tensor; pivots: Tensor; info: Tensor };

/** {@link luFactor}, with `info`: 0, or the number of the first zero pivot of a singular matrix. */
export const luFactorEx: LuFactorEx = keywords(
  "luFactorEx",
  ["A", "pivot", "checkErrors"],
  (A: Tensor, pivot = true, checkErrors = false) => {
    const [LU, pivots, info] = callMany(luOp, [matrix("luFactorEx", A)], { pivot, check: checkErrors });
    return { LU: LU!, pivots: pivots!, info: info! };
  },
);

/** P, L, U of A = P L U. */
export interface PLU {
  P: Tensor;
  L: Tensor;
  U: Tensor;
}

type LuFunction = (A: Tensor, options?: { pivot?: boolean }) => PLU;

/** A = P L U: a permutation, a lower triangle with unit diagonal (m, k), an upper one (k, n). P is empty for `pivot: false`. */
export const lu: LuFunction = keywords("lu", ["A", "pivot"], (A: Tensor, pivot = true) => {
  const { LU, pivots } = luFactor(A, { pivot });
  return luUnpack(LU, pivots, true, pivot);
});

interface LuUnpack {
  (LUData: Tensor, LUPivots: Tensor, unpackData?: boolean, unpackPivots?: boolean): PLU;
  (LUData: Tensor, LUPivots: Tensor, options: { unpackData?: boolean; unpackPivots?: boolean }): PLU;
}

/** What {@link luFactor} gives, taken apart. What is not asked for comes as an empty tensor. */
export const luUnpack: LuUnpack = keywords(
  "luUnpack",
  ["LUData", "LUPivots", "unpackData", "unpackPivots"],
  (LUData: Tensor, LUPivots: Tensor, unpackData = true, unpackPivots = true): PLU => {
    const [m, n] = shapeOf(matrix("luUnpack", LUData)).slice(-2) as [number, number];
    const k = Math.min(m, n);
    const nothing = (): Tensor => zeros([0], { dtype: LUData.dtype });
    return {
      P: unpackPivots ? permutation(checkedPivots("luUnpack", LUPivots, LUData), LUData) : nothing(),
      L: unpackData
        ? LUData.narrow(-1, 0, k)
            .tril(-1)
            .add(eye(m, k, { dtype: LUData.dtype }))
        : nothing(),
      U: unpackData ? LUData.narrow(-2, 0, k).triu() : nothing(),
    };
  },
);

/** @throws where these are not the pivots of a factorisation of this shape */
function checkedPivots(name: string, pivots: Tensor, LU: Tensor): Tensor {
  const expected = [...batchOf(LU), Math.min(LU.size(-2), LU.size(-1))];
  if (pivots.dtype === "int32" && String(shapeOf(pivots)) === String(expected)) return pivots;
  throw new RangeError(
    `${name}() expected int32 pivots of shape ${formatShape(expected)} for factors of ${formatShape(shapeOf(LU))}, got ` +
      `${pivots.dtype} ${formatShape(shapeOf(pivots))}.`,
  );
}

type LuSolve = (
  LU: Tensor,
  pivots: Tensor,
  B: Tensor,
  options?: { left?: boolean; adjoint?: boolean },
) => Tensor;

/** X of A X = B, of X A = B for `left: false`, and with Aᵀ for A with `adjoint`, from what {@link luFactor} made of a square A. */
export const luSolve: LuSolve = keywords(
  "luSolve",
  ["LU", "pivots", "B", "left", "adjoint"],
  (LU: Tensor, pivots: Tensor, B: Tensor, left = true, adjoint = false): Tensor => {
    const P = permutation(checkedPivots("luSolve", pivots, square("luSolve", LU)), LU);
    if (!left) return luSolve(LU, pivots, B.mT, { adjoint: !adjoint }).mT;
    const unit = { unitriangular: true };
    if (adjoint) {
      const half = solveTriangular(LU.mT, matrix("luSolve", B), { upper: false });
      return matmul(P, solveTriangular(LU.mT, half, { upper: true, ...unit }));
    }
    const half = solveTriangular(LU, matmul(P.mT, matrix("luSolve", B)), { upper: false, ...unit });
    return solveTriangular(LU, half, { upper: true });
  },
);

const methods = {
  /** Torch's older order of arguments: the right-hand side first. */
  luSolve: (b: Tensor, LUData: Tensor, LUPivots: Tensor): Tensor => luSolve(LUData, LUPivots, b),
};
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
