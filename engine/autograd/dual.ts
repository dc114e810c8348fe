/**
 * @file Forward mode: a tensor that carries its derivative along one direction, pushed through each
 * operation by its `jvp` rule. Levels keep nested derivatives apart (perturbation confusion:
 * Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008).
 */

import { type Dual, empty, makeDual, shapeOf, type Tensor, wrapperOf } from "../tensor/tensor.ts";
import { call, callMany, type Maybe, type MultiPrimitive, type Primitive } from "./primitive.ts";
import { mapTensors } from "./structure.ts";
import { atNewLevel } from "./wrapped.ts";

/** The structure of `T`, with each tensor's derivative in its place; null where it does not move. */
export type Tangents<T> = T extends Tensor
  ? Tensor | null
  : T extends object
    ? { [K in keyof T]: Tangents<T[K]> }
    : null;

/**
 * Value and derivative of `f` at `primals` along `tangents`: torch's `torch.func.jvp`. `f` returns a tensor,
 * or tensors in arrays and plain objects of any depth; `tangent` has the same structure.
 * Each tangent has its primal's shape; null stands for zero.
 */
export function pushforward<T>(
  f: (...args: Tensor[]) => T,
  primals: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
): { output: T; tangent: Tangents<T> } {
  return atNewLevel(level => {
    const args = primals.map((primal, i) => {
      const tangent = tangents[i] ?? null;
      return tangent === null ? primal : makeDual(primal, tangent, level);
    });
    const returned = f(...args);
    return {
      output: mapTensors(returned, t => dualAt(t, level)?.primal ?? t) as T,
      tangent: mapTensors(
        returned,
        t => dualAt(t, level)?.tangent ?? null,
        () => null,
      ) as Tangents<T>,
    };
  });
}

/** The pair that a tensor stands for at a level; null for one that does not move there. */
export function dualAt(t: Tensor, level: number): Dual | null {
  const wrapper = wrapperOf(t);
  return wrapper?.kind === "dual" && wrapper.level === level ? wrapper : null;
}

/** An operation on tensors of which some are dual at `level`, which is taken off; the rest is left to `call`. */
export function callDual<I extends readonly Tensor[], P>(
  op: Primitive<I, P>,
  inputs: I,
  params: P,
  level: number,
): Tensor {
  const { primals, tangents } = peel(inputs, level);
  const primal = call(op, primals, params);
  if (!primal.isFloatingPoint()) return primal;
  return makeDual(primal, tangentOf(op, tangents, primals, primal, params), level);
}

/** {@link callDual} for an operation with several outputs. */
export function callDualMany<I extends readonly Tensor[], P>(
  op: MultiPrimitive<I, P>,
  inputs: I,
  params: P,
  level: number,
): Tensor[] {
  const { primals, tangents } = peel(inputs, level);
  const outputs = callMany(op, primals, params);
  const moved = op.jvp(tangents, primals, outputs, params);
  return outputs.map((primal, i) => {
    const tangent = moved[i] ?? null;
    return tangent === null ? primal : makeDual(primal, tangent, level);
  });
}

/** The inputs without a level, and what that level carried. */
function peel<I extends readonly Tensor[]>(inputs: I, level: number): { primals: I; tangents: Maybe<I> } {
  const here = inputs.map(t => dualAt(t, level));
  return {
    primals: inputs.map((t, i) => here[i]?.primal ?? t) as unknown as I,
    tangents: here.map(dual => dual?.tangent ?? null) as Maybe<I>,
  };
}

/** The tangent of an operation's output, by its rule. */
export function tangentOf<I extends readonly Tensor[], P>(
  op: Primitive<I, P>,
  tangents: Maybe<I>,
  inputs: I,
  output: Tensor,
  params: P,
): Tensor {
  if (typeof op.jvp === "function") return op.jvp(tangents, inputs, output, params);
  if (op.jvp === "linear") {
    const moved = inputs.map((input, i) => tangents[i] ?? empty(shapeOf(input), input.dtype));
    return call(op, moved as unknown as I, params);
  }
  const terms: Tensor[] = [];
  for (let i = 0; i < inputs.length; i++) {
    const tangent = tangents[i] ?? null;
    if (tangent !== null) terms.push(call(op, inputs.with(i, tangent) as unknown as I, params));
  }
  return terms.reduce((sum, term) => sum.add(term));
}
