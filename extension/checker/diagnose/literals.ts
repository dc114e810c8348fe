/** @file Numbers in the texts of formulas, and what they are of an argument whose value is known: `alpha`, `1 - alpha`, `2 / alpha`. */

import type { Derivation, NamedFormula, SavedValue, WrittenFormula } from "../derivation.ts";

/** A number that stands by itself, with its sign: not the 1 of `t1`. */
const NUMBER = /(?<![\w$.)\]])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w$])/g;

/** The texts of a derivation in one notation, in a fixed order. */
export function textsOf(derivation: Derivation, notation: keyof WrittenFormula): string[] {
  return formulasOf(derivation).map(formula => formula?.[notation] ?? "");
}

function formulasOf({ gradients, parts, saved }: Derivation): (WrittenFormula | null)[] {
  const computed = saved.filter(isComputed);
  return [...gradients, ...parts, ...computed.flatMap(({ formula, parts }) => [formula, ...parts])];
}

/** What forward's text has already is not written out. */
const isComputed = ({ place }: SavedValue): boolean => place === null;

/** The same derivation with other texts. */
export function withTexts(
  derivation: Derivation,
  notation: keyof WrittenFormula,
  texts: readonly string[],
): Derivation {
  let next = 0;
  const changed = <T extends WrittenFormula | null>(formula: T): T => {
    const text = texts[next++]!;
    return formula === null || formula[notation] === null ? formula : { ...formula, [notation]: text };
  };
  const gradients = derivation.gradients.map(changed);
  const parts: NamedFormula[] = derivation.parts.map(changed);
  const saved = derivation.saved.map(value =>
    isComputed(value)
      ? { ...value, formula: changed(value.formula), parts: value.parts.map(changed) }
      : value,
  );
  const statements =
    derivation.statements === null || notation !== "typescript"
      ? derivation.statements
      : parts.map(({ name, typescript }) => `const ${name} = ${typescript};`);
  return { ...derivation, gradients, parts, saved, statements };
}

/** How texts read without their numbers. */
export function structureOf(texts: readonly string[]): string {
  return texts.map(text => text.replace(NUMBER, "#")).join("\n");
}

export function numbersOf(texts: readonly string[]): number[] {
  return texts.flatMap(text => text.match(NUMBER) ?? []).map(Number);
}

const TAKES_DIMENSION =
  /\b(?:sum|mean|amax|amin|logsumexp|softmax|logSoftmax|cumsum|unsqueeze|squeeze|sort|argsort|flip|select|narrow|gather|scatterAdd|indexAdd|indexSelect)\(\[?$/;

/** Whether the n-th number counts a dimension, by the operation that it is given to first. */
export function isDimension(texts: readonly string[], n: number): boolean {
  let seen = 0;
  for (const text of texts) {
    for (const match of text.matchAll(NUMBER)) {
      if (seen++ === n) return TAKES_DIMENSION.test(text.slice(0, match.index));
    }
  }
  return false;
}

/** The numbers of a derivation that reads as the other one does; null where it reads otherwise. */
export function numbersAlike(derivation: Derivation, like: Derivation): number[] | null {
  const [texts, others] = [textsOf(derivation, "typescript"), textsOf(like, "typescript")];
  return structureOf(texts) === structureOf(others) ? numbersOf(texts) : null;
}

/** @param by the expression for the n-th number; those that have none stay */
export function withNumbers(texts: readonly string[], by: ReadonlyMap<number, string>): string[] {
  let n = 0;
  return texts.map(text =>
    text.replace(NUMBER, (number, at: number) => {
      const expression = by.get(n++);
      if (expression === undefined) return number;
      const isArgument =
        /[(,[]\s*$/.test(text.slice(0, at)) && /^\s*[),\]]/.test(text.slice(at + number.length));
      return isArgument || /^-?[\w.$]+$/.test(expression) ? expression : `(${expression})`;
    }),
  );
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * (Math.abs(a) + Math.abs(b));

/**
 * The expression of an argument that explains numbers which change with it.
 * @param values of the argument; at least three, so that two of them do not explain anything
 * @returns null where none that is simple does
 */
export function explained(
  name: string,
  values: readonly number[],
  numbers: readonly number[],
): string | null {
  for (const [of, text] of FORMS) {
    const xs = values.map(of);
    const line = lineThrough(xs, numbers);
    if (line !== null) return linearText(text(name), line.slope, line.offset, isAtom(text(name)));
    const inverse = lineThrough(
      xs,
      numbers.map(n => 1 / n),
    );
    if (inverse !== null)
      return `1 / ${bracketed(linearText(text(name), inverse.slope, inverse.offset, isAtom(text(name))))}`;
  }
  return null;
}

/** An argument that counts dimensions, where the formula counts them from the front. */
export function explainedAsDimension(
  name: string,
  values: readonly number[],
  numbers: readonly number[],
  ranks: readonly number[],
): string | null {
  if (!values.every(Number.isInteger)) return null;
  const holds = ranks.some(rank => numbers.every((n, i) => n === values[i] || n === values[i]! + rank));
  return holds ? name : null;
}

const FORMS: readonly [(x: number) => number, (name: string) => string][] = [
  [x => x, name => name],
  [x => x * x, name => `${name} ** 2`],
  [Math.sqrt, name => `Math.sqrt(${name})`],
  [Math.log, name => `Math.log(${name})`],
  [Math.exp, name => `Math.exp(${name})`],
];

function lineThrough(xs: readonly number[], ys: readonly number[]): { slope: number; offset: number } | null {
  if (xs.length < 3 || ![...xs, ...ys].every(Number.isFinite)) return null;
  const slope = (ys[1]! - ys[0]!) / (xs[1]! - xs[0]!);
  const offset = ys[0]! - slope * xs[0]!;
  if (slope === 0 || !Number.isFinite(slope)) return null;
  const [m, c] = [rounded(slope), rounded(offset)];
  return xs.every((x, i) => isNear(m * x + c, ys[i]!)) ? { slope: m, offset: c } : null;
}

/** Without what rounding has added. */
function rounded(n: number): number {
  const near = Math.round(n * 1e4) / 1e4;
  return Math.abs(near - n) < 1e-7 * (1 + Math.abs(n)) ? near : n;
}

function linearText(x: string, slope: number, offset: number, atom: boolean): string {
  if (offset !== 0 && slope === -1) return `${offset} - ${atom ? x : `(${x})`}`;
  const plain = slope === 1 ? x : slope === -1 ? `-${atom ? x : `(${x})`}` : productText(x, slope);
  if (offset === 0) return plain;
  return offset < 0 ? `${plain} - ${-offset}` : `${plain} + ${offset}`;
}

function productText(x: string, slope: number): string {
  const inverse = rounded(1 / slope);
  if (Number.isInteger(inverse)) return `${x} / ${inverse}`;
  return `${slope} * ${x}`;
}

const isAtom = (text: string): boolean => /^[\w.$]+(\([\w.$]+\))?$/.test(text);
const bracketed = (text: string): string => (isAtom(text) ? text : `(${text})`);
