/** @file The largest and the smallest elements over dimensions, and where they are. Each says who gets the gradient among equals. */

import { argmax as placeOfLargest, argmin as placeOfSmallest } from "../kernels/reduction.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { type Dims, formatShape, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { attaining, type Reduce, type Reduction, reductionFunction } from "./reduce.ts";
import { type Chosen, chooseOne, placesAlong } from "./rows.ts";

/** The largest over the given dimensions; equal ones share the gradient. */
export const amax: Reduction = reductionFunction(attaining("amax", placeOfLargest, false));
/** The smallest over the given dimensions; equal ones share the gradient. */
export const amin: Reduction = reductionFunction(attaining("amin", placeOfSmallest, false));

export interface AminMax {
  (input: Tensor, dim?: Dims, keepdim?: boolean | { keepdim?: boolean }): { min: Tensor; max: Tensor };
  (input: Tensor, options: { dim?: Dims; keepdim?: boolean }): { min: Tensor; max: Tensor };
}

/** Both {@link amin} and {@link amax}. */
export const aminmax: AminMax = keywords(
  "aminmax",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) => ({
    min: amin(input, dim, keepdim),
    max: amax(input, dim, keepdim),
  }),
);

/** @throws where there is nothing to compare */
function refuseEmpty(name: string, x: Tensor, dim: number | null): void {
  const extent = dim === null ? x.numel() : (shapeOf(x)[wrapDim(dim, x.ndim)] ?? 1);
  if (extent === 0) {
    throw new RangeError(
      `${name}() of no elements has no value: got ${formatShape(shapeOf(x))}${dim === null ? "" : ` and dim = ${dim}`}.`,
    );
  }
}

export interface Placing {
  (input: Tensor, dim?: number | null, keepdim?: boolean | { keepdim?: boolean }): Tensor;
  (input: Tensor, options: { dim?: number | null; keepdim?: boolean }): Tensor;
}

function placing(name: "argmax" | "argmin", place: Reduce): Placing {
  const choose: Parameters<typeof placesAlong>[3] = (data, start, n, out, at) => {
    out[at] = place(data, start, n);
  };
  return keywords(
    name,
    ["input", "dim", "keepdim"],
    (input: Tensor, dim: number | null = null, keepdim = false) => {
      const x = checked(name, input).detach();
      refuseEmpty(name, x, dim);
      const one = placesAlong(dim === null ? x.reshape([-1]) : x, dim ?? 0, 1, choose, { name });
      if (dim === null) return one.reshape(keepdim ? shapeOf(x).map(() => 1) : []);
      return keepdim || x.ndim === 0 ? one : one.squeeze(dim);
    },
  );
}

/** Index of the largest element along `dim`, the first of equals; in the flattened tensor without `dim`. */
export const argmax: Placing = placing("argmax", placeOfLargest);
/** Index of the smallest element along `dim`, the first of equals; in the flattened tensor without `dim`. */
export const argmin: Placing = placing("argmin", placeOfSmallest);

/**
 * `max` and `min`: over all elements, where equal ones share the gradient; along one dimension with the places, to which it
 * goes; or of two tensors elementwise.
 */
export interface Extreme {
  (input: Tensor): Tensor;
  (input: Tensor, other: Tensor): Tensor;
  (input: Tensor, dim: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
  (input: Tensor, options: { dim: number; keepdim?: boolean }): Chosen;
}

function extreme(name: "max" | "min", place: Reduce, pairwise: (a: Tensor, b: Tensor) => Tensor): Extreme {
  const whole = reductionFunction(attaining(name, place, true));
  return keywords(
    name,
    ["input", "dim", "keepdim", "other"],
    (input: Tensor, dim: number | Tensor | null = null, keepdim = false, other: Tensor | null = null) => {
      const second = isTensor(dim) ? dim : other;
      if (second !== null) return pairwise(input, second);
      if (isTensor(dim) || dim === null) return whole(input);
      refuseEmpty(name, checked(name, input), dim);
      return chooseOne(input, dim, keepdim, place, { name: `arg${name}` });
    },
  ) as unknown as Extreme;
}

export const max: Extreme = extreme("max", placeOfLargest, (a, b) => a.maximum(b));
export const min: Extreme = extreme("min", placeOfSmallest, (a, b) => a.minimum(b));

const methods = { amax, amin, aminmax, argmax, argmin };
defineMethods({ ...methods, max, min });

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    max(): Tensor;
    max(other: Tensor): Tensor;
    max(dim: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
    max(options: { dim: number; keepdim?: boolean }): Chosen;
    min(): Tensor;
    min(other: Tensor): Tensor;
    min(dim: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
    min(options: { dim: number; keepdim?: boolean }): Chosen;
  }
}
