/** @file Formulas in LaTeX, as KaTeX sets them. */

import type { Expression } from "./expression.ts";
import { mathsName, shortNumber } from "./maths.ts";
import { type Known, Notation } from "./notation.ts";
import { type Level, type Style, withSigns } from "./style.ts";

/** Functions that have a command of their own. */
const COMMANDS: ReadonlySet<string> = new Set([
  "exp",
  "log",
  "sin",
  "cos",
  "tan",
  "sinh",
  "cosh",
  "tanh",
  "det",
]);

const SIGNS: Readonly<Record<string, string>> = { "≤": "\\le", "≥": "\\ge", "≠": "\\ne" };

/** A name of the code, whatever it is made of: a command in it would be one of the formula. */
export function named(name: string): string {
  const safe = name.replace(/[\\^~]/g, "").replace(/([_%$#&{}])/g, "\\$1");
  return name.length === 1 ? safe : `\\mathtt{${safe}}`;
}

const number = (value: number): string => shortNumber(value).replace("−", "-").replace("∞", "\\infty");

const LATEX: Style = {
  leaf: leaf => named(mathsName(leaf)),
  name: named,
  number,
  signs: { elementwise: "\\odot", scalar: "\\,", matrix: "\\," },
  minus: "-",
  quotient: (above, below) => ({ text: `\\frac{${above}}{${below}}`, level: 1 as Level }),
  transposed: atom => `${atom}^{\\top}`,
  inverse: atom => `${atom}^{-1}`,
  inverseTransposed: atom => `${atom}^{-\\top}`,
  at: places => `_{[${places}]}`,
  along: (name, dims, text) =>
    `\\operatorname{${name.replace(/_/g, "\\_")}}${dims.length === 0 ? "" : `_{${dims.join(",")}}`}\\left(${text}\\right)`,
  power: (atom, exponent) => `${atom}^{${number(exponent)}}`,
  root: text => `\\sqrt{${text}}`,
  total: (dims, text) => `\\sum${dims.length === 0 ? "" : `_{${dims.join(",")}}`}\\left(${text}\\right)`,
  apply: (name, args) => {
    const head =
      name === "σ"
        ? "\\sigma"
        : COMMANDS.has(name)
          ? `\\${name}`
          : `\\operatorname{${name.replace(/_/g, "\\_")}}`;
    return `${head}\\left(${args.join(", ")}\\right)`;
  },
  absolute: text => `\\left|${text}\\right|`,
  bracket: text => `\\left(${text}\\right)`,
  indicator: text => `\\left[${text.replace(/¬/g, "\\lnot ")}\\right]`,
  compare: (sign, left, right) => `${left} ${SIGNS[sign] ?? sign} ${right}`,
};

/** The formula of an expression. */
export function asLatex(e: Expression, known: Known = {}): string {
  return new Notation(withSigns(LATEX, "latex", known.signs), known).formula(e);
}
