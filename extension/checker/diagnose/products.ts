/**
 * @file Hypotheses about products of matrices: transposes, order, and products entry by entry, of each term and of all together. The
 * right gradient is taken apart into terms, each a chain of factors.
 */

import { noGrad, type Tensor } from "@gradient-lens/engine";
import { type Expression, evaluate, isCalled, numberOf } from "@gradient-lens/engine/symbolic";
import { attempt, type Case, flat, type Scene } from "./case.ts";
import type { Details, Explanation } from "./explanation.ts";
import { alike } from "./numbers-alike.ts";
import { dependsOn, isTransposed, partText } from "./wording-of-parts.ts";

interface Term {
  readonly coefficient: number;
  /** Multiplied as matrices, from the left. */
  readonly factors: readonly Expression[];
}

const MOST_TERMS = 8;
const MOST_FACTORS = 4;

export function explainProducts(c: Case, argument: number): Explanation | null {
  const right = c.workings?.expected[argument] ?? null;
  const terms = right === null ? null : termsOf(right);
  if (terms === null || !terms.some(({ factors }) => factors.length > 1)) return null;
  const details: Details = { argument: c.names[argument] ?? `argument ${argument}` };
  for (const guess of guesses(terms)) {
    if (c.scenes.every(scene => fits(scene, argument, guess.value))) {
      return { kind: guess.kind, details: { ...details, ...guess.details } };
    }
  }
  return null;
}

interface Guess extends Explanation {
  readonly value: (of: (e: Expression) => Tensor) => Tensor;
}

function fits({ leaves, returned }: Scene, argument: number, value: Guess["value"]): boolean {
  const got = returned[argument];
  if (leaves === null || got == null) return false;
  const result = attempt(() => noGrad(() => value(e => evaluate([e], leaves)[0]!)));
  return result !== null && result.numel() === got.length && alike(flat(result), got);
}

/** A sum of products of matrices, multiplied out; null where it is none, or of too many terms. */
function termsOf(e: Expression): Term[] | null {
  const terms = expandedTerms(e);
  return terms.length > MOST_TERMS || terms.some(({ factors }) => factors.length > MOST_FACTORS)
    ? null
    : terms;
}

function expandedTerms(e: Expression): Term[] {
  const whole: Term[] = [{ coefficient: 1, factors: [e] }];
  if (e.kind !== "application") return whole;
  const [a, b] = e.call.inputs as [Expression, Expression];
  const scaled = (terms: Term[], by: number): Term[] =>
    terms.map(term => ({ ...term, coefficient: by * term.coefficient }));
  const sameShape = (x: Expression): boolean => x.shape.join() === e.shape.join();
  if (isCalled(e, "neg")) return scaled(expandedTerms(a), -1);
  if (isCalled(e, "add", "sub") && sameShape(a) && sameShape(b)) {
    return [...expandedTerms(a), ...scaled(expandedTerms(b), isCalled(e, "add") ? 1 : -1)];
  }
  if (isCalled(e, "mul") && numberOf(b) !== null) return scaled(expandedTerms(a), numberOf(b)!);
  if (isCalled(e, "mul") && numberOf(a) !== null) return scaled(expandedTerms(b), numberOf(a)!);
  if (isCalled(e, "div") && numberOf(b) !== null) return scaled(expandedTerms(a), 1 / numberOf(b)!);
  if (isCalled(e, "matmul") && a.shape.length >= 2 && a.shape.length === b.shape.length) {
    const [left, right] = [expandedTerms(a), expandedTerms(b)];
    if (left.length * right.length > MOST_TERMS) return whole;
    return left.flatMap(x =>
      right.map(y => ({ coefficient: x.coefficient * y.coefficient, factors: [...x.factors, ...y.factors] })),
    );
  }
  return whole;
}

type Change = (factor: Expression, of: (e: Expression) => Tensor) => Tensor;

const unchanged: Change = (factor, of) => of(factor);
const turned: Change = (factor, of) => of(factor).mT;
const bare: Change = (factor, of) => (isTransposed(factor) ? of(factor).mT : of(factor));

function product(factors: readonly Expression[], change: Change, of: (e: Expression) => Tensor): Tensor {
  return factors.map(factor => change(factor, of)).reduce((a, b) => a.matmul(b));
}

function total(terms: readonly Term[], each: (term: Term, t: number) => Tensor): Tensor {
  return terms.map((term, t) => each(term, t).mul(term.coefficient)).reduce((a, b) => a.add(b));
}

/** From the simplest. */
function* guesses(terms: readonly Term[]): Generator<Guess> {
  const several = terms.filter(({ factors }) => factors.length > 1);
  const distinct = [...new Set(several.flatMap(({ factors }) => factors))];
  for (const factor of distinct) yield turnedEverywhere(terms, new Set([factor]));
  for (const [t, { factors }] of terms.entries()) yield* rearranged(terms, t, factors);
  for (const change of [unchanged, bare]) {
    for (const inner of ["matrix", "elementwise"] as const) yield elementwise(terms, change, inner);
  }
  if (distinct.length > 1 && distinct.length <= 5) {
    for (const set of subsets(distinct)) if (set.size > 1) yield turnedEverywhere(terms, set);
  }
}

function* subsets(of: readonly Expression[]): Generator<ReadonlySet<Expression>> {
  for (let mask = 1; mask < 2 ** of.length; mask++) yield new Set(of.filter((_, i) => (mask >> i) % 2 === 1));
}

/** The right formula with some factors transposed, or no longer. */
function turnedEverywhere(terms: readonly Term[], set: ReadonlySet<Expression>): Guess {
  const change: Change = (factor, of) => (set.has(factor) ? turned(factor, of) : of(factor));
  return {
    ...transposeExplanation([...set]),
    value: of => total(terms, ({ factors }) => product(factors, factors.length > 1 ? change : unchanged, of)),
  };
}

function transposeExplanation(factors: readonly Expression[]): Explanation {
  const missing = factors.filter(isTransposed);
  const said = missing.length > 0 ? missing : factors;
  const texts = said.map(partText).filter(text => text !== undefined);
  const bareTexts = said.map(factor => (isTransposed(factor) ? partText(factor.call.inputs[0]!) : undefined));
  return {
    kind: missing.length > 0 ? "transpose-missing" : "transpose-superfluous",
    details: {
      ...(missing.length > 0 && bareTexts[0] !== undefined
        ? { part: bareTexts.filter(t => t !== undefined).join("`, `") }
        : {}),
      ...(texts[0] !== undefined ? { instead: texts.join("`, `") } : {}),
    },
  };
}

/** One term with its factors in another order, and transposed in other places. */
function* rearranged(terms: readonly Term[], t: number, factors: readonly Expression[]): Generator<Guess> {
  if (factors.length < 2) return;
  const rest =
    (value: (of: (e: Expression) => Tensor) => Tensor): Guess["value"] =>
    of =>
      total(terms, (term, i) => (i === t ? value(of) : product(term.factors, unchanged, of)));
  const identity = factors.map((_, i) => i);
  const all = permutations(identity).flatMap(order =>
    Array.from({ length: 2 ** factors.length }, (_, mask) => ({ order, mask })),
  );
  const effort = ({ order, mask }: (typeof all)[number]): number =>
    order.filter((place, i) => place !== i).length * 1.5 +
    bits(mask) +
    (order.join() !== identity.join() && mask > 0 ? 2 : 0);
  for (const { order, mask } of all.sort((a, b) => effort(a) - effort(b))) {
    const moved = order.join() !== identity.join();
    if (!moved && mask === 0) continue;
    const reversed = order.every((place, i) => place === factors.length - 1 - i);
    const whole = moved && reversed && mask === 2 ** factors.length - 1;
    const set = factors.filter((_, i) => (mask >> i) % 2 === 1);
    const explanation: Explanation = whole
      ? { kind: "transpose-superfluous", details: { where: "result" } }
      : moved
        ? { kind: "operands-swapped", details: partsInOrder(factors) }
        : transposeExplanation(set);
    yield {
      ...explanation,
      value: rest(of =>
        order
          .map(i => ((mask >> i) % 2 === 1 ? of(factors[i]!).mT : of(factors[i]!)))
          .reduce((a, b) => a.matmul(b)),
      ),
    };
  }
}

function partsInOrder(factors: readonly Expression[]): Details {
  const texts = factors.map(partText);
  return texts.every(text => text !== undefined)
    ? { instead: texts.map(text => bracketed(text!)).join(" @ ") }
    : {};
}

function bracketed(text: string): string {
  return /[ ]/.test(text) ? `(${text})` : text;
}

function bits(mask: number): number {
  let n = 0;
  for (let rest = mask; rest > 0; rest >>= 1) n += rest % 2;
  return n;
}

function permutations(list: readonly number[]): number[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, i) => permutations(list.toSpliced(i, 1)).map(others => [first, ...others]));
}

/**
 * gradOutput times the rest of each term entry by entry, as for functions of numbers.
 * @param inner how the other factors are multiplied with each other
 */
function elementwise(terms: readonly Term[], change: Change, inner: "matrix" | "elementwise"): Guess {
  const isGrad = (factor: Expression): boolean => dependsOn(factor, "gradOutput");
  return {
    kind: "elementwise-for-matrix-product",
    details: {},
    value: of =>
      total(terms, ({ factors }) => {
        const grads = factors.filter(isGrad).map(factor => change(factor, of));
        const others = factors.filter(factor => !isGrad(factor));
        if (others.length === 0) return grads.reduce((a, b) => a.mul(b));
        const rest =
          inner === "matrix"
            ? product(others, change, of)
            : others.map(factor => change(factor, of)).reduce((a, b) => a.mul(b));
        return grads.reduce((a, b) => a.mul(b), rest);
      }),
  };
}
