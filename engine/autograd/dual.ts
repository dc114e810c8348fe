/**
 * @file Forward mode: a tensor that carries its derivative along one direction, pushed through each
 * operation by its `jvp` rule. Levels keep nested derivatives apart (perturbation confusion:
 * Siskind & Pearlmutter, "Nesting forward-mode AD in a functional framework", 2008).
 */

import { type Dual, dualOf, empty, makeDual, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { call, type Primitive } from "./primitive.ts";

let level = 0;

/**
 * Value and derivative of `f` at `primals` along `tangents`: torch's `torch.func.jvp` for one output.
 * Each tangent has its primal's shape; null stands for zero.
 */
export function pushforward(
  f: (...args: Tensor[]) => Tensor,
  primals: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
): { output: Tensor; tangent: Tensor | null } {
  level++;
  try {
    const args = primals.map((primal, i) => {
      const tangent = tangents[i] ?? null;
      return tangent === null ? primal : makeDual({ primal, tangent, level });
    });
    const output = f(...args);
    const dual = dualOf(output);
    if (dual === null || dual.level < level) return { output, tangent: null };
    return { output: dual.primal, tangent: dual.tangent };
  } finally {
    level--;
  }
}

/** An operation on tensors of which some are dual: the innermost level is taken off, the rest is left to `call`. */
export function callDual<I extends readonly Tensor[], P>(op: Primitive<I, P>, inputs: I, params: P): Tensor {
  const duals = inputs.map(dualOf);
  const innermost = Math.max(...duals.map(dual => dual?.level ?? 0));
  const here = (dual: Dual | null): dual is Dual => dual !== null && dual.level === innermost;
  const primals = inputs.map((t, i) => {
    const dual = duals[i] ?? null;
    return here(dual) ? dual.primal : t;
  }) as unknown as I;
  const tangents = duals.map(dual => (here(dual) ? dual.tangent : null)) as { [K in keyof I]: Tensor | null };
  const primal = call(op, primals, params);
  if (!primal.isFloatingPoint()) return primal;
  return makeDual({ primal, tangent: tangentOf(op, tangents, primals, primal, params), level: innermost });
}

function tangentOf<I extends readonly Tensor[], P>(
  op: Primitive<I, P>,
  tangents: { [K in keyof I]: Tensor | null },
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
