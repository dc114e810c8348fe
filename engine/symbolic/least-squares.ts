/** @file Least squares solved by A = Q R, told by their form: x moves as the normal equations say, and the factors need no derivative. */

import type { Primitive } from "../autograd/primitive.ts";
import { solveTriangular } from "../ops/linalg-triangular.ts";
import { matmul } from "../ops/matmul.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type AnyPrimitive, type Expression, isCalled } from "./expression.ts";
import { isTransposition } from "./notation.ts";
import type { Rule } from "./rule.ts";

/** X = R⁻¹ Qᵀ B, which makes ‖A X − B‖ least; A (m, n) with m ≥ n and its factors Q and R. */
const leastSquares: Primitive<readonly Tensor[]> = {
  name: "leastSquares",
  forward: ([, B, Q, R]) => solveTriangular(R!, matmul(Q!.mT, B!), { upper: true }),
  // Aᵀ(A X − B) = 0, so Aᵀ A dX = dAᵀ (B − A X) + Aᵀ (dB − dA X), and Aᵀ A = Rᵀ R, Aᵀ = Rᵀ Qᵀ. G. Golub & V. Pereyra (1973).
  vjp(g, [A, B, Q, R], X) {
    const t = solveTriangular(R!.mT, g, { upper: false });
    const u = solveTriangular(R!, t, { upper: true });
    const gB = matmul(Q!, t);
    return [matmul(B!.sub(matmul(A!, X)), u.mT).sub(matmul(gB, X.mT)), gB, null, null];
  },
  jvp([dA, dB], [A, B, Q, R], X) {
    const moved = [dB, dA === null ? null : matmul(dA!, X).neg()].filter(term => term != null);
    const right =
      moved.length === 0
        ? null
        : matmul(
            Q!.mT,
            moved.reduce((a, b) => a.add(b)),
          );
    const bent =
      dA == null ? null : solveTriangular(R!.mT, matmul(dA.mT, B!.sub(matmul(A!, X))), { upper: false });
    return solveTriangular(R!, right !== null && bent !== null ? right.add(bent) : (right ?? bent)!, {
      upper: true,
    });
  },
};

export const leastSquaresIdiom: Rule = (e, algebra) => {
  if (!isCalled(e, "solveTriangular") || !isUpper(e.call.params)) return null;
  const [R, right] = e.call.inputs as [Expression, Expression];
  if (!isCalled(R, "qr") || R.output !== 1 || !isCalled(right, "matmul")) return null;
  const [turned, B] = right.call.inputs as [Expression, Expression];
  const [A] = R.call.inputs as [Expression];
  const [Q] = R.call.results;
  const isTall = A.shape.length === 2 && A.shape[0]! >= A.shape[1]! && R.shape[0] === A.shape[1];
  if (!isTall || !isCalled(turned, "permute") || !isTransposition(turned)) return null;
  if (turned.call.inputs[0] !== Q) return null;
  return algebra.graph.apply(leastSquares as AnyPrimitive, [A, B, Q!, R], undefined);
};

function isUpper(params: unknown): boolean {
  const { upper, unitriangular } = params as { upper: boolean; unitriangular: boolean };
  return upper && !unitriangular;
}
