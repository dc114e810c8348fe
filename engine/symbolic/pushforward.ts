/** @file The derivative of expressions along tangents, as expressions: each operation's own rule is run on stand-ins. */

import { tangentOf } from "../autograd/dual.ts";
import { noGrad } from "../autograd/mode.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type AnyMultiPrimitive,
  type AnyPrimitive,
  type Call,
  type Expression,
  reachable,
} from "./expression.ts";
import type { Trace } from "./trace.ts";

/**
 * The Jacobian–vector product of `outputs` along the tangents of some expressions; null for one that does not move.
 * @param tangents by the expression that moves
 */
export function pushforward(
  trace: Trace,
  outputs: readonly (Expression | null)[],
  tangents: ReadonlyMap<Expression, Expression>,
): (Expression | null)[] {
  const moved = new Map<Expression, Expression>(tangents);
  const done = new Set<Call>();
  for (const e of reachable(outputs.filter(y => y !== null))) {
    if (e.kind !== "application" || moved.has(e) || done.has(e.call)) continue;
    const { call } = e;
    if (!call.inputs.some(input => moved.has(input))) continue;
    done.add(call);
    tangentsOf(trace, call, moved).forEach((tangent, i) => {
      if (tangent !== null) moved.set(call.results[i]!, tangent);
    });
  }
  return outputs.map(y => (y === null ? null : (moved.get(y) ?? null)));
}

function tangentsOf(
  trace: Trace,
  call: Call,
  moved: ReadonlyMap<Expression, Expression>,
): (Expression | null)[] {
  const inputs = call.inputs.map(input => trace.tensor(input));
  const outputs = call.results.map(result => trace.tensor(result));
  const tangents = call.inputs.map(input => {
    const tangent = moved.get(input);
    return tangent === undefined ? null : trace.tensor(tangent);
  });
  const pushed = noGrad((): readonly (Tensor | null)[] => {
    if (call.many) return (call.op as AnyMultiPrimitive).jvp(tangents, inputs, outputs, call.params);
    const output = outputs[0]!;
    if (!output.isFloatingPoint()) return [null];
    return [tangentOf(call.op as AnyPrimitive, tangents, inputs, output, call.params)];
  });
  return pushed.map(tangent => (tangent === null ? null : trace.expressionOf(tangent)));
}
