/** @file Norms of matrices, and the condition number. */

import type { DType } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, wrapDim } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked } from "./elementwise.ts";
import { invEx } from "./linalg-solve.ts";
import { svdvals } from "./linalg-svd.ts";
import { matrix, square } from "./matrix-batch.ts";
import { inDtype, vectorNorm } from "./vector-norm.ts";

/** Of Frobenius, the sum of the singular values, the largest (2) or smallest (−2), or that of column (±1) or row (±∞) sums. */
export type MatrixOrd = "fro" | "nuc" | 1 | -1 | 2 | -2 | number;

export interface MatrixNorm {
  (
    A: Tensor,
    ord?: MatrixOrd,
    dim?: readonly number[],
    keepdim?: boolean,
    options?: { dtype?: DType | null },
  ): Tensor;
  (
    A: Tensor,
    options: { ord?: MatrixOrd; dim?: readonly number[]; keepdim?: boolean; dtype?: DType | null },
  ): Tensor;
}

/**
 * The norm of the matrix that the two dimensions of `dim` make, for each of a batch: "fro" √Σ aᵢⱼ², "nuc" Σ σᵢ, 2 the largest σ,
 * −2 the smallest, 1 and −1 the largest and smallest sum of a column's |aᵢⱼ|, ∞ and −∞ of a row's. Equal extremes share the gradient.
 */
export const matrixNorm: MatrixNorm = keywords(
  "matrixNorm",
  ["A", "ord", "dim", "keepdim", "dtype"],
  (
    A: Tensor,
    ord: MatrixOrd = "fro",
    dim: readonly number[] = [-2, -1],
    keepdim = false,
    dtype: DType | null = null,
  ) => {
    const input = matrix("matrixNorm", inDtype("matrixNorm", A, dtype));
    const [rows, columns] = dim.map(d => wrapDim(d, input.ndim));
    if (dim.length !== 2 || rows === columns) {
      throw new RangeError(`matrixNorm() expected two different dimensions, got dim = [${dim.join(", ")}].`);
    }
    return normOfMatrix(input, ord, rows!, columns!, keepdim);
  },
);

function normOfMatrix(A: Tensor, ord: MatrixOrd, rows: number, columns: number, keepdim: boolean): Tensor {
  if (ord === "fro") return vectorNorm(A, 2, [rows, columns], keepdim);
  const drop = (y: Tensor): Tensor => (keepdim ? y : y.squeeze([rows, columns]));
  if (ord === "nuc" || ord === 2 || ord === -2) {
    const S = singularValues(A, rows, columns);
    return drop(ord === "nuc" ? S.sum(rows, true) : ord === 2 ? S.amax(rows, true) : S.amin(rows, true));
  }
  if (ord === 1 || ord === -1 || ord === Infinity || ord === -Infinity) {
    const [along, over] = Math.abs(ord) === 1 ? [rows, columns] : [columns, rows];
    const sums = A.abs().sum(along, true);
    return drop(ord > 0 ? sums.amax(over, true) : sums.amin(over, true));
  }
  throw new TypeError(`Expected ord "fro", "nuc", ±1, ±2 or ±Infinity for a matrix, got ${String(ord)}.`);
}

/** In the place of dimension `rows`; dimension `columns` has size 1. */
function singularValues(A: Tensor, rows: number, columns: number): Tensor {
  const rest = shapeOf(A).flatMap((_, d) => (d === rows || d === columns ? [] : [d]));
  const S = svdvals(A.permute([...rest, rows, columns])).unsqueeze(-1);
  const order = [...rest, rows, columns];
  return S.permute(order.map((_, d) => order.indexOf(d)));
}

export interface Norm {
  (
    A: Tensor,
    ord?: MatrixOrd | null,
    dim?: number | readonly number[] | null,
    keepdim?: boolean,
    options?: { dtype?: DType | null },
  ): Tensor;
  (
    A: Tensor,
    options: {
      ord?: MatrixOrd | null;
      dim?: number | readonly number[] | null;
      keepdim?: boolean;
      dtype?: DType | null;
    },
  ): Tensor;
}

/**
 * {@link vectorNorm} for one dimension or a vector, {@link matrixNorm} for two or a matrix. Without `ord` the Euclidean norm of all
 * elements, or over `dim`.
 */
export const norm: Norm = keywords(
  "norm",
  ["A", "ord", "dim", "keepdim", "dtype"],
  (
    A: Tensor,
    ord: MatrixOrd | null = null,
    dim: number | readonly number[] | null = null,
    keepdim = false,
    dtype: DType | null = null,
  ) => {
    if (ord === null) return vectorNorm(A, 2, dim, keepdim, { dtype });
    const dims = dim === null ? shapeOf(checked("norm", A, true)).map((_, d) => d) : [dim].flat();
    if (dims.length > 2 || (dim === null && dims.length === 0)) {
      throw new RangeError(
        `norm() with ord expected one or two dimensions, got ${dim === null ? formatShape(shapeOf(A)) : `dim = [${dims}]`}. ` +
          "Name them by dim, or use vectorNorm().",
      );
    }
    if (dims.length === 2) return matrixNorm(A, ord, dims, keepdim, { dtype });
    if (typeof ord === "string") {
      throw new TypeError(`norm() expected a number for the ord of a vector, got "${ord}".`);
    }
    return vectorNorm(A, ord, dims, keepdim, { dtype });
  },
);

interface Cond {
  (A: Tensor, p?: MatrixOrd | null): Tensor;
  (A: Tensor, options: { p?: MatrixOrd | null }): Tensor;
}

/**
 * The condition number: σ₁ / σₖ for p = null or 2, its inverse for −2 (of any matrix); ‖A‖ ‖A⁻¹‖ in another norm (of a square one).
 * ∞ for a singular matrix.
 */
export const cond: Cond = keywords("cond", ["A", "p"], (A: Tensor, p: MatrixOrd | null = null) => {
  matrix("cond", A);
  if (A.size(-2) === 0 || A.size(-1) === 0) return A.sum([-2, -1]);
  if (p === null || p === 2 || p === -2) {
    const S = svdvals(A);
    const [largest, smallest] = [S.select(-1, 0), S.select(-1, S.size(-1) - 1)];
    return p === -2 ? smallest.div(largest) : largest.div(smallest);
  }
  const size = normOfMatrix(square("cond", A), p, A.ndim - 2, A.ndim - 1, false);
  const { inverse, info } = invEx(A);
  const singular = info.ne(0);
  const safe = where(singular.unsqueeze(-1).unsqueeze(-1), 0, inverse);
  return where(singular, Infinity, size.mul(normOfMatrix(safe, p, A.ndim - 2, A.ndim - 1, false)));
});
