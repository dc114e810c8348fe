/** @file Sums over dimensions, repetition and reshaping: fused with one another and with what they are applied to. */

import type { Axes } from "../ops/axes.ts";
import { numelOf, reducedShape, type Shape, sameShape } from "../tensor/shape.ts";
import { type Algebra, coefficientOf, commonShape, isElementwise, numberOf } from "./algebra.ts";
import { type Application, type Expression, isCalled } from "./expression.ts";
import { factorsOf, productOf } from "./factors.ts";
import type { Rule } from "./rule.ts";
import { sumOf, termsOf } from "./terms.ts";
import { columnOf, rowOf } from "./vectors.ts";

const axesOf = (e: Application): Axes => e.call.params as Axes;

/** The result of a sum that kept its dimensions, in the shape that was asked for. */
function asAsked(algebra: Algebra, kept: Expression, e: Application): Expression {
  return algebra.reshaped(kept, e.shape);
}

/** Σ (a x) = a Σ x; over dimensions of size 1 nothing is added up. */
export const sumOfScaled: Rule = (e, algebra) => {
  if (!isCalled(e, "sum")) return null;
  const [x] = e.call.inputs as [Expression];
  const { dims, keepdim } = axesOf(e);
  if (x.dtype !== e.dtype) return null;
  const real = dims.filter(d => x.shape[d] !== 1);
  if (real.length === 0) return algebra.reshaped(x, e.shape);
  if (real.length < dims.length) return algebra.reshaped(algebra.summed(x, real, keepdim), e.shape);
  const { coefficient, rest } = coefficientOf(x);
  return rest === x ? null : algebra.scaled(coefficient, algebra.summed(rest, dims, keepdim));
};

/** Σ over what was repeated is a multiple; Σ Σ is one; Σ over all does not see a shape. */
export const sumOfArranged: Rule = (e, algebra) => {
  if (!isCalled(e, "sum")) return null;
  const [x] = e.call.inputs as [Expression];
  const { dims, keepdim } = axesOf(e);
  if (isCalled(x, "expand")) {
    const [y] = x.call.inputs as [Expression];
    const from = [...Array<number>(x.shape.length - y.shape.length).fill(1), ...y.shape];
    const repeated = dims.filter(d => from[d] === 1);
    if (repeated.length === 0) return null;
    const times = numelOf(repeated.map(d => x.shape[d]!));
    const shape = x.shape.map((n, d) => (repeated.includes(d) ? 1 : n));
    const once = algebra.expanded(algebra.reshaped(y, from), shape);
    return algebra.scaled(times, asAsked(algebra, algebra.summed(once, dims, true), e));
  }
  if (isCalled(x, "sum") && axesOf(x).keepdim) {
    return asAsked(
      algebra,
      algebra.summed(x.call.inputs[0]!, [...new Set([...axesOf(x).dims, ...dims])].sort(), true),
      e,
    );
  }
  if (dims.length === x.shape.length && isCalled(x, "reshape", "permute", "sum")) {
    const [y] = x.call.inputs as [Expression];
    const whole = algebra.summed(
      y,
      y.shape.map((_, d) => d),
      false,
    );
    return algebra.reshaped(whole, e.shape);
  }
  if (isCalled(x, "permute")) {
    const order = x.call.params as readonly number[];
    if (keepdim) return null;
    const left = order.filter((_, i) => !dims.includes(i));
    if (left.some((d, i) => i > 0 && d < left[i - 1]!)) return null;
    return algebra.summed(
      x.call.inputs[0]!,
      dims.map(d => order[d]!).sort((a, b) => a - b),
      false,
    );
  }
  return null;
};

/** Σ (a ⊙ x) = a ⊙ Σ x for a factor that is the same all along. */
export const sumOfProduct: Rule = (e, algebra) => {
  if (!isCalled(e, "sum")) return null;
  const [x] = e.call.inputs as [Expression];
  if (!isCalled(x, "mul", "div") || x.dtype !== e.dtype) return null;
  const { dims } = axesOf(e);
  const { coefficient, factors } = factorsOf(x);
  const rank = x.shape.length;
  const same = (f: Expression): boolean => dims.every(d => (f.shape[d - rank + f.shape.length] ?? 1) === 1);
  const out = new Map([...factors].filter(([f]) => same(f)));
  const inside = new Map([...factors].filter(([f]) => !same(f)));
  if (out.size === 0) return null;
  const needed = x.shape.map((n, d) => (dims.includes(d) ? n : 1));
  const rest =
    inside.size === 0
      ? null
      : productOf(algebra, { coefficient: 1, factors: inside }, commonShape([...inside.keys()]), x);
  if (rest !== null && !dims.every(d => (rest.shape[d - rank + rest.shape.length] ?? 1) === needed[d]))
    return null;
  const kept = reducedShape(x.shape, dims, true);
  const count = rest === null ? numelOf(dims.map(d => x.shape[d]!)) : 1;
  const factor = productOf(
    algebra,
    { coefficient: coefficient * count, factors: out },
    commonShape([...out.keys()]),
    x,
  );
  if (rest === null) return asAsked(algebra, algebra.expanded(factor, kept), e);
  const lead = rank - rest.shape.length;
  const total = algebra.summed(
    rest,
    dims.map(d => d - lead),
    true,
  );
  return asAsked(algebra, algebra.expanded(algebra.mul(factor, total), kept), e);
};

/** Σ (x − mean x) = 0, whatever it is multiplied by that is the same all along; such terms of a sum go. */
export const sumOfCentred: Rule = (e, algebra) => {
  if (!isCalled(e, "sum") || !isCalled(e.call.inputs[0]!, "add", "sub", "mul", "div")) return null;
  const [x] = e.call.inputs as [Expression];
  const { dims, keepdim } = axesOf(e);
  if (vanishes(x, dims)) return algebra.filled(0, e);
  const { number, terms } = termsOf(x);
  const left = new Map(
    [...terms].filter(([term]) => !(sameShape(term.shape, x.shape) && vanishes(term, dims))),
  );
  if (left.size === terms.size) return null;
  if (left.size === 0 && number === 0) return algebra.filled(0, e);
  return algebra.summed(sumOf(algebra, { number, terms: left }, x.shape, x), dims, keepdim);
};

/** Whether a sum over dimensions is 0 for its form: deviations from a mean over them, times what does not vary along them. */
function vanishes(x: Expression, dims: readonly number[]): boolean {
  const rank = x.shape.length;
  const { factors } = factorsOf(x);
  const varying = [...factors].filter(([f]) =>
    dims.some(d => (f.shape[d - rank + f.shape.length] ?? 1) !== 1),
  );
  const [only] = varying;
  if (varying.length !== 1 || only![1] !== 1) return false;
  const [deviation] = only!;
  if (!isCalled(deviation, "add", "sub") || !sameShape(deviation.shape, x.shape)) return false;
  const count = numelOf(dims.map(d => x.shape[d]!));
  const { number, terms } = termsOf(deviation);
  if (number !== 0 || terms.size !== 2) return false;
  const [[a, c], [b, d]] = [...terms] as [[Expression, number], [Expression, number]];
  const centred = (y: Expression, mean: Expression, p: number, q: number): boolean =>
    isCalled(mean, "sum") &&
    mean.call.inputs[0] === y &&
    String(axesOf(mean).dims) === String(dims) &&
    (axesOf(mean).keepdim || dims.length === x.shape.length) &&
    Math.abs(p + q * count) < 1e-12 * Math.abs(p);
  return centred(a, b, c, d) || centred(b, a, d, c);
}

/** Σⱼ Gᵢⱼ vⱼ = G v, Σᵢ uᵢ Gᵢⱼ = Gᵀ u, and Σ uᵢ vᵢ is their product. */
export const contraction: Rule = (e, algebra) => {
  if (!isCalled(e, "sum")) return null;
  const [x] = e.call.inputs as [Expression];
  const { dims, keepdim } = axesOf(e);
  if (!isCalled(x, "mul") || dims.length !== 1 || keepdim || x.shape.length !== 2) return null;
  const [a, b] = x.call.inputs as [Expression, Expression];
  const along = dims[0]!;
  for (const [G, v] of [
    [a, b],
    [b, a],
  ] as const) {
    const vector = along === 1 ? (v.shape.length === 1 ? v : null) : columnOf(v);
    if (!sameShape(G.shape, x.shape) || vector === null || numelOf(vector.shape) !== x.shape[along]) continue;
    return algebra.matmul(along === 1 ? G : algebra.transposed(G), vector);
  }
  return null;
};

/** One reshape in place of two, none where nothing changes; a sum may keep its dimensions itself. */
export const reshape: Rule = (e, algebra) => {
  if (!isCalled(e, "reshape")) return null;
  const [x] = e.call.inputs as [Expression];
  if (sameShape(x.shape, e.shape)) return x;
  if (isCalled(x, "reshape")) return algebra.reshaped(x.call.inputs[0]!, e.shape);
  const { coefficient, rest } = coefficientOf(x);
  if (rest !== x) return algebra.scaled(coefficient, algebra.reshaped(rest, e.shape));
  if (isCalled(x, "sum")) {
    const { dims, keepdim } = axesOf(x);
    const from = x.call.inputs[0]!.shape;
    if (sameShape(reducedShape(from, dims, !keepdim), e.shape))
      return algebra.summed(x.call.inputs[0]!, dims, !keepdim);
  }
  return ofRow(e, x, algebra);
};

/** uᵀ Aᵀ, made a vector, is A u. */
function ofRow(e: Application, x: Expression, algebra: Algebra): Expression | null {
  if (!isCalled(x, "matmul") || e.shape.length !== 1 || x.shape.length !== 2) return null;
  const [row, M] = x.call.inputs as [Expression, Expression];
  const u = rowOf(row);
  if (u === null || x.shape[0] !== 1) return null;
  return algebra.matmul(algebra.transposed(M), u);
}

/** One repetition in place of two, none where nothing repeats. */
export const expand: Rule = (e, algebra) => {
  if (!isCalled(e, "expand")) return null;
  const [x] = e.call.inputs as [Expression];
  if (sameShape(x.shape, e.shape)) return x;
  if (isCalled(x, "expand")) return algebra.expanded(x.call.inputs[0]!, e.shape);
  // Dimensions in front come by themselves.
  const lead = x.shape.findIndex(n => n !== 1);
  const without = lead < 0 ? [] : x.shape.slice(lead);
  if (
    isCalled(x, "reshape") &&
    without.length < x.shape.length &&
    x.call.inputs[0]!.shape.length < x.shape.length
  ) {
    return algebra.expanded(algebra.reshaped(x.call.inputs[0]!, without), e.shape);
  }
  return null;
};

/** What is repeated is computed before: f(expand x, c) = expand f(x, c) for a number c. */
export const beforeExpand: Rule = (e, algebra) => {
  if (!isElementwise(e) || !isCalled(e, "mul", "div", "neg")) return null;
  const repeated = e.call.inputs.filter(input => isCalled(input, "expand"));
  const [only] = repeated;
  if (repeated.length !== 1 || !isCalled(only!, "expand") || !sameShape(only.shape, e.shape)) return null;
  if (!e.call.inputs.every(input => input === only || numberOf(input) !== null)) return null;
  const inside = algebra.again(
    e,
    e.call.inputs.map(input => (input === only ? only.call.inputs[0]! : scalarOf(algebra, input))),
  );
  return algebra.expanded(inside, e.shape);
};

function scalarOf(algebra: Algebra, e: Expression): Expression {
  return e.shape.length === 0 ? e : algebra.number(numberOf(e)!);
}

/** Elementwise operations broadcast by themselves: no operand needs to be repeated or get dimensions in front where another has them. */
export const broadcast: Rule = (e, algebra) => {
  if (!isElementwise(e) || e.call.inputs.length < 2) return null;
  for (let i = 0; i < e.call.inputs.length; i++) {
    const input = e.call.inputs[i]!;
    const smaller = withoutRepetition(algebra, input);
    if (smaller === null) continue;
    const inputs = e.call.inputs.with(i, smaller);
    if (sameShape(commonShape(inputs), e.shape)) {
      const result = algebra.again(e, inputs);
      if (result.dtype === e.dtype) return result;
    }
  }
  return null;
};

function withoutRepetition(algebra: Algebra, e: Expression): Expression | null {
  if (isCalled(e, "expand")) return e.call.inputs[0]!;
  if (e.kind === "constant" && e.uniform !== null && e.shape.length > 0 && e.dtype === "float64")
    return algebra.number(e.uniform);
  const ones = e.shape.findIndex(n => n !== 1);
  const lead = ones < 0 ? e.shape.length : ones;
  if (isCalled(e, "reshape") && lead > 0 && e.call.inputs[0]!.shape.length < e.shape.length) {
    const without: Shape = e.shape.slice(lead);
    return algebra.reshaped(e.call.inputs[0]!, without);
  }
  return null;
}
