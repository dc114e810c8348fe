/**
 * @file The chain rule, a line of forward at a time: how each result moves when its operands do, and what of a result's cotangent flows
 * to each operand. Nothing is stated here about any operation: both come of the operation's own rules, run on stand-ins.
 */

import { pushforward } from "../autograd/dual.ts";
import { noGrad } from "../autograd/mode.ts";
import { call, callMany } from "../autograd/primitive.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { Algebra } from "./algebra.ts";
import { differentiable, replaced } from "./derive.ts";
import type { AnyMultiPrimitive, AnyPrimitive, Expression, Leaf } from "./expression.ts";
import { type ForwardTrace, type Names, namesOf } from "./function-trace.ts";
import { pullback } from "./pullback.ts";
import { simplify } from "./simplify.ts";
import { type Line, linesOf, type Place, type Quantity, type Signs } from "./steps-lines.ts";
import { cotangent } from "./steps-signs.ts";

/** What has flowed back to a tensor of forward. */
export interface Arrival {
  readonly quantity: Quantity;
  /** One for each use, and what flows into forward's output. Their sum is the cotangent. */
  readonly terms: readonly Expression[];
  /** The name of the sum. */
  readonly leaf: Leaf;
}

export interface Flow {
  readonly place: Place;
  readonly expression: Expression;
}

/** How one result moves with one operand. */
export interface Movement {
  readonly place: Place;
  /** One for each result; null for one that does not move, or where the operation cannot tell. */
  readonly changes: readonly (Expression | null)[];
}

/** One line, gone through backwards. */
export interface Link {
  readonly line: Line;
  /** One for each result; null for one that nothing flowed back to. */
  readonly arrivals: readonly (Arrival | null)[];
  readonly movements: readonly Movement[];
  readonly flows: readonly Flow[];
}

export interface Chain {
  readonly lines: readonly Line[];
  /** From the last line to the first. */
  readonly links: readonly Link[];
  /** One for each argument; null where no gradient is due. */
  readonly gradients: readonly (Arrival | null)[];
  readonly signs: Signs;
}

/** The chain rule for a traced forward. @throws where an operation's rule cannot be traced */
export function chainOf(
  { trace, inputs, outputs }: ForwardTrace,
  names: Names,
  gradOutputs: readonly (Leaf | null)[],
): Chain {
  const algebra = new Algebra(trace);
  const { graph } = trace;
  const signs: Signs = new Map();
  const called = namesOf(names.outputs, outputs.length, "output");
  const returned = outputs.flatMap((y, o): [Expression, string][] => (y === null ? [] : [[y, called[o]!]]));
  const wrt = differentiable({ inputs });
  const { lines, quantities } = linesOf(algebra, wrt, returned, signs);

  const gathered = new Map<Quantity, Expression[]>();
  const flowsTo = (quantity: Quantity, g: Expression): void => {
    const terms = gathered.get(quantity);
    if (terms === undefined) gathered.set(quantity, [g]);
    else terms.push(g);
  };
  outputs.forEach((y, o) => {
    const quantity = y === null ? undefined : quantities.get(y);
    const g = gradOutputs[o];
    if (quantity !== undefined && g != null) flowsTo(quantity, g);
  });
  const arrivalOf = (quantity: Quantity): Arrival | null => {
    const terms = gathered.get(quantity);
    if (terms === undefined) return null;
    const [only] = terms as [Expression];
    // What flows into forward's output has a name already.
    if (
      quantity.leaf.role === "output" &&
      terms.length === 1 &&
      only === gradOutputs[called.indexOf(quantity.leaf.name)]
    )
      return { quantity, terms, leaf: only };
    const sum = terms.reduce((a, b) => algebra.add(a, b));
    const leaf = graph.leaf(`bar:${quantity.leaf.name}`, "saved", sum.value);
    signs.set(leaf, cotangent(quantity.sign));
    return { quantity, terms, leaf };
  };

  const links: Link[] = [];
  for (const line of [...lines].reverse()) {
    const arrivals = line.results.map(arrivalOf);
    if (arrivals.every(arrival => arrival === null)) continue;
    const settled = settler(algebra, line);
    const pulled = pullback(
      trace,
      line.local,
      arrivals.map(arrival => arrival?.leaf ?? null),
      line.places.map(place => place.leaf),
    );
    const flows = line.places.flatMap((place, p): Flow[] => {
      const g = pulled[p] ?? null;
      return g === null ? [] : [{ place, expression: settled(g) }];
    });
    for (const { place, expression } of flows) flowsTo(place.quantity, expression);
    const movements = flows.map(({ place }) => ({
      place,
      changes: changesWith(algebra, line, place).map(e => (e === null ? null : settled(e))),
    }));
    links.push({ line, arrivals, movements, flows });
  }
  const gradients = inputs.map(x => {
    const quantity = x === null ? undefined : quantities.get(x);
    return quantity === undefined ? null : arrivalOf(quantity);
  });
  return { lines, links, gradients, signs };
}

/** In terms of the quantities by their names, the line's own results included, and simplified. */
function settler(algebra: Algebra, { places, results, local, written }: Line): (e: Expression) => Expression {
  const names = new Map<Expression, Expression>();
  for (const { leaf, quantity } of places) names.set(leaf, quantity.leaf);
  results.forEach(({ leaf }, r) => {
    names.set(local[r]!, leaf);
    names.set(written[r]!, leaf);
  });
  return e => {
    const [named] = replaced(algebra, [e], names);
    return simplify(algebra.trace, [named!], names)[0]!;
  };
}

/** The derivative of a line's results along a change in one place. */
function changesWith({ trace }: Algebra, line: Line, { input, moved }: Place): (Expression | null)[] {
  const { op, many, params } = line.call;
  // What a hook makes of a gradient is paired with no movement.
  if (line.call.name === "hooked") return line.results.map(() => null);
  try {
    const primals = line.operands.map(e => trace.tensor(e));
    const tangents = line.operands.map((_, i) => (i === input ? trace.tensor(moved) : null));
    const { tangent } = noGrad(() =>
      pushforward<readonly Tensor[]>(
        (...xs) =>
          many ? callMany(op as AnyMultiPrimitive, xs, params) : [call(op as AnyPrimitive, xs, params)],
        primals,
        tangents,
      ),
    );
    return line.outputs.map((output, r) => {
      const moves = tangent[output];
      return isTensor(moves) ? line.viewed(r, trace.expressionOf(moves)) : null;
    });
  } catch {
    return line.results.map(() => null);
  }
}
