/**
 * @file The Jacobian of a function of tensors in two ways: column by column from its values, and row by
 * row from a vector–Jacobian product.
 */

import { toFlatArray } from "../tensor/creation.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { derivative, type Estimates } from "./finite-differences.ts";

/**
 * ∂ outputs[k] / ∂ input[j] by finite differences: column j, with all outputs one after the
 * other in it.
 * @param values all outputs in one array, for a given value of the input; null where there are none
 * @returns null for a column where the function is not defined on both sides
 */
export function numericJacobian(
  input: Tensor,
  values: (moved: Tensor) => Float64Array | null,
): (Estimates | null)[] {
  const at = toFlatArray(input);
  const center = values(input);
  if (center === null) return Array.from(at, () => null);
  return Array.from(at, (x, j) => {
    const moved = (offset: number): Float64Array | null => {
      const other = empty(shapeOf(input), input.dtype);
      dataOf(other).set(at, offsetOf(other));
      dataOf(other)[offsetOf(other) + j] = x + offset;
      return values(other);
    };
    return derivative(moved, center, Math.abs(x));
  });
}

/** Equal to the last bit. */
export function sameValues(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** All elements of several tensors in one array. */
export function concatenated(tensors: readonly Tensor[]): Float64Array {
  if (tensors.length === 1) return toFlatArray(tensors[0]!);
  const parts = tensors.map(toFlatArray);
  const all = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

/** Index of a row-major position: 5 in (2, 3) is [1, 2]. */
export function indexOf(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = position;
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(rest % shape[d]!);
    rest = Math.floor(rest / shape[d]!);
  }
  return index;
}
