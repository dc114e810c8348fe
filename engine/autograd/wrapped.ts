/**
 * @file Operations on tensors that a transform has wrapped. Transforms nest: each has a level, and an
 * operation is handled by the innermost one among its inputs, which leaves the rest to `call`.
 *
 * Source: torch's functorch, and JAX's `core.py`: interpreters on a stack.
 */

import { type Tensor, type Wrapper, wrapperOf } from "../tensor/tensor.ts";
import { callBatched, callBatchedMany } from "./batch.ts";
import { callDual, callDualMany } from "./dual.ts";
import type { MultiPrimitive, Primitive } from "./primitive.ts";

let depth = 0;

/** Runs a transform's body at a level of its own. */
export function atNewLevel<T>(body: (level: number) => T): T {
  depth++;
  try {
    return body(depth);
  } finally {
    depth--;
  }
}

export function isWrapped(inputs: readonly unknown[]): boolean {
  for (let i = 0; i < inputs.length; i++) if (wrapperOf(inputs[i] as Tensor) !== null) return true;
  return false;
}

/** The wrapper of the highest level among tensors of which at least one is wrapped. */
export function innermost(inputs: readonly Tensor[]): Wrapper {
  let found: Wrapper | null = null;
  for (const input of inputs) {
    const wrapper = wrapperOf(input);
    if (wrapper !== null && (found === null || wrapper.level > found.level)) found = wrapper;
  }
  return found!;
}

export function callWrapped<I extends readonly Tensor[], P>(
  op: Primitive<I, P>,
  inputs: I,
  params: P,
): Tensor {
  const wrapper = innermost(inputs);
  switch (wrapper.kind) {
    case "dual":
      return callDual(op, inputs, params, wrapper.level);
    case "batched":
      return callBatched(op, inputs, params, wrapper.level);
    case "traced":
      return wrapper.tracer.call(op as unknown as Primitive<readonly Tensor[], unknown>, inputs, params);
  }
}

export function callWrappedMany<I extends readonly Tensor[], P>(
  op: MultiPrimitive<I, P>,
  inputs: I,
  params: P,
): Tensor[] {
  const wrapper = innermost(inputs);
  switch (wrapper.kind) {
    case "dual":
      return callDualMany(op, inputs, params, wrapper.level);
    case "batched":
      return callBatchedMany(op, inputs, params, wrapper.level);
    case "traced":
      return wrapper.tracer.callMany(
        op as unknown as MultiPrimitive<readonly Tensor[], unknown>,
        inputs,
        params,
      );
  }
}
