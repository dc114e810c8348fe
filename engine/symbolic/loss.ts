/** @file A loss: one number, from which differentiation starts. */

import { numelOf } from "../tensor/shape.ts";
import { Algebra } from "./algebra.ts";
import type { Checked } from "./attempts.ts";
import { replaced } from "./derive.ts";
import type { Refusal } from "./function-trace.ts";
import { simplify } from "./simplify.ts";

/** The gradient of a loss: its vector–Jacobian product for 1. */
export function ofLoss(checked: Checked | Refusal): Checked | Refusal {
  if ("untraceable" in checked) return checked;
  const { forward, derivation } = checked;
  const [gradOutput, ...others] = derivation.gradOutputs;
  if (gradOutput == null || others.length > 0 || numelOf(gradOutput.shape) !== 1)
    return { untraceable: "It is not one number, so it has no gradient." };
  const algebra = new Algebra(forward.trace);
  const one = new Map([[gradOutput, algebra.filled(1, gradOutput)]]);
  const some = derivation.grads.filter(g => g !== null);
  const simple = simplify(forward.trace, replaced(algebra, some, one));
  let next = 0;
  const grads = derivation.grads.map(g => (g === null ? null : simple[next++]!));
  return { forward, derivation: { ...derivation, grads } };
}
