/** @file What backward should return, derived from what forward computes. */

import type { DType } from "../tensor/dtype.ts";
import { Algebra, isElementwise } from "./algebra.ts";
import { arranged } from "./arrange.ts";
import { costOf, costOfCall } from "./evaluate.ts";
import { type Expression, isCalled, type Leaf, reachable } from "./expression.ts";
import { type ForwardTrace, type Names, namesOf, type TracedIntermediate } from "./function-trace.ts";
import { pullback } from "./pullback.ts";
import { simplify } from "./simplify.ts";
import type { Trace } from "./trace.ts";

/** A result within forward, by the name that backward knows it by. */
export interface Kept {
  readonly expression: Expression;
  readonly leaf: Leaf;
  /** Where forward's text has it; null where that is not known. */
  readonly place: number | null;
}

export interface Derivation {
  /** What flows back into each output; null for one that has no derivative. */
  readonly gradOutputs: readonly (Leaf | null)[];
  /** What forward returns, where backward uses it. */
  readonly outputs: readonly (Leaf | null)[];
  /** What else forward must keep, since it is dear to compute again. */
  readonly kept: readonly Kept[];
  /** For each argument: what backward must return; null where nothing is due. */
  readonly grads: readonly (Expression | null)[];
}

export const isFloating = (dtype: DType): boolean => dtype === "float64" || dtype === "float32";

/** The vector–Jacobian product of a traced forward, simplified, in terms of its inputs, its outputs and what flows back. */
export function derive(
  forward: ForwardTrace,
  names: Names,
  gradOutputs: readonly (Leaf | null)[],
): Derivation {
  const { trace } = forward;
  const wrt = differentiable(forward);
  const raw = (outputs: readonly (Expression | null)[]): (Expression | null)[] =>
    pullback(trace, outputs, gradOutputs, wrt);
  const { outputs, kept, results } = written(forward, names, names.gradOutputs ?? [], raw);
  return { gradOutputs, outputs, kept, grads: perArgument(forward, results) };
}

/** Forward's arguments that have a derivative. */
export function differentiable({ inputs }: Pick<ForwardTrace, "inputs">): Leaf[] {
  return inputs.filter(x => x !== null && isFloating(x.dtype)) as Leaf[];
}

/** Results for these, one for each argument; null for the others. */
export function perArgument(
  { inputs }: Pick<ForwardTrace, "inputs">,
  results: readonly (Expression | null)[],
): (Expression | null)[] {
  let next = 0;
  return inputs.map(x => (x !== null && isFloating(x.dtype) ? results[next++]! : null));
}

/** Derivatives of a traced forward as they are best written: what of forward they use, and they themselves, simplified. */
export interface Written extends Pick<Derivation, "outputs" | "kept"> {
  readonly results: readonly (Expression | null)[];
}

/**
 * @param flowing names of what flows in
 * @param differentiate the derivatives of forward's outputs, which it is given simplified
 */
export function written(
  forward: ForwardTrace,
  names: Names,
  flowing: readonly string[],
  differentiate: (outputs: readonly (Expression | null)[]) => readonly (Expression | null)[],
): Written {
  const { trace } = forward;
  const traced = forward.outputs.filter(y => y !== null);
  const simple = simplify(trace, traced);
  let next = 0;
  const outputs = forward.outputs.map(y => (y === null ? null : simple[next++]!));
  const raw = differentiate(outputs);
  const found = raw.filter(g => g !== null);

  const called = namesOf(names.outputs, outputs.length, "output");
  const atHand = new Map<Expression, Leaf>();
  outputs.forEach((y, o) => {
    if (forward.own && y?.kind === "application" && costOf([y]) > 0) {
      atHand.set(y, forward.equation?.solution ?? trace.graph.leaf(called[o]!, "output", y.value));
    }
  });
  const algebra = new Algebra(trace);
  const known = throughViews(algebra, atHand);
  const recomputing = simplified(algebra, found, known);
  const taken = new Set([...names.inputs, ...called, ...flowing]);
  // Of an equation that its output solves, forward computed nothing at the solution.
  const keeps = forward.own && forward.equation === undefined;
  const inText = keeps ? placesOf(forward, traced) : null;
  const choices = keeps
    ? [
        { grads: found, deep: false },
        { grads: found, deep: true },
        { grads: recomputing, deep: false },
      ].flatMap(({ grads, deep }) => {
        const kept = worthKeeping(trace, simple, grads, known, inText, new Set(taken), deep);
        return kept.length === 0 ? [] : [found, recomputing].map(from => keeping(algebra, from, known, kept));
      })
    : [];
  const best = cheapest([{ grads: recomputing, kept: [] }, ...choices]);
  const isNamed = ({ expression }: Kept): boolean => inText?.get(expression)?.name != null;
  const keep = isWorthIt(costOf(recomputing), costOf(best.grads), best.kept, best.kept.every(isNamed));
  const { grads, kept } = keep ? best : { grads: recomputing, kept: [] };
  const leaves = new Set(reachable(grads).filter(e => e.kind === "leaf"));
  let at = 0;
  const gradOf = (g: Expression | null): Expression | null => (g === null ? null : grads[at++]!);
  return {
    outputs: outputs.map(y => {
      const leaf = y === null ? undefined : atHand.get(y);
      return leaf !== undefined && leaves.has(leaf) ? leaf : null;
    }),
    kept,
    results: raw.map(gradOf),
  };
}

/** Gradients in terms of what forward keeps for them. */
interface Keeping {
  readonly grads: Expression[];
  readonly kept: readonly Kept[];
}

function cheapest(choices: readonly Keeping[]): Keeping {
  return choices.reduce((best, choice) => (costOf(choice.grads) < costOf(best.grads) ? choice : best));
}

/** Whether keeping pays: by much, or by what is small; by anything where forward's text has names for it already. */
function isWorthIt(recomputing: number, keeping: number, kept: readonly Kept[], areNamed: boolean): boolean {
  if (recomputing > (areNamed ? 1 : RECOMPUTE) * keeping) return true;
  const elements = kept.reduce((sum, { leaf }) => sum + leaf.value.numel(), 0);
  return recomputing > SMALL_RECOMPUTE * keeping && recomputing - keeping > SAVED_BY_ELEMENT * elements;
}

function keeping(
  algebra: Algebra,
  grads: readonly Expression[],
  known: ReadonlyMap<Expression, Expression>,
  kept: readonly Kept[],
): Keeping {
  const all = new Map([...known, ...kept.map(({ expression, leaf }) => [expression, leaf] as const)]);
  const simple = simplified(algebra, grads, all);
  const leaves = new Set(reachable(simple));
  return { grads: simple, kept: kept.filter(({ leaf }) => leaves.has(leaf)) };
}

/** Gradients in terms of what is known, as they are best computed. */
function simplified(
  algebra: Algebra,
  grads: readonly Expression[],
  known: ReadonlyMap<Expression, Expression>,
): Expression[] {
  const simple = simplify(algebra.trace, replaced(algebra, grads, known), known);
  const better = arranged(algebra, simple);
  return LEGIBILITY * costOf(better) < costOf(simple) ? better : simple;
}

/** What is known of a view is known of what it looks into, where nothing of that is left out. */
function throughViews(algebra: Algebra, atHand: ReadonlyMap<Expression, Leaf>): Map<Expression, Expression> {
  const known = new Map<Expression, Expression>();
  for (const [view, leaf] of atHand) {
    let e = view;
    let same: Expression = leaf;
    known.set(e, same);
    while (isCalled(e, "reshape", "permute")) {
      const inside = e.call.inputs[0]!;
      const order = e.call.params as readonly number[];
      same = isCalled(e, "reshape")
        ? algebra.reshaped(same, inside.shape)
        : algebra.permuted(
            same,
            order.map((_, i) => order.indexOf(i)),
          );
      e = inside;
      if (e.kind === "application") known.set(e, same);
    }
  }
  return known;
}

/** What a view looks into in the end. */
function behindViews(e: Expression): Expression {
  let seen = e;
  while (seen.kind === "application" && costOfCall(seen.call) === 0 && seen.call.inputs.length === 1) {
    seen = seen.call.inputs[0]!;
  }
  return seen;
}

/** What people call the results of decompositions. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  svd: ["U", "S", "Vh"],
  eigh: ["L", "Q"],
  qr: ["Q", "R"],
  inv: ["inverse"],
  cholesky: ["L"],
};

/** How much dearer a backward may be for being in its textbook form. */
const LEGIBILITY = 1.25;

/** How much dearer a backward may be for keeping nothing but inputs and outputs. */
const RECOMPUTE = 1.25;

/** The same, where each element that is kept saves so many operations. */
const SMALL_RECOMPUTE = 1.1;
const SAVED_BY_ELEMENT = 8;

/** Scalar operations an element, from which on a result of forward is worth keeping. */
const DEAR = 2;

/**
 * Results within forward that backward needs and that are dear to compute again: the outermost ones.
 * @param deep whether those that are cheap to compute from dear ones give way to these
 */
function worthKeeping(
  trace: Trace,
  outputs: readonly Expression[],
  grads: readonly Expression[],
  known: ReadonlyMap<Expression, Expression>,
  inText: ReadonlyMap<Expression, TracedIntermediate> | null,
  taken: Set<string>,
  deep: boolean,
): Kept[] {
  const inForward = new Set<Expression>();
  for (const e of reachable(outputs)) {
    inForward.add(e);
    if (e.kind === "application") for (const result of e.call.results) inForward.add(result);
  }
  const needed = new Set<Expression>();
  for (const e of reachable(grads)) {
    if (e.kind !== "application" || inForward.has(e)) continue;
    for (const input of e.call.inputs) {
      const seen = behindViews(input);
      if (inForward.has(seen) && !known.has(seen) && !known.has(input)) {
        for (const source of deep ? dearSources(seen) : [seen]) {
          for (const kept of inText === null ? [source] : nearest(source, inText)) needed.add(kept);
        }
      }
    }
  }
  let number = 1;
  return [...needed].flatMap(expression => {
    if (expression.kind !== "application" || costOfCall(expression.call) === 0) return [];
    if (costOf([expression]) <= DEAR * expression.value.numel()) return [];
    const own = inText?.get(expression);
    let name = own?.name ?? RESULTS[expression.call.name]?.[expression.output] ?? `t${number++}`;
    while (taken.has(name)) name = `t${number++}`;
    taken.add(name);
    return [
      { expression, leaf: trace.graph.leaf(name, "saved", expression.value), place: own?.place ?? null },
    ];
  });
}

/** Where forward's text has which expressions, simplified as its outputs are; those that have names there before others. */
function placesOf(
  { trace, intermediates }: ForwardTrace,
  outputs: readonly Expression[],
): Map<Expression, TracedIntermediate> | null {
  if (intermediates === null) return null;
  const simple = simplify(trace, [...outputs, ...intermediates.map(({ expression }) => expression)]);
  const places = new Map<Expression, TracedIntermediate>();
  intermediates.forEach((intermediate, i) => {
    const e = simple[outputs.length + i]!;
    const known = places.get(e);
    if (known === undefined || (known.name === null && intermediate.name !== null))
      places.set(e, intermediate);
  });
  return places;
}

/** The outermost expressions within `e` that forward's text has. */
function nearest(e: Expression, inText: ReadonlyMap<Expression, unknown>): Expression[] {
  const found = new Set<Expression>();
  const seen = new Set<Expression>();
  const open = [e];
  while (open.length > 0) {
    const next = open.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    if (inText.has(next)) found.add(next);
    else if (next.kind === "application") open.push(...next.call.inputs);
  }
  return [...found];
}

/** What an expression is computed from element by element, behind all such steps. */
function dearSources(e: Expression): Expression[] {
  const sources = new Set<Expression>();
  const seen = new Set<Expression>();
  const open = [e];
  while (open.length > 0) {
    const next = behindViews(open.pop()!);
    if (seen.has(next)) continue;
    seen.add(next);
    if (isElementwise(next)) open.push(...next.call.inputs);
    else sources.add(next);
  }
  return [...sources];
}

/** Expressions with some of their parts replaced, and cuts and hooks gone, which have done their work. */
export function replaced(
  algebra: Algebra,
  roots: readonly Expression[],
  by: ReadonlyMap<Expression, Expression>,
): Expression[] {
  const done = new Map<Expression, Expression>(by);
  for (const e of reachable(roots)) {
    if (done.has(e)) continue;
    if (e.kind !== "application") done.set(e, e);
    else if (isCalled(e, "detach", "hooked")) done.set(e, done.get(e.call.inputs[0]!)!);
    else
      done.set(
        e,
        algebra.again(
          e,
          e.call.inputs.map(input => done.get(input)!),
        ),
      );
  }
  return roots.map(root => done.get(root)!);
}
