/**
 * @file A linear map turned around: what `backward` would do, from `jvp` alone.
 *
 * A Function's jvp is its Gateaux (Fréchet) derivative as an operator on directions, V ↦ D f(X)[V]. It is
 * linear in V, so differentiating it by V in reverse, at any V, gives the adjoint operator: the
 * vector–Jacobian product. JAX calls this `linear_transpose`.
 */

import { isFloatingPoint } from "../tensor/dtype.ts";
import { empty, type Tensor } from "../tensor/tensor.ts";
import { grad } from "./backward.ts";
import { enableGrad, isGradEnabled } from "./mode.ts";
import type { Grads, TensorMeta } from "./node.ts";
import { tensorsIn } from "./structure.ts";

/**
 * Pulls cotangents back through a linear map of tangents.
 * @param map takes a tangent (null for an argument that cannot move) for each of `inputs`, returns one for each output
 * @param inputs shape and dtype of each input; null for what is no tensor
 * @param cotangents one for each tensor that `map` returns; null for none
 * @returns one for each input; null where nothing flows
 */
export function transposed(
  map: (...tangents: (Tensor | null)[]) => unknown,
  inputs: readonly (TensorMeta | null)[],
  cotangents: Grads,
): Grads {
  const createGraph = isGradEnabled();
  const tangents = inputs.map(meta =>
    meta !== null && isFloatingPoint(meta.dtype) ? empty(meta.shape, meta.dtype).requiresGrad_() : null,
  );
  const moved = tensorsIn(enableGrad(() => map(...tangents)));
  const flowing = moved.flatMap((t, i) => (t.requiresGrad && cotangents[i] ? [i] : []));
  if (flowing.length === 0) return tangents.map(() => null);
  const variables = tangents.filter(t => t !== null);
  const grads = grad(
    flowing.map(i => moved[i]!),
    variables,
    { gradOutputs: flowing.map(i => cotangents[i]!), createGraph, allowUnused: true },
  );
  return tangents.map(t => (t === null ? null : (grads[variables.indexOf(t)] ?? null)));
}
