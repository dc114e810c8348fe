/**
 * @file What an operation is to autograd, and the one call through which every operation goes.
 *
 * An operation is stated once: its value (`forward`), the transpose of its derivative (`vjp`) and its
 * derivative (`jvp`). The rules are written in operations themselves, so derivatives of any order come
 * from the same statement, and everything that looks at a computation (the tape here, forward mode in
 * dual.ts) looks at {@link call}.
 */

import {
  dualOf,
  isTensor,
  outputNrOf,
  setHistory,
  storageOf,
  type Tensor,
  tornTensor,
} from "../tensor/tensor.ts";
import { callDual } from "./dual.ts";
import { isGradEnabled } from "./mode.ts";
import { backwardName, type Grads, Node } from "./node.ts";

type Maybe<I extends readonly Tensor[]> = { [K in keyof I]: Tensor | null };

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
}

/** Applies an operation to its inputs: computes the value and, where someone will ask, remembers how. */
export function call<I extends readonly Tensor[], P>(op: Primitive<I, P>, inputs: I, params: P): Tensor {
  let dual = false;
  let record = false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (input.requiresGrad) record = true;
    if (dualOf(input) !== null) dual = true;
  }
  const output = dual ? callDual(op, inputs, params) : op.forward(inputs, params);
  if (record && isGradEnabled() && output.isFloatingPoint()) {
    setHistory(output, new OpNode(op, inputs, output, params), 0);
  }
  return output;
}

/** The recorded call of an operation. */
export class OpNode<I extends readonly Tensor[] = readonly Tensor[], P = unknown> extends Node {
  readonly #op: Primitive<I, P>;
  readonly #params: P;
  readonly #versions: number[];
  #inputs: I | null;
  #output: Tensor | null;

  constructor(op: Primitive<I, P>, inputs: I, output: Tensor, params: P) {
    super(backwardName(op.name), inputs);
    this.#op = op;
    this.#params = params;
    this.#inputs = inputs;
    this.#output = output;
    this.#versions = [];
    for (let i = 0; i < inputs.length; i++) this.#versions.push(storageOf(inputs[i]!).version);
    this.#versions.push(storageOf(output).version);
  }

  override run(gradOutputs: Grads): Grads {
    const g = gradOutputs[0];
    if (!isTensor(g)) return [];
    if (this.#inputs === null || this.#output === null) throw freedGraphError(this.name);
    const inputs = this.#inputs.map((t, i) => this.#asSaved(t, i)) as unknown as I;
    const output = this.#asSaved(this.#output, inputs.length);
    const needs = this.nextFunctions.map(next => next !== null);
    const { vjp } = this.#op;
    if (typeof vjp === "function") return vjp(g, inputs, output, this.#params, needs);
    return needs.map((needed, i) => (needed ? vjp[i]!(g, inputs, output, this.#params) : null));
  }

  override release(): void {
    this.#inputs = null;
    this.#output = null;
  }

  /**
   * A rule gets all inputs and the output, but seldom reads them all. One that was changed in place
   * since is handed over without its elements, so that only a rule that needs them fails.
   */
  #asSaved(t: Tensor, i: number): Tensor {
    const saved = this.#versions[i]!;
    const { version } = storageOf(t);
    if (version === saved) return t;
    return tornTensor(t, () => modifiedError(this.name, t, outputNrOf(t), version, saved));
  }
}

/** Torch's error for a graph that was run already. */
export function freedGraphError(name: string): Error {
  return new Error(
    `${name}: trying to backward through the graph a second time, but what it saved was freed by the first. ` +
      "Pass { retainGraph: true } to the first backward() or grad() to keep it.",
  );
}

/** Torch's error for a saved tensor that was changed in place. */
export function modifiedError(
  name: string,
  t: Tensor,
  outputNr: number,
  version: number,
  saved: number,
): Error {
  return new Error(
    "One of the variables needed for gradient computation has been modified by an in-place operation: " +
      `a tensor [${t.shape.join(", ")}], output ${outputNr} of ${t.gradFn?.name ?? "a leaf"}, saved by ${name}, ` +
      `is at version ${version}; expected version ${saved}. Change a clone() of it instead.`,
  );
}
