/** @file Operations that are linear in one tensor: numbers go out of them. */

import { indexSelect } from "../ops/indexing.ts";
import type { Places } from "../ops/places.ts";
import { placedInZeros } from "../ops/slicing.ts";
import { eye, ofValues, toFlatArray } from "../tensor/creation.ts";
import { numelOf, sameShape } from "../tensor/shape.ts";
import { type Algebra, coefficientOf, numberOf } from "./algebra.ts";
import { type AnyPrimitive, type Application, type Expression, isCalled } from "./expression.ts";
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
    e.call.name === "expand" ||
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

/** Parts that were put side by side into zeros and added up are joined, with zeros between; null where they overlap. */
export function joinedParts(algebra: Algebra, terms: ReadonlyMap<Expression, number>): Expression | null {
  const parts: { start: number; end: number; part: Expression }[] = [];
  let along: Slice | null = null;
  for (const [term, c] of terms) {
    const scaled = scaledPart(algebra, term);
    const placed = scaled === null ? piecesOf(term) : [scaled];
    if (placed === null) return null;
    for (const { put, part } of placed) {
      if (put.step !== 1 || (along !== null && (put.dim !== along.dim || put.size !== along.size)))
        return null;
      along = put;
      parts.push({ start: put.start, end: put.start + put.length, part: algebra.scaled(c, part) });
    }
  }
  if (along === null || parts.length < 2) return null;
  parts.sort((a, b) => a.start - b.start);
  const { dim, size } = along;
  const list: Expression[] = [];
  let end = 0;
  const fill = (to: number, like: Expression): void => {
    if (to > end) list.push(algebra.zeros(like.shape.with(dim, to - end), like));
  };
  for (const part of parts) {
    if (part.start < end) return null;
    fill(part.start, part.part);
    list.push(part.part);
    end = part.end;
  }
  fill(size, parts[0]!.part);
  return algebra.joined(list, dim);
}

/** What stands between zeros that it was joined with; null where it was not. */
function piecesOf(term: Expression): { put: Slice; part: Expression }[] | null {
  if (!isCalled(term, "cat") || !term.call.inputs.some(isZero)) return null;
  const dim = term.call.params as number;
  let start = 0;
  return term.call.inputs.flatMap(part => {
    const put = { dim, start, length: part.shape[dim]!, step: 1, size: term.shape[dim]! };
    start += put.length;
    return isZero(part) ? [] : [{ put, part }];
  });
}

const isZero = (e: Expression): boolean => numberOf(e) === 0;

/** What was put into zeros, times the factors of one element that stand before. */
function scaledPart(algebra: Algebra, term: Expression): { put: Slice; part: Expression } | null {
  if (isCalled(term, "sliceBackward")) return { put: term.call.params as Slice, part: term.call.inputs[0]! };
  if (!isCalled(term, "mul", "div")) return null;
  const { coefficient, factors } = factorsOf(term);
  const big = [...factors].filter(([factor]) => numelOf(factor.shape) > 1 || factor.shape.length > 0);
  const [only] = big;
  if (big.length !== 1 || only![1] !== 1 || !isCalled(only![0], "sliceBackward")) return null;
  const [inner] = only![0].call.inputs as [Expression];
  const inside = new Map([...factors].filter(([factor]) => factor !== only![0]));
  inside.set(inner, (inside.get(inner) ?? 0) + 1);
  return {
    put: only![0].call.params as Slice,
    part: productOf(algebra, { coefficient, factors: inside }, inner.shape, inner),
  };
}

/** Adding to places that are all different, each named once, is picking by the places turned round. */
export const permutedPlaces: Rule = (e, algebra) => {
  if (!isCalled(e, "indexAdd")) return null;
  const [x, index] = e.call.inputs as [Expression, Expression];
  const { pickedBy } = (e.call.params as { places: Places }).places;
  if (pickedBy?.name !== "indexSelect" || index.kind !== "constant" || !sameShape(x.shape, e.shape))
    return null;
  const order = toFlatArray(index.value);
  const turned = order.map((_, i) => order.indexOf(i));
  if (turned.includes(-1)) return null;
  return algebra.run(t => indexSelect(t, pickedBy.dim, ofValues(turned, [turned.length], "int64")), x);
};

/** Of what was put into zeros, only that is added anywhere. */
export const placedPart: Rule = (e, algebra) => {
  if (!isCalled(e, "indexAdd")) return null;
  const [x, index] = e.call.inputs as [Expression, Expression];
  const { pickedBy } = (e.call.params as { places: Places }).places;
  if (pickedBy === undefined || pickedBy.name === "take") return null;
  const placed = isCalled(x, "sliceBackward")
    ? { put: x.call.params as Slice, part: x.call.inputs[0]! }
    : betweenZeros(algebra, x);
  if (placed === null) return null;
  const { dim, start, length, step } = placed.put;
  if (dim !== pickedBy.dim || (pickedBy.name === "indexSelect" && index.shape.length !== 1)) return null;
  const along = pickedBy.name === "gather" ? dim : 0;
  const named = algebra.run(t => t.slice(along, start, start + (length - 1) * step + 1, step), index);
  return algebra.graph.apply(e.call.op as AnyPrimitive, [placed.part, named], e.call.params);
};

/** What is left of a joined tensor without the zeros at its ends; null where there are none. */
function betweenZeros(algebra: Algebra, x: Expression): { put: Slice; part: Expression } | null {
  const pieces = piecesOf(x);
  if (pieces === null || pieces.length === 0) return null;
  const [first, last] = [pieces[0]!.put, pieces.at(-1)!.put];
  const end = last.start + last.length;
  const together = pieces.every(
    ({ put }, i) => i === 0 || put.start === pieces[i - 1]!.put.start + pieces[i - 1]!.put.length,
  );
  if (!together || (first.start === 0 && end === first.size)) return null;
  const parts = pieces.map(({ part }) => part);
  const part = parts.length === 1 ? parts[0]! : algebra.joined(parts, first.dim);
  return { put: { ...first, length: end - first.start }, part };
}
