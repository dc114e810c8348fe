/** @file Formulas in Unicode: `grad_out @ inputᵀ + inputᵀ @ grad_out`. */

import type { Expression, Leaf } from "./expression.ts";
import { type Known, Notation } from "./notation.ts";
import { type Level, type Style, withSigns } from "./style.ts";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

function digits(value: number, of: string): string {
  return String(value)
    .replace(/\d/g, d => [...of][Number(d)]!)
    .replace("-", "⁻");
}

/** Shortest that a reader takes for the number. */
export function shortNumber(value: number): string {
  if (value === Infinity) return "∞";
  if (value === -Infinity) return "−∞";
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return text.replace("-", "−");
}

/** What flows back is called as in the field's papers and code, unless the text at hand calls it otherwise. */
export function mathsName({ name, role }: Pick<Leaf, "name" | "role">): string {
  return role === "gradOutput" ? name.replace(/^_(?=\p{L})/u, "").replace(/^gradOutput/, "grad_out") : name;
}

const UNICODE: Style = {
  leaf: mathsName,
  name: name => name,
  number: shortNumber,
  signs: { elementwise: "⊙", scalar: "·", matrix: "@" },
  minus: "−",
  quotient: (_above, _below, wrapped) => ({ text: `${wrapped.above} / ${wrapped.below}`, level: 1 as Level }),
  transposed: atom => `${atom}ᵀ`,
  inverse: atom => `${atom}⁻¹`,
  inverseTransposed: atom => `${atom}⁻ᵀ`,
  at: places => `[${places}]`,
  along: (name, dims, text) => `${name}${dims.map(d => digits(d, SUBSCRIPTS)).join("")}(${text})`,
  power: (atom, exponent) =>
    Number.isInteger(exponent)
      ? `${atom}${digits(exponent, SUPERSCRIPTS)}`
      : `${atom}^${shortNumber(exponent)}`,
  root: text => (/^[\p{L}\p{Nd}_]+$/u.test(text) ? `√${text}` : `√(${text})`),
  total: (dims, text) => `Σ${dims.map(d => digits(d, SUBSCRIPTS)).join("")}(${text})`,
  apply: (name, args) => `${name}(${args.join(", ")})`,
  absolute: text => `|${text}|`,
  bracket: text => `(${text})`,
  indicator: text => `[${text}]`,
  compare: (sign, left, right) => `${left} ${sign} ${right}`,
};

/** The formula of an expression. */
export function asMaths(e: Expression, known: Known = {}): string {
  return new Notation(withSigns(UNICODE, "maths", known.signs), known).formula(e);
}
