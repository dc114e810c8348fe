/** @file What the products of a batch's rows are, as maths: `x[i] @ A @ x[j]`; and the gradient of those of each row with itself. */

import { noGrad } from "../autograd/mode.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Expression, isCalled, reachable } from "./expression.ts";
import { asMaths } from "./maths.ts";
import { pullback } from "./pullback.ts";
import type { RowProducts } from "./row-products.ts";
import { simplify } from "./simplify.ts";
import type { Trace } from "./trace.ts";

export interface RowProductsFormula {
  /** What the batch is called; as maths, where it has no name. */
  readonly batch: string;
  /** `x[i] @ A @ x[j]` */
  readonly term: string;
  /** That with i = j: `x[i] @ A @ x[i]`; null where the product is no chain of factors. */
  readonly own: string | null;
  /** Of the sum of the matrix's diagonal, by the batch; null where it cannot be told in a few words. */
  readonly gradient: Gradient | null;
}

export interface Gradient {
  /** `x @ (A + Aᵀ)` */
  readonly text: string;
  /** What that is at the arguments of the trace. A trace does not tell where the code detaches. */
  readonly value: Tensor;
}

/** A formula longer than this is no help in a message. */
const LONGEST = 60;

/** Operations that are there for the machine alone. */
const UNREADABLE = /\b(constant\[|permute\(|reshape\(|expand\(|I\b)/;

/** @param names what the code calls expressions, leaves aside */
export function rowProductsFormula(
  trace: Trace,
  matrix: Expression,
  { batch, product }: RowProducts,
  names: ReadonlyMap<Expression, string>,
): RowProductsFormula {
  const called = batch.kind === "leaf" ? batch.name : (names.get(batch) ?? null);
  const [first, ...others] = factorsOf(product, batch);
  const last = others.pop();
  const isChain = first !== undefined && last !== undefined;
  return {
    batch: called ?? asMaths(batch, { names }),
    term: isChain ? termOf(trace, first, others, last, names, "j") : asMaths(product, { names }),
    own: isChain ? termOf(trace, first, others, last, names, "i") : null,
    gradient:
      called === null || !isChain
        ? null
        : gradientOf(trace, matrix, [first, ...others], last, batch, new Map([...names, [batch, called]])),
  };
}

interface Factor {
  readonly expression: Expression;
  readonly transposed: boolean;
}

/** The factors of a product of matrices; those that do not hold the batch, and the batch itself, are not taken apart. */
function factorsOf(e: Expression, batch: Expression, transposed = false): Factor[] {
  const whole = [{ expression: e, transposed }];
  if (e === batch || e.kind !== "application" || !reachable([e]).includes(batch)) return whole;
  const [inner] = e.call.inputs as [Expression];
  if (isCalled(e, "matmul")) {
    const factors = e.call.inputs.map(input => factorsOf(input, batch, transposed));
    return (transposed ? factors.reverse() : factors).flat();
  }
  if (isCalled(e, "permute") && swapsLastTwo(e.call.params as readonly number[]))
    return factorsOf(inner, batch, !transposed);
  if (isCalled(e, "reshape", "expand") && sameMatrix(inner.shape, e.shape))
    return factorsOf(inner, batch, transposed);
  return whole;
}

function swapsLastTwo(order: readonly number[]): boolean {
  const last = order.length - 1;
  return order.every((d, i) => d === (i === last ? last - 1 : i === last - 1 ? last : i));
}

/** The same but for leading dimensions of size 1. */
function sameMatrix(a: Shape, b: Shape): boolean {
  const bare = (shape: Shape): string => shape.join().replace(/^(1,)+/, "");
  return bare(a) === bare(b);
}

function turned(trace: Trace, { expression, transposed }: Factor): Expression {
  return transposed ? trace.run(x => x.transpose(-2, -1), expression) : expression;
}

function multiplied(trace: Trace, factors: readonly Expression[]): Expression {
  return factors.reduce((a, b) => trace.run((x, y) => x.matmul(y), a, b));
}

function termOf(
  trace: Trace,
  first: Factor,
  between: readonly Factor[],
  last: Factor,
  names: ReadonlyMap<Expression, string>,
  column: "i" | "j",
): string {
  const named = (name: string, factor: Factor): Expression =>
    trace.graph.leaf(name, "input", turned(trace, factor).value);
  const nameOf = (e: Expression): string | null => (e.kind === "leaf" ? e.name : (names.get(e) ?? null));
  const rowOf = (factor: Factor, place: string): Expression => {
    const { expression } = factor;
    const stack = ":, ".repeat(expression.shape.length - 2);
    return named(
      `${nameOf(expression) ?? bracketed(asMaths(expression, { names }))}[${stack}${place}]`,
      factor,
    );
  };
  return asMaths(
    multiplied(trace, [
      rowOf(first, first.transposed ? ":, i" : "i"),
      ...between.map(factor => {
        const name = nameOf(factor.expression);
        return turned(
          trace,
          name === null ? factor : { ...factor, expression: named(name, { ...factor, transposed: false }) },
        );
      }),
      rowOf(last, last.transposed ? column : `:, ${column}`),
    ]),
  );
}

/** In brackets, but for one call or name. */
function bracketed(text: string): string {
  return /^[\p{L}\p{N}_]+(\([^()]*\))?$/u.test(text) ? text : `(${text})`;
}

function gradientOf(
  trace: Trace,
  matrix: Expression,
  left: readonly Factor[],
  right: Factor,
  batch: Expression,
  names: ReadonlyMap<Expression, string>,
): Gradient | null {
  const rows = multiplied(
    trace,
    left.map(factor => turned(trace, factor)),
  );
  const columns = turned(trace, { ...right, transposed: !right.transposed });
  if (!sameMatrix(rows.shape, columns.shape)) return null;
  const own = trace.run((a, b) => a.reshape(columns.shape).mul(b).sum(), rows, columns);
  const unscaled = derivative(trace, own, batch);
  const due = derivative(
    trace,
    trace.run(m => m.diagonal(0, -2, -1).sum(), matrix),
    batch,
  );
  const scale = unscaled && due && scaleBetween(unscaled.value, due.value);
  if (scale == null) return null;
  const scaled =
    scale === 1
      ? unscaled
      : derivative(
          trace,
          trace.run(x => x.mul(scale), own),
          batch,
        );
  const [gradient] = simplify(trace, [scaled!]);
  const text = asMaths(gradient!, { names });
  return text.length > LONGEST || UNREADABLE.test(text) ? null : { text, value: gradient!.value };
}

function derivative(trace: Trace, scalar: Expression, by: Expression): Expression | null {
  const one = trace.run(x => x.mul(0).add(1), scalar);
  return pullback(trace, [scalar], [one], [by])[0] ?? null;
}

/** By which number, of few digits, one tensor is the other; null where it is none. */
function scaleBetween(from: Tensor, to: Tensor): number | null {
  return noGrad(() => {
    const ratio = from.mul(to).sum().div(from.square().sum()).item();
    const scale = Number(ratio.toPrecision(4));
    return to.allclose(from.mul(scale), 1e-6, 1e-9) ? scale : null;
  });
}
