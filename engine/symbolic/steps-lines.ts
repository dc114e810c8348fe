/**
 * @file Forward as it is written down to be differentiated: an operation a line, each result under a name. What is only notation (a
 * transpose, a sign, a dimension put in for broadcasting) stands within the line that uses it.
 */

import { ofValues } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { numelOf } from "../tensor/shape.ts";
import type { Algebra } from "./algebra.ts";
import { isFloating } from "./derive.ts";
import {
  type Application,
  type Call,
  type Expression,
  isCalled,
  type Leaf,
  reachable,
} from "./expression.ts";
import { isForBroadcast, isTransposition } from "./notation.ts";
import { change, numbered, signOf } from "./steps-signs.ts";
import type { Sign } from "./style.ts";

/** A tensor of forward, under its name. */
export interface Quantity {
  /** What forward's trace has for it. */
  readonly expression: Expression;
  /** What stands for it in the lines that use it. */
  readonly leaf: Leaf;
  readonly sign: Sign;
  /** A small change of it. */
  readonly change: Leaf;
}

/** An operand of a line that a derivative flows to. One that is used twice has two places. */
export interface Place {
  readonly quantity: Quantity;
  /** Stands for the quantity in this place alone. */
  readonly leaf: Leaf;
  /** The change of the call's input when the quantity changes. */
  readonly moved: Expression;
  /** Which of the call's inputs. */
  readonly input: number;
}

export interface Line {
  readonly call: Call;
  /** Those that something depends on. */
  readonly results: readonly Quantity[];
  /** The results in terms of quantities. */
  readonly written: readonly Expression[];
  /** The same with each place on its own. */
  readonly local: readonly Expression[];
  readonly places: readonly Place[];
  /** Which of the call's results they are. */
  readonly outputs: readonly number[];
  /** The call's operands in terms of quantities. */
  readonly operands: readonly Expression[];
  /** A result of which the line's own is a view: its change as the change of the line's. */
  viewed(result: number, change: Expression): Expression;
}

/** The names by which quantities and what belongs to them are written. */
export type Signs = Map<Leaf, Sign>;

/** Of the changes' values, which nothing that is shown depends on. */
const SEED = 30;

/** What people call the results of decompositions. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  svd: ["U", "S", "V"],
  eigh: ["L", "Q"],
  qr: ["Q", "R"],
};

/**
 * @param outputs what forward returns, with the names that they have
 * @returns the lines in the order of computation, and for each tensor that a derivative flows to its quantity
 */
export function linesOf(
  algebra: Algebra,
  inputs: readonly Leaf[],
  outputs: readonly (readonly [Expression, string])[],
  signs: Signs,
): { lines: Line[]; quantities: ReadonlyMap<Expression, Quantity> } {
  const { graph } = algebra;
  const moving = movingWith(inputs, outputs);
  const quantities = new Map<Expression, Quantity>();
  const names = new Map(outputs);
  const taken = new Set([...inputs.map(leaf => leaf.name), ...names.values()]);
  const generator = new Generator(SEED);
  let number = 1;

  const known = (expression: Expression, leaf: Leaf, sign: Sign): Quantity => {
    const noise = Array.from({ length: numelOf(leaf.shape) }, () => generator.normal());
    const changed = graph.leaf(`d:${leaf.name}`, "saved", ofValues(noise, leaf.shape, leaf.dtype));
    signs.set(leaf, sign);
    signs.set(changed, change(sign));
    const quantity = { expression, leaf, sign, change: changed };
    quantities.set(expression, quantity);
    return quantity;
  };
  const nameOf = (e: Application): Sign => {
    const own = names.get(e);
    if (own !== undefined) return signOf(own, "output");
    const usual = RESULTS[e.call.name]?.[e.output];
    if (usual === undefined || taken.has(usual)) return numbered("t", number++);
    taken.add(usual);
    return signOf(usual, "saved");
  };
  for (const leaf of inputs) if (moving.has(leaf)) known(leaf, leaf, signOf(leaf.name, "input"));

  /** An expression in terms of quantities; `other` stands for some of them. */
  const inTerms = (e: Expression, other: ReadonlyMap<Expression, Expression> = new Map()): Expression => {
    const done = new Map<Expression, Expression>();
    const visit = (part: Expression): Expression => {
      const quantity = quantities.get(part);
      const before = other.get(part) ?? quantity?.leaf ?? done.get(part);
      if (before !== undefined) return before;
      const result = part.kind === "application" ? algebra.again(part, part.call.inputs.map(visit)) : part;
      done.set(part, result);
      return result;
    };
    return visit(e);
  };

  const lines: Line[] = [];
  const seen = new Set<Call>();
  const roots = outputs.map(([output]) => output);
  const all = new Set(reachable(roots));
  const users = usersOf(all);
  for (const e of all) {
    if (e.kind !== "application" || !moving.has(e) || seen.has(e.call)) continue;
    if ((isNotation(e) && !names.has(e)) || quantities.has(e)) continue;
    seen.add(e.call);
    const { call } = e;
    const places = call.inputs.flatMap((input, i): Place[] => {
      if (!moving.has(input)) return [];
      const source = behindNotation(input, quantities);
      const quantity = quantities.get(source);
      if (quantity === undefined) return [];
      const leaf = graph.leaf(`at:${i}:${quantity.leaf.name}`, "saved", quantity.leaf.value);
      signs.set(leaf, quantity.sign);
      return [{ quantity, leaf, moved: inTerms(input, new Map([[source, quantity.change]])), input: i }];
    });
    const computed = call.results.filter(result => all.has(result) && moving.has(result));
    const results = computed.map(result => (names.has(result) ? result : seenAs(result, users, names)));
    const operands = call.inputs.map(input => inTerms(input));
    const own = call.inputs.map((input, i) => {
      const place = places.find(({ input }) => input === i);
      if (place === undefined) return operands[i]!;
      return inTerms(input, new Map([[place.quantity.expression, place.leaf]]));
    });
    const viewed = (r: number, of: Expression): Expression => {
      const views: Application[] = [];
      for (let e = results[r]!; e !== computed[r]; e = e.call.inputs[0] as Application) views.unshift(e);
      return views.reduce((part, view) => algebra.again(view, [part]), of);
    };
    const applied = (to: readonly Expression[]) =>
      computed.map((result, r) => viewed(r, algebra.again(result, to)));
    lines.push({
      call,
      operands,
      outputs: computed.map(({ output }) => output),
      written: applied(operands),
      local: applied(own),
      viewed,
      places,
      results: results.map(result => {
        const sign = nameOf(result);
        const name = names.get(result);
        const leaf =
          name === undefined
            ? graph.leaf(`t:${sign.maths}`, "saved", result.value)
            : graph.leaf(name, "output", result.value);
        return known(result, leaf, sign);
      }),
    });
  }
  return { lines, quantities };
}

/** Who uses each expression. */
function usersOf(all: Iterable<Expression>): Map<Expression, Application[]> {
  const users = new Map<Expression, Application[]>();
  for (const e of all) {
    if (e.kind !== "application") continue;
    for (const input of new Set(e.call.inputs)) users.set(input, [...(users.get(input) ?? []), e]);
  }
  return users;
}

/** What a result is to those that use it: where all see it in another shape, that. */
function seenAs(
  result: Application,
  users: ReadonlyMap<Expression, readonly Application[]>,
  names: ReadonlyMap<Expression, string>,
): Application {
  const [user, ...others] = users.get(result) ?? [];
  if (user === undefined || others.length > 0 || !isCalled(user, "reshape") || !isNotation(user))
    return result;
  return names.has(user) ? user : seenAs(user, users, names);
}

/** What depends on an input and has a derivative. */
function movingWith(
  inputs: readonly Leaf[],
  outputs: readonly (readonly [Expression, string])[],
): ReadonlySet<Expression> {
  const moving = new Set<Expression>(inputs.filter(({ dtype }) => isFloating(dtype)));
  for (const e of reachable(outputs.map(([output]) => output))) {
    if (e.kind !== "application" || !isFloating(e.dtype) || e.call.name === "detach") continue;
    if (e.call.inputs.some(input => moving.has(input))) moving.add(e);
  }
  return moving;
}

/** Whether an expression is its operand written otherwise. */
function isNotation(e: Application): boolean {
  if (isCalled(e, "clone", "to", "neg")) return true;
  if (isCalled(e, "permute")) return isTransposition(e);
  return isCalled(e, "reshape", "expand") && isForBroadcast(e);
}

function behindNotation(e: Expression, quantities: ReadonlyMap<Expression, Quantity>): Expression {
  let seen = e;
  while (!quantities.has(seen) && seen.kind === "application" && isNotation(seen)) {
    seen = seen.call.inputs[0]!;
  }
  return seen;
}
