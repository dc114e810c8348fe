/**
 * @file Operations on tensors that a transform has wrapped. Transforms nest: each has a level, and an
 * operation is handled by the innermost one among its inputs, which leaves the rest to `call`.
 *
 * Source: torch's functorch, and JAX's `core.py`: interpreters on a stack.
 */

import { type Tensor, wrapperOf } from "../tensor/tensor.ts";
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

/** The highest level among tensors of which at least one is wrapped, and what kind of transform it is. */
export function innermost(inputs: readonly Tensor[]): { level: number; kind: "dual" | "batched" } {
  let found: { level: number; kind: "dual" | "batched" } = { level: 0, kind: "dual" };
  for (const input of inputs) {
    const wrapper = wrapperOf(input);
    if (wrapper !== null && wrapper.level > found.level) found = wrapper;
  }
  return found;
}

export function callWrapped<I extends readonly Tensor[], P>(
  op: Primitive<I, P>,
  inputs: I,
  params: P,
): Tensor {
  const { level, kind } = innermost(inputs);
  return kind === "dual" ? callDual(op, inputs, params, level) : callBatched(op, inputs, params, level);
}

export function callWrappedMany<I extends readonly Tensor[], P>(
  op: MultiPrimitive<I, P>,
  inputs: I,
  params: P,
): Tensor[] {
  const { level, kind } = innermost(inputs);
  return kind === "dual"
    ? callDualMany(op, inputs, params, level)
    : callBatchedMany(op, inputs, params, level);
}
