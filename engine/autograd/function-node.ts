/** @file A custom Function in the graph: what it must define, and the node that calls its backward. */

import { expandsTo, formatShape, sameShape } from "../tensor/shape.ts";
import { empty, isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Context, freeSaved, materializesGrads, withForwardSaved } from "./context.ts";
import { isGradEnabled } from "./mode.ts";
import { type Grads, metaOf, Node, type TensorMeta } from "./node.ts";
import { transposed } from "./transpose.ts";
import type { InDim } from "./vmap.ts";

// biome-ignore lint/suspicious/noExplicitAny: the arguments are the Function's own.
export type Any = any;

/** What a subclass of {@link Function} may define. */
export interface FunctionClass {
  readonly name: string;
  forward(...args: Any[]): unknown;
  setupContext?(ctx: Context, inputs: Any, output: Any): void;
  backward?(ctx: Context, ...gradOutputs: Any[]): unknown;
  jvp?(ctx: Context, ...tangents: Any[]): unknown;
  vmap?(info: VmapInfo, inDims: readonly InDim[], ...args: Any[]): unknown;
  readonly generateVmapRule?: boolean;
}

/** What a Function's own `vmap` is told of the batch. */
export interface VmapInfo {
  readonly batchSize: number;
  /** How random operations would behave; torch's default. */
  readonly randomness: "error";
}

/**
 * What a forward or backward returned, as a list: one tensor may come bare. A list is copied entry by entry, so that
 * no method of a subclass of Array is called.
 */
export function returnedList(returned: unknown): unknown[] {
  if (!Array.isArray(returned)) return [returned];
  const list: unknown[] = [];
  for (let i = 0; i < returned.length; i++) list.push(returned[i]);
  return list;
}

/** The recorded call of a custom Function. */
export class FunctionNode extends Node {
  readonly #name: string;
  readonly #definition: FunctionClass;
  readonly #ctx: Context;
  /** For each argument of forward: its shape and dtype if it is a tensor. */
  readonly #arguments: readonly (TensorMeta | null)[];
  readonly #outputs: TensorMeta[] = [];

  constructor(
    definition: FunctionClass,
    name: string,
    ctx: Context,
    args: readonly unknown[],
    inputs: readonly Tensor[],
  ) {
    super(inputs);
    this.#name = name;
    this.#definition = definition;
    this.#ctx = ctx;
    this.#arguments = args.map(arg => (isTensor(arg) ? metaOf(arg) : null));
  }

  override get name(): string {
    return this.#name;
  }

  addOutput(index: number, meta: TensorMeta): void {
    this.#outputs[index] = meta;
  }

  /** Calls the Function's backward and gives what it returned, unexamined. Without one, its jvp is transposed. */
  callBackward(gradOutputs: Grads): unknown {
    const { backward, jvp, name } = this.#definition;
    const grads: Grads = [];
    for (let i = 0; i < this.#outputs.length; i++) {
      const meta = this.#outputs[i];
      const given = gradOutputs[i] ?? null;
      grads.push(
        given === null && meta !== undefined && materializesGrads(this.#ctx)
          ? empty(meta.shape, meta.dtype)
          : given,
      );
    }
    if (backward !== undefined) return backward.call(this.#definition, this.#ctx, ...grads);
    if (jvp !== undefined) {
      return transposed(
        (...tangents) =>
          withForwardSaved(this.#ctx, () => jvp.call(this.#definition, this.#ctx, ...tangents)),
        this.#arguments,
        grads,
      );
    }
    throw new Error(
      `${name} has no static backward(ctx, ...gradOutputs), nor a jvp to get it from; add one to differentiate it.`,
    );
  }

  override run(gradOutputs: Grads): Grads {
    const returned = this.callBackward(gradOutputs);
    const list = returnedList(returned);
    const expected = this.#arguments.length;
    if (list.length < expected || list.slice(expected).some(extra => extra !== null && extra !== undefined)) {
      throw new RangeError(
        `${this.name} returned an incorrect number of gradients: expected ${expected}, one for each argument of forward ` +
          `(null where none is due), got ${list.length}.`,
      );
    }
    const grads: Grads = [];
    this.#arguments.forEach((meta, i) => {
      const grad = list[i] ?? null;
      if (meta !== null) grads.push(grad === null ? null : this.#fitted(grad, meta, i));
      else if (grad !== null) {
        throw new TypeError(
          `${this.name} returned a gradient for argument ${i}, which is no tensor: expected null.`,
        );
      }
    });
    return grads;
  }

  override release(): void {
    freeSaved(this.#ctx);
  }

  /** A gradient in its input's shape and dtype; one that was broadcast is summed, as in torch. */
  #fitted(grad: unknown, meta: TensorMeta, index: number): Tensor {
    if (!isTensor(grad)) {
      throw new TypeError(
        `${this.name} returned ${typeof grad} as gradient ${index}: expected a tensor or null.`,
      );
    }
    let fitted = grad;
    if (!sameShape(shapeOf(grad), meta.shape)) {
      if (!expandsTo(meta.shape, shapeOf(grad))) {
        throw new RangeError(
          `${this.name} returned an invalid gradient at index ${index}: got shape ${formatShape(shapeOf(grad))} but expected ` +
            `shape compatible with ${formatShape(meta.shape)}.`,
        );
      }
      fitted = grad.sumToSize(meta.shape);
    }
    const converted = fitted.dtype === meta.dtype ? fitted : fitted.to(meta.dtype);
    // A backward that switched recording on by itself leaves no history where nobody asked for one.
    return isGradEnabled() || !converted.requiresGrad ? converted : converted.detach();
  }
}
