/** @file Vectors in matrix products: the engine makes a column or a row of them, people do not. */

import { type Application, type Expression, isCalled } from "./expression.ts";

/** v of a matrix that is the column v. */
export function columnOf(e: Expression): Expression | null {
  if (!isCalled(e, "reshape")) return null;
  const [v] = e.call.inputs as [Expression];
  return v.shape.length === 1 && e.shape.length === 2 && e.shape[1] === 1 ? v : null;
}

/** v of a matrix that is the row vᵀ. */
export function rowOf(e: Expression): Expression | null {
  if (!isCalled(e, "reshape")) return null;
  const [v] = e.call.inputs as [Expression];
  return v.shape.length === 1 && e.shape.length === 2 && e.shape[0] === 1 ? v : null;
}

/** The operands of a product with a vector, which is made of one with a column or a row. */
export function vectorProduct(e: Application, x: Expression): [Expression, Expression] | null {
  if (!isCalled(x, "matmul") || e.shape.length > 1) return null;
  const [A, B] = x.call.inputs as [Expression, Expression];
  const [u, v] = [rowOf(A), columnOf(B)];
  if (v !== null && u !== null && e.shape.length === 0) return [u, v];
  if (e.shape.length !== 1) return null;
  if (v !== null && A.shape.length === 2 && x.shape[1] === 1) return [A, v];
  return u !== null && B.shape.length === 2 && x.shape[0] === 1 ? [u, B] : null;
}
