/** @file Operations that are linear in one tensor: numbers go out of them. */

import { placedInZeros } from "../ops/slicing.ts";
import { eye } from "../tensor/creation.ts";
import { numelOf } from "../tensor/shape.ts";
import { type Algebra, coefficientOf } from "./algebra.ts";
import { type Application, type Expression, isCalled } from "./expression.ts";
import { factorsOf, productOf } from "./factors.ts";
import type { Rule } from "./rule.ts";

/** f(a x) = a f(x). */
export const scaledInput: Rule = (e, algebra) => {
  const { inputs, many, op } = e.call;
  if (
    many ||
    !(op.jvp === "linear" || op.name === "reshape") ||
    inputs.length !== 1 ||
    e.call.name === "to" ||
    e.call.name === "neg"
  )
    return null;
  if (e.dtype !== inputs[0]!.dtype) return null;
  const { coefficient, rest } = coefficientOf(inputs[0]!);
  if (rest !== inputs[0]) return algebra.scaled(coefficient, algebra.again(e, [rest]));
  return scalarFactors(e, algebra);
};

/** The same for tensors of one element, which then scale what comes out. */
function scalarFactors(e: Application, algebra: Algebra): Expression | null {
  const [x] = e.call.inputs as [Expression];
  if (!isCalled(x, "mul", "div") || numelOf(e.shape) === 1) return null;
  const { coefficient, factors } = factorsOf(x);
  const [out, inside] = [new Map<Expression, number>(), new Map<Expression, number>()];
  for (const [factor, exponent] of factors)
    (numelOf(factor.shape) === 1 ? out : inside).set(factor, exponent);
  if (out.size === 0 || inside.size === 0) return null;
  const rest = productOf(algebra, { coefficient, factors: inside }, x.shape, x);
  const numbers = new Map(
    [...out].map(([factor, exponent]) => [algebra.reshaped(factor, []), exponent] as const),
  );
  const scale = productOf(algebra, { coefficient: 1, factors: numbers }, [], e);
  return algebra.mul(scale, algebra.again(e, [rest]));
}

/** diag(s, s, …) = s I. */
export const diagonalOfNumber: Rule = (e, algebra) => {
  if (!isCalled(e, "diagonalBackward") || e.shape.length !== 2 || e.shape[0] !== e.shape[1]) return null;
  if ((e.call.params as { offset: number }).offset !== 0) return null;
  const [v] = e.call.inputs as [Expression];
  if (!isCalled(v, "expand") || numelOf(v.call.inputs[0]!.shape) !== 1) return null;
  const identity = algebra.graph.constant(eye(e.shape[0]!, { dtype: e.dtype }));
  return algebra.mul(algebra.reshaped(v.call.inputs[0]!, []), identity);
};

interface Slice {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
  readonly size: number;
}

/** A slice that is the whole, and a slice of what was put there. */
export const slice: Rule = e => {
  if (!isCalled(e, "slice")) return null;
  const [x] = e.call.inputs as [Expression];
  const { dim, start, length, step } = e.call.params as Slice;
  if (length === x.shape[dim]) return x;
  if (!isCalled(x, "sliceBackward")) return null;
  const put = x.call.params as Slice;
  const same = put.dim === dim && put.start === start && put.length === length && put.step === step;
  return same ? x.call.inputs[0]! : null;
};

interface Windows {
  readonly dimension: number;
  readonly size: number;
  readonly step: number;
}

/** What windows add to where they stand is added for one of their entries after the other, each a slice. */
export const windowsAdded: Rule = (e, algebra) => {
  if (!isCalled(e, "unfoldBackward")) return null;
  const [windows] = e.call.inputs as [Expression];
  const { dimension: dim, size, step } = e.call.params as Windows;
  if (windows.shape.length !== e.shape.length + 1 || size === 0) return null;
  const length = windows.shape[dim]!;
  const whole = { dim, length, step, size: e.shape[dim]! };
  return algebra.run(
    x =>
      Array.from({ length: size }, (_, start) =>
        placedInZeros(x.select(-1, start), { ...whole, start }),
      ).reduce((sum, part) => sum.add(part)),
    windows,
  );
};

/** Parts that were put side by side into zeros and added up are joined; null where they are not all of a dimension. */
export function joinedParts(algebra: Algebra, terms: ReadonlyMap<Expression, number>): Expression | null {
  const parts: { start: number; end: number; part: Expression }[] = [];
  let along: Slice | null = null;
  for (const [term, c] of terms) {
    if (!isCalled(term, "sliceBackward")) return null;
    const put = term.call.params as Slice;
    if (put.step !== 1 || (along !== null && (put.dim !== along.dim || put.size !== along.size))) return null;
    along = put;
    parts.push({
      start: put.start,
      end: put.start + put.length,
      part: algebra.scaled(c, term.call.inputs[0]!),
    });
  }
  if (along === null || parts.length < 2) return null;
  parts.sort((a, b) => a.start - b.start);
  const whole =
    parts.every(({ start }, i) => start === (parts[i - 1]?.end ?? 0)) && parts.at(-1)!.end === along.size;
  if (!whole) return null;
  const { dim } = along;
  return algebra.joined(
    parts.map(({ part }) => part),
    dim,
  );
}
