/**
 * @file What an operation is to autograd, and the one call through which every operation goes.
 *
 * An operation is stated once: its value (`forward`), the transpose of its derivative (`vjp`) and its
 * derivative (`jvp`). The rules are written in operations themselves, so derivatives of any order come
 * from the same statement, and everything that looks at a computation (the tape here, transforms in
 * wrapped.ts) looks at {@link call}.
 */

import type { Kernel } from "../kernels/loops.ts";
import { setHistory, type Tensor } from "../tensor/tensor.ts";
import { isGradEnabled } from "./mode.ts";
import { backwardName, type Grads, Node, nextOf } from "./node.ts";
import { Saved } from "./saved.ts";
import { callWrapped, callWrappedMany, isWrapped } from "./wrapped.ts";

export type Maybe<I extends readonly Tensor[]> = { [K in keyof I]: Tensor | null };

/** One input's cotangent: g · ∂y/∂xᵢ, of the shape of xᵢ. */
type InputVjp<I, P> = (g: Tensor, inputs: I, output: Tensor, params: P) => Tensor;

/** All inputs' cotangents, where they share work. `needs[i]` is false where nobody asks for the i-th. */
type JointVjp<I, P> = (g: Tensor, inputs: I, output: Tensor, params: P, needs: readonly boolean[]) => Grads;

/**
 * Derivative along the tangents, null where an input does not move; at least one does.
 * "linear": the operation is linear in all its inputs together, so it is its own derivative.
 * "multilinear": it is linear in each input on its own, so the product rule holds.
 */
type Jvp<I extends readonly Tensor[], P> =
  | "linear"
  | "multilinear"
  | ((tangents: Maybe<I>, inputs: I, output: Tensor, params: P) => Tensor);

export interface Primitive<I extends readonly Tensor[] = readonly Tensor[], P = void> {
  /** As in torch, in camelCase; the graph's node is named after it. */
  readonly name: string;
  /** The value, from elements alone. */
  forward(inputs: I, params: P): Tensor;
  /** One rule for each input, or one for all of them. */
  readonly vjp: readonly InputVjp<I, P>[] | JointVjp<I, P>;
  readonly jvp: Jvp<I, P>;
  /** Whether nobody else has the tensors that its `vjp` returns. Default: false. */
  readonly givesFresh?: boolean;
  /** The function of numbers that the operation applies at every element, where it is of that kind. */
  readonly kernel?: Kernel;
  /**
   * The operation on whole batches, for `vmap`: `batched[i]` says whether input i has a batch in front. Without it the
   * batch is gone through entry by entry.
   */
  batch?(values: I, batched: readonly boolean[], params: P): Tensor;
}

/** An operation with several outputs; as {@link Primitive}, with one gradient, value and tangent for each. */
export interface MultiPrimitive<I extends readonly Tensor[] = readonly Tensor[], P = void> {
  readonly name: string;
  forward(inputs: I, params: P): Tensor[];
  /** @param gs null for an output that nothing depended on; at least one is not */
  vjp(gs: Grads, inputs: I, outputs: readonly Tensor[], params: P, needs: readonly boolean[]): Grads;
  /** @returns null for an output that does not move */
  jvp(tangents: Maybe<I>, inputs: I, outputs: readonly Tensor[], params: P): (Tensor | null)[];
}

/** Applies an operation to its inputs: computes the value and, where someone will ask, remembers how. */
export function call<I extends readonly Tensor[], P>(op: Primitive<I, P>, inputs: I, params: P): Tensor {
  const output = isWrapped(inputs) ? callWrapped(op, inputs, params) : op.forward(inputs, params);
  if (isGradEnabled() && output.isFloatingPoint() && anyRequiresGrad(inputs)) {
    setHistory(output, new OpNode(op, inputs, output, params), 0);
  }
  return output;
}

/** {@link call} for an operation with several outputs. */
export function callMany<I extends readonly Tensor[], P>(
  op: MultiPrimitive<I, P>,
  inputs: I,
  params: P,
): Tensor[] {
  const outputs = isWrapped(inputs) ? callWrappedMany(op, inputs, params) : op.forward(inputs, params);
  if (isGradEnabled() && anyRequiresGrad(inputs)) {
    const node = new MultiOpNode(op, inputs, outputs, params);
    outputs.forEach((output, i) => {
      if (output.isFloatingPoint()) setHistory(output, node, i);
    });
  }
  return outputs;
}

function anyRequiresGrad(inputs: readonly Tensor[]): boolean {
  for (let i = 0; i < inputs.length; i++) if (inputs[i]!.requiresGrad) return true;
  return false;
}

/** The recorded call of an operation. */
class OpNode<I extends readonly Tensor[], P> extends Node {
  readonly #op: Primitive<I, P>;
  readonly #params: P;
  readonly #saved: Saved;

  constructor(op: Primitive<I, P>, inputs: I, output: Tensor, params: P) {
    super(inputs);
    this.#op = op;
    this.#params = params;
    this.#saved = new Saved(this, inputs, output);
  }

  override get name(): string {
    return backwardName(this.#op.name);
  }

  override get givesFresh(): boolean {
    return this.#op.givesFresh === true;
  }

  override run(gs: Grads): Grads {
    const g = gs[0];
    if (!g) return [];
    const inputs = this.#saved.readForRule() as unknown as I;
    const output = this.#saved.readLast();
    const next = nextOf(this);
    const { vjp } = this.#op;
    if (typeof vjp === "function") {
      return vjp(
        g,
        inputs,
        output,
        this.#params,
        next.map(n => n !== null),
      );
    }
    // Written out for one and two, as in `edgesTo`. Of a single input the gradient is asked for, or no call was recorded.
    switch (next.length) {
      case 1:
        return [vjp[0]!(g, inputs, output, this.#params)];
      case 2:
        return [
          next[0] === null ? null : vjp[0]!(g, inputs, output, this.#params),
          next[1] === null ? null : vjp[1]!(g, inputs, output, this.#params),
        ];
      default:
        return next.map((edge, i) => (edge === null ? null : vjp[i]!(g, inputs, output, this.#params)));
    }
  }

  override release(): void {
    this.#saved.release();
  }
}

/** The recorded call of an operation with several outputs. */
class MultiOpNode<I extends readonly Tensor[], P> extends Node {
  readonly #op: MultiPrimitive<I, P>;
  readonly #params: P;
  readonly #inputs: Saved;
  readonly #outputs: Saved;

  constructor(op: MultiPrimitive<I, P>, inputs: I, outputs: readonly Tensor[], params: P) {
    super(inputs);
    this.#op = op;
    this.#params = params;
    this.#inputs = new Saved(this, inputs);
    this.#outputs = new Saved(this, outputs);
  }

  override get name(): string {
    return backwardName(this.#op.name);
  }

  override run(gs: Grads): Grads {
    const inputs = this.#inputs.readForRule() as unknown as I;
    const outputs = this.#outputs.readForRule();
    const needs = nextOf(this).map(next => next !== null);
    const grads = outputs.map((_, i) => gs[i] ?? null);
    return this.#op.vjp(grads, inputs, outputs, this.#params, needs);
  }

  override release(): void {
    this.#inputs.release();
    this.#outputs.release();
  }
}
