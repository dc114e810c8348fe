/**
 * @file Small changes of a formula, each a way in which people go wrong. Of the right formula they give what might be returned; of what is
 * returned, what might be right.
 */

import type { Tensor } from "@gradient-lens/engine";
import {
  type Algebra,
  type Application,
  type Expression,
  isCalled,
  type Leaf,
  numberOf,
  reachable,
  replaced,
} from "@gradient-lens/engine/symbolic";
import { attempt } from "./case.ts";
import { dependsOn, isTransposed } from "./wording-of-parts.ts";

export type Change =
  | "transpose-removed"
  | "transpose-added"
  | "operands-swapped"
  | "product-to-elementwise"
  | "elementwise-to-product"
  | "term-dropped"
  | "sign"
  | "factor-dropped"
  | "divisor-dropped"
  | "condition-dropped"
  | "power"
  | "operand"
  | "operands-exchanged"
  | "axis"
  | "reduction-dropped"
  | "all-taken"
  | "function-dropped"
  | "inverse-dropped"
  | "flip-dropped"
  | "direction"
  | "condition";

export interface Variation {
  readonly change: Change;
  readonly formula: Expression;
  /** What stood there, and what stands there now; for what was dropped, that alone. */
  readonly before: Expression;
  readonly after: Expression | null;
}

interface Local {
  readonly change: Change;
  readonly after: Expression;
  /** What was dropped. */
  readonly dropped?: Expression;
}

/** All small changes of a formula, at one place or at all that are alike. */
export function* variations(
  algebra: Algebra,
  root: Expression,
  leaves: readonly Leaf[],
): Generator<Variation> {
  const nodes = reachable([root]);
  const uses = new Map<Expression, number>();
  for (const node of nodes) {
    if (node.kind !== "application") continue;
    for (const input of node.call.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  const outsideOfConditions = new Set(
    nodes.flatMap(node => (node.kind === "application" && node.dtype !== "bool" ? node.call.inputs : [])),
  );
  const made = (local: Local, before: Expression, formula: Expression | null): Variation[] =>
    formula === null || formula === root
      ? []
      : [
          {
            change: local.change,
            formula,
            before: local.dropped ?? before,
            after: local.dropped === undefined ? local.after : null,
          },
        ];
  const changesOf = new Map(nodes.map(node => [node, localChanges(algebra, node, leaves)]));
  for (const local of changesOf.get(root)!) yield* made(local, root, local.after);
  for (const node of nodes) {
    if (node.kind !== "application") continue;
    // What a condition is made of decides too little to be told from numbers.
    if (node.dtype === "bool") continue;
    for (const [slot, input] of node.call.inputs.entries()) {
      for (const local of changesOf.get(input)!) {
        if (local.change === "transpose-added" && isTransposed(node)) continue;
        const formula = attempt(() => {
          const changed = algebra.again(node, node.call.inputs.with(slot, local.after));
          return node === root ? changed : replaced(algebra, [root], new Map([[node, changed]]))[0]!;
        });
        yield* made(local, input, formula);
      }
    }
  }
  for (const node of nodes) {
    if ((uses.get(node) ?? 0) < 2 || !outsideOfConditions.has(node)) continue;
    for (const local of changesOf.get(node)!) {
      yield* made(
        local,
        node,
        attempt(() => replaced(algebra, [root], new Map([[node, local.after]]))[0]!),
      );
    }
  }
  yield* everywhere(algebra, root, nodes, leaves);
}

/** The same change at several places. */
function* everywhere(
  algebra: Algebra,
  root: Expression,
  nodes: readonly Expression[],
  leaves: readonly Leaf[],
): Generator<Variation> {
  const dropping: readonly (readonly [Change, (e: Expression) => boolean])[] = [
    ["transpose-removed", isTransposed],
    ["flip-dropped", e => isCalled(e, "flip")],
  ];
  for (const [change, is] of dropping) {
    const found = nodes.filter(is);
    if (found.length < 2) continue;
    const formula = attempt(() => without(algebra, root, is));
    if (formula !== null) yield { change, formula, before: found[0]!, after: null };
  }
  for (const [i, a] of leaves.entries()) {
    for (const b of leaves.slice(i + 1)) {
      if (!sameShape(a, b) || !nodes.includes(a) || !nodes.includes(b)) continue;
      const both = new Map<Expression, Expression>([
        [a, b],
        [b, a],
      ]);
      const formula = attempt(() => replaced(algebra, [root], both)[0]!);
      if (formula !== null) yield { change: "operands-exchanged", formula, before: a, after: b };
    }
  }
}

/** The formula with some operations left out, each giving way to its input. */
function without(algebra: Algebra, root: Expression, is: (e: Expression) => boolean): Expression {
  const done = new Map<Expression, Expression>();
  for (const e of reachable([root])) {
    if (e.kind !== "application") done.set(e, e);
    else if (is(e)) done.set(e, done.get(e.call.inputs[0]!)!);
    else
      done.set(
        e,
        algebra.again(
          e,
          e.call.inputs.map(input => done.get(input)!),
        ),
      );
  }
  return done.get(root)!;
}

/** Functions of numbers that are forgotten, or applied where they should not be. */
const FUNCTIONS = [
  ..."abs relu clamp clampMin clampMax sign exp log sigmoid tanh sin cos softmax logSoftmax cumsum tril triu to".split(
    " ",
  ),
];

const POWERS: readonly (readonly [name: string, exponent: number])[] = [
  ["square", 2],
  ["sqrt", 0.5],
  ["rsqrt", -0.5],
  ["reciprocal", -1],
];

function localChanges(algebra: Algebra, e: Expression, leaves: readonly Leaf[]): Local[] {
  if (e.kind === "constant") return [];
  const found: Local[] = [];
  const add = (change: Change, after: () => Expression, dropped?: Expression): void => {
    const made = attempt(after);
    if (made !== null && made !== e)
      found.push({ change, after: made, ...(dropped === undefined ? {} : { dropped }) });
  };
  const run =
    (f: (...ts: Tensor[]) => Tensor, ...inputs: Expression[]): (() => Expression) =>
    () =>
      algebra.run(f, ...inputs);
  if (e.dtype === "bool") {
    add(
      "condition",
      run(t => t.logicalNot(), e),
    );
    return found;
  }
  if (isTransposed(e)) add("transpose-removed", () => e.call.inputs[0]!);
  else if (e.shape.length >= 2 && !e.shape.slice(-2).includes(1))
    add("transpose-added", () => algebra.transposed(e));
  add("sign", () => algebra.neg(e));
  if (e.kind === "leaf") {
    for (const other of leaves) if (other !== e && other.dtype === e.dtype) add("operand", () => other);
    if (e.role !== "gradOutput") add("power", () => algebra.power(e, 2));
    return found;
  }
  ofApplication(algebra, e, add, run);
  return found;
}

type Add = (change: Change, after: () => Expression, dropped?: Expression) => void;
type Run = (f: (...ts: Tensor[]) => Tensor, ...inputs: Expression[]) => () => Expression;

function ofApplication(algebra: Algebra, e: Application, add: Add, run: Run): void {
  const [a, b] = e.call.inputs as [Expression, Expression];
  switch (e.call.name) {
    case "matmul":
      add("operands-swapped", () => algebra.matmul(b, a));
      for (const [x, y] of turns(algebra, a, b)) add("product-to-elementwise", () => algebra.mul(x, y));
      break;
    case "mul":
      add("factor-dropped", () => a, b);
      add("factor-dropped", () => b, a);
      for (const [kept, dropped] of withoutTwo(algebra, e)) add("factor-dropped", () => kept, dropped);
      add("power", () => algebra.div(a, b));
      if (a.shape.length >= 2 && b.shape.length >= 2) {
        for (const [x, y] of turns(algebra, a, b)) {
          add("elementwise-to-product", () => algebra.matmul(x, y));
          add("elementwise-to-product", () => algebra.matmul(y, x));
        }
      }
      break;
    case "div":
      add("divisor-dropped", () => a, b);
      add("power", () => algebra.div(a, algebra.power(b, 2)));
      add("power", () => algebra.mul(a, b));
      if (isCalled(a, "sum") && numberOf(b) !== null) {
        for (const dims of otherDims(a))
          add(
            "axis",
            run(t => t.mean([...dims], keeps(a)), a.call.inputs[0]!),
          );
      }
      break;
    case "add":
    case "sub":
      add("term-dropped", () => a, b);
      add("term-dropped", () => (e.call.name === "add" ? b : algebra.neg(b)), a);
      add("sign", () => (e.call.name === "add" ? algebra.sub(a, b) : algebra.add(a, b)));
      break;
    case "pow": {
      const exponent =
        e.call.inputs.length > 1 ? numberOf(b) : typeof e.call.params === "number" ? e.call.params : null;
      if (exponent !== null) for (const by of [-1, 1]) add("power", () => algebra.power(a, exponent + by));
      break;
    }
    case "sum":
      for (const dims of otherDims(e))
        add(
          "axis",
          run(t => t.sum([...dims], keeps(e)), a),
        );
      add("reduction-dropped", () => a);
      break;
    case "slice":
    case "reshape": {
      const one = oneOfSeveral(e);
      if (one !== null)
        add(
          "all-taken",
          run(t => t.sum(one.dim, e.call.name === "slice"), one.of),
        );
      if (e.call.name === "slice") break;
      // A dimension of size 1 in another place: `unsqueeze(0)` for `unsqueeze(1)`.
      for (const shape of otherPlacesOfOnes(e.shape)) add("axis", () => algebra.reshaped(a, shape));
      break;
    }
    case "where":
      // A derivative that is cut off: where(x > 0, g, 0).
      for (const [cut, kept] of [
        [b, e.call.inputs[2]!],
        [e.call.inputs[2]!, b],
      ] as const) {
        // What is kept where the condition does not hold has no condition of its own to be named.
        const named = kept === b ? a : undefined;
        if (numberOf(cut) === 0) add("condition-dropped", () => algebra.expanded(kept, e.shape), named);
      }
      break;
    case "inv":
      add("inverse-dropped", () => a);
      break;
    case "solve":
      add("inverse-dropped", () => algebra.matmul(a, b));
      add("inverse-dropped", () => b);
      break;
    case "flip":
      add("flip-dropped", () => a);
      break;
    case "roll": {
      const { shift, dim } = e.call.params as { shift: number; dim: number };
      add(
        "direction",
        run(t => t.roll(-shift, dim), a),
      );
      break;
    }
    default:
      if (FUNCTIONS.includes(e.call.name) && e.call.inputs.length === 1) add("function-dropped", () => a);
  }
  const power = POWERS.find(([name]) => name === e.call.name)?.[1];
  if (power !== undefined) {
    for (const other of [power - 1, power + 1, power / 2, 2 * power]) {
      if (other !== 0) add("power", () => algebra.power(a, other));
    }
  }
}

/** A product of three factors or more with two of them left out, and these two. */
function withoutTwo(algebra: Algebra, e: Application): (readonly [Expression, Expression])[] {
  const factors = factorsOf(e);
  if (factors.length < 3 || factors.length > 6) return [];
  const product = (list: readonly Expression[]): Expression => list.reduce((a, b) => algebra.mul(a, b));
  return factors.flatMap((a, i) =>
    factors.slice(i + 1).flatMap(b => {
      const made = attempt(
        () => [product(factors.filter(f => f !== a && f !== b)), algebra.mul(a, b)] as const,
      );
      return made === null ? [] : [made];
    }),
  );
}

function factorsOf(e: Expression): Expression[] {
  return isCalled(e, "mul") ? e.call.inputs.flatMap(factorsOf) : [e];
}

/** x[0] of several: what it is taken of, and along which dimension. */
function oneOfSeveral(e: Application): { of: Expression; dim: number } | null {
  const slice = isCalled(e, "reshape") ? e.call.inputs[0]! : e;
  if (!isCalled(slice, "slice")) return null;
  const { dim, length } = slice.call.params as { dim: number; length: number };
  const [of] = slice.call.inputs as [Expression];
  const drops = slice === e || e.shape.join() === slice.shape.toSpliced(dim, 1).join();
  return length === 1 && of.shape[dim]! > 1 && drops ? { of, dim } : null;
}

/** Both as they are, and each as its transpose, and without it. */
function turns(algebra: Algebra, a: Expression, b: Expression): (readonly [Expression, Expression])[] {
  const ways = (e: Expression): Expression[] =>
    e.shape.length < 2
      ? [e]
      : [e, isTransposed(e) ? (e as Application).call.inputs[0]! : algebra.transposed(e)];
  return ways(a).flatMap(x => ways(b).map(y => [x, y] as const));
}

function keeps(e: Application): boolean {
  return (e.call.params as { keepdim?: boolean } | undefined)?.keepdim ?? false;
}

/** The other choices of as many dimensions. */
function otherDims(e: Application): number[][] {
  const { dims } = (e.call.params ?? {}) as { dims?: readonly number[] };
  const rank = e.call.inputs[0]!.shape.length;
  if (dims === undefined || dims.length === 0 || dims.length === rank || dims.length > 2) return [];
  const all = Array.from({ length: rank }, (_, d) => d);
  const choices =
    dims.length === 1 ? all.map(d => [d]) : all.flatMap(x => all.filter(y => y > x).map(y => [x, y]));
  return choices.filter(choice => choice.join() !== dims.join());
}

function otherPlacesOfOnes(shape: readonly number[]): number[][] {
  const at = shape.indexOf(1);
  if (at < 0 || shape.length > 4) return [];
  const rest = shape.toSpliced(at, 1);
  return shape.map((_, place) => rest.toSpliced(place, 0, 1)).filter(other => other.join() !== shape.join());
}

function sameShape(a: Expression, b: Expression): boolean {
  return a.dtype === b.dtype && a.shape.join() === b.shape.join();
}

/** Whether a formula takes only what flows in. */
export function isOfGradOutputAlone(e: Expression): boolean {
  return dependsOn(e, "gradOutput") && !dependsOn(e, "input") && !dependsOn(e, "output");
}
