/**
 * @file Code as expressions: a function of tensors is run on tensors without elements, and each operation on them is written
 * down. Code that asks for elements (`item()`, a branch on data) cannot be traced, and says where it asked.
 */

import type { GradHook } from "../autograd/hooks.ts";
import { geometryOf, viewGather, viewScatter } from "../autograd/inplace.ts";
import { noGrad } from "../autograd/mode.ts";
import type { Primitive } from "../autograd/primitive.ts";
import type { Geometry } from "../tensor/tensor.ts";
import {
  aliasOf,
  baseOf,
  empty,
  makeTraced,
  setWrapper,
  shapeOf,
  type Tensor,
  type Tracer,
  wrapperOf,
} from "../tensor/tensor.ts";
import {
  type AnyMultiPrimitive,
  type AnyPrimitive,
  type Expression,
  Graph,
  type Role,
} from "./expression.ts";

/** Elements were asked for where there are none. */
export class Untraceable extends Error {
  override readonly name = "Untraceable";
}

/** The same elements under another shape, whatever the strides: what both of the engine's ways to reshape come to. */
export const RESHAPE: Primitive<readonly Tensor[], readonly number[]> = {
  name: "reshape",
  forward: ([x], shape) => x!.reshape(shape),
  vjp: [(g, [x]) => g.reshape(shapeOf(x!))],
  jvp: ([t], _inputs, y) => t!.reshape(shapeOf(y)),
};

/** The same value, which counts as constant. */
export const DETACH: Primitive<readonly Tensor[]> = {
  name: "detach",
  forward: ([x]) => x!,
  vjp: () => [null],
  jvp: (_tangents, [x]) => x!.mul(0),
};

/** The same value, and a hook for what flows back. */
const HOOKED: Primitive<readonly Tensor[], { hook: GradHook }> = {
  name: "hooked",
  forward: ([x]) => x!,
  vjp: (g, _inputs, _output, { hook }) => [hook(g) ?? g],
  jvp: ([t]) => t!,
};

/** Operations that only look elsewhere into what they are given. */
const VIEWS: ReadonlySet<string> = new Set([
  "view",
  "permute",
  "expand",
  "slice",
  "diagonal",
  "unfold",
  "asStrided",
]);

/** How a stand-in came to look into another: what is written to one is seen in the other. */
interface View {
  readonly base: Tensor;
  /** What the base was when this view's own expression was worked out. */
  seen: Expression;
  look(base: Expression): Expression;
  /** The base with this view's part replaced. */
  replaced(base: Expression, part: Expression): Expression;
}

interface TraceOptions {
  graph?: Graph;
  throughDetach?: boolean;
  readable?: boolean;
  hooks?: boolean;
}

export class Trace implements Tracer {
  readonly graph: Graph;
  /** Whether derivatives pass through `detach()`: forward's VJP is that of the function it computes, cut or not. */
  readonly #throughDetach: boolean;
  /** Whether elements may be read after all: those of the inputs it is traced with. What is written down then holds for these. */
  readonly #readable: boolean;
  /** Whether stand-ins say that they require gradients, as code asks that wants to hook in. */
  readonly #hooks: boolean;
  readonly #expressions = new WeakMap<Tensor, Expression>();
  readonly #views = new WeakMap<Tensor, View>();
  /** Expressions whose elements code may read although the others' may not be. */
  readonly #known = new WeakSet<Expression>();

  constructor({
    graph = new Graph(),
    throughDetach = true,
    readable = false,
    hooks = false,
  }: TraceOptions = {}) {
    this.graph = graph;
    this.#throughDetach = throughDetach;
    this.#readable = readable;
    this.#hooks = hooks;
  }

  /** A stand-in for an expression, to be given to code. */
  tensor(expression: Expression): Tensor {
    // A number of the code promotes dtypes in its own way, which a stand-in could not.
    if (expression.kind === "constant") return expression.value;
    const readable = this.#readable || this.#known.has(expression);
    const t = readable ? aliasOf(expression.value) : makeTraced(expression.shape, expression.dtype, this, 0);
    if (readable) setWrapper(t, { kind: "traced", tracer: this, level: 0 });
    if (this.#hooks && t.isFloatingPoint()) t.requiresGrad = true;
    this.#expressions.set(t, expression);
    return t;
  }

  /** A named tensor that code is given. */
  leaf(name: string, role: Role, value: Tensor): Tensor {
    return this.tensor(
      this.graph.leaf(
        name,
        role,
        noGrad(() => value.detach().clone()),
      ),
    );
  }

  /** A named tensor, an index say, whose elements code may read, and those of what is computed of such tensors alone. */
  known(name: string, role: Role, value: Tensor): Tensor {
    const leaf = this.graph.leaf(
      name,
      role,
      noGrad(() => value.detach().clone()),
    );
    this.#known.add(leaf);
    return this.tensor(leaf);
  }

  /** Whether a tensor was made in this trace. */
  knows(t: Tensor): boolean {
    return this.#expressions.has(t);
  }

  /** What a tensor stands for. */
  expressionOf(t: Tensor): Expression {
    const view = this.#views.get(t);
    if (view !== undefined) {
      const base = this.expressionOf(view.base);
      if (base !== view.seen) {
        view.seen = base;
        this.#expressions.set(t, view.look(base));
      }
    }
    const known = this.#expressions.get(t);
    if (known !== undefined) return known;
    if (wrapperOf(t) !== null) throw new Untraceable("A tensor of another transform cannot be traced.");
    return this.graph.constant(t);
  }

  /** Expressions of what `f` makes of expressions. */
  run(f: (...inputs: Tensor[]) => Tensor, ...inputs: readonly Expression[]): Expression {
    return this.expressionOf(noGrad(() => f(...inputs.map(input => this.tensor(input)))));
  }

  call(op: AnyPrimitive, inputs: readonly Tensor[], params: unknown): Tensor {
    const expressions = inputs.map(input => this.expressionOf(input));
    const applied = this.#apply(op, expressions, params);
    if (expressions.every(e => e.kind === "constant" || this.#known.has(e))) this.#known.add(applied);
    const result = this.tensor(applied);
    if (VIEWS.has(op.name)) this.#noteView(result, inputs[0]!, op, params);
    return result;
  }

  #apply(op: AnyPrimitive, inputs: readonly Expression[], params: unknown): Expression {
    if (op.name === "view")
      return this.graph.apply(
        RESHAPE as AnyPrimitive,
        inputs,
        (params as { shape: readonly number[] }).shape,
      );
    if (op.name === "reshape") return this.graph.apply(RESHAPE as AnyPrimitive, inputs, params);
    return this.graph.apply(op, inputs, params);
  }

  callMany(op: AnyMultiPrimitive, inputs: readonly Tensor[], params: unknown): Tensor[] {
    return this.graph
      .applyMany(
        op,
        inputs.map(input => this.expressionOf(input)),
        params,
      )
      .map(result => this.tensor(result));
  }

  detach(input: Tensor): Tensor {
    const expression = this.expressionOf(input);
    if (this.#throughDetach || !input.isFloatingPoint()) return this.tensor(expression);
    return this.tensor(this.graph.apply(DETACH as AnyPrimitive, [expression], undefined));
  }

  hook(input: Tensor, hook: GradHook): () => void {
    const before = this.expressionOf(input);
    this.#expressions.set(input, this.graph.apply(HOOKED as AnyPrimitive, [before], { hook }));
    return () => this.#expressions.set(input, before);
  }

  assign(target: Tensor, value: Tensor): void {
    this.#overwrite(target, this.expressionOf(value));
  }

  #overwrite(target: Tensor, value: Expression): void {
    const base = baseOf(target);
    if (base !== null && !this.#views.has(target)) this.#noteOutsideView(target, base);
    const view = this.#views.get(target);
    if (view !== undefined) {
      this.#overwrite(view.base, view.replaced(this.expressionOf(view.base), value));
      view.seen = this.expressionOf(view.base);
    }
    this.#expressions.set(target, value);
    if (wrapperOf(target) === null) setWrapper(target, { kind: "traced", tracer: this, level: 0 });
  }

  #noteView(result: Tensor, base: Tensor, op: AnyPrimitive, params: unknown): void {
    const look = (whole: Expression): Expression => this.#apply(op, [whole], params);
    // Where the view's elements lie is asked of the view itself, taken of an empty tensor of the base's shape.
    const geometry = (): Geometry => {
      const whole = empty(shapeOf(base), base.dtype);
      return geometryOf(
        noGrad(() => op.forward([whole], params)),
        whole,
      );
    };
    this.#views.set(result, {
      base,
      seen: this.expressionOf(base),
      look,
      replaced: (whole, part) =>
        this.graph.apply(viewScatter as unknown as AnyPrimitive, [whole, part], geometry()),
    });
  }

  /** A view of a tensor that was none of ours until now: fresh zeros that are filled row by row. */
  #noteOutsideView(target: Tensor, base: Tensor): void {
    const geometry = geometryOf(target, base);
    this.#views.set(target, {
      base,
      seen: this.expressionOf(base),
      look: whole => this.graph.apply(viewGather as unknown as AnyPrimitive, [whole], geometry),
      replaced: (whole, part) =>
        this.graph.apply(viewScatter as unknown as AnyPrimitive, [whole, part], geometry),
    });
  }

  elementsAsked(): Error {
    return new Untraceable(
      "The elements of a tensor are read (item(), tolist(), a branch on data), so what is computed depends on the numbers.",
    );
  }
}
