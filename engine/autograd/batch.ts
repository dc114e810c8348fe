/**
 * @file Vectorisation: an operation on tensors that stand for every entry of a batch is carried out on the
 * whole batch where its rule says how (`batch`), else entry by entry. Both are differentiable.
 */

import { type Batched, isTensor, makeBatched, type Tensor, wrapperOf } from "../tensor/tensor.ts";
import { call, callMany, type MultiPrimitive, type Primitive } from "./primitive.ts";

/** The batch that a tensor stands for at a level; null for one that is the same for all entries. */
export function batchedAt(t: Tensor, level: number): Batched | null {
  const wrapper = wrapperOf(t);
  return wrapper?.kind === "batched" && wrapper.level === level ? wrapper : null;
}

/** The inputs without a level: whole batches where they had it. */
function unwrap<I extends readonly Tensor[]>(inputs: I, level: number): { values: I; batched: boolean[] } {
  const here = inputs.map(t => batchedAt(t, level));
  return {
    values: inputs.map((t, i) => here[i]?.value ?? t) as unknown as I,
    batched: here.map(batch => batch !== null),
  };
}

/** Puts tensors side by side along a new first dimension: an operation, which this file is below. */
let stack: (tensors: readonly Tensor[]) => Tensor;

export function onStack(implementation: (tensors: readonly Tensor[]) => Tensor): void {
  stack = implementation;
}

export function callBatched<I extends readonly Tensor[], P>(
  op: Primitive<I, P>,
  inputs: I,
  params: P,
  level: number,
): Tensor {
  if (op.batch === undefined) {
    return stackedBatch(
      eachEntry(inputs, level, entry => call(op, entry as unknown as I, params)),
      level,
    );
  }
  const { values, batched } = unwrap(inputs, level);
  return makeBatched(op.batch(values, batched, params).contiguous(), level);
}

export function callBatchedMany<I extends readonly Tensor[], P>(
  op: MultiPrimitive<I, P>,
  inputs: I,
  params: P,
  level: number,
): Tensor[] {
  const results = eachEntry(inputs, level, entry => callMany(op, entry as unknown as I, params));
  return results[0]!.map((_, o) =>
    stackedBatch(
      results.map(outputs => outputs[o]!),
      level,
    ),
  );
}

/** What `f` returns for each entry of the batch at `level`; arguments that are no tensors of it are the same for all. */
export function eachEntry<T>(args: readonly unknown[], level: number, f: (entry: unknown[]) => T): T[] {
  const batches = args.map(arg => (isTensor(arg) ? batchedAt(arg, level) : null));
  const size = batches.find(batch => batch !== null)!.value.size(0);
  return Array.from({ length: size }, (_, b) =>
    f(args.map((arg, i) => batches[i]?.value.select(0, b) ?? arg)),
  );
}

export function stackedBatch(entries: readonly Tensor[], level: number): Tensor {
  return makeBatched(stack(entries), level);
}

/**
 * Inputs lined up for an operation that broadcasts: the batch in front of all dimensions that any of them
 * has.
 */
export function alignedForBroadcast(values: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const rank = Math.max(...values.map((t, i) => t.ndim - Number(batched[i])));
  return values.map((t, i) => {
    if (!batched[i]) return t;
    const [size, ...shape] = t.shape;
    return t.reshape([size!, ...new Array<number>(rank - shape.length).fill(1), ...shape]);
  });
}
