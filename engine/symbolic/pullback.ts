/** @file The derivative of expressions in reverse, as expressions: each operation's own rule is run on stand-ins. */

import { noGrad } from "../autograd/mode.ts";
import "../ops/flip.ts";
import "../ops/scan.ts";
import { zerosLike } from "../tensor/creation.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import {
  type AnyMultiPrimitive,
  type AnyPrimitive,
  type Call,
  type Expression,
  reachable,
} from "./expression.ts";
import { TEXTBOOK_RULES } from "./textbook-rules.ts";
import type { Trace } from "./trace.ts";

/**
 * The vector–Jacobian product of `outputs` for `cotangents`, with respect to `wrt`; null where there is none.
 * @param cotangents one for each output; null for one that nothing depends on
 */
export function pullback(
  trace: Trace,
  outputs: readonly (Expression | null)[],
  cotangents: readonly (Expression | null)[],
  wrt: readonly Expression[],
): (Expression | null)[] {
  const gathered = new Map<Expression, Expression>();
  const add = (e: Expression, g: Expression): void => {
    if (g.kind === "constant" && g.uniform === 0) return;
    const before = gathered.get(e);
    gathered.set(e, before === undefined ? g : trace.run((a, b) => a.add(b), before, g));
  };
  outputs.forEach((output, o) => {
    const cotangent = cotangents[o] ?? null;
    if (output !== null && cotangent !== null) add(output, cotangent);
  });
  const moving = movingWith(outputs, wrt);
  const done = new Set<Call>();
  // What uses a node comes after it, so at its turn its cotangent is complete.
  for (const e of reachable(outputs.filter(y => y !== null)).reverse()) {
    if (e.kind !== "application" || done.has(e.call) || !moving.has(e)) continue;
    const { call } = e;
    if (!call.results.some(result => gathered.has(result))) continue;
    done.add(call);
    const needs = call.inputs.map(input => moving.has(input));
    cotangentsOf(trace, call, gathered, needs).forEach((g, i) => {
      if (g !== null && needs[i]) add(call.inputs[i]!, g);
    });
  }
  return wrt.map(e => gathered.get(e) ?? null);
}

/** All that depends on one of `wrt` and can have a derivative. */
function movingWith(
  outputs: readonly (Expression | null)[],
  wrt: readonly Expression[],
): ReadonlySet<Expression> {
  const moving = new Set<Expression>(wrt);
  for (const e of reachable(outputs.filter(y => y !== null))) {
    const floating = e.dtype === "float64" || e.dtype === "float32";
    if (e.kind === "application" && floating && e.call.inputs.some(input => moving.has(input))) moving.add(e);
  }
  return moving;
}

function cotangentsOf(
  trace: Trace,
  call: Call,
  gathered: ReadonlyMap<Expression, Expression>,
  needs: readonly boolean[],
): (Expression | null)[] {
  const inputs = call.inputs.map(input => trace.tensor(input));
  const outputs = call.results.map(result => trace.tensor(result));
  const gs = call.results.map(result => {
    const g = gathered.get(result);
    return g === undefined ? null : trace.tensor(g);
  });
  const grads = noGrad((): readonly (Tensor | null)[] => {
    if (call.many) return (call.op as AnyMultiPrimitive).vjp(gs, inputs, outputs, call.params, needs);
    const { vjp } = call.op as AnyPrimitive;
    const g = gs[0] ?? zerosLike(outputs[0]!);
    const textbook = TEXTBOOK_RULES[call.name];
    if (textbook !== undefined) return [textbook(g, inputs[0]!, outputs[0]!, call.params)];
    if (typeof vjp === "function") return vjp(g, inputs, outputs[0]!, call.params, needs);
    return needs.map((needed, i) => (needed ? vjp[i]!(g, inputs, outputs[0]!, call.params) : null));
  });
  return call.inputs.map((_, i) => {
    const g = grads[i];
    return isTensor(g) ? trace.expressionOf(g) : null;
  });
}
