/** @file Expressions made of expressions: what the rules of simplification build with. */

import { asTensor } from "../ops/elementwise.ts";
import "../ops/arithmetic.ts";
import { cat } from "../ops/joining.ts";
import "../ops/matmul.ts";
import "../ops/permute.ts";
import "../ops/pointwise.ts";
import "../ops/reduction.ts";
import { full } from "../tensor/creation.ts";
import { broadcastShapes, numelOf, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AnyPrimitive, Application, Expression, Graph } from "./expression.ts";
import type { Trace } from "./trace.ts";

export class Algebra {
  readonly trace: Trace;

  constructor(trace: Trace) {
    this.trace = trace;
  }

  get graph(): Graph {
    return this.trace.graph;
  }

  run(f: (...inputs: Tensor[]) => Tensor, ...inputs: readonly Expression[]): Expression {
    return this.trace.run(f, ...inputs);
  }

  number(value: number): Expression {
    return this.graph.constant(asTensor(value, "number"));
  }

  filled(value: number, like: Expression): Expression {
    return this.graph.constant(full(like.shape, value, { dtype: like.dtype }));
  }

  zeros(shape: Shape, like: Expression): Expression {
    return this.graph.constant(full(shape, 0, { dtype: like.dtype }));
  }

  add(a: Expression, b: Expression): Expression {
    return this.run((x, y) => x.add(y), a, b);
  }

  sub(a: Expression, b: Expression): Expression {
    return this.run((x, y) => x.sub(y), a, b);
  }

  neg(a: Expression): Expression {
    return this.run(x => x.neg(), a);
  }

  mul(a: Expression, b: Expression): Expression {
    return this.run((x, y) => x.mul(y), a, b);
  }

  div(a: Expression, b: Expression): Expression {
    return this.run((x, y) => x.div(y), a, b);
  }

  /** c · a, as −a for −1, and as a division where that is by a whole number. */
  scaled(c: number, a: Expression): Expression {
    if (c === 1) return a;
    if (c === -1) return this.neg(a);
    if (c < 0) return this.neg(this.scaled(-c, a));
    const inverse = 1 / c;
    if (!Number.isInteger(c) && Number.isInteger(Math.round(inverse)) && 1 / Math.round(inverse) === c) {
      return this.run(x => x.div(Math.round(inverse)), a);
    }
    return this.run(x => x.mul(c), a);
  }

  /** a to a power that is a number. */
  power(a: Expression, exponent: number): Expression {
    if (exponent === 1) return a;
    if (exponent === 2) return this.run(x => x.square(), a);
    if (exponent === 0.5) return this.run(x => x.sqrt(), a);
    if (exponent === 1.5) return this.mul(a, this.power(a, 0.5));
    return this.run(x => x.pow(exponent), a);
  }

  matmul(a: Expression, b: Expression): Expression {
    return this.run((x, y) => x.matmul(y), a, b);
  }

  permuted(a: Expression, dims: readonly number[]): Expression {
    return dims.every((d, i) => d === i) ? a : this.run(x => x.permute([...dims]), a);
  }

  /** The last two dimensions swapped. */
  transposed(a: Expression): Expression {
    return this.run(x => x.mT, a);
  }

  reshaped(a: Expression, shape: Shape): Expression {
    return sameShape(a.shape, shape) ? a : this.run(x => x.reshape([...shape]), a);
  }

  expanded(a: Expression, shape: Shape): Expression {
    return sameShape(a.shape, shape) ? a : this.run(x => x.expand([...shape]), a);
  }

  /** In a shape that it broadcasts to, or that has as many elements. */
  fitted(a: Expression, shape: Shape): Expression {
    return numelOf(a.shape) === numelOf(shape) ? this.reshaped(a, shape) : this.expanded(a, shape);
  }

  summed(a: Expression, dims: readonly number[], keepdim: boolean): Expression {
    return dims.length === 0 ? a : this.run(x => x.sum([...dims], keepdim), a);
  }

  joined(parts: readonly Expression[], dim: number): Expression {
    return this.run((...xs) => cat(xs, dim), ...parts);
  }

  /** The same operation with the same settings on other inputs. */
  again(e: Application, inputs: readonly Expression[]): Expression {
    if (inputs.every((input, i) => input === e.call.inputs[i])) return e;
    if (e.call.many) return this.graph.applyMany(e.call.op as never, inputs, e.call.params)[e.output]!;
    return this.graph.apply(e.call.op as AnyPrimitive, inputs, e.call.params);
  }
}

/** Whether an operation computes each element of its result from one element of each input. */
export function isElementwise(e: Expression): e is Application {
  return e.kind === "application" && !e.call.many && "kernel" in e.call.op && e.call.op.kernel !== undefined;
}

/** The number that an expression is everywhere; null where it is no such constant. */
export function numberOf(e: Expression): number | null {
  return e.kind === "constant" ? e.uniform : null;
}

export function commonShape(expressions: readonly Expression[]): Shape {
  return expressions.map(e => e.shape).reduce(broadcastShapes, []);
}

/** A number times the rest: −a, 2 · a, a / 3 … */
export function coefficientOf(e: Expression): { coefficient: number; rest: Expression } {
  if (e.kind !== "application") return { coefficient: 1, rest: e };
  const [a, b] = e.call.inputs as [Expression, Expression];
  const part = (sign: number, rest: Expression): { coefficient: number; rest: Expression } => {
    const inner = coefficientOf(rest);
    return { coefficient: sign * inner.coefficient, rest: inner.rest };
  };
  const same = (rest: Expression): boolean => sameShape(rest.shape, e.shape) && rest.dtype === e.dtype;
  switch (e.call.name) {
    case "neg":
      return part(-1, a);
    case "mul": {
      const left = numberOf(a);
      const right = numberOf(b);
      if (right !== null && same(a)) return part(right, a);
      if (left !== null && same(b)) return part(left, b);
      return { coefficient: 1, rest: e };
    }
    case "div": {
      const divisor = numberOf(b);
      if (divisor !== null && divisor !== 0 && same(a)) return part(1 / divisor, a);
      return { coefficient: 1, rest: e };
    }
    default:
      return { coefficient: 1, rest: e };
  }
}
