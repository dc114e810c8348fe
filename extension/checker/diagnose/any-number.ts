/**
 * @file Derivations that hold for any number among the arguments. A trace knows a number's value alone, so the same is derived at
 * other values, and the numbers that change with an argument are written as what they are of it.
 */

import { isTensor } from "@gradient-lens/engine";
import type { Derivation, WrittenFormula } from "../derivation.ts";
import { boundNames } from "../probe/source-hints.ts";
import type { Parameter } from "../sandbox/job.ts";
import {
  explained,
  explainedAsDimension,
  isDimension,
  numbersAlike,
  numbersOf,
  structureOf,
  textsOf,
  withNumbers,
  withTexts,
} from "./literals.ts";

/** A number among the arguments: by itself, or an option. */
interface Place {
  readonly argument: number;
  readonly key: string | null;
  /** What forward's code calls it, and the variable that this starts from. */
  readonly text: string;
  readonly root: string;
  readonly value: number;
}

/** The derivation where some arguments have other values; null where there is none. */
type DeriveAt = (changed: (args: readonly unknown[]) => readonly unknown[]) => Derivation | null;

const MOST_PLACES = 3;

/** @returns the derivation as it is where it cannot be told what its numbers are */
export function forAnyNumber(
  derivation: Derivation,
  args: readonly unknown[],
  parameters: readonly Parameter[],
  deriveAt: DeriveAt,
): Derivation {
  const places = placesIn(args, parameters).slice(0, MOST_PLACES);
  if (places.length === 0) return derivation;
  const ranks = args.flatMap(arg => (isTensor(arg) ? [arg.ndim] : []));
  const at = (values: ReadonlyMap<Place, number>): Derivation | null =>
    deriveAt(args => changed(args, values));
  const choices = new Map(
    places.map(place => [place, valuesFor(place, value => at(new Map([[place, value]])))]),
  );
  const base = new Map(
    [...choices].flatMap(([place, [value]]) => (value === undefined ? [] : [[place, value] as const])),
  );
  const first = at(base);
  if (first === null) return derivation;

  const firstTexts = textsOf(first, "typescript");
  const by = new Map<number, string>();
  const used: Place[] = [];
  for (const [place, values] of choices) {
    if (values.length < 2) continue;
    const all = [first, ...values.slice(1).map(value => at(new Map([...base, [place, value]])))];
    const numbers = all.map(found => (found === null ? null : numbersAlike(found, first)));
    if (numbers.includes(null)) return derivation;
    for (let n = 0; n < numbers[0]!.length; n++) {
      const own = numbers.map(list => list![n]!);
      const varies = own.some(number => number !== own[0]);
      // -1 and 1 may be one dimension; that the number is one shows where it stands.
      if (!varies && !(isDimension(firstTexts, n) && new Set(values).size > 1)) continue;
      const asDimension = explainedAsDimension(place.text, values, own, ranks);
      const text = asDimension ?? (varies ? explained(place.text, values, own) : null);
      if (text === null && !varies) continue;
      if (text === null || by.has(n)) return derivation;
      by.set(n, text);
      used.push(place);
    }
  }
  const known = new Set(first.saved.map(({ name }) => name));
  const roots = [...new Set(used.map(({ root }) => root))].filter(root => !known.has(root));
  const saved = roots.map(name => ({ name, role: "input" as const, formula: null, parts: [], place: null }));
  const general = withTexts(first, "typescript", withNumbers(textsOf(first, "typescript"), by));
  return {
    ...inMaths(general, first, derivation, choices, at, base),
    saved: [...general.saved, ...saved],
    steps: derivation.steps,
  };
}

/** Maths, too, names the arguments, where it reads the same at all values; else it is that of the values found first. */
function inMaths(
  general: Derivation,
  first: Derivation,
  original: Derivation,
  choices: ReadonlyMap<Place, readonly number[]>,
  at: (values: ReadonlyMap<Place, number>) => Derivation | null,
  base: ReadonlyMap<Place, number>,
): Derivation {
  let result = general;
  for (const notation of ["maths", "latex"] as const) {
    const texts = named(notation);
    result = withTexts(result, notation, texts ?? fallback(notation));
  }
  return result;

  function fallback(notation: keyof WrittenFormula): string[] {
    const before = textsOf(original, notation);
    return before.length === textsOf(first, notation).length ? before : textsOf(first, notation);
  }

  function named(notation: keyof WrittenFormula): string[] | null {
    const own = textsOf(first, notation);
    const by = new Map<number, string>();
    for (const [place, values] of choices) {
      if (values.length < 2) continue;
      const all = [first, ...values.slice(1).map(value => at(new Map([...base, [place, value]])))];
      const texts = all.map(found => (found === null ? [] : textsOf(found, notation)));
      if (texts.some(each => structureOf(each) !== structureOf(own))) return null;
      const numbers = texts.map(numbersOf);
      for (let n = 0; n < numbers[0]!.length; n++) {
        const each = numbers.map(list => list[n]!);
        if (each.every(number => number === each[0])) continue;
        const text = explained(place.text, values, each);
        if (text === null) return null;
        by.set(n, text);
      }
    }
    return withNumbers(own, by);
  }
}

/** Numbers that are given, and those that forward's text has for the ones that are left out. */
function placesIn(args: readonly unknown[], parameters: readonly Parameter[]): Place[] {
  return parameters.flatMap(({ name, initializer, rest }, argument): Place[] => {
    if (rest) return [];
    const arg = args[argument] ?? undefined;
    const given = typeof arg === "number" ? arg : arg === undefined ? numberIn(initializer) : null;
    if (given !== null)
      return isName(name) ? [{ argument, key: null, text: name, root: name, value: given }] : [];
    if ((typeof arg !== "object" && arg !== undefined) || isTensor(arg) || Array.isArray(arg)) return [];
    const options = (arg ?? {}) as Readonly<Record<string, unknown>>;
    // `{ eps = 1e-5 }` in the place of a name.
    const bound = /^\{(.*)\}$/s.exec(name)?.[1];
    const defaults = bound === undefined ? [] : boundNames(bound);
    const keys = new Set([...Object.keys(options), ...defaults.map(option => option.name)]);
    return [...keys].flatMap((key): Place[] => {
      const initial = defaults.find(option => option.name === key)?.initializer ?? null;
      const value = options[key] === undefined ? numberIn(initial) : options[key];
      if (typeof value !== "number") return [];
      if (bound !== undefined) return [{ argument, key, text: key, root: key, value }];
      return isName(name) ? [{ argument, key, text: `${name}.${key}`, root: name, value }] : [];
    });
  });
}

function numberIn(initializer: string | null): number | null {
  const value = initializer === null ? Number.NaN : Number(initializer);
  return Number.isFinite(value) ? value : null;
}

const isName = (text: string): boolean => /^[\p{L}_$][\p{L}\d_$]*$/u.test(text);

function changed(args: readonly unknown[], values: ReadonlyMap<Place, number>): readonly unknown[] {
  const result = [...args];
  for (const [{ argument, key }, value] of values) {
    // Arguments that were left out are undefined up to the one that is given.
    while (result.length < argument) result.push(undefined);
    const before = result[argument];
    result[argument] = key === null ? value : { ...(before as object | undefined), [key]: value };
  }
  return result;
}

/**
 * Three values at which the derivation reads the same, or fewer. Broken numbers tell more, where forward takes them; one that
 * forward does not take, or at which terms vanish, gives way to the next.
 */
function valuesFor({ value }: Place, derive: (value: number) => Derivation | null): number[] {
  const sign = Math.sign(value) || 1;
  const broken = BROKEN.map(([times, plus]) => Number((value * times + sign * plus).toFixed(4)));
  const whole = [value, value + 1, value - 1, value + 2].filter(Number.isInteger);
  for (const candidates of [broken, whole]) {
    const byStructure = new Map<string, number[]>();
    for (const candidate of candidates) {
      const found = derive(candidate);
      if (found === null) continue;
      const structure = structureOf(textsOf(found, "typescript"));
      const alike = [...(byStructure.get(structure) ?? []), candidate];
      if (alike.length === ENOUGH) return alike;
      byStructure.set(structure, alike);
    }
    const [most] = [...byStructure.values()].sort((a, b) => b.length - a.length);
    if (most !== undefined && most.length >= 2) return most;
  }
  return [];
}

/** Two would be explained by any straight line. */
const ENOUGH = 3;

/** Factors and summands that lead from a value to others of its kind, near it and of its sign. */
const BROKEN: readonly (readonly [times: number, plus: number])[] = [
  [1.37, 0.17],
  [0.71, 0.23],
  [1.83, 0.41],
  [0.57, 0.07],
  [0.31, 0.13],
];
