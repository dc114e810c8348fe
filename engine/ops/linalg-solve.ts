/**
 * @file Systems of linear equations with a square matrix, and the inverse, by LU factorisation with partial pivoting.
 *
 * Source of the derivatives: M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
 * differentiation" (2008).
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { identity } from "../kernels/dense.ts";
import { type LU, luDecompose, luSolve } from "../kernels/lu.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, numelOf } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { alignedBatches, batchOf, eachMatrix, isVector, overBatch, square } from "./matrix-batch.ts";

/** Whether a singular matrix is an error; else what comes of dividing by a zero pivot stands in the result. */
interface Checked {
  readonly check: boolean;
}

function factored(name: string, a: Float64Array, n: number, { check }: Checked): LU {
  const lu = luDecompose(a, n);
  if (check && lu.info !== 0) {
    throw new RangeError(
      `${name}(): the matrix is singular (pivot ${lu.info} is 0), so there is no solution. linalg.lstsq() and linalg.pinv() ` +
        "find the nearest thing to one.",
    );
  }
  return lu;
}

const infoOp: Primitive<[A: Tensor]> = {
  name: "luInfo",
  forward([A]) {
    const n = A.size(-1);
    const [info] = eachMatrix(batchOf(A), [A], [{ shape: [], dtype: "int32" }], a => [
      [luDecompose(a, n).info],
    ]);
    return info!;
  },
  vjp: [],
  jvp: "linear",
  batch: overBatch(() => infoOp),
};

const invOp: Primitive<[A: Tensor], Checked> = {
  name: "inv",
  forward([A], params) {
    const n = A.size(-1);
    const [Y] = eachMatrix(batchOf(A), [A], [{ shape: [n, n] }], a => [
      luSolve(factored("inv", a, n, params), identity(n), n),
    ]);
    return Y!;
  },
  vjp: [(g, _inputs, Y) => matmul(matmul(Y.mT, g), Y.mT).neg()],
  jvp: ([dA], _inputs, Y) => matmul(matmul(Y, dA!), Y).neg(),
  batch: overBatch(() => invOp),
};

/** A⁻¹. @throws for a singular matrix. Prefer {@link solve} to a product with the inverse. */
export function inv(A: Tensor): Tensor {
  return call(invOp, [square("inv", A)], { check: true });
}

export interface Unchecked {
  checkErrors?: boolean;
}

/** A⁻¹, with inf and NaN for a singular matrix. */
export function invUnchecked(A: Tensor): Tensor {
  return call(invOp, [square("inv", A)], { check: false });
}

type InvEx = (A: Tensor, options?: Unchecked) => { inverse: Tensor; info: Tensor };

/** {@link inv} that throws only if asked to: `info` is 0, or the number of the first zero pivot of a singular matrix. */
export const invEx: InvEx = keywords("invEx", ["A", "checkErrors"], (A: Tensor, checkErrors = false) => ({
  inverse: call(invOp, [square("invEx", A)], { check: checkErrors }),
  info: call(infoOp, [A], undefined),
}));

const solveOp: Primitive<[A: Tensor, B: Tensor], Checked> = {
  name: "solve",
  forward([A, B], params) {
    const [n, m] = shapeOf(B).slice(-2) as [number, number];
    const [X] = eachMatrix(batchOf(A), [A, B], [{ shape: [n, m] }], (a, b) => [
      luSolve(factored("solve", a, n, params), b, m),
    ]);
    return X!;
  },
  vjp(g, [A], X, params, needs) {
    const gB = call(solveOp, [A.mT, g], params);
    return [needs[0] ? matmul(gB, X.mT).neg() : null, gB];
  },
  jvp([dA, dB], [A], X, params) {
    const right = dA === null ? dB! : dB === null ? matmul(dA, X).neg() : dB.sub(matmul(dA, X));
    return call(solveOp, [A, right], params);
  },
  batch: overBatch(() => solveOp),
};

function solution(name: string, A: Tensor, B: Tensor, left: boolean, params: Checked): Tensor {
  square(name, A);
  checked(name, B, true);
  if (isVector(A, B)) {
    if (!left) {
      throw new RangeError(
        `${name}() expected a matrix B for left: false, got ${formatShape(shapeOf(B))} with A of ${formatShape(shapeOf(A))}.`,
      );
    }
    return solution(name, A, B.unsqueeze(-1), true, params).squeeze(-1);
  }
  if (!left) return solution(name, A.mT, B.mT, true, params).mT;
  if (B.size(-2) !== A.size(-1)) {
    throw new RangeError(
      `${name}() expected as many rows on the right as A has: A is ${formatShape(shapeOf(A))}, B is ${formatShape(shapeOf(B))}.`,
    );
  }
  return call(solveOp, alignedBatches(A, B) as [Tensor, Tensor], params);
}

export type Solve = (A: Tensor, B: Tensor, options?: { left?: boolean }) => Tensor;

/**
 * X of A X = B, or of X A = B for `left: false`. B is a vector (n,), a matrix (n, m), or a batch of either; batches are
 * broadcast.
 * @throws for a singular A
 */
export const solve: Solve = keywords("solve", ["A", "B", "left"], (A: Tensor, B: Tensor, left = true) =>
  solution("solve", A, B, left, { check: true }),
);

type SolveEx = (
  A: Tensor,
  B: Tensor,
  options?: { left?: boolean } & Unchecked,
) => { result: Tensor; info: Tensor };

/** {@link solve} that throws only if asked to: `info` is 0, or the number of the first zero pivot of a singular matrix. */
export const solveEx: SolveEx = keywords(
  "solveEx",
  ["A", "B", "left", "checkErrors"],
  (A: Tensor, B: Tensor, left = true, checkErrors = false) => ({
    result: solution("solveEx", A, B, left, { check: checkErrors }),
    info: call(infoOp, [A], undefined),
  }),
);

interface Tensorinv {
  (A: Tensor, ind?: number): Tensor;
  (A: Tensor, options: { ind?: number }): Tensor;
}

/** The inverse for {@link tensorsolve}, of A seen as a matrix with the first `ind` dimensions for its rows. */
export const tensorinv: Tensorinv = keywords("tensorinv", ["A", "ind"], (A: Tensor, ind = 2) => {
  const shape = shapeOf(checked("tensorinv", A, true));
  const [rows, columns] = [shape.slice(0, ind), shape.slice(ind)];
  if (!(Number.isInteger(ind) && ind > 0) || numelOf(rows) !== numelOf(columns)) {
    throw new RangeError(
      `tensorinv() expected ind > 0 with as many elements in the first ind dimensions as in the others, got ind = ${ind} ` +
        `for ${formatShape(shape)}.`,
    );
  }
  return inv(A.reshape([numelOf(rows), numelOf(columns)])).reshape([...columns, ...rows]);
});

interface Tensorsolve {
  (A: Tensor, B: Tensor, dims?: readonly number[] | null): Tensor;
  (A: Tensor, B: Tensor, options: { dims?: readonly number[] | null }): Tensor;
}

/**
 * X of Σ A[…, j…] X[j…] = B, summed over as many dimensions as X has. `dims` of A are moved to its end first.
 * @throws where A is not square when its first `B.ndim` dimensions are its rows
 */
export const tensorsolve: Tensorsolve = keywords(
  "tensorsolve",
  ["A", "B", "dims"],
  (A: Tensor, B: Tensor, dims: readonly number[] | null = null) => {
    checked("tensorsolve", A, true);
    const last = (dims ?? []).map(d => (d < 0 ? d + A.ndim : d));
    const first = shapeOf(A).flatMap((_, d) => (last.includes(d) ? [] : [d]));
    const arranged = A.permute([...first, ...last]);
    const unknowns = shapeOf(arranged).slice(B.ndim);
    if (numelOf(unknowns) !== B.numel() || numelOf(shapeOf(A)) !== B.numel() ** 2) {
      throw new RangeError(
        `tensorsolve() expected A to have B's number of elements in its first ${B.ndim} dimensions and in the others: A is ` +
          `${formatShape(shapeOf(arranged))}, B is ${formatShape(shapeOf(B))}.`,
      );
    }
    return solve(arranged.reshape([B.numel(), B.numel()]), B.reshape([-1])).reshape(unknowns);
  },
);

export { inv as inverse };

const methods = { inverse: inv };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
