/**
 * @file Formulas as TypeScript that computes them with the engine, in method chains or with free functions, under the names of the
 * code at hand, one variable for each common part. Sizes are asked of the tensors that have them.
 */

import type { Axes } from "../ops/axes.ts";
import type { Places } from "../ops/places.ts";
import type { Choice } from "../ops/rows.ts";
import * as special from "../special.ts";
import { type Shape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { coefficientOf, numberOf } from "./algebra.ts";
import { squarePattern } from "./constants.ts";
import { type Application, type Expression, type Leaf, reachable } from "./expression.ts";
import type { Part } from "./naming.ts";
import type { SizeFactor } from "./sizes.ts";
import { WINDOW_WRITERS } from "./typescript-windows.ts";
import { columnOf, rowOf, vectorProduct } from "./vectors.ts";

export type CallStyle = "methods" | "functions";

export interface Program {
  /** `const t = …;`, a line for each common part. */
  readonly statements: readonly string[];
  /** One for each formula. */
  readonly results: readonly string[];
  /** What of the engine's entry must be imported. */
  readonly imports: readonly string[];
  /** Tensors that sizes are asked of, and that the formulas do not use otherwise. */
  readonly sizesOf: readonly Leaf[];
}

/** What is known beside the formulas. */
export interface Surroundings {
  /** Tensors of which sizes may be asked, beside those in the formulas. */
  readonly available?: readonly Leaf[];
  /** Coefficients that come of sizes. */
  readonly sizes?: ReadonlyMap<Expression, SizeFactor>;
}

/** An operation that no public function is for. */
export class Unwritable extends Error {
  override readonly name = "Unwritable";
}

/**
 * @throws Unwritable
 */
export function asTypeScript(
  roots: readonly Expression[],
  parts: readonly Part[],
  style: CallStyle,
  { available = [], sizes = new Map() }: Surroundings = {},
): Program {
  const used = reachable(roots).filter(e => e.kind === "leaf");
  const writer = new Writer(style, [...used, ...available.filter(leaf => !used.includes(leaf))], used, sizes);
  const statements = parts.map(({ name, expression }) => {
    const text = writer.write(expression);
    writer.names.set(expression, name);
    return `const ${name} = ${text};`;
  });
  const results = roots.map(root => writer.write(root));
  return { statements, results, imports: [...writer.imports].sort(), sizesOf: [...writer.sizesOf] };
}

/** How an operation is written. */
export type Write = (e: Application, writer: Writer) => string;

const LINALG: ReadonlySet<string> = new Set(["inv", "solve", "det", "cholesky", "matrixExp", "pinv"]);

/** Results of operations that have several, by the fields that the public functions give them. */
const FIELDS: Readonly<Record<string, { call: string; fields: readonly string[] }>> = {
  eigh: { call: "linalg.eigh", fields: ["eigenvalues", "eigenvectors"] },
  qr: { call: "linalg.qr", fields: ["Q", "R"] },
  svd: { call: "linalg.svd", fields: ["U", "S", "Vh"] },
  slogdet: { call: "linalg.slogdet", fields: ["sign", "logabsdet"] },
};

export class Writer {
  readonly names = new Map<Expression, string>();
  readonly imports = new Set<string>();
  readonly #style: CallStyle;
  readonly #leaves: readonly Leaf[];
  readonly #used: readonly Leaf[];
  readonly #sizes: ReadonlyMap<Expression, SizeFactor>;
  readonly sizesOf = new Set<Leaf>();

  constructor(
    style: CallStyle,
    leaves: readonly Leaf[],
    used: readonly Leaf[],
    sizes: ReadonlyMap<Expression, SizeFactor>,
  ) {
    this.#sizes = sizes;
    this.#style = style;
    this.#leaves = leaves;
    this.#used = used;
  }

  get chains(): boolean {
    return this.#style === "methods";
  }

  write(e: Expression): string {
    const name = this.names.get(e);
    if (name !== undefined) return name;
    if (e.kind === "leaf") return e.name;
    if (e.kind === "constant") return this.#constant(e);
    const size = this.#sizes.get(e);
    if (size !== undefined) return this.#sized(coefficientOf(e).rest, size);
    const write = WRITERS[e.call.name] ?? WINDOW_WRITERS[e.call.name];
    if (write !== undefined) return write(e, this);
    const { inputs, params } = e.call;
    const fields = FIELDS[e.call.name];
    if (fields !== undefined) {
      const more = e.call.name === "svd" && !hasAllVectors(e) ? ["false"] : [];
      return `${this.free(fields.call, this.write(inputs[0]!), ...more)}.${fields.fields[e.output]}`;
    }
    if (LINALG.has(e.call.name)) return this.free(`linalg.${e.call.name}`, ...inputs.map(x => this.write(x)));
    const plain = params === undefined && inputs.length > 0 && e.call.name in Tensor.prototype;
    if (plain) return this.apply(e.call.name, inputs[0]!, ...inputs.slice(1).map(x => this.operand(x)));
    const isSpecial = params === undefined && e.call.name in special;
    if (isSpecial) return this.free(`special.${e.call.name}`, ...inputs.map(x => this.write(x)));
    throw new Unwritable(`There is no public function for ${e.call.name}.`);
  }

  /** `x.name(…)`, or `name(x, …)`. */
  apply(name: string, receiver: Expression, ...args: readonly string[]): string {
    if (this.chains) return `${this.write(receiver)}.${name}(${args.join(", ")})`;
    return this.free(name, this.write(receiver), ...args);
  }

  free(name: string, ...args: readonly string[]): string {
    this.imports.add(name.split(".")[0]!);
    return `${name}(${args.join(", ")})`;
  }

  /** A tensor, or the plain number that it is. */
  operand(e: Expression): string {
    const value = numberOf(e);
    return value !== null && e.shape.length === 0 ? String(value) : this.write(e);
  }

  sizes(shape: Shape): string {
    const same = this.like(shape);
    return same === undefined ? `[${shape.map(n => this.size(n)).join(", ")}]` : `${same.name}.shape`;
  }

  /** One size, asked of a tensor that has it. */
  size(n: number): string {
    const leaf = n === 1 ? undefined : this.#asked(this.#leaves.find(({ shape }) => shape.includes(n)));
    return leaf === undefined ? String(n) : `${leaf.name}.size(${leaf.shape.indexOf(n)})`;
  }

  /** A tensor of a shape, to be expanded like. */
  like(shape: Shape): Leaf | undefined {
    return this.#asked(this.#leaves.find(leaf => shape.length > 0 && sameShape(leaf.shape, shape)));
  }

  /** Scaled by a size, or divided by one. */
  #sized(rest: Expression, { times, divides, leaf, dim, less, root }: SizeFactor): string {
    this.#asked(leaf);
    const asked = `${leaf.name}.${dim === null ? "numel()" : `size(${dim})`}`;
    const plain = root ? `Math.sqrt(${asked})` : asked;
    const size = less === 0 ? plain : `${plain} - 1`;
    if (!divides)
      return this.apply("mul", rest, times === 1 ? size : `${times} * ${less === 0 ? size : `(${size})`}`);
    if (times === 1) return this.apply("div", rest, size);
    return this.apply("mul", rest, `${times} / ${less === 0 ? size : `(${size})`}`);
  }

  #asked(leaf: Leaf | undefined): Leaf | undefined {
    if (leaf !== undefined && !this.#used.includes(leaf)) this.sizesOf.add(leaf);
    return leaf;
  }

  #constant(e: Expression): string {
    const value = numberOf(e);
    const options = e.dtype === "float64" ? "" : `, { dtype: "${e.dtype}" }`;
    if (value !== null && e.shape.length > 0)
      return this.free("full", this.sizes(e.shape), `${value}${options}`);
    const pattern = options === "" ? squarePattern(e) : null;
    if (pattern !== null) {
      const identity = this.free("eye", this.size(e.shape[0]!));
      if (pattern.diagonal === -1) return `${identity}.rsub(${pattern.everywhere})`;
      const scaled = pattern.diagonal === 1 ? identity : `${identity}.mul(${pattern.diagonal})`;
      return pattern.everywhere === 0 ? scaled : `${scaled}.add(${pattern.everywhere})`;
    }
    if (e.value.numel() > 64) throw new Unwritable("A constant has too many elements to be written down.");
    return this.free("tensor", `${JSON.stringify(e.value.tolist())}${options}`);
  }
}

/** Whether a decomposition of a matrix that is not square has square factors. */
function hasAllVectors({ call }: Application): boolean {
  const [U, , Vh] = call.results;
  return U!.shape.at(-1) === U!.shape.at(-2) && Vh!.shape.at(-1) === Vh!.shape.at(-2);
}

/** `dim, keepdim` of a reduction. */
function axes(e: Application): string[] {
  const { dims, keepdim } = e.call.params as Axes;
  const all = dims.length === e.call.inputs[0]!.shape.length;
  if (all && !keepdim) return [];
  const dim = dims.length === 1 ? String(dims[0]) : `[${dims.join(", ")}]`;
  return keepdim ? [dim, "true"] : [dim];
}

const reduction: Write = (e, w) => w.apply(e.call.name, e.call.inputs[0]!, ...axes(e));
const alongDim: Write = (e, w) => w.apply(e.call.name, e.call.inputs[0]!, String(e.call.params));
const input = (e: Application): Expression => e.call.inputs[0]!;

/** With a number on the left, which has no methods. */
const commutative: Write = (e, w) => {
  const [a, b] = e.call.inputs as [Expression, Expression];
  const swap = numberOf(a) !== null && a.shape.length === 0 && numberOf(b) === null;
  return w.apply(e.call.name, swap ? b : a, w.operand(swap ? a : b));
};

const WRITERS: Readonly<Record<string, Write>> = {
  add: commutative,
  mul: commutative,
  sub(e, w) {
    const [a, b] = e.call.inputs as [Expression, Expression];
    if (numberOf(a) === null || a.shape.length > 0) return w.apply("sub", a, w.operand(b));
    return w.chains ? `${w.write(b)}.neg().add(${numberOf(a)})` : w.free("sub", w.operand(a), w.write(b));
  },
  div(e, w) {
    const [a, b] = e.call.inputs as [Expression, Expression];
    if (numberOf(a) === null || a.shape.length > 0) return w.apply("div", a, w.operand(b));
    if (!w.chains) return w.free("div", w.operand(a), w.write(b));
    return numberOf(a) === 1
      ? `${w.write(b)}.reciprocal()`
      : `${w.write(b)}.reciprocal().mul(${numberOf(a)})`;
  },
  where(e, w) {
    const [condition, a, b] = e.call.inputs as [Expression, Expression, Expression];
    const isNumber = (x: Expression): boolean => numberOf(x) !== null && x.shape.length === 0;
    if (w.chains && isNumber(a) && !isNumber(b) && sameShape(b.shape, e.shape))
      return `${w.write(b)}.maskedFill(${w.write(condition)}, ${numberOf(a)})`;
    return w.free("where", w.write(condition), w.operand(a), w.operand(b));
  },
  matmul(e, w) {
    const [a, b] = e.call.inputs as [Expression, Expression];
    const [u, v] = [columnOf(a), rowOf(b)];
    return u !== null && v !== null ? w.apply("outer", u, w.write(v)) : w.apply("matmul", a, w.write(b));
  },
  permute(e, w) {
    const order = e.call.params as readonly number[];
    const n = order.length;
    const swapped = order.every((d, i) => d === (i === n - 1 ? n - 2 : i === n - 2 ? n - 1 : i));
    if (swapped && n === 2) return w.apply("t", input(e));
    return swapped ? `${w.write(input(e))}.mT` : w.apply("permute", input(e), `[${order.join(", ")}]`);
  },
  reshape(e, w) {
    const [x] = e.call.inputs as [Expression];
    const product = vectorProduct(e, x);
    if (product !== null) return w.apply("matmul", product[0], w.write(product[1]));
    const added = dimsBetween(x.shape, e.shape);
    if (added !== null && added.length > 0) {
      return added
        .slice(1)
        .reduce(
          (text, d) => (w.chains ? `${text}.unsqueeze(${d})` : w.free("unsqueeze", text, String(d))),
          w.apply("unsqueeze", x, String(added[0])),
        );
    }
    const gone = dimsBetween(e.shape, x.shape);
    if (gone !== null && gone.length > 0)
      return w.apply("squeeze", x, gone.length === 1 ? String(gone[0]) : `[${gone.join(", ")}]`);
    return w.apply("reshape", x, w.sizes(e.shape));
  },
  expand(e, w) {
    const like = w.like(e.shape);
    if (like !== undefined && w.chains) return `${w.write(input(e))}.expandAs(${like.name})`;
    return w.apply("expand", input(e), w.sizes(e.shape));
  },
  sum: reduction,
  amax: reduction,
  amin: reduction,
  logsumexp: reduction,
  softmax: alongDim,
  logSoftmax: alongDim,
  cumsum: alongDim,
  cumprod: alongDim,
  logcumsumexp: alongDim,
  flip: (e, w) => w.apply("flip", input(e), `[${(e.call.params as readonly number[]).join(", ")}]`),
  roll(e, w) {
    const { shift, dim } = e.call.params as { shift: number; dim: number };
    return w.apply("roll", input(e), String(shift), String(dim));
  },
  to: (e, w) => `${w.write(input(e))}.to("${e.dtype}")`,
  clone: (e, w) => w.apply("clone", input(e)),
  triangle(e, w) {
    const { keep, diagonal } = e.call.params as { keep: "lower" | "upper"; diagonal: number };
    return w.apply(
      keep === "lower" ? "tril" : "triu",
      input(e),
      ...(diagonal === 0 ? [] : [String(diagonal)]),
    );
  },
  diagonal: (e, w) => w.apply("diagonal", input(e), ...diagonalOf(e)),
  diagonalBackward: (e, w) =>
    `${w.free("zeros", w.sizes(e.shape))}.diagonalScatter(${[w.write(input(e)), ...diagonalOf(e)].join(", ")})`,
  slice(e, w) {
    const { dim, start, length, step } = e.call.params as Slice;
    if (step === 1) return w.apply("narrow", input(e), String(dim), String(start), String(length));
    return w.apply(
      "slice",
      input(e),
      String(dim),
      String(start),
      String(start + (length - 1) * step + 1),
      String(step),
    );
  },
  sliceBackward(e, w) {
    const { dim, start, length, step } = e.call.params as Slice;
    const end = start + (length - 1) * step + 1;
    const places = [dim, start, end, ...(step === 1 ? [] : [step])].join(", ");
    return `${w.free("zeros", w.sizes(e.shape))}.sliceScatter(${w.write(input(e))}, ${places})`;
  },
  clamp(e, w) {
    const { min, max } = e.call.params as { min: number; max: number };
    return w.apply("clamp", input(e), String(min), String(max));
  },
  softplus(e, w) {
    const { beta, threshold } = e.call.params as { beta: number; threshold: number };
    return w.free("nn.functional.softplus", w.write(input(e)), String(beta), String(threshold));
  },
  index(e, w) {
    const { pickedBy } = e.call.params as Places;
    const [x, index] = e.call.inputs as [Expression, Expression];
    if (pickedBy === undefined) throw new Unwritable("There is no public function that picks these places.");
    if (pickedBy.name === "take") return w.apply("take", x, w.write(index));
    return w.apply(pickedBy.name, x, String(pickedBy.dim), w.write(index));
  },
  indexAdd(e, w) {
    const { pickedBy } = (e.call.params as { places: Places }).places;
    const [x, index] = e.call.inputs as [Expression, Expression];
    const name = pickedBy?.name === "gather" ? "scatterAdd" : "indexAdd";
    if (pickedBy === undefined || pickedBy.name === "take")
      throw new Unwritable("There is no public function that adds to these places.");
    return `${w.free("zeros", w.sizes(e.shape))}.${name}(${pickedBy.dim}, ${w.write(index)}, ${w.write(x)})`;
  },
  choice(e, w) {
    const { dim, count, chosenBy } = e.call.params as Choice;
    if (chosenBy === undefined) throw new Unwritable("There is no public function that finds these places.");
    switch (chosenBy.name) {
      case "argsort":
        return w.apply("argsort", input(e), String(dim), ...(chosenBy.descending ? ["true"] : []));
      case "topk": {
        const args = [String(count), String(dim), ...(chosenBy.largest ? [] : ["false"])];
        return `${w.apply("topk", input(e), ...args)}.indices`;
      }
      default:
        return w.apply(chosenBy.name, input(e), String(dim), "true");
    }
  },
  prod: (e, w) => w.apply("prod", input(e), String(input(e).shape.length - 1)),
  cat: (e, w) => w.free("cat", `[${e.call.inputs.map(x => w.write(x)).join(", ")}]`, String(e.call.params)),
  leastSquares(e, w) {
    const [A, B] = e.call.inputs as [Expression, Expression];
    return `${w.free("linalg.lstsq", w.write(A), w.write(B))}.solution`;
  },
  solveTriangular(e, w) {
    const [A, B] = e.call.inputs as [Expression, Expression];
    const { upper, unitriangular } = e.call.params as { upper: boolean; unitriangular: boolean };
    const options = `{ upper: ${upper}${unitriangular ? ", unitriangular: true" : ""} }`;
    return w.free("linalg.solveTriangular", w.write(A), w.write(B), options);
  },
};

interface Slice {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

function diagonalOf(e: Application): string[] {
  const { offset, dim1, dim2 } = e.call.params as { offset: number; dim1: number; dim2: number };
  return dim1 === 0 && dim2 === 1 ? (offset === 0 ? [] : [String(offset)]) : [offset, dim1, dim2].map(String);
}

/** Where dimensions of size 1 were put into a shape, in order; null where it is not made so. */
function dimsBetween(from: Shape, to: Shape): number[] | null {
  const added: number[] = [];
  let i = 0;
  to.forEach((n, d) => {
    if (i < from.length && from[i] === n) i++;
    else if (n === 1) added.push(d);
    else i = Number.POSITIVE_INFINITY;
  });
  return i === from.length ? added : null;
}
