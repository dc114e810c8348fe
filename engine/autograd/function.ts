/**
 * @file Custom operations: a class with a static `forward` and a static `backward`.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 */

import {
  aliasOf,
  baseOf,
  isTensor,
  offsetOf,
  setHistory,
  shapeOf,
  stridesOf,
  type Tensor,
  viewOf,
} from "../tensor/tensor.ts";
import { type Context, dirtyOf, FunctionContext, isNonDifferentiable, replaceSaved } from "./context.ts";
import { type Any, type FunctionClass, FunctionNode, returnedList } from "./function-node.ts";
import { applyWrapped } from "./function-wrapped.ts";
import { guardFunctionView, makeOutput, refuseLeaf } from "./inplace.ts";
import { isGradEnabled, noGrad } from "./mode.ts";
import { backwardName, metaOf } from "./node.ts";
import { isWrapped } from "./wrapped.ts";

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
 * `jvp(ctx, …tangents)` serves forward mode, and reverse mode where there is no backward;
 * `vmap(info, inDims, …args)` returns `[output, outDims]` for a whole batch.
 */
export class Function {
  /** Computes forward and records the call, so that gradients flow through `backward`. */
  static apply<F extends FunctionClass>(this: F, ...args: ApplyArguments<F>): ApplyResult<F> {
    return applyFunction(this, args as unknown[], refuseLeaf).result as ApplyResult<F>;
  }
}

/** One call of a Function: what forward returned, and the node that will call backward (null where nothing is recorded). */
export interface FunctionCall {
  readonly result: unknown;
  readonly ctx: Context;
  readonly node: FunctionNode | null;
}

/** A static of Functions that are never {@link expanded}: what their forward does is not what is to be differentiated. */
export const OPAQUE = Symbol("opaque");

let expanding = false;

/** Runs `body` with every Function replaced by what its forward does: its backward is not used, its forward is recorded. */
export function expanded<T>(body: () => T): T {
  const before = expanding;
  expanding = true;
  try {
    return body();
  } finally {
    expanding = before;
  }
}

/**
 * {@link Function.apply}, with what it recorded.
 * @param refuse what to do about an input that was changed in place, where the call is recorded; the judge, whose leaves
 *   are copies of its own, has nothing against it
 */
export function applyFunction(
  definition: FunctionClass,
  args: readonly unknown[],
  refuse?: (by: string, dirty: Tensor) => void,
): FunctionCall {
  if (expanding && !(OPAQUE in definition)) {
    const ctx = new FunctionContext(definition.name, args.map(isTensor)) as Context;
    const result =
      definition.setupContext === undefined ? definition.forward(ctx, ...args) : definition.forward(...args);
    listOfOutputs(definition, result);
    return { result, ctx, node: null };
  }
  const inputs = args.filter(isTensor);
  const needs = args.map(arg => isTensor(arg) && arg.requiresGrad);
  const record = isGradEnabled() && needs.includes(true);
  const name = backwardName(definition.name || "anonymous");
  const ctx = new FunctionContext(name, needs) as Context;
  const { computed, result } = runForward(definition, ctx, args, inputs);
  const dirty = dirtyOf(ctx).filter(t => inputs.includes(t));
  refuseStrayDirty(definition, dirty, computed);
  if (record && refuse !== undefined) for (const t of dirty) refuse(name, t);
  const node = record ? new FunctionNode(definition, name, ctx, args, inputs) : null;
  const results = returnedList(result).map((output, i) =>
    isTensor(output) ? asOutput(output, computed[i] as Tensor, i, ctx, node, inputs) : output,
  );
  return { result: Array.isArray(result) ? results : results[0], ctx, node };
}

/**
 * @returns the result, and as a list what forward itself computed; they differ where a transform has wrapped the inputs,
 *   which makes the result, so that forward on what it wrapped is of use for what it saves only
 */
function runForward(
  definition: FunctionClass,
  ctx: Context,
  args: readonly unknown[],
  inputs: readonly Tensor[],
): { computed: unknown[]; result: unknown } {
  const transformed = isWrapped(inputs) ? applyWrapped(definition, args, applyFunction) : null;
  if (definition.setupContext !== undefined) {
    const result = transformed ?? noGrad(() => definition.forward(...args));
    const computed = listOfOutputs(definition, result);
    noGrad(() => definition.setupContext!(ctx, args, result));
    return { computed, result };
  }
  const returned = noGrad(() => definition.forward(ctx, ...args));
  const computed = listOfOutputs(definition, returned);
  if (transformed === null) return { computed, result: returned };
  if (dirtyOf(ctx).length > 0) {
    throw new Error(
      `${definition.name} changes an input in place, which a transform has wrapped: call it on a clone(), or outside.`,
    );
  }
  replaceSaved(ctx, computed, returnedList(transformed));
  return { computed, result: transformed };
}

function listOfOutputs(definition: FunctionClass, returned: unknown): unknown[] {
  const list = returnedList(returned);
  if (list.some(isTensor)) return list;
  const got = returned === undefined ? "nothing (is a return missing?)" : typeof returned;
  throw new TypeError(
    `${definition.name}.forward must return a tensor or an array with tensors, got ${got}.`,
  );
}

/** Gives an output its place in the graph. `original` is what forward returned for it. */
function asOutput(
  output: Tensor,
  original: Tensor,
  index: number,
  ctx: Context,
  node: FunctionNode | null,
  inputs: readonly Tensor[],
): Tensor {
  node?.addOutput(index, metaOf(output));
  const differentiable = output.isFloatingPoint() && !isNonDifferentiable(ctx, original);
  if (dirtyOf(ctx).includes(original) && inputs.includes(original)) {
    if (node !== null && differentiable) makeOutput(output, node, index);
    return output;
  }
  // A tensor that somebody else holds keeps its own history; the output is another one on its elements.
  const isInput = inputs.includes(output);
  const own = isInput || output.requiresGrad ? (isInput ? viewAs(output) : aliasOf(output)) : output;
  if (node !== null && differentiable) {
    setHistory(own, node, index);
    if (isInput || looksInto(output, inputs)) guardFunctionView(own, node.name);
  }
  return own;
}

function viewAs(t: Tensor): Tensor {
  return isWrapped([t]) ? aliasOf(t) : viewOf(t, offsetOf(t), shapeOf(t), stridesOf(t));
}

function looksInto(t: Tensor, inputs: readonly Tensor[]): boolean {
  const base = baseOf(t);
  return base !== null && inputs.some(input => input === base || baseOf(input) === base);
}

/** An input that was marked dirty must be returned, else nobody sees its new history. */
function refuseStrayDirty(
  definition: FunctionClass,
  dirty: readonly Tensor[],
  computed: readonly unknown[],
): void {
  for (const input of dirty) {
    if (!computed.includes(input)) {
      throw new Error(
        `${definition.name}: a tensor that was marked dirty was not returned. What forward changes in place must be among its outputs.`,
      );
    }
    if (baseOf(input) !== null && computed.length > 1) {
      throw new Error(
        `${definition.name}: a Function that changes a view in place must return that alone, got ${computed.length} outputs.`,
      );
    }
  }
}
