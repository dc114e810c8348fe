/**
 * @file Formulas as people write them: an expression goes into a small tree of sums, products, powers and functions, which a
 * style then sets, in Unicode or in LaTeX. Dimensions that are only put in for broadcasting are not written.
 */

import type { Axes } from "../ops/axes.ts";
import { numelOf, sameShape } from "../tensor/shape.ts";
import { coefficientOf, numberOf } from "./algebra.ts";
import { type SquarePattern, squarePattern } from "./constants.ts";
import type { Application, Expression, Leaf } from "./expression.ts";
import { factorsOf, type Product } from "./factors.ts";
import { FUNCTIONS, placesOf, settingsOf } from "./settings.ts";
import type { SizeFactor } from "./sizes.ts";
import { ATOM, type Level, POWER, PRODUCT, type Sign, type Style, SUM, type Text } from "./style.ts";
import { rowOf } from "./vectors.ts";

const COMPARISONS: Readonly<Record<string, { sign: string; opposite: string }>> = {
  gt: { sign: ">", opposite: "≤" },
  ge: { sign: "≥", opposite: "<" },
  lt: { sign: "<", opposite: "≥" },
  le: { sign: "≤", opposite: ">" },
  eq: { sign: "=", opposite: "≠" },
  ne: { sign: "≠", opposite: "=" },
};

/** What is known of a formula's parts. */
export interface Known {
  /** Common parts, which are written by name. */
  readonly names?: ReadonlyMap<Expression, string>;
  /** Coefficients that come of sizes. */
  readonly sizes?: ReadonlyMap<Expression, SizeFactor>;
  /** Leaves that are written otherwise than by their names. */
  readonly signs?: ReadonlyMap<Leaf, Sign>;
}

export class Notation {
  readonly #style: Style;
  readonly #names: ReadonlyMap<Expression, string>;
  readonly #sizes: ReadonlyMap<Expression, SizeFactor>;

  constructor(style: Style, { names = new Map(), sizes = new Map() }: Known = {}) {
    this.#style = style;
    this.#names = names;
    this.#sizes = sizes;
  }

  /** The formula of an expression; of a named one, what the name stands for. */
  formula(e: Expression): string {
    return this.#open(e).text;
  }

  #write(e: Expression): Text {
    const name = this.#names.get(e);
    return name === undefined ? this.#open(e) : { text: this.#style.name(name), level: ATOM };
  }

  #atLeast(e: Expression, level: Level): string {
    return this.#wrapped(this.#write(e), level);
  }

  #wrapped({ text, level }: Text, least: Level): string {
    return level >= least ? text : this.#style.bracket(text);
  }

  #open(e: Expression): Text {
    const style = this.#style;
    if (e.kind === "leaf") return { text: style.leaf(e), level: ATOM };
    if (e.kind === "constant") return this.#constant(e);
    const size = this.#sizes.get(e);
    if (size !== undefined) return this.#sized(coefficientOf(e).rest, size);
    const inputs = e.call.inputs;
    const [a, b, c] = inputs as [Expression, Expression, Expression];
    const comparison = COMPARISONS[e.call.name];
    if (comparison !== undefined)
      return {
        text: style.compare(comparison.sign, this.#atLeast(a, SUM), this.#atLeast(b, SUM)),
        level: SUM,
      };
    switch (e.call.name) {
      case "add":
        return { text: `${this.#atLeast(a, SUM)} + ${this.#atLeast(b, SUM)}`, level: SUM };
      case "sub":
        return { text: `${this.#atLeast(a, SUM)} ${style.minus} ${this.#atLeast(b, PRODUCT)}`, level: SUM };
      case "neg":
        return { text: `${style.minus}${this.#atLeast(a, PRODUCT)}`, level: SUM };
      case "mul":
      case "div":
      case "square":
      case "sqrt":
      case "rsqrt":
      case "reciprocal":
      case "pow":
        return this.#product(e);
      case "matmul": {
        const row = rowOf(b);
        const left = rowOf(a);
        const before =
          left === null ? this.#matrixFactor(a, false) : style.transposed(this.#atLeast(left, ATOM));
        const after = row === null ? this.#matrixFactor(b, true) : style.transposed(this.#atLeast(row, ATOM));
        return { text: `${before} ${style.signs.matrix} ${after}`, level: PRODUCT };
      }
      case "permute":
        return this.#permuted(e, a);
      case "reshape":
      case "expand":
        return isForBroadcast(e) ? this.#write(a) : this.#applied(e, [`[${e.shape.join(", ")}]`]);
      case "to":
      case "clone":
      case "detach":
      case "hooked":
        return a.dtype === "bool"
          ? { text: style.indicator(this.#write(a).text), level: ATOM }
          : this.#write(a);
      case "sum": {
        const { dims } = e.call.params as Axes;
        const all = dims.length === a.shape.length;
        return { text: style.total(all ? [] : dims, this.#write(a).text), level: POWER };
      }
      case "inv":
        return this.#inverse(a);
      case "abs":
        return { text: style.absolute(this.#write(a).text), level: ATOM };
      case "where":
        return this.#choice(e, a, b, c);
      case "slice":
        return { text: `${this.#atLeast(a, ATOM)}${style.at(placesOf(e, a.shape.length))}`, level: POWER };
      case "sliceBackward":
        return this.#applied(e, [placesOf(e, e.shape.length)], "embed");
      case "triangle": {
        const { keep, diagonal } = e.call.params as { keep: string; diagonal: number };
        return this.#applied(
          e,
          diagonal === 0 ? [] : [style.number(diagonal)],
          keep === "lower" ? "tril" : "triu",
        );
      }
      case "diagonalBackward":
        return this.#applied(e, [], "diag");
      case "index":
        return {
          text: `${this.#atLeast(a, ATOM)}${style.at(
            inputs
              .slice(1)
              .map(i => this.#write(i).text)
              .join(", "),
          )}`,
          level: POWER,
        };
      case "softmax":
      case "logSoftmax":
        return {
          text: style.along(
            FUNCTIONS[e.call.name] ?? e.call.name,
            [e.call.params as number],
            this.#write(a).text,
          ),
          level: ATOM,
        };
      case "logsumexp":
      case "amax":
      case "amin": {
        const { dims } = e.call.params as Axes;
        const all = dims.length === a.shape.length;
        return {
          text: style.along(FUNCTIONS[e.call.name] ?? e.call.name, all ? [] : dims, this.#write(a).text),
          level: ATOM,
        };
      }
      case "leastSquares":
        return { text: style.apply("lstsq", [this.#write(a).text, this.#write(b).text]), level: ATOM };
      case "logicalNot":
        return this.#negated(a);
      default:
        return this.#applied(e, settingsOf(e));
    }
  }

  /** Scaled by a size, or divided by one. */
  #sized(rest: Expression, { times, divides, leaf, dim, less, root }: SizeFactor): Text {
    const style = this.#style;
    const asked = style.apply(dim === null ? "numel" : "size", [
      style.leaf(leaf),
      ...(dim === null ? [] : [String(dim)]),
    ]);
    const all = root ? style.root(asked) : asked;
    const text = less === 0 ? all : style.bracket(`${all} ${style.minus} 1`);
    const size = Math.abs(times);
    const front = size === 1 ? "" : `${style.number(size)}${style.signs.scalar}`;
    const factor = `${front}${divides ? "" : `${text}${style.signs.scalar}`}${this.#factor(rest)}`;
    const { text: whole, level } = divides
      ? style.quotient(factor, text, { above: factor, below: text })
      : { text: factor, level: PRODUCT };
    return times < 0 ? { text: `${style.minus}${whole}`, level: SUM } : { text: whole, level };
  }

  /** A⁻¹, and A⁻ᵀ. */
  #inverse(a: Expression): Text {
    const style = this.#style;
    const turned =
      a.kind === "application" && a.call.name === "permute" && isTransposition(a) && !this.#names.has(a);
    const text = turned
      ? style.inverseTransposed(this.#atLeast(a.call.inputs[0]!, ATOM))
      : style.inverse(this.#atLeast(a, ATOM));
    return { text, level: POWER };
  }

  #constant(e: Expression): Text {
    const value = numberOf(e);
    if (value !== null) return { text: this.#style.number(value), level: value < 0 ? SUM : ATOM };
    const pattern = squarePattern(e);
    if (pattern === null) return { text: this.#style.name(`constant[${e.shape.join("×")}]`), level: ATOM };
    return this.#pattern(pattern);
  }

  /** 1 − I / 2 and the like. */
  #pattern({ everywhere, diagonal }: SquarePattern): Text {
    const style = this.#style;
    const size = Math.abs(diagonal);
    const inverse = Math.round(1 / size);
    const identity = style.name("I");
    const times: Text =
      size === 1
        ? { text: identity, level: ATOM }
        : size < 1 && 1 / inverse === size
          ? style.quotient(identity, style.number(inverse), { above: identity, below: style.number(inverse) })
          : { text: `${style.number(size)}${style.signs.scalar}${identity}`, level: PRODUCT };
    if (everywhere === 0) return diagonal > 0 ? times : { text: `${style.minus}${times.text}`, level: SUM };
    return {
      text: `${style.number(everywhere)} ${diagonal > 0 ? "+" : style.minus} ${times.text}`,
      level: SUM,
    };
  }

  #applied(e: Application, settings: readonly string[], name = FUNCTIONS[e.call.name] ?? e.call.name): Text {
    const args = e.call.inputs.map(input => this.#write(input).text);
    const part = e.call.results.length > 1 ? `${name}.${e.output}` : name;
    return { text: this.#style.apply(part, [...args, ...settings]), level: ATOM };
  }

  #permuted(e: Application, a: Expression): Text {
    const order = e.call.params as readonly number[];
    if (isTransposition(e)) return { text: this.#style.transposed(this.#atLeast(a, ATOM)), level: POWER };
    return this.#applied(e, [`(${order.join(", ")})`]);
  }

  /** A condition's branches: one that is 0 makes it an indicator. */
  #choice(e: Application, condition: Expression, a: Expression, b: Expression): Text {
    const [zeroA, zeroB] = [numberOf(a) === 0, numberOf(b) === 0];
    if (!zeroA && !zeroB) return this.#applied(e, []);
    const holds = this.#style.indicator((zeroB ? this.#write(condition) : this.#negated(condition)).text);
    const value = zeroB ? a : b;
    if (numberOf(value) === 1) return { text: holds, level: ATOM };
    const sign = value.shape.length === 0 ? this.#style.signs.scalar : ` ${this.#style.signs.elementwise} `;
    return { text: `${this.#factor(value)}${sign}${holds}`, level: PRODUCT };
  }

  #negated(condition: Expression): Text {
    if (condition.kind === "application" && !this.#names.has(condition)) {
      const comparison = COMPARISONS[condition.call.name];
      const [a, b] = condition.call.inputs as [Expression, Expression];
      if (comparison !== undefined) {
        return {
          text: this.#style.compare(comparison.opposite, this.#atLeast(a, SUM), this.#atLeast(b, SUM)),
          level: SUM,
        };
      }
      if (condition.call.name === "logicalNot") return this.#write(a);
    }
    return { text: `¬${this.#atLeast(condition, ATOM)}`, level: POWER };
  }

  /** An operand of a matrix product, which is read from the left: what else is a product stands in brackets. */
  #matrixFactor(e: Expression, right: boolean): string {
    const loose = isMatmul(e) && !right && !this.#names.has(e);
    return loose ? this.#write(e).text : this.#atLeast(e, POWER);
  }

  #factor(e: Expression): string {
    return this.#atLeast(e, PRODUCT);
  }

  /** Numbers, then factors, over what they are divided by. */
  #product(e: Application): Text {
    const { coefficient, factors } = this.#factorsOf(e);
    const style = this.#style;
    const list = [...factors];
    const above = list.filter(([, exponent]) => exponent > 0);
    const below = list.filter(([, exponent]) => exponent < 0);
    const size = Math.abs(coefficient);
    const inverse = Math.round(1 / size);
    const divided = size < 1 && 1 / inverse === size;
    const numerator = this.#times(divided ? 1 : size, above, 1);
    const denominator = this.#times(divided ? inverse : 1, below, -1);
    const sign = coefficient < 0 ? style.minus : "";
    const positive = (): Text => {
      if (denominator === null) return numerator ?? { text: style.number(1), level: ATOM };
      const top = numerator ?? { text: style.number(1), level: ATOM };
      return style.quotient(top.text, denominator.text, {
        above: this.#wrapped(top, PRODUCT),
        below: this.#wrapped(denominator, POWER),
      });
    };
    const { text, level } = positive();
    return sign === ""
      ? { text, level }
      : { text: `${sign}${level === SUM ? style.bracket(text) : text}`, level: SUM };
  }

  /** The factors of a product, of which those that have a name are left whole. */
  #factorsOf(e: Application): Product {
    return factorsOf(e, part => part !== e && (this.#names.has(part) || this.#sizes.has(part)));
  }

  #times(
    coefficient: number,
    factors: readonly (readonly [Expression, number])[],
    sign: number,
  ): Text | null {
    const style = this.#style;
    if (factors.length === 0)
      return coefficient === 1 ? null : { text: style.number(coefficient), level: ATOM };
    const texts = factors.map(([base, exponent]) => this.#raised(base, sign * exponent));
    const single = texts.length === 1 && coefficient === 1;
    if (single) return texts[0]!;
    let text = coefficient === 1 ? "" : `${style.number(coefficient)}${style.signs.scalar}`;
    texts.forEach((factor, i) => {
      const [base] = factors[i]!;
      // What follows an elementwise sign must not be read as part of a matrix product, nor the other way round.
      const loose = isMatmul(base) && !this.#names.has(base);
      const wrapped = loose ? style.bracket(factor.text) : this.#wrapped(factor, PRODUCT);
      const scalar =
        i > 0 && (numelOf(base.shape) === 1 || factors.slice(0, i).every(([f]) => numelOf(f.shape) === 1));
      text += i === 0 ? wrapped : `${scalar ? style.signs.scalar : ` ${style.signs.elementwise} `}${wrapped}`;
    });
    return { text, level: PRODUCT };
  }

  #raised(base: Expression, exponent: number): Text {
    if (exponent === 1) return this.#write(base);
    if (exponent === 0.5) return { text: this.#style.root(this.#write(base).text), level: POWER };
    return { text: this.#style.power(this.#atLeast(base, ATOM), exponent), level: POWER };
  }
}

/** Whether a permutation swaps the last two dimensions and no others. */
export function isTransposition(e: Application): boolean {
  const order = e.call.params as readonly number[];
  const n = order.length;
  return n > 1 && order.every((d, i) => d === (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
}

/** Whether a matrix product is written for it. */
function isMatmul(e: Expression): boolean {
  if (e.kind !== "application") return false;
  return e.call.name === "matmul" || (isForBroadcast(e) && isMatmul(e.call.inputs[0]!));
}

/** Whether only dimensions of size 1 come or go, or repeat. */
export function isForBroadcast(e: Application): boolean {
  const from = e.call.inputs[0]!.shape;
  if (e.call.name === "expand") return true;
  return (
    e.call.name === "reshape" &&
    sameShape(
      from.filter(n => n !== 1),
      e.shape.filter(n => n !== 1),
    )
  );
}
