/**
 * @file Custom operations: a class with a static `forward` and a static `backward`.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 */

import { zerosLike } from "../tensor/creation.ts";
import { expandsTo, formatShape, sameShape } from "../tensor/shape.ts";
import { aliasOf, empty, isTensor, makeDual, setHistory, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { eachEntry, stackedBatch } from "./batch.ts";
import {
  type Context,
  FunctionContext,
  freeSaved,
  isDirty,
  isNonDifferentiable,
  materializesGrads,
  replaceSaved,
} from "./context.ts";
import { dualAt } from "./dual.ts";
import { isGradEnabled, noGrad } from "./mode.ts";
import { backwardName, type Grads, metaOf, Node, type TensorMeta } from "./node.ts";
import { transposed } from "./transpose.ts";
import { innermost, isWrapped } from "./wrapped.ts";

// biome-ignore lint/suspicious/noExplicitAny: the arguments are the Function's own.
type Any = any;

/** What a subclass of {@link Function} may define. */
export interface FunctionClass {
  readonly name: string;
  forward(...args: Any[]): unknown;
  setupContext?(ctx: Context, inputs: Any, output: Any): void;
  backward?(ctx: Context, ...gradOutputs: Any[]): unknown;
  jvp?(ctx: Context, ...tangents: Any[]): unknown;
}

/** The arguments of `apply`: forward's, without its ctx where it takes one. */
type ApplyArguments<F> = F extends { setupContext: Any; forward: (...args: infer A) => Any }
  ? A
  : F extends { forward: (ctx: Any, ...args: infer A) => Any }
    ? A
    : never;

type ApplyResult<F> = F extends { forward: (...args: Any[]) => infer R } ? R : never;

/**
 * The base of custom operations. A subclass states its value and its vector–Jacobian product:
 *
 * ```ts
 * class MatrixSquare extends Function {
 *   static forward(ctx: Context, input: Tensor) {
 *     ctx.saveForBackward(input);
 *     return input.matmul(input);
 *   }
 *   static backward(ctx: Context, gradOutput: Tensor) {
 *     const [input] = ctx.savedTensors;
 *     return gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput));
 *   }
 * }
 * MatrixSquare.apply(x)
 * ```
 *
 * `backward` returns one gradient per argument of forward (an array where there are several), null where
 * none is due. A static `setupContext(ctx, inputs, output)` may take over what forward does with ctx.
 */
export class Function {
  /** Computes forward and records the call, so that gradients flow through `backward`. */
  static apply<F extends FunctionClass>(this: F, ...args: ApplyArguments<F>): ApplyResult<F> {
    return applyFunction(this, args as unknown[]).result as ApplyResult<F>;
  }
}

/** One call of a Function: what forward returned, and the node that will call backward (null where nothing is recorded). */
export interface FunctionCall {
  readonly result: unknown;
  readonly ctx: Context;
  readonly node: FunctionNode | null;
}

/** {@link Function.apply}, with what it recorded. */
export function applyFunction(definition: FunctionClass, args: readonly unknown[]): FunctionCall {
  const inputs = args.filter(isTensor);
  const needs = args.map(arg => isTensor(arg) && arg.requiresGrad);
  const record = isGradEnabled() && needs.includes(true);
  const wrapped = isWrapped(inputs);
  const name = backwardName(definition.name || "anonymous");
  const ctx = new FunctionContext(name, needs) as Context;
  const returned = noGrad(() => {
    if (definition.setupContext === undefined) return definition.forward(ctx, ...args);
    const output = definition.forward(...args);
    definition.setupContext(ctx, args, output);
    return output;
  });
  const several = Array.isArray(returned);
  const computed = returnedList(returned);
  if (!computed.some(isTensor)) {
    throw new TypeError(
      `${definition.name}.forward must return a tensor or an array with tensors, got ${returned === undefined ? "nothing (is a return missing?)" : typeof returned}.`,
    );
  }
  // Where a transform has wrapped the inputs, the outputs are its own; forward ran for what it saved.
  const outputs = wrapped ? returnedList(applyWrapped(definition, args).result) : computed;
  if (wrapped) replaceSaved(ctx, computed, outputs);
  const node = record ? new FunctionNode(definition, name, ctx, args, inputs) : null;
  const results = outputs.map((output, i) => {
    if (!isTensor(output)) return output;
    const original = computed[i] as Tensor;
    node?.addOutput(i, metaOf(output));
    // A tensor that somebody else holds keeps its own history; the output is another one on its elements.
    const held = !isDirty(ctx, original) && (inputs.includes(output) || output.requiresGrad);
    const own = held ? aliasOf(output) : output;
    if (node !== null && own.isFloatingPoint() && !isNonDifferentiable(ctx, original))
      setHistory(own, node, i);
    return own;
  });
  return { result: several ? results : results[0], ctx, node };
}

/** A Function on tensors that a transform has wrapped: the innermost transform is handled here. */
function applyWrapped(definition: FunctionClass, args: readonly unknown[]): FunctionCall {
  const { level, kind } = innermost(args.filter(isTensor));
  return kind === "dual" ? applyDual(definition, args, level) : applyBatched(definition, args, level);
}

/** `vmap`: entry by entry. */
function applyBatched(definition: FunctionClass, args: readonly unknown[], level: number): FunctionCall {
  const calls = eachEntry(args, level, entry => applyFunction(definition, entry));
  const [first] = calls;
  const results = calls.map(({ result }) => (Array.isArray(result) ? result : [result]));
  const stacked = results[0]!.map((output, o) =>
    isTensor(output)
      ? stackedBatch(
          results.map(result => result[o] as Tensor),
          level,
        )
      : output,
  );
  return { ...first!, result: Array.isArray(first!.result) ? stacked : stacked[0] };
}

/** Forward mode: values from forward at the primals, their derivative from the Function's own `jvp`. */
function applyDual(definition: FunctionClass, args: readonly unknown[], level: number): FunctionCall {
  const duals = args.map(arg => (isTensor(arg) ? dualAt(arg, level) : null));
  const primals = args.map((arg, i) => duals[i]?.primal ?? arg);
  const call = applyFunction(definition, primals);
  if (definition.jvp === undefined) {
    throw new Error(
      `${definition.name} has no static jvp(ctx, ...tangents), which forward-mode differentiation needs. ` +
        "Add one, or use reverse mode.",
    );
  }
  const tangents = duals.map((dual, i) => {
    if (dual !== null) return dual.tangent;
    const arg = args[i];
    return isTensor(arg) && arg.isFloatingPoint() && materializesGrads(call.ctx) ? zerosLike(arg) : null;
  });
  const moved = definition.jvp(call.ctx, ...tangents);
  const wrap = (output: unknown, tangent: unknown): unknown =>
    isTensor(output) && isTensor(tangent) ? makeDual(output, tangent, level) : output;
  const result = Array.isArray(call.result)
    ? call.result.map((output, i) => wrap(output, Array.isArray(moved) ? moved[i] : null))
    : wrap(call.result, moved);
  return { ...call, result };
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
        (...tangents) => jvp.call(this.#definition, this.#ctx, ...tangents),
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

/** Marks a backward that must not itself be differentiated. */
const ONCE = Symbol("onceDifferentiable");

/**
 * Wraps a `backward` that uses something autograd cannot follow: differentiating it a second time is then
 * an error instead of silently wrong.
 *
 * ```ts
 * static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => …);
 * ```
 */
export function onceDifferentiable<A extends unknown[], R>(
  backward: (ctx: Context, ...gradOutputs: A) => R,
): (ctx: Context, ...gradOutputs: A) => R {
  const wrapped = (ctx: Context, ...gradOutputs: A): R => {
    const returned = noGrad(() => backward(ctx, ...gradOutputs));
    if (!isGradEnabled() || !gradOutputs.some(g => isTensor(g) && g.requiresGrad)) return returned;
    const inputs = gradOutputs.filter(isTensor) as Tensor[];
    const blocked = (grad: unknown): unknown => {
      if (!isTensor(grad)) return grad;
      const output = aliasOf(grad);
      setHistory(output, new OnceDifferentiableNode(inputs), 0);
      return output;
    };
    return (Array.isArray(returned) ? returned.map(blocked) : blocked(returned)) as R;
  };
  return Object.assign(wrapped, { [ONCE]: true });
}

export function isOnceDifferentiable(backward: unknown): boolean {
  return typeof backward === "function" && ONCE in backward;
}

class OnceDifferentiableNode extends Node {
  override get name(): string {
    return "OnceDifferentiable";
  }

  override run(): Grads {
    throw new Error("Trying to differentiate twice a backward that was wrapped in onceDifferentiable().");
  }

  override release(): void {}
}
