/**
 * @file Custom operations: a class with a static `forward` and a static `backward`.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 */

import { zerosLike } from "../tensor/creation.ts";
import { aliasOf, isTensor, makeDual, setHistory, type Tensor } from "../tensor/tensor.ts";
import { eachEntry, stackedBatch } from "./batch.ts";
import {
  type Context,
  FunctionContext,
  isDirty,
  isNonDifferentiable,
  materializesGrads,
  replaceSaved,
} from "./context.ts";
import { dualAt } from "./dual.ts";
import { type Any, type FunctionClass, FunctionNode, returnedList } from "./function-node.ts";
import { isGradEnabled, noGrad } from "./mode.ts";
import { backwardName, metaOf } from "./node.ts";
import { innermost, isWrapped } from "./wrapped.ts";

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
