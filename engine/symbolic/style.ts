/** @file How formulas are set: what a notation must say about each of their parts, and how tightly texts hold together. */

import type { Leaf } from "./expression.ts";

/** How the parts of a formula are set. */
export interface Style {
  leaf(leaf: Leaf): string;
  name(name: string): string;
  number(value: number): string;
  /** `⊙`, `·` or `@` between factors. */
  readonly signs: Readonly<Record<"elementwise" | "scalar" | "matrix", string>>;
  readonly minus: string;
  quotient(
    above: string,
    below: string,
    wrapped: { above: string; below: string },
  ): { text: string; level: Level };
  transposed(atom: string): string;
  inverse(atom: string): string;
  inverseTransposed(atom: string): string;
  /** An index, as in code. */
  at(places: string): string;
  /** A function over dimensions; all of them for none. */
  along(name: string, dims: readonly number[], text: string): string;
  power(atom: string, exponent: number): string;
  root(text: string): string;
  /** Σ over dimensions; all of them for none. */
  total(dims: readonly number[], text: string): string;
  apply(name: string, args: readonly string[]): string;
  absolute(text: string): string;
  bracket(text: string): string;
  /** 1 where a condition holds, else 0. */
  indicator(text: string): string;
  compare(sign: string, left: string, right: string): string;
}

/** How tightly a text holds together. */
export type Level = 0 | 1 | 2 | 3;
export const SUM: Level = 0;
export const PRODUCT: Level = 1;
export const POWER: Level = 2;
export const ATOM: Level = 3;

/** A part of a formula, as it is written. */
export interface Text {
  readonly text: string;
  readonly level: Level;
}

/** How a name is set, in both notations. */
export interface Sign {
  readonly maths: string;
  readonly latex: string;
}

/** A style in which some leaves are set otherwise than by their names. */
export function withSigns(style: Style, notation: keyof Sign, signs?: ReadonlyMap<Leaf, Sign>): Style {
  if (signs === undefined) return style;
  return { ...style, leaf: leaf => signs.get(leaf)?.[notation] ?? style.leaf(leaf) };
}
