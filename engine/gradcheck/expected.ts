/**
 * @file The Jacobian that backward is held against. From the tape, which is exact; where the tape and backward disagree, and wherever
 * there is no tape, entries are measured, and the measurement decides: a tape that is cut (by detach, by numbers read out of tensors)
 * is noticed in this way, and so is a kink.
 */

import { isTensor } from "../tensor/tensor.ts";
import { type Cotangents, oneHot } from "./cotangents.ts";
import { COARSEST, type Estimates, STRETCHES } from "./finite-differences.ts";
import type { Measured } from "./measured.ts";
import type { Tape } from "./tape.ts";

/** Relative difference above which an entry is wrong, beyond the error of the oracle and of rounding. */
export const TOLERANCE = { float64: 1e-6, float32: 2e-3 } as const;

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

/** For each argument, which of its elements any output depends on here. */
export function activeColumns(jacobian: Jacobian): (boolean[] | null)[] {
  return jacobian.map(block => {
    if (block === null) return null;
    const active = new Array<boolean>(block.size).fill(false);
    block.values.forEach((value, at) => {
      if (value !== 0) active[at % block.size] = true;
    });
    return active;
  });
}

/** What measuring one column says of what backward returned there. */
export type Evidence =
  /** It is right: the column now holds what was measured. At a kink other values would be, too. */
  | { readonly kind: "right"; readonly kink: boolean }
  /** In this row it is not, but so far off; `expected` is what was measured. */
  | { readonly kind: "wrong"; readonly row: number; readonly expected: number; readonly off: number }
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

  const others: Evidence[] = [];
  for (const stretch of STRETCHES) {
    const again = stretch === 1 ? column : measured.column(i, j, stretch);
    if (again === null) continue;
    const sides = (): Sides => measured.sides(i, j, stretch);
    const evidence = weigh(again, sides, measured.tolerance, block, rows, j, r => returned(r, j));
    if (evidence.kind === "right") return evidence;
    if (others.some(other => isSame(other, evidence))) return evidence;
    others.push(evidence);
  }
  return { kind: "undecided" };
}

function isSame(a: Evidence, b: Evidence): boolean {
  if (a.kind !== "wrong" || b.kind !== "wrong" || a.row !== b.row) return false;
  const off = Number.isFinite(a.off) ? a.off : 0;
  const scale = Math.max(Math.abs(a.expected), Math.abs(b.expected), off);
  return Math.abs(a.expected - b.expected) <= COARSEST * scale;
}

type Sides = ReturnType<Measured["sides"]>;

/** Holds a column against one measurement of it; the slopes of its two sides are measured where they are needed. */
function weigh(
  column: Estimates,
  measureSides: () => Sides,
  tolerance: number,
  block: Block,
  rows: readonly number[],
  j: number,
  returned: (row: number) => number,
): Evidence {
  let scale = 0;
  for (const k of rows) scale = Math.max(scale, Math.abs(column.values[k]!));
  let sides: Sides | null = null;
  let wrong: Evidence | null = null;
  let worst = 0;
  let undecided = false;
  let kink = false;
  const found = rows.map((k, r) => {
    const [value, error] = [column.values[k]!, column.errors[k]!];
    const got = returned(r);
    const usable =
      error <= COARSEST * Math.max(scale, Number.isFinite(got) ? Math.abs(got) : 0) ||
      (got === 0 && Math.abs(value) <= error);
    if (!usable) sides ??= measureSides();
    const fits = usable
      ? Math.abs(got - value) <= tolerance * Math.abs(value) + 10 * error + 1e-12 * scale
      : betweenSides(sides!, k, got, tolerance);
    if (fits === null) undecided = true;
    else if (!fits && !(Math.abs(got - value) <= worst)) {
      worst = Math.abs(got - value);
      wrong = { kind: "wrong", row: r, expected: value, off: worst };
    }
    if (!usable && fits === true) kink = true;
    return usable ? { value, error: 10 * error } : { value: got, error: 0 };
  });
  if (wrong !== null) return wrong;
  if (undecided) return { kind: "undecided" };
  found.forEach(({ value, error }, r) => {
    block.values[r * block.size + j] = value;
    block.errors[r * block.size + j] = error;
  });
  block.measured[j] = true;
  return { kind: "right", kink };
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

/** At a kink any slope between those of the two sides is a derivative (Clarke's); null where the sides are not known. */
function betweenSides({ left, right }: Sides, k: number, got: number, tolerance: number): boolean | null {
  if (left === null || right === null) return null;
  const [l, r] = [left.values[k]!, right.values[k]!];
  const scale = Math.max(Math.abs(l), Math.abs(r), Math.abs(got));
  if (!(Math.max(left.errors[k]!, right.errors[k]!) <= COARSEST * scale)) return null;
  const slack = tolerance * scale + 10 * Math.max(left.errors[k]!, right.errors[k]!);
  return got >= Math.min(l, r) - slack && got <= Math.max(l, r) + slack;
}
