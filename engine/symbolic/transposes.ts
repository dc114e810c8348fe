/** @file Transposes and other permutations: joined, pushed to the leaves of products, cancelled. */

import { sameShape } from "../tensor/shape.ts";
import { coefficientOf, isElementwise } from "./algebra.ts";
import { type Application, type Expression, isCalled } from "./expression.ts";
import { diagonalOf } from "./matrix-products.ts";
import type { Rule } from "./rule.ts";

const orderOf = (e: Application): readonly number[] => e.call.params as readonly number[];

/** (Aᵀ)ᵀ = A; any two permutations are one. */
export const joined: Rule = (e, algebra) => {
  if (!isCalled(e, "permute")) return null;
  const order = orderOf(e);
  const [input] = e.call.inputs as [Expression];
  if (order.every((d, i) => d === i)) return input;
  if (isCalled(input, "permute")) {
    return algebra.permuted(
      input.call.inputs[0]!,
      order.map(d => orderOf(input)[d]!),
    );
  }
  const { coefficient, rest } = coefficientOf(input);
  return rest === input ? null : algebra.scaled(coefficient, algebra.permuted(rest, order));
};

/** The transpose of a column that was made of a vector is a row that is made of it. */
export const ofVector: Rule = (e, algebra) => {
  if (!isCalled(e, "permute") || !isCalled(e.call.inputs[0]!, "reshape")) return null;
  const [v] = e.call.inputs[0].call.inputs as [Expression];
  const isColumn = e.shape.filter(n => n !== 1).length < 2;
  return v.shape.length < 2 && isColumn ? algebra.reshaped(v, e.shape) : null;
};

/** (A B)ᵀ = Bᵀ Aᵀ. */
export const ofProduct: Rule = (e, algebra) => {
  if (!isCalled(e, "permute")) return null;
  const [input] = e.call.inputs as [Expression];
  const order = orderOf(e);
  const n = order.length;
  const swapsLast = order.every((d, i) => d === (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
  if (!swapsLast) return null;
  if (diagonalOf(input) !== null) return input;
  if (isCalled(input, "inv")) return algebra.again(input, [algebra.transposed(input.call.inputs[0]!)]);
  if (!isCalled(input, "matmul")) return null;
  const [A, B] = input.call.inputs as [Expression, Expression];
  if (A.shape.length !== n || B.shape.length !== n) return null;
  return algebra.matmul(algebra.transposed(B), algebra.transposed(A));
};

/** (Aᵀ ⊙ B)ᵀ = A ⊙ Bᵀ, where that leaves no more transposes than before. */
export const ofElementwise: Rule = (e, algebra) => {
  if (!isCalled(e, "permute")) return null;
  const [input] = e.call.inputs as [Expression];
  if (!isElementwise(input)) return null;
  const order = orderOf(e);
  const inverse = order.map((_, i) => order.indexOf(i));
  const undone = (x: Expression): boolean => isCalled(x, "permute") && String(orderOf(x)) === String(inverse);
  const { inputs } = input.call;
  if (!inputs.some(undone) || !inputs.every(x => x.shape.length === order.length || x.shape.length === 0))
    return null;
  return algebra.again(
    input,
    inputs.map(x => (x.shape.length === 0 ? x : algebra.permuted(x, order))),
  );
};

/** Aᵀ ⊙ Bᵀ = (A ⊙ B)ᵀ: one transpose in place of two. */
export const gathered: Rule = (e, algebra) => {
  if (!isElementwise(e)) return null;
  const tensors = e.call.inputs.filter(x => x.shape.length > 0);
  const [first] = tensors;
  if (tensors.length < 2 || first === undefined || !isCalled(first, "permute")) return null;
  const order = orderOf(first);
  if (!tensors.every(x => isCalled(x, "permute") && String(orderOf(x)) === String(order))) return null;
  const inside = algebra.again(
    e,
    e.call.inputs.map(x => (x.shape.length === 0 ? x : (x as Application).call.inputs[0]!)),
  );
  const result = algebra.permuted(inside, order);
  return sameShape(result.shape, e.shape) ? result : null;
};
