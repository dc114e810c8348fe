/**
 * @file What was computed, as a graph: nodes are the engine's operations, leaves are named tensors and constants. Equal
 * expressions are one object (hash-consing), so common parts are found by identity, and nothing of it ever changes.
 *
 * Each node keeps the value that it has at the inputs it was traced with: that gives shapes without a second statement of
 * them for every operation, and lets a rewrite be checked on the spot.
 */

import { noGrad } from "../autograd/mode.ts";
import type { MultiPrimitive, Primitive } from "../autograd/primitive.ts";
import { toFlatArray } from "../tensor/creation.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import { isTensor, isWrappedNumber, shapeOf, type Tensor } from "../tensor/tensor.ts";

export type AnyPrimitive = Primitive<readonly Tensor[], unknown>;
export type AnyMultiPrimitive = MultiPrimitive<readonly Tensor[], unknown>;

/** What a leaf is to the Function: decides what is free to use in a backward, and how it is written. */
export type Role = "input" | "output" | "gradOutput" | "saved";

interface Common {
  /** Rises with every new node, so a node's inputs have lower ones: an order to go through a graph. */
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Row-major; never written to. */
  readonly value: Tensor;
}

export interface Leaf extends Common {
  readonly kind: "leaf";
  readonly name: string;
  readonly role: Role;
}

export interface Constant extends Common {
  readonly kind: "constant";
  /** The number that all elements are; null where they differ. */
  readonly uniform: number | null;
}

export interface Application extends Common {
  readonly kind: "application";
  readonly call: Call;
  /** Which of the call's results. */
  readonly output: number;
}

/** One operation applied to inputs. */
export interface Call {
  readonly name: string;
  readonly op: AnyPrimitive | AnyMultiPrimitive;
  /** Whether `op` has several outputs. */
  readonly many: boolean;
  readonly inputs: readonly Expression[];
  readonly params: unknown;
  /** Its results in order; filled when the call is made. */
  readonly results: readonly Application[];
}

export type Expression = Leaf | Constant | Application;

/** A table of expressions, each there once. */
export class Graph {
  #next = 0;
  readonly #leaves = new Map<string, Leaf>();
  readonly #constants = new Map<string, Constant>();
  readonly #calls = new Map<string, Call>();
  readonly #identities = new WeakMap<object, number>();

  /** How many nodes there are: what was made later has an id of this or more. */
  get size(): number {
    return this.#next;
  }

  /** The leaf of this name and value, made on first use. */
  leaf(name: string, role: Role, value: Tensor): Leaf {
    const known = this.#leaves.get(name);
    if (known !== undefined && known.role === role && known.value === value) return known;
    const leaf: Leaf = { kind: "leaf", name, role, ...this.#common(value) };
    this.#leaves.set(name, leaf);
    return leaf;
  }

  constant(value: Tensor): Constant {
    const values = toFlatArray(value);
    const number = isWrappedNumber(value);
    const key = `${value.dtype}${number ? "#" : ""}|${shapeOf(value)}|${values.map(v => (Object.is(v, -0) ? 0 : v)).join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const first = values[0] ?? 0;
    const uniform = values.every(v => Object.is(v, first) || v === first) ? first : null;
    // A number of the code stays that very tensor: it promotes dtypes in its own way.
    const kept = number ? value : value.clone();
    const constant: Constant = { kind: "constant", uniform, ...this.#common(kept) };
    this.#constants.set(key, constant);
    return constant;
  }

  /** Applies an operation; of constants alone, a constant. @throws what the operation does */
  apply(op: AnyPrimitive, inputs: readonly Expression[], params: unknown): Expression {
    if (inputs.length > 0 && inputs.every(input => input.kind === "constant")) {
      return this.constant(valueOf(op, inputs, params));
    }
    return this.#call(op, false, inputs, params, () => [valueOf(op, inputs, params)]).results[0]!;
  }

  /** {@link apply} for an operation with several outputs. */
  applyMany(op: AnyMultiPrimitive, inputs: readonly Expression[], params: unknown): readonly Expression[] {
    const compute = () =>
      noGrad(() =>
        op.forward(
          inputs.map(input => input.value),
          params,
        ),
      );
    if (inputs.every(input => input.kind === "constant")) return compute().map(y => this.constant(y));
    return this.#call(op, true, inputs, params, compute).results;
  }

  #call(
    op: AnyPrimitive | AnyMultiPrimitive,
    many: boolean,
    inputs: readonly Expression[],
    params: unknown,
    compute: () => Tensor[],
  ): Call {
    const key = `${this.#identity(op)}(${inputs.map(input => input.id)})${this.#keyOf(params)}`;
    const known = this.#calls.get(key);
    if (known !== undefined) return known;
    const results: Application[] = [];
    const call: Call = { name: op.name, op, many, inputs, params, results };
    compute().forEach((value, output) => {
      results.push({ kind: "application", call, output, ...this.#common(value.contiguous()) });
    });
    this.#calls.set(key, call);
    return call;
  }

  #common(value: Tensor): Common {
    return { id: this.#next++, shape: shapeOf(value), dtype: value.dtype, value };
  }

  #identity(object: object): number {
    let id = this.#identities.get(object);
    if (id === undefined) {
      id = this.#next++;
      this.#identities.set(object, id);
    }
    return id;
  }

  /** Settings by content; functions and tensors within them by identity. */
  #keyOf(params: unknown): string {
    if (params === undefined) return "";
    return JSON.stringify(params, (_, value) => {
      if (typeof value === "function" || isTensor(value)) return `@${this.#identity(value)}`;
      return typeof value === "number" ? String(value) : value;
    });
  }
}

function valueOf(op: AnyPrimitive, inputs: readonly Expression[], params: unknown): Tensor {
  return noGrad(() =>
    op.forward(
      inputs.map(input => input.value),
      params,
    ),
  );
}

/** All that the roots are made of, themselves included, inputs before what uses them. */
export function reachable(roots: readonly Expression[]): Expression[] {
  const seen = new Set<Expression>();
  const open = [...roots];
  while (open.length > 0) {
    const e = open.pop()!;
    if (seen.has(e)) continue;
    seen.add(e);
    if (e.kind === "application") open.push(...e.call.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** How often each expression is used by others below the roots; a root counts as used once more. */
export function usesOf(roots: readonly Expression[]): Map<Expression, number> {
  const uses = new Map<Expression, number>();
  const count = (e: Expression): void => {
    uses.set(e, (uses.get(e) ?? 0) + 1);
  };
  roots.forEach(count);
  const calls = new Set<Call>();
  for (const e of reachable(roots)) {
    if (e.kind !== "application" || calls.has(e.call)) continue;
    calls.add(e.call);
    e.call.inputs.forEach(count);
  }
  return uses;
}

/** Whether an expression is the result of an operation of one of these names. */
export function isCalled<Name extends string>(
  e: Expression,
  ...names: readonly Name[]
): e is Application & { readonly call: Call & { readonly name: Name } } {
  return e.kind === "application" && (names as readonly string[]).includes(e.call.name);
}
