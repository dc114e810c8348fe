/**
 * @file The Jacobian that backward is held against. From the tape, which is exact; where the tape and backward disagree, and wherever
 * there is no tape, entries are measured, and the measurement decides: a tape that is cut (by detach, by numbers read out of tensors)
 * is noticed in this way, and so is a kink.
 */

import { isTensor } from "../tensor/tensor.ts";
import { type Cotangents, oneHot } from "./cotangents.ts";
import type { Estimates } from "./finite-differences.ts";
import type { Measured } from "./measured.ts";
import type { Tape } from "./tape.ts";

/** Relative difference above which an entry is wrong, beyond the error of the oracle and of rounding. */
export const TOLERANCE = { float64: 1e-6, float32: 2e-3 } as const;
/** A measured entry that may be off by more than this, relative to the column's largest, decides nothing. */
const COARSEST = 1e-4;

/** Rows of ∂ outputs / ∂ argument, and how far each entry may be off. */
export interface Block {
  /** Number of the argument's elements: `values[r · size + j]`. */
  readonly size: number;
  readonly values: Float64Array;
  readonly errors: Float64Array;
  /** For each column, whether it was measured. */
  readonly measured: boolean[];
}

export type Jacobian = readonly (Block | null)[];

/** The Jacobian's rows as the tape gives them; NaN throughout where there is no tape. */
export function tapeJacobian(
  tape: Tape | null,
  args: readonly unknown[],
  { rows, seeds }: Cotangents,
  total: number,
): Jacobian {
  const blocks = args.map((arg): Block | null => {
    if (!isTensor(arg) || !arg.isFloatingPoint()) return null;
    const size = arg.numel();
    return {
      size,
      values: new Float64Array(rows.length * size).fill(Number.NaN),
      errors: new Float64Array(rows.length * size),
      measured: new Array<boolean>(size).fill(false),
    };
  });
  if (tape === null) return blocks;
  rows.forEach((k, r) => {
    const seed = seeds[r]!;
    const grads = tape.pull(oneHot(total, k, seed));
    blocks.forEach((block, i) => {
      const grad = grads?.[i] ?? null;
      if (block === null || grad === null) return;
      for (let j = 0; j < block.size; j++) block.values[r * block.size + j] = grad[j]! / seed;
    });
  });
  return blocks;
}

/** What measuring one column says of what backward returned there. */
export type Evidence =
  /** It is right: the column now holds what was measured. At a kink other values would be, too. */
  | { readonly kind: "right"; readonly kink: boolean }
  /** In this row it is not; `expected` is what was measured. */
  | { readonly kind: "wrong"; readonly row: number; readonly expected: number }
  /** Forward cannot be measured well enough here. */
  | { readonly kind: "undecided" };

/**
 * Measures column `j` of argument `i`, and puts what was measured in the Jacobian's place.
 * @param returned what backward returned for a row of this column, divided by its seed
 */
export function measureColumn(
  measured: Measured,
  jacobian: Jacobian,
  rows: readonly number[],
  i: number,
  j: number,
  returned: (row: number, j: number) => number,
): Evidence {
  const block = jacobian[i]!;
  const column = measured.column(i, j);
  const pair = measured.mirrored(i, j);
  const asPair = pair === null ? null : measured.pair(i, j, pair);
  if (column === null && asPair === null) return { kind: "undecided" };
  // Where forward reads one triangle of a symmetric matrix, or takes symmetric ones only, the two entries count together.
  const onePart = asPair !== null && (column === null || isZero(column) || isZero(measured.column(i, pair!)));
  const symmetric = column === null || rows.every((_, r) => isClose(returned(r, j), returned(r, pair ?? j)));
  if (
    onePart &&
    symmetric &&
    agreesAsPair(asPair!, rows, r => returned(r, j) + returned(r, pair!), measured.tolerance)
  ) {
    rows.forEach((_, r) => {
      block.values[r * block.size + j] = returned(r, j);
    });
    block.measured[j] = true;
    return { kind: "right", kink: false };
  }
  if (column === null) return { kind: "undecided" };

  let scale = 0;
  for (const k of rows) scale = Math.max(scale, Math.abs(column.values[k]!));
  let sides: ReturnType<Measured["sides"]> | null = null;
  let wrong: Evidence | null = null;
  let worst = 0;
  let undecided = false;
  let kink = false;
  rows.forEach((k, r) => {
    const [value, error] = [column.values[k]!, column.errors[k]!];
    const got = returned(r, j);
    const usable =
      error <= COARSEST * Math.max(scale, Math.abs(got)) || (got === 0 && Math.abs(value) <= error);
    if (usable) {
      const excess = Math.abs(got - value) - measured.tolerance * Math.abs(value) - 10 * error;
      block.values[r * block.size + j] = value;
      block.errors[r * block.size + j] = 10 * error;
      if (!(excess <= 1e-12 * scale) && !(Math.abs(got - value) <= worst)) {
        worst = Math.abs(got - value);
        wrong = { kind: "wrong", row: r, expected: value };
      }
      return;
    }
    sides ??= measured.sides(i, j);
    const between = betweenSides(sides, k, got, measured.tolerance);
    if (between === "between") {
      block.values[r * block.size + j] = got;
      kink = true;
    } else if (between === "outside" && !(Math.abs(got - value) <= worst)) {
      worst = Math.abs(got - value);
      wrong = { kind: "wrong", row: r, expected: value };
    } else undecided = true;
  });
  block.measured[j] = true;
  if (wrong !== null && !isReproducible(measured, column, i, j, rows[(wrong as { row: number }).row]!)) {
    return { kind: "undecided" };
  }
  return wrong ?? (undecided ? { kind: "undecided" } : { kind: "right", kink });
}

/** Noise can look like a derivative for once: not for other steps, too. */
function isReproducible(measured: Measured, column: Estimates, i: number, j: number, k: number): boolean {
  const same = (a: Estimates | null, b: Estimates | null): boolean => {
    if (a === null || b === null) return false;
    const [x, y] = [a.values[k]!, b.values[k]!];
    const slack =
      10 * (a.errors[k]! + b.errors[k]!) + measured.tolerance * Math.max(Math.abs(x), Math.abs(y));
    const coarsest = 10 * Math.max(a.errors[k]!, COARSEST * Math.max(Math.abs(x), Math.abs(y)));
    return b.errors[k]! <= coarsest && Math.abs(x - y) <= slack;
  };
  if (Number.isFinite(column.errors[k]!)) return same(column, measured.column(i, j, 0.73));
  // At a kink it is the slopes of the two sides that have decided.
  const [once, again] = [measured.sides(i, j), measured.sides(i, j, 0.73)];
  return same(once.left, again.left) && same(once.right, again.right);
}

const isZero = (column: Estimates | null): boolean => column?.values.every(value => value === 0) ?? true;

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * (Math.abs(a) + Math.abs(b));

function agreesAsPair(
  pair: Estimates,
  rows: readonly number[],
  returned: (row: number) => number,
  tolerance: number,
): boolean {
  let scale = 0;
  for (const k of rows) scale = Math.max(scale, Math.abs(pair.values[k]!));
  return rows.every((k, r) => {
    const slack = tolerance * Math.abs(pair.values[k]!) + 10 * pair.errors[k]! + 1e-12 * scale;
    return pair.errors[k]! <= COARSEST * scale + 1e-12 && Math.abs(returned(r) - pair.values[k]!) <= slack;
  });
}

/** At a kink any slope between those of the two sides is a derivative (Clarke's). */
function betweenSides(
  { left, right }: ReturnType<Measured["sides"]>,
  k: number,
  got: number,
  tolerance: number,
): "between" | "outside" | "unknown" {
  if (left === null || right === null) return "unknown";
  const [l, r] = [left.values[k]!, right.values[k]!];
  const scale = Math.max(Math.abs(l), Math.abs(r), Math.abs(got));
  if (!(Math.max(left.errors[k]!, right.errors[k]!) <= COARSEST * scale)) return "unknown";
  const slack = tolerance * scale + 10 * Math.max(left.errors[k]!, right.errors[k]!);
  return got >= Math.min(l, r) - slack && got <= Math.max(l, r) + slack ? "between" : "outside";
}
