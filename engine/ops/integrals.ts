/** @file Integrals of sampled functions by the trapezoidal rule. */

import { keywords } from "../tensor/methods.ts";
import { formatShape, wrapDim } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { diff } from "./differences.ts";
import { checked } from "./elementwise.ts";

interface IntegralOptions {
  /** The distance between samples where no x is given: 1 by default. */
  dx?: number | null;
  dim?: number;
}

export interface Integral {
  (y: Tensor, x?: Tensor | null | IntegralOptions, options?: IntegralOptions): Tensor;
  (y: Tensor, options: IntegralOptions & { x?: Tensor | null }): Tensor;
}

/** @param integral of samples y along a dimension, at a distance or at the coordinates x, which broadcasts against y */
function integralFunction(
  name: string,
  integral: (y: Tensor, spacing: number | Tensor, dim: number) => Tensor,
): Integral {
  return keywords(
    name,
    ["y", "x", "dx", "dim"],
    (y: Tensor, x: Tensor | null = null, dx: number | null = null, dim = -1) => {
      const d = wrapDim(dim, checked(name, y).ndim);
      if (y.ndim === 0) throw new RangeError(`${name}() expected one dimension or more, got a 0-d tensor.`);
      if (x !== null && dx !== null) throw new TypeError(`${name}() takes either x or dx, got both.`);
      if (y.dtype === "bool" || (x !== null && checked(name, x).dtype === "bool")) {
        throw new TypeError(`${name}() expected numbers, got bool.`);
      }
      return integral(y, x === null ? (dx ?? 1) : coordinates(name, x, y, d), d);
    },
  );
}

/** x with its dimensions lined up with those of y: a vector lies along the one that is integrated over. */
function coordinates(name: string, x: Tensor, y: Tensor, dim: number): Tensor {
  if (x.ndim === 1) {
    if (x.size(0) !== y.size(dim)) {
      throw new RangeError(
        `${name}() expected an x for each of the ${y.size(dim)} samples in dimension ${dim} of ${formatShape(shapeOf(y))}, ` +
          `got ${formatShape(shapeOf(x))}.`,
      );
    }
    return x.reshape(shapeOf(y).map((n, d) => (d === dim ? n : 1)));
  }
  const missing = Math.max(0, y.ndim - x.ndim);
  return x.reshape([...new Array<number>(missing).fill(1), ...shapeOf(x)]);
}

/** yᵢ + yᵢ₊₁. */
function sumsOfNeighbours(y: Tensor, dim: number): Tensor {
  const n = Math.max(0, y.size(dim) - 1);
  return y.narrow(dim, 0, n).add(y.narrow(dim, y.size(dim) - n, n));
}

/** The integral along `dim`: Σ (yᵢ + yᵢ₊₁) (xᵢ₊₁ − xᵢ) / 2, with a constant `dx` where there is no x; 0 of less than two samples. */
export const trapezoid: Integral = integralFunction("trapezoid", (y, spacing, dim) => {
  if (y.size(dim) === 0) return y.sum(dim);
  if (typeof spacing !== "number")
    return sumsOfNeighbours(y, dim)
      .mul(diff(spacing, 1, dim))
      .sum(dim)
      .div(2);
  const ends = y.select(dim, 0).add(y.select(dim, -1));
  return y.sum(dim).sub(ends.mul(0.5)).mul(spacing);
});

/** The integral from the first sample to each of the others along `dim`, as {@link trapezoid}. */
export const cumulativeTrapezoid: Integral = integralFunction("cumulativeTrapezoid", (y, spacing, dim) => {
  const sums = sumsOfNeighbours(y, dim);
  if (typeof spacing === "number") return sums.mul(spacing / 2).cumsum(dim);
  return sums
    .mul(diff(spacing, 1, dim))
    .cumsum(dim)
    .div(2);
});

export { trapezoid as trapz };
