/** @file The namespace `linalg`: torch's `torch.linalg`. */

export { cholesky, choleskyEx } from "./linalg-cholesky.ts";
export { det, logdet, slogdet } from "./linalg-determinant.ts";
export { eig, eigvals } from "./linalg-eig.ts";
export { eigh, eigvalsh } from "./linalg-eigh.ts";
export { matrixExp, matrixPower } from "./linalg-functions.ts";
export { type LeastSquares, lstsq } from "./linalg-lstsq.ts";
export { lu, luFactor, luFactorEx, luSolve, type PLU } from "./linalg-lu.ts";
export { cond, type MatrixOrd, matrixNorm, norm } from "./linalg-norm.ts";
export { matrixRank, pinv, type RankOptions } from "./linalg-pinv.ts";
export { householderProduct, qr } from "./linalg-qr.ts";
export { inv, invEx, solve, solveEx, tensorinv, tensorsolve } from "./linalg-solve.ts";
export { type Svd, svd, svdvals } from "./linalg-svd.ts";
export { solveTriangular } from "./linalg-triangular.ts";
export { matmul } from "./matmul.ts";
export { multiDot } from "./multi-dot.ts";
export { linalgCross as cross, vecdot } from "./tensor-products.ts";
export { linalgVander as vander } from "./vander.ts";
export { vectorNorm } from "./vector-norm.ts";

import { keywords } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { diagonal as diagonalOf } from "./diagonal.ts";

type Diagonal = (A: Tensor, options?: { offset?: number; dim1?: number; dim2?: number }) => Tensor;

/** The diagonal of a matrix or of each of a batch: of the last two dimensions, unless others are named. */
export const diagonal: Diagonal = keywords(
  "diagonal",
  ["A", "offset", "dim1", "dim2"],
  (A: Tensor, offset = 0, dim1 = -2, dim2 = -1) => diagonalOf(A, offset, dim1, dim2),
);
