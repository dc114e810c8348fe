/** @file What a forward returned, as a list of tensors. */

import { applyFunction } from "../autograd/function.ts";
import { returnedList } from "../autograd/function-node.ts";
import { bareOf, isTensor, type Tensor } from "../tensor/tensor.ts";
import { type JudgedFunction, standInOf } from "./ruling.ts";

/** For each output its part of what belongs to all of them, one after the other; null for an output that is not there. */
export function partsOf<T extends Tensor | null>(
  all: Float64Array,
  outputs: readonly T[],
): (T extends Tensor ? Float64Array : null)[] {
  let start = 0;
  const parts = outputs.map(output => {
    if (output === null) return null;
    start += output.numel();
    return all.subarray(start - output.numel(), start);
  });
  return parts as (T extends Tensor ? Float64Array : null)[];
}

/** What forward returns, or what stands for it. */
export function resultOf(definition: JudgedFunction, args: readonly unknown[]): unknown {
  const standIn = standInOf(definition);
  return standIn === undefined
    ? applyFunction(definition, args).result
    : standIn.apply(definition, [...args]);
}

/** The outputs in order; null for one that is no tensor. */
export function outputsOf(result: unknown): (Tensor | null)[] {
  return returnedList(result).map(output => (isTensor(output) ? bareOf(output) : null));
}
