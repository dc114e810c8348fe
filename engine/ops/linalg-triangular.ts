/** @file Triangular systems, by substitution. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { type Triangle, triangularSolve } from "../kernels/triangular.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { matmul } from "./matmul.ts";
import { alignedBatches, batchOf, eachMatrix, matrix, overBatch, square } from "./matrix-batch.ts";

const solveTriangularOp: Primitive<[A: Tensor, B: Tensor], Triangle> = {
  name: "solveTriangular",
  forward([A, B], triangle) {
    const [n, m] = shapeOf(B).slice(-2) as [number, number];
    const [X] = eachMatrix(batchOf(A), [A, B], [{ shape: [n, m] }], (a, b) => [
      triangularSolve(a, b, n, m, triangle),
    ]);
    return X!;
  },
  vjp(g, [A], X, { upper, unitriangular }, needs) {
    const gB = call(solveTriangularOp, [A.mT, g], { upper: !upper, unitriangular });
    return [needs[0] ? ownTriangle(matmul(gB, X.mT).neg(), { upper, unitriangular }) : null, gB];
  },
  jvp([dA, dB], [A], X, triangle) {
    const moved = dA === null ? null : matmul(ownTriangle(dA, triangle), X);
    const right = moved === null ? dB! : dB === null ? moved.neg() : dB.sub(moved);
    return call(solveTriangularOp, [A, right], triangle);
  },
  batch: overBatch(() => solveTriangularOp),
};

/** The entries that a triangular solve reads. */
function ownTriangle(A: Tensor, { upper, unitriangular }: Triangle): Tensor {
  const k = unitriangular ? 1 : 0;
  return upper ? A.triu(k) : A.tril(-k);
}

type SolveTriangular = (
  A: Tensor,
  B: Tensor,
  options: { upper: boolean; left?: boolean; unitriangular?: boolean },
) => Tensor;

/**
 * X of A X = B, or of X A = B for `left: false`, for a triangular A, of which only that triangle is read (and, for
 * `unitriangular`, not its diagonal, taken for ones). Batches are broadcast. A zero on the diagonal gives inf or NaN.
 */
export const solveTriangular: SolveTriangular = keywords(
  "solveTriangular",
  ["A", "B", "upper", "left", "unitriangular"],
  (A: Tensor, B: Tensor, upper: boolean, left = true, unitriangular = false): Tensor => {
    square("solveTriangular", A);
    matrix("solveTriangular", B);
    if (typeof upper !== "boolean") {
      throw new TypeError(`solveTriangular() expected upper: true or false, got ${String(upper)}.`);
    }
    if (B.size(left ? -2 : -1) !== A.size(-1)) {
      throw new RangeError(
        `solveTriangular() expected as many ${left ? "rows" : "columns"} on the right as A has: A is ` +
          `${formatShape(shapeOf(A))}, B is ${formatShape(shapeOf(B))}.`,
      );
    }
    const [a, b] = alignedBatches(A, B) as [Tensor, Tensor];
    return left
      ? call(solveTriangularOp, [a, b], { upper, unitriangular })
      : call(solveTriangularOp, [a.mT, b.mT], { upper: !upper, unitriangular }).mT;
  },
);
