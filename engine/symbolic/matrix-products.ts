/** @file Matrix products: numbers out, and a chain multiplied in the order that costs least. */

import { numelOf, sameShape } from "../tensor/shape.ts";
import { type Algebra, commonShape } from "./algebra.ts";
import { isIdentity } from "./constants.ts";
import { type Expression, isCalled } from "./expression.ts";
import { factorsOf, productOf } from "./factors.ts";
import { isTransposition } from "./notation.ts";
import type { Rule } from "./rule.ts";

/** What is the same all along the dimension that is summed over goes out: (a ⊙ A) B = a ⊙ (A B) for numbers and rows' factors. */
export const scaledOperands: Rule = (e, algebra) => {
  if (!isCalled(e, "matmul")) return null;
  const [A, B] = e.call.inputs as [Expression, Expression];
  const [left, right] = [withoutFactors(algebra, A, 1), withoutFactors(algebra, B, 2)];
  if (left === null && right === null) return null;
  const product = algebra.matmul(left?.rest ?? A, right?.rest ?? B);
  const out = [left, right].flatMap(side => (side === null ? [] : [side.out]));
  return out.reduce((result, factor) => algebra.mul(result, factor), product);
};

/** A product's factors that do not vary along a dimension, counted from the end, and the others. */
function withoutFactors(
  algebra: Algebra,
  e: Expression,
  fromEnd: 1 | 2,
): { out: Expression; rest: Expression } | null {
  if (!isCalled(e, "mul", "div", "neg")) return null;
  const { coefficient, factors } = factorsOf(e);
  const varies = ([f]: readonly [Expression, number]): boolean => (f.shape.at(-fromEnd) ?? 1) !== 1;
  const isNumber = ([f]: readonly [Expression, number]): boolean => numelOf(f.shape) === 1;
  const stays = [...factors].some(varies)
    ? varies
    : (factor: readonly [Expression, number]) => !isNumber(factor);
  const out = new Map([...factors].filter(factor => !stays(factor)));
  const inside = new Map([...factors].filter(stays));
  if ((out.size === 0 && coefficient === 1) || inside.size === 0) return null;
  const rest = productOf(algebra, { coefficient: 1, factors: inside }, commonShape([...inside.keys()]), e);
  if (!sameShape(rest.shape, e.shape)) return null;
  if (out.size === 0) return { out: algebra.number(coefficient), rest };
  return { out: productOf(algebra, { coefficient, factors: out }, commonShape([...out.keys()]), e), rest };
}

/** A column times a row is elementwise where one of them is a number; a product with I is nothing. */
export const degenerate: Rule = (e, algebra) => {
  if (!isCalled(e, "matmul")) return null;
  const [A, B] = e.call.inputs as [Expression, Expression];
  if (isIdentity(A) && sameShape(B.shape, e.shape)) return B;
  if (isIdentity(B) && sameShape(A.shape, e.shape)) return A;
  const thin = A.shape.at(-1) === 1 && (A.shape.at(-2) === 1 || B.shape.at(-1) === 1);
  return thin ? algebra.mul(A, B) : null;
};

/** Q (v ⊙ Q)ᵀ = (v ⊙ Q) Qᵀ for factors v of the columns: symmetric, and so written in one way. */
export const gram: Rule = (e, algebra) => {
  if (!isCalled(e, "matmul")) return null;
  const [A, B] = e.call.inputs as [Expression, Expression];
  if (!isCalled(B, "permute") || !isTransposition(B)) return null;
  const [M] = B.call.inputs as [Expression];
  if (M === A || !isCalled(M, "mul", "div")) return null;
  const { coefficient, factors } = factorsOf(M);
  const scales = new Map([...factors].filter(([f]) => f !== A));
  const ofColumns = [...scales.keys()].every(f => (f.shape.at(-2) ?? 1) === 1);
  if (factors.get(A) !== 1 || scales.size === 0 || !ofColumns) return null;
  const scaled = productOf(algebra, { coefficient, factors: new Map([...scales, [A, 1]]) }, A.shape, A);
  return algebra.matmul(scaled, algebra.transposed(A));
};

/** Where an operand is 0 but for a slice of what is summed over, only that slice of both counts. */
export const slicedOperands: Rule = (e, algebra) => {
  if (!isCalled(e, "matmul")) return null;
  const [A, B] = e.call.inputs as [Expression, Expression];
  const left = sliceOf(algebra, A, 1);
  if (left !== null && B.shape.length >= 2) return algebra.matmul(left.part, left.cut(B, B.shape.length - 2));
  const right = sliceOf(algebra, B, 2);
  if (right !== null && A.shape.length >= 2)
    return algebra.matmul(right.cut(A, A.shape.length - 1), right.part);
  return null;
};

/** The part of a product that a factor leaves, along a dimension counted from the end. */
function sliceOf(
  algebra: Algebra,
  e: Expression,
  fromEnd: 1 | 2,
): { part: Expression; cut(x: Expression, dim: number): Expression } | null {
  const isEmbedded = (x: Expression): boolean =>
    isCalled(x, "sliceBackward") && (x.call.params as { dim: number }).dim === x.shape.length - fromEnd;
  const { coefficient, factors } = factorsOf(e);
  const found = [...factors].find(([base, exponent]) => exponent === 1 && isEmbedded(base))?.[0];
  if (found === undefined || !isCalled(found, "sliceBackward")) return null;
  const { start, length, step } = found.call.params as { start: number; length: number; step: number };
  const cut = (x: Expression, dim: number): Expression =>
    algebra.run(t => t.slice(dim, start, start + (length - 1) * step + 1, step), x);
  const inside = new Map<Expression, number>();
  for (const [base, exponent] of factors) {
    const varies = (base.shape.at(-fromEnd) ?? 1) !== 1;
    const part =
      base === found ? found.call.inputs[0]! : varies ? cut(base, base.shape.length - fromEnd) : base;
    inside.set(part, (inside.get(part) ?? 0) + exponent);
  }
  const shape = e.shape.with(e.shape.length - fromEnd, length);
  return { part: productOf(algebra, { coefficient, factors: inside }, shape, e), cut };
}

/** diag(v) A scales rows, A diag(v) columns. */
export const diagonalOperand: Rule = (e, algebra) => {
  if (!isCalled(e, "matmul") || e.shape.length !== 2) return null;
  const [A, B] = e.call.inputs as [Expression, Expression];
  const [left, right] = [diagonalOf(A), diagonalOf(B)];
  if (left !== null) return algebra.mul(algebra.reshaped(left, [A.shape[0]!, 1]), B);
  return right === null ? null : algebra.mul(A, right);
};

/** v of a square matrix diag(v). */
export function diagonalOf(e: Expression): Expression | null {
  if (!isCalled(e, "diagonalBackward") || e.shape.length !== 2 || e.shape[0] !== e.shape[1]) return null;
  return (e.call.params as { offset: number }).offset === 0 ? e.call.inputs[0]! : null;
}

/** The cheapest order of a chain of products; of equally cheap ones that from the left. */
export const chain: Rule = (e, algebra) => {
  if (!isCalled(e, "matmul") || e.shape.length < 2) return null;
  const matrices = chainOf(e, e.shape.slice(0, -2));
  if (matrices.length < 3) return null;
  const ordered = cheapest(algebra, matrices);
  return ordered === e ? null : ordered;
};

/** The factors of a product of matrices and of the products that these are, all of one batch. */
export function chainOf(e: Expression, batch: readonly number[]): Expression[] {
  if (!isCalled(e, "matmul")) return [e];
  const plain = e.call.inputs.every(input => sameShape(input.shape.slice(0, -2), batch));
  return plain ? e.call.inputs.flatMap(input => chainOf(input, batch)) : [e];
}

/** Dynamic programming over the places to cut the chain at. */
function cheapest(algebra: Algebra, matrices: readonly Expression[]): Expression {
  const sizes = [matrices[0]!.shape.at(-2)!, ...matrices.map(m => m.shape.at(-1)!)];
  const n = matrices.length;
  const best: { cost: number; cut: number }[][] = matrices.map(() =>
    matrices.map(() => ({ cost: 0, cut: 0 })),
  );
  for (let length = 2; length <= n; length++) {
    for (let i = 0; i + length <= n; i++) {
      const j = i + length - 1;
      let found = { cost: Infinity, cut: j };
      for (let cut = j; cut > i; cut--) {
        const cost = best[i]![cut - 1]!.cost + best[cut]![j]!.cost + sizes[i]! * sizes[cut]! * sizes[j + 1]!;
        if (cost < found.cost) found = { cost, cut };
      }
      best[i]![j] = found;
    }
  }
  const build = (i: number, j: number): Expression => {
    if (i === j) return matrices[i]!;
    const { cut } = best[i]![j]!;
    return algebra.matmul(build(i, cut - 1), build(cut, j));
  };
  return build(0, n - 1);
}
