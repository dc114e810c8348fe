/** @file A custom Function on tensors that a transform has wrapped: the innermost transform is handled, the rest left to `apply`. */

import { zerosLike } from "../tensor/creation.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { isTensor, makeBatched, makeDual, shapeOf, type Tensor, wrapperOf } from "../tensor/tensor.ts";
import { batchedAt, eachEntry, stackedBatch } from "./batch.ts";
import { type Context, materializesGrads, withForwardSaved } from "./context.ts";
import { dualAt } from "./dual.ts";
import { type FunctionClass, returnedList } from "./function-node.ts";
import { batchInFront } from "./vmap.ts";
import { innermost } from "./wrapped.ts";

/** A call of the Function without a level, and what came of it. */
type Apply = (definition: FunctionClass, args: readonly unknown[]) => { result: unknown; ctx: Context };

/** The Function's result; null where those that forward computes on the wrapped tensors are right as they are. */
export function applyWrapped(definition: FunctionClass, args: readonly unknown[], apply: Apply): unknown {
  const { level, kind } = innermost(args.filter(isTensor));
  if (kind === "dual") return applyDual(definition, args, level, apply);
  if (definition.vmap !== undefined) return applyOwnVmap(definition, args, level);
  if (definition.generateVmapRule === true && !args.some(isDifferentiatedWithin)) return null;
  return applyEachEntry(definition, args, level, apply);
}

/** Whether a transform that is further out than the batch differentiates: then it must meet the Function's own rules. */
function isDifferentiatedWithin(value: unknown): boolean {
  const wrapper = isTensor(value) ? wrapperOf(value) : null;
  if (wrapper === null) return false;
  if (wrapper.kind !== "batched") return true;
  return wrapper.value.requiresGrad || isDifferentiatedWithin(wrapper.value);
}

/** By the Function's static `vmap(info, inDims, …args)`, which returns its output and where the batch stands in it. */
function applyOwnVmap(definition: FunctionClass, args: readonly unknown[], level: number): unknown {
  const { name } = definition;
  if (definition.generateVmapRule === true) {
    throw new Error(
      `${name} has both generateVmapRule = true and a static vmap: expected one of them. Remove the other.`,
    );
  }
  const batches = args.map(arg => (isTensor(arg) ? batchedAt(arg, level) : null));
  const batchSize = batches.find(batch => batch !== null)!.value.size(0);
  const returned = definition.vmap!(
    { batchSize, randomness: "error" },
    batches.map(batch => (batch === null ? null : 0)),
    ...args.map((arg, i) => batches[i]?.value ?? arg),
  );
  if (!Array.isArray(returned) || returned.length !== 2) {
    throw new TypeError(
      `${name}.vmap must return a pair [output, outDims]: outDims says which dimension of the output is the batch ` +
        `(null for none), got ${Array.isArray(returned) ? `a list of ${returned.length}` : typeof returned}.`,
    );
  }
  const outputs = returnedList(returned[0]);
  const outDims: unknown = returned[1];
  if (Array.isArray(outDims) && outDims.length !== outputs.length) {
    throw new RangeError(
      `${name}.vmap returned ${outputs.length} outputs and ${outDims.length} outDims: expected one for each.`,
    );
  }
  const batched = outputs.map((output, i) => {
    const dim: unknown = Array.isArray(outDims) ? outDims[i] : outDims;
    return isTensor(output) && typeof dim === "number"
      ? makeBatched(batchInFront(output, dim), level)
      : output;
  });
  return likeReturned(returned[0], batched);
}

function applyEachEntry(
  definition: FunctionClass,
  args: readonly unknown[],
  level: number,
  apply: Apply,
): unknown {
  const results = eachEntry(args, level, entry => apply(definition, entry).result);
  const lists = results.map(returnedList);
  const stacked = lists[0]!.map((output, o) =>
    isTensor(output)
      ? stackedBatch(
          lists.map(list => list[o] as Tensor),
          level,
        )
      : output,
  );
  return likeReturned(results[0], stacked);
}

/** Forward mode: values from forward at the primals, their derivative from the Function's own `jvp`. */
function applyDual(
  definition: FunctionClass,
  args: readonly unknown[],
  level: number,
  apply: Apply,
): unknown {
  const { name } = definition;
  const duals = args.map(arg => (isTensor(arg) ? dualAt(arg, level) : null));
  const primals = args.map((arg, i) => duals[i]?.primal ?? arg);
  const { result, ctx } = apply(definition, primals);
  if (definition.jvp === undefined) {
    throw new Error(
      `${name} has no static jvp(ctx, ...tangents), which forward-mode differentiation needs. ` +
        "Add one, or use reverse mode.",
    );
  }
  const tangents = duals.map((dual, i) => {
    if (dual !== null) return dual.tangent;
    const arg = args[i];
    return isTensor(arg) && arg.isFloatingPoint() && materializesGrads(ctx) ? zerosLike(arg) : null;
  });
  const moved = returnedList(withForwardSaved(ctx, () => definition.jvp!(ctx, ...tangents)));
  const outputs = returnedList(result);
  if (moved.length !== outputs.length) {
    throw new RangeError(
      `${name}.jvp returned an incorrect number of tangents: expected ${outputs.length}, one for each output of forward ` +
        `(null for one that does not move), got ${moved.length}.`,
    );
  }
  const moving = outputs.map((output, i) => {
    const tangent = moved[i] ?? null;
    if (tangent === null || !isTensor(output)) return output;
    if (!isTensor(tangent) || !sameShape(shapeOf(tangent), shapeOf(output))) {
      throw new RangeError(
        `${name}.jvp returned an invalid tangent at index ${i}: expected shape ${formatShape(shapeOf(output))}, got ` +
          `${isTensor(tangent) ? formatShape(shapeOf(tangent)) : typeof tangent}.`,
      );
    }
    return makeDual(output, tangent, level);
  });
  return likeReturned(result, moving);
}

/** Outputs as a list where `returned` is one, else the only one. */
function likeReturned(returned: unknown, outputs: readonly unknown[]): unknown {
  return Array.isArray(returned) ? outputs : outputs[0];
}
