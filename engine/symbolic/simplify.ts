/**
 * @file An expression in a simpler form that has the same value. Rules are applied from the leaves up until none applies. Each
 * goes toward one canonical order or lowers the cost, so this ends; and an outcome that is much dearer than what was given is not taken.
 */

import { sameShape } from "../tensor/shape.ts";
import {
  absolute,
  cofactors,
  exponential,
  exponentialOfLess,
  idempotent,
  parity,
  rectified,
  undone,
} from "./adjoints.ts";
import { Algebra } from "./algebra.ts";
import { commonFactor, knownCondition } from "./branches.ts";
import { costOf } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import {
  logOfSoftmax,
  logSoftmaxIdiom,
  logSumExpIdiom,
  sigmoidIdiom,
  sigmoidOfExp,
  softmaxIdiom,
} from "./idioms.ts";
import { leastSquaresIdiom } from "./least-squares.ts";
import { diagonalOfNumber, permutedPlaces, placedPart, scaledInput, slice, windowsAdded } from "./linear.ts";
import {
  chain,
  degenerate,
  diagonalOperand,
  gram,
  scaledOperands,
  slicedOperands,
} from "./matrix-products.ts";
import { choice, conversion, product, zerothPower } from "./products.ts";
import {
  beforeExpand,
  broadcast,
  contraction,
  expand,
  reshape,
  sumOfArranged,
  sumOfCentred,
  sumOfProduct,
  sumOfScaled,
} from "./reductions.ts";
import type { Rule } from "./rule.ts";
import { sum } from "./sums.ts";
import type { Trace } from "./trace.ts";
import { gathered, joined, ofElementwise, ofProduct, ofVector } from "./transposes.ts";

/** In the order in which they are tried. Functions are told by their form before that is put in canonical order. */
const RULES: readonly Rule[] = [
  softmaxIdiom,
  logSumExpIdiom,
  logSoftmaxIdiom,
  logOfSoftmax,
  sigmoidIdiom,
  sigmoidOfExp,
  leastSquaresIdiom,
  conversion,
  choice,
  rectified,
  knownCondition,
  commonFactor,
  zerothPower,
  broadcast,
  beforeExpand,
  joined,
  ofVector,
  ofProduct,
  ofElementwise,
  gathered,
  reshape,
  expand,
  sumOfScaled,
  sumOfArranged,
  sumOfCentred,
  sumOfProduct,
  contraction,
  scaledInput,
  diagonalOfNumber,
  slice,
  windowsAdded,
  permutedPlaces,
  placedPart,
  scaledOperands,
  degenerate,
  diagonalOperand,
  slicedOperands,
  gram,
  chain,
  cofactors,
  absolute,
  undone,
  exponentialOfLess,
  exponential,
  idempotent,
  parity,
  sum,
  product,
];

/** More steps than any expression that people write needs; what is left then is still equal. */
const MOST_STEPS = 20_000;

/** How much dearer than what was given the outcome may be, for being easier to read. */
const READABILITY = 1.25;

/**
 * Simplifies several expressions together, so that what they have in common stays common.
 * @param atHand what is known by a name: it takes the place of what would compute it
 */
export function simplify(
  trace: Trace,
  roots: readonly Expression[],
  atHand: ReadonlyMap<Expression, Expression> = new Map(),
): Expression[] {
  const pass = new Pass(new Algebra(trace), atHand);
  const simple = roots.map(root => pass.visit(root));
  return costOf(simple) > READABILITY * costOf(roots) ? [...roots] : simple;
}

class Pass {
  readonly #algebra: Algebra;
  readonly #done = new Map<Expression, Expression>();
  readonly #atHand: ReadonlyMap<Expression, Expression>;
  #steps = 0;

  constructor(algebra: Algebra, atHand: ReadonlyMap<Expression, Expression>) {
    this.#algebra = algebra;
    this.#atHand = atHand;
  }

  visit(root: Expression): Expression {
    // Inputs first, without recursion: unrolled loops make graphs deeper than the stack.
    for (const e of this.#unsettled(root)) this.#settle(e);
    return this.#done.get(root)!;
  }

  /** What of an expression was not looked at yet, inputs first. */
  #unsettled(root: Expression): Expression[] {
    const found = new Set<Expression>();
    const open = [root];
    while (open.length > 0) {
      const e = open.pop()!;
      if (found.has(e) || this.#done.has(e)) continue;
      found.add(e);
      if (e.kind === "application") open.push(...e.call.inputs);
    }
    return [...found].sort((a, b) => a.id - b.id);
  }

  #settle(e: Expression): void {
    if (this.#done.has(e)) return;
    const known = this.#atHand.get(e);
    this.#done.set(e, known ?? e);
    if (known !== undefined || e.kind !== "application") return;
    const rebuilt = this.#algebra.again(
      e,
      e.call.inputs.map(input => this.#done.get(input)!),
    );
    const result = rebuilt === e ? this.#rewritten(rebuilt) : this.visit(rebuilt);
    this.#done.set(e, result);
  }

  #rewritten(e: Expression): Expression {
    if (e.kind !== "application" || this.#steps >= MOST_STEPS) return e;
    for (const rule of RULES) {
      const simpler = rule(e, this.#algebra);
      if (simpler === null || simpler === e) continue;
      if (simpler.dtype !== e.dtype || !sameShape(simpler.shape, e.shape)) continue;
      this.#steps++;
      return this.visit(simpler);
    }
    return e;
  }
}
