/**
 * @file Whether a matrix holds the products of a batch's rows with each other, as `x @ A @ xᵀ` does: entry [i, j] is made of the rows
 * i and j of one batch, and is affine in each of them. Decided by what the entries depend on, whatever way they are computed;
 * only what stands between the product and the matrix (scaling, views, sums) is read off the trace.
 */

import { noGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isFloating } from "./derive.ts";
import { evaluate } from "./evaluate.ts";
import { type Application, type Expression, isCalled, reachable } from "./expression.ts";

export interface RowProducts {
  /** The tensor whose rows are multiplied: an argument, or what was computed of one row by row. */
  readonly batch: Expression;
  /** The matrix product in which they are. */
  readonly product: Application;
}

/** Relative to the size of the entries; those of small matrices are computed to some 1e-14, or 1e-6 in single precision. */
const TOLERANCE = { double: 1e-9, single: 1e-4 };

/** Expressions that are looked at as the batch, from the product down. */
const MOST_BATCHES = 40;

/** The products that a matrix of shape (…, n, n) holds; null where it holds something else. */
export function rowProductsIn(matrix: Expression): RowProducts | null {
  const n = rowsOf(matrix.shape);
  if (n < 2 || matrix.shape.at(-1) !== n || !isFloating(matrix.dtype)) return null;
  const below = reachable([matrix]);
  const moved = (e: Expression): boolean => isFloating(e.dtype) && rowsOf(e.shape) === n;
  // The diagonal must depend on the batch: rows that are scaled to length 1 are multiplied for their angles.
  const samples = below
    .filter(e => e.kind === "leaf")
    .filter(leaf => moved(leaf) && dependenceOf(matrix, leaf).ownRows);
  const products = productsIn(matrix);
  const candidates = below.filter(e => e.kind !== "constant" && e.shape.length >= 2 && moved(e)).reverse();
  for (const batch of candidates.slice(0, MOST_BATCHES)) {
    const product = products.find(product => product !== batch && reachable([product]).includes(batch));
    const hasSamples = reachable([batch]).some(e => (samples as Expression[]).includes(e));
    if (product !== undefined && hasSamples && dependenceOf(matrix, batch).productOfRows)
      return { batch, product };
  }
  return null;
}

/** The size of the dimension that counts a batch: the one before the last; of a vector its only one. */
function rowsOf(shape: Shape): number {
  return shape.at(-2) ?? shape[0] ?? 0;
}

/** The matrix products that go into a matrix as they are, scaled, or as a summand. */
function productsIn(e: Expression): Application[] {
  if (isCalled(e, "matmul")) return [e];
  if (e.kind !== "application") return [];
  const { inputs } = e.call;
  if (isCalled(e, "neg", "clone", "detach", "permute", "reshape", "expand")) return productsIn(inputs[0]!);
  if (isCalled(e, "add", "sub")) return inputs.flatMap(productsIn);
  if (isCalled(e, "mul", "div")) {
    const [a, b] = inputs as [Expression, Expression];
    if (isScalar(b)) return productsIn(a);
    if (isScalar(a) && isCalled(e, "mul")) return productsIn(b);
  }
  return [];
}

function isScalar(e: Expression): boolean {
  return numelOf(e.shape) === 1 || (e.kind === "constant" && e.uniform !== null);
}

interface Dependence {
  /** Rows i of the batch reach the entries [i, …] and […, i] alone, [i, i] among them. */
  readonly ownRows: boolean;
  /** And [i, j] is affine in each of two rows, and depends on both together. */
  readonly productOfRows: boolean;
}

/** How a matrix depends on an expression that it is computed of, by moving two of its rows. */
function dependenceOf(matrix: Expression, batch: Expression): Dependence {
  const last = rowsOf(batch.shape) - 1;
  const direction = randomLike(batch);
  const at = (first: number, other: number): Moved => {
    const steps = [
      { row: 0, step: first },
      { row: last, step: other },
    ];
    const moved = new Map([[batch, stepped(batch.value, direction, steps)]]);
    return new Moved([...toFlatArray(evaluate([matrix], {}, moved)[0]!)], last);
  };
  const here = at(0, 0);
  const tolerance = matrix.dtype === "float64" ? TOLERANCE.double : TOLERANCE.single;
  const scale = tolerance * (1 + here.largest());
  const zero = (...values: readonly (readonly number[])[]): boolean =>
    values.flat().every(x => Math.abs(x) <= scale);
  const first = at(1, 0);
  const other = at(0, 1);
  const ownRows =
    zero(first.minus(here).outside("first"), other.minus(here).outside("last")) &&
    !zero(first.minus(here).ofFirst()) &&
    !zero(other.minus(here).ofLast());
  const both = at(1, 1).minus(first).minus(other).plus(here).between();
  const straight = [
    at(2, 0).minus(first).minus(first).plus(here),
    at(0, 2).minus(other).minus(other).plus(here),
  ].map(change => change.between());
  const productOfRows = ownRows && zero(...straight) && !zero(both);
  return { ownRows, productOfRows };
}

/** The entries of a matrix (…, n, n) after rows were moved. */
class Moved {
  readonly #values: readonly number[];
  readonly #last: number;

  constructor(values: readonly number[], last: number) {
    this.#values = values;
    this.#last = last;
  }

  minus(other: Moved): Moved {
    return new Moved(
      this.#values.map((x, i) => x - other.#values[i]!),
      this.#last,
    );
  }

  plus(other: Moved): Moved {
    return new Moved(
      this.#values.map((x, i) => x + other.#values[i]!),
      this.#last,
    );
  }

  largest(): number {
    return this.#values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  }

  /** Entries in which a row has no part. */
  outside(which: "first" | "last"): number[] {
    const row = which === "first" ? 0 : this.#last;
    return this.#where((i, j) => i !== row && j !== row);
  }

  ofFirst(): number[] {
    return this.#where((i, j) => i === 0 && j === 0);
  }

  ofLast(): number[] {
    return this.#where((i, j) => i === this.#last && j === this.#last);
  }

  /** [0, n − 1] and [n − 1, 0]. */
  between(): number[] {
    return this.#where((i, j) => i !== j && i + j === this.#last && i * j === 0);
  }

  #where(isMeant: (row: number, column: number) => boolean): number[] {
    const n = this.#last + 1;
    return this.#values.filter((_, at) => isMeant(Math.floor(at / n) % n, at % n));
  }
}

/** Fixed: nothing depends on which numbers they are. */
const SEED = 7;

function randomLike({ shape, dtype }: Expression): Tensor {
  const generator = new Generator(SEED);
  return ofValues(
    Array.from({ length: numelOf(shape) }, () => generator.normal()),
    shape,
    dtype,
  );
}

/** A tensor with some of its rows moved along a direction. */
function stepped(
  value: Tensor,
  direction: Tensor,
  steps: readonly { readonly row: number; readonly step: number }[],
): Tensor {
  const shape = value.shape;
  const rows = rowsOf(shape);
  const width = shape.length < 2 ? 1 : shape.at(-1)!;
  const along = toFlatArray(direction);
  const values = Array.from(toFlatArray(value), (x, at) => {
    const row = Math.floor(at / width) % rows;
    return steps.reduce((sum, s) => (s.row === row ? sum + s.step * along[at]! : sum), x);
  });
  return noGrad(() => ofValues(values, shape, value.dtype));
}
