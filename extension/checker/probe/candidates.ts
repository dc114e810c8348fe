/** @file Values to try for one parameter of `forward`, from what its declaration says. */

import { type Tensor, tensor } from "@gradient-lens/engine";
import type { Parameter } from "../sandbox/job.ts";

/** What kind of argument a parameter takes. */
export type Candidate =
  /** A floating-point tensor, whose shape and values are to be found. */
  | { readonly kind: "tensor" }
  /** One of these values, tried in order; `undefined` leaves an optional argument out. */
  | { readonly kind: "values"; readonly values: readonly unknown[] };

const TENSOR: Candidate = { kind: "tensor" };
const NUMBERS = [2, 0.5, 1, 3, -1, 0];
/** For a number whose name says that it counts dimensions. */
const DIMENSIONS = [-1, 0, 1];

/** What to try for a parameter, likeliest first. Without a declaration, a tensor. */
export function candidatesFor(parameter: Parameter): Candidate[] {
  const type = parameter.type?.replace(/\s+/g, "") ?? null;
  const leftOut = parameter.optional || parameter.initializer !== null ? [undefined] : [];
  const numbers = /^(dim|axis)\d*$/i.test(parameter.name) ? DIMENSIONS : NUMBERS;
  const values = (list: readonly unknown[]): Candidate => ({ kind: "values", values: [...leftOut, ...list] });
  if (type === null) {
    return parameter.initializer === null ? [TENSOR, values(numbers)] : [values([]), TENSOR];
  }
  const parts = type.split("|").filter(part => part !== "undefined" && part !== "null");
  const literals = parts.map(literalOf).filter(literal => literal !== null);
  if (parts.some(part => /(^|\.)Tensor$/.test(part)))
    return [TENSOR, ...(leftOut.length > 0 ? [values([])] : [])];
  if (literals.length > 0 && literals.length === parts.length)
    return [values(literals.map(({ value }) => value))];
  if (parts.includes("number")) return [values(numbers)];
  if (parts.includes("boolean")) return [values([false, true])];
  if (/^(readonly)?number\[\]$|^(Readonly)?Array<number>$/.test(type))
    return [values([[0], [-1], [0, 1], [2, 3]])];
  if (leftOut.length > 0 || /^\{/.test(type)) return [values([{}])];
  return [TENSOR, values([{}, ...numbers])];
}

/** A literal type: `"mean"`, `1`, `true`. */
function literalOf(part: string): { value: unknown } | null {
  const text = /^["'](.*)["']$/.exec(part)?.[1];
  if (text !== undefined) return { value: text };
  if (part === "true" || part === "false") return { value: part === "true" };
  return part !== "" && Number.isFinite(Number(part)) ? { value: Number(part) } : null;
}

/** Numbers with a given domain: what a tensor's values may have to be for `forward` to be defined. */
export interface Domain {
  /** For people: "positive values"; null for no restriction. */
  readonly name: string | null;
  /** Values for a shape, or null where the domain has none of that shape. */
  sample(shape: readonly number[], uniform: () => number): Tensor | null;
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const filled = (shape: readonly number[], value: () => number): Tensor =>
  tensor(Float64Array.from({ length: count(shape) }, value)).reshape([...shape]);

/** Domains in the order they are tried: the least special first. */
export const DOMAINS: readonly Domain[] = [
  { name: null, sample: (shape, uniform) => filled(shape, () => signed(uniform)) },
  { name: "positive values", sample: (shape, uniform) => filled(shape, () => 0.3 + 2 * uniform()) },
  { name: "values between 0 and 1", sample: (shape, uniform) => filled(shape, () => 0.1 + 0.8 * uniform()) },
  {
    name: "symmetric positive definite matrices",
    sample(shape, uniform) {
      const n = shape.at(-1);
      if (n === undefined || shape.at(-2) !== n) return null;
      const A = filled(shape, () => signed(uniform));
      return A.matmul(A.mT).add(
        tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))),
      );
    },
  },
];

/** Of either sign and away from 0, where so many functions have a kink or a pole. */
function signed(uniform: () => number): number {
  const size = 0.2 + 1.6 * uniform();
  return uniform() < 0.5 ? -size : size;
}
