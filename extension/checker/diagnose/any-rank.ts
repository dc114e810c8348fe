/**
 * @file Derivations that hold for tensors of other ranks. A trace counts dimensions from the front; what the same formulas say of
 * tensors with more dimensions tells which are counted from the back, and which sums are over all that an argument has not got.
 */

import { isTensor } from "@gradient-lens/engine";
import type { Derivation } from "../derivation.ts";
import { numbersAlike, numbersOf, textsOf, withNumbers, withTexts } from "./literals.ts";

/** A derivation, and the arguments that it was traced at. */
export interface DerivedAt {
  readonly derivation: Derivation;
  readonly args: readonly unknown[];
}

/** The same for both, where there is such a thing; else the first one's as it is. */
export function forAnyRank(here: DerivedAt, there: DerivedAt, names: readonly string[]): Derivation {
  const [rank, other] = [rankOf(here), rankOf(there)];
  if (rank === other) return here.derivation;
  const batched = { ...here, derivation: ofBatches(here.derivation, there.derivation) };
  const [own, others] = withSumsToSize(batched, there, names);
  const numbers = numbersAlike(others, own);
  if (numbers === null) return here.derivation;
  const texts = textsOf(own, "typescript");
  const by = new Map<number, string>();
  for (const [n, number] of numbersOf(texts).entries()) {
    if (numbers[n] === number) continue;
    const isDimension = Number.isInteger(number) && number >= 0 && number < rank;
    if (!isDimension || numbers[n] !== number + other - rank) return here.derivation;
    by.set(n, String(number - rank));
  }
  return withTexts(own, "typescript", withNumbers(texts, by));
}

/** Of the tensor with the most dimensions. */
export function rankOf({ args }: Pick<DerivedAt, "args">): number {
  return Math.max(0, ...args.map(arg => (isTensor(arg) ? arg.ndim : 0)));
}

/** Transposes of matrices as those of batches, where the other derivation has such. */
function ofBatches(derivation: Derivation, like: Derivation): Derivation {
  const texts = textsOf(derivation, "typescript");
  if (!textsOf(like, "typescript").some(text => text.includes(".mT"))) return derivation;
  return withTexts(derivation, "typescript", texts.map(transposedBatches));
}

/** `x.t()` and `t(x)` as `x.mT`. */
function transposedBatches(text: string): string {
  let result = text.replaceAll(".t()", ".mT");
  for (;;) {
    const at = /(?<![\w$.])t\(/.exec(result)?.index;
    if (at === undefined) return result;
    let end = at + 2;
    for (let depth = 1; depth > 0 && end < result.length; end++) {
      if (result[end] === "(") depth++;
      else if (result[end] === ")") depth--;
    }
    result = `${result.slice(0, at)}${result.slice(at + 2, end - 1)}.mT${result.slice(end)}`;
  }
}

const LEADING = /^(.+)\.sum\((?:(0)|\[(0(?:, \d+)*)\])\)$/s;
const LEADING_FREE = /^sum\((.+), (?:(0)|\[(0(?:, \d+)*)\])\)$/s;

/** Gradients that are summed over the leading dimensions, here over fewer than there, as sums to the argument's own size. */
function withSumsToSize(
  here: DerivedAt,
  there: DerivedAt,
  names: readonly string[],
): [Derivation, Derivation] {
  let [own, other] = [here.derivation, there.derivation];
  here.derivation.gradients.forEach((gradient, i) => {
    const [arg, elsewhere] = [here.args[i], there.args[i]];
    const [a, b] = [gradient?.typescript, there.derivation.gradients[i]?.typescript];
    if (a == null || b == null || !isTensor(arg) || !isTensor(elsewhere)) return;
    const [summed, summedThere] = [leadingSum(a), leadingSum(b)];
    if (summed === null || summedThere === null || summed.dims === summedThere.dims) return;
    const name = sizedAs(i, here, there, names);
    if (name === null) return;
    own = withGradient(own, i, summed.toSize(`${name}.shape`));
    other = withGradient(other, i, summedThere.toSize(`${name}.shape`));
    own = withSaved(own, name);
    other = withSaved(other, name);
  });
  return [own, other];
}

/** How many leading dimensions a text sums over in the end. */
function leadingSum(text: string): { dims: number; toSize(shape: string): string } | null {
  const isFree = text.startsWith("sum(");
  const [, of, one, several] = (isFree ? LEADING_FREE : LEADING).exec(text) ?? [];
  if (of === undefined) return null;
  const dims = (one ?? several!).split(", ").map(Number);
  if (dims.some((dim, d) => dim !== d)) return null;
  return {
    dims: dims.length,
    toSize: shape => `${of}.sumToSize(${shape})`,
  };
}

/** A tensor of the argument's shape at both places: one that is saved before others. */
function sizedAs(i: number, here: DerivedAt, there: DerivedAt, names: readonly string[]): string | null {
  const shapeOf = (arg: unknown): string => (isTensor(arg) ? String(arg.shape) : "none");
  const alike = here.args.flatMap((arg, j) =>
    shapeOf(arg) === shapeOf(here.args[i]) && shapeOf(there.args[j]) === shapeOf(there.args[i]) ? [j] : [],
  );
  const saved = new Set(here.derivation.saved.map(({ name }) => name));
  const [best] = [i, ...alike].filter(j => saved.has(names[j] ?? ""));
  return names[best ?? i] ?? null;
}

function withGradient(derivation: Derivation, i: number, typescript: string): Derivation {
  const gradients = derivation.gradients.map((gradient, at) =>
    at === i && gradient !== null ? { ...gradient, typescript } : gradient,
  );
  return { ...derivation, gradients };
}

function withSaved(derivation: Derivation, name: string): Derivation {
  if (derivation.saved.some(one => one.name === name)) return derivation;
  const saved = { name, role: "input" as const, formula: null, parts: [], place: null };
  return { ...derivation, saved: [...derivation.saved, saved] };
}
