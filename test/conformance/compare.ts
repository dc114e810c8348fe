/** @file Whether a tensor is what PyTorch computed: shape, dtype, and every element within its tolerance. */

import type { Tensor } from "@gradient-lens/engine";
import { toNumber } from "./inputs.ts";
import type { ReferenceTensor, Tolerance } from "./vectors.ts";

export interface Comparison {
  /** What was expected and what came, of the worst element; null where all are within the tolerance. */
  readonly mismatch: string | null;
  /** Largest error in units of what is allowed; ∞ where no tolerance applies (NaN, infinities, integers). */
  readonly error: number;
}

/**
 * |got − want| ≤ atol + rtol · |want| elementwise; NaN equals NaN, an infinity only itself, −0 equals 0.
 * Integers and booleans are equal or wrong.
 */
export function compare(got: Tensor, want: ReferenceTensor, tolerance: Tolerance): Comparison {
  if (String(got.shape) !== String(want.shape)) {
    return wrong(`expected shape [${want.shape}], got [${got.shape}]`);
  }
  const dtype = want.dtype ?? "float64";
  if (got.dtype !== dtype) return wrong(`expected dtype ${dtype}, got ${got.dtype}`);
  return compareNumbers(flat(got), want.data.map(toNumber), want.shape, got.isFloatingPoint(), tolerance);
}

/** As {@link compare}, of (G + Gᵀ)/2: for gradients of symmetric matrices, which are determined no further. */
export function compareSymmetrized(got: Tensor, want: ReferenceTensor, tolerance: Tolerance): Comparison {
  if (String(got.shape) !== String(want.shape)) return compare(got, want, tolerance);
  const symmetrized = (values: readonly number[]): number[] => {
    const n = want.shape.at(-1)!;
    return values.map((value, i) => {
      const [matrix, row, column] = [Math.floor(i / (n * n)), Math.floor(i / n) % n, i % n];
      return (value + values[matrix * n * n + column * n + row]!) / 2;
    });
  };
  const wanted = symmetrized(want.data.map(toNumber));
  return compareNumbers(symmetrized(flat(got)), wanted, want.shape, true, tolerance);
}

function compareNumbers(
  got: readonly number[],
  want: readonly number[],
  shape: readonly number[],
  floating: boolean,
  tolerance: Tolerance,
): Comparison {
  const errors = want.map((wanted, i) => errorOf(got[i]!, wanted, floating, tolerance));
  const outside = errors.filter(error => error > 1).length;
  const error = errors.reduce((a, b) => Math.max(a, b), 0);
  if (outside === 0) return { mismatch: null, error };
  const worst = errors.indexOf(error);
  const place = shape.length === 0 ? "" : ` at [${indexOf(worst, shape)}]`;
  const count = want.length === 1 ? "" : ` (${outside} of ${want.length} elements differ)`;
  return { mismatch: `expected ${want[worst]}, got ${got[worst]}${place}${count}`, error };
}

function errorOf(got: number, want: number, floating: boolean, { rtol, atol }: Tolerance): number {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!floating || !Number.isFinite(want) || !Number.isFinite(got)) return Infinity;
  return Math.abs(got - want) / (atol + rtol * Math.abs(want));
}

/** Whether nothing flows: where PyTorch gives None, zeros say the same. */
export function isZero(got: Tensor | null): boolean {
  return got === null || flat(got).every(value => value === 0);
}

function flat(t: Tensor): number[] {
  return t.detach().reshape([-1]).tolist() as number[];
}

function indexOf(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(position % size);
    position = Math.floor(position / size);
  }
  return index;
}

function wrong(mismatch: string): Comparison {
  return { mismatch, error: Infinity };
}
