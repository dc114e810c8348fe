/**
 * @file Forward mode: a tensor that carries its derivative along one direction, pushed through each
 * operation by its `jvp` rule. Levels keep nested derivatives apart (perturbation confusion:
 * Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008).
 */

import { type Dual, dualOf, empty, isTensor, makeDual, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { call, callMany, type Maybe, type MultiPrimitive, type Primitive } from "./primitive.ts";

let level = 0;

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
  level++;
  try {
    const args = primals.map((primal, i) => {
      const tangent = tangents[i] ?? null;
      return tangent === null ? primal : makeDual({ primal, tangent, level });
    });
    const returned = f(...args);
    return {
      output: mapLeaves(returned, leaf => dualHere(leaf)?.primal ?? leaf) as T,
      tangent: mapLeaves(returned, leaf => dualHere(leaf)?.tangent ?? null) as Tangents<T>,
    };
  } finally {
    level--;
  }
}

/** The pair that a tensor stands for at this level; null for one that does not move, and for no tensor. */
function dualHere(value: unknown): Dual | null {
  const dual = isTensor(value) ? dualOf(value) : null;
  return dual?.level === level ? dual : null;
}

/** `value` with all that is neither array nor plain object replaced. */
function mapLeaves(value: unknown, replace: (leaf: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || isTensor(value)) return replace(value);
  if (Array.isArray(value)) return value.map(item => mapLeaves(item, replace));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapLeaves(item, replace)]));
}

/** An operation on tensors of which some are dual: the innermost level is taken off, the rest is left to `call`. */
export function callDual<I extends readonly Tensor[], P>(op: Primitive<I, P>, inputs: I, params: P): Tensor {
  const { primals, tangents, innermost } = peel(inputs);
  const primal = call(op, primals, params);
  if (!primal.isFloatingPoint()) return primal;
  return makeDual({ primal, tangent: tangentOf(op, tangents, primals, primal, params), level: innermost });
}

/** {@link callDual} for an operation with several outputs. */
export function callDualMany<I extends readonly Tensor[], P>(
  op: MultiPrimitive<I, P>,
  inputs: I,
  params: P,
): Tensor[] {
  const { primals, tangents, innermost } = peel(inputs);
  const outputs = callMany(op, primals, params);
  const moved = op.jvp(tangents, primals, outputs, params);
  return outputs.map((primal, i) => {
    const tangent = moved[i] ?? null;
    return tangent === null ? primal : makeDual({ primal, tangent, level: innermost });
  });
}

/** The inputs without their innermost level, and what that level carried. */
function peel<I extends readonly Tensor[]>(inputs: I): { primals: I; tangents: Maybe<I>; innermost: number } {
  const duals = inputs.map(dualOf);
  const innermost = Math.max(...duals.map(dual => dual?.level ?? 0));
  const here = duals.map(dual => (dual?.level === innermost ? dual : null));
  return {
    primals: inputs.map((t, i) => here[i]?.primal ?? t) as unknown as I,
    tangents: here.map(dual => dual?.tangent ?? null) as Maybe<I>,
    innermost,
  };
}

function tangentOf<I extends readonly Tensor[], P>(
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
