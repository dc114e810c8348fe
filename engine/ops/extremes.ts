/** @file The larger and the smaller of two tensors, elementwise, and limits. Each says who gets the gradient at a tie. */

import { inPlace } from "../autograd/inplace.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { type Binary, binary, checked, type TensorLike, ternary, unaryWith } from "./elementwise.ts";

/** g, half of it at a tie, nothing where the other wins. Where one is NaN neither loses: both get all of g, as in torch. */
function share(g: Tensor, loses: Tensor, ties: Tensor): Tensor {
  return where(loses, 0, where(ties, g.div(2), g));
}

/** The larger of two; NaN if one is. At a tie each side gets half the gradient. */
export const maximum: Binary = binary("maximum", Math.max, [
  (g, x, y) => share(g, x.lt(y), x.eq(y)),
  (g, x, y) => share(g, y.lt(x), x.eq(y)),
]);
/** The smaller of two; NaN if one is. At a tie each side gets half the gradient. */
export const minimum: Binary = binary("minimum", Math.min, [
  (g, x, y) => share(g, x.gt(y), x.eq(y)),
  (g, x, y) => share(g, y.gt(x), x.eq(y)),
]);

/** The larger of two, a number rather than NaN. At a tie `input` gets the gradient. */
export const fmax: Binary = binary("fmax", (x, y) => (x >= y || Number.isNaN(y) ? x : y), [
  (g, x, y) => where(x.ge(y).logicalOr(y.isnan()), g, 0),
  (g, x, y) => where(x.ge(y).logicalOr(y.isnan()), 0, g),
]);
/** The smaller of two, a number rather than NaN. At a tie `input` gets the gradient. */
export const fmin: Binary = binary("fmin", (x, y) => (x <= y || Number.isNaN(y) ? x : y), [
  (g, x, y) => where(x.le(y).logicalOr(y.isnan()), g, 0),
  (g, x, y) => where(x.le(y).logicalOr(y.isnan()), 0, g),
]);

/** Values below `min` become `min`; at `min` itself the gradient goes to `input`. */
export const clampMin: Binary = binary("clampMin", Math.max, [
  (g, x, min) => where(x.ge(min), g, 0),
  (g, x, min) => where(x.lt(min), g, 0),
]);
/** Values above `max` become `max`; at `max` itself the gradient goes to `input`. */
export const clampMax: Binary = binary("clampMax", Math.min, [
  (g, x, max) => where(x.le(max), g, 0),
  (g, x, max) => where(x.gt(max), g, 0),
]);

export interface Clamp {
  (input: Tensor, min?: TensorLike | null, max?: TensorLike | null): Tensor;
  (input: Tensor, options: { min?: TensorLike | null; max?: TensorLike | null }): Tensor;
}

const between = ternary("clamp", (x, min, max) => Math.min(Math.max(x, min), max), [
  (g, x, min, max) => where(x.ge(min).logicalAnd(x.le(max)), g, 0),
  (g, x, min, max) => where(x.lt(min).logicalAnd(min.lt(max)), g, 0),
  (g, x, min, max) => where(x.gt(max).logicalOr(min.gt(max)), g, 0),
]);
/** The same for plain numbers. */
const within = unaryWith<{ min: number; max: number }>(
  "clamp",
  ({ min, max }) =>
    x =>
      Math.min(Math.max(x, min), max),
  (g, x, _y, { min, max }) => where(x.ge(min).logicalAnd(x.le(max)), g, 0),
  "same",
);

/** Values outside [min, max] become the bound; at the bounds themselves the gradient goes to `input`. Where min > max, it is max. */
export const clamp: Clamp = keywords(
  "clamp",
  ["input", "min", "max"],
  (input: Tensor, min: TensorLike | null = null, max: TensorLike | null = null) => {
    if (min === null && max === null) throw new TypeError("clamp() expected min, max or both; got neither.");
    if (min === null) return clampMax(input, max!);
    if (max === null) return clampMin(input, min);
    const x = checked("clamp", input);
    const plain = typeof min === "number" && typeof max === "number" && x.isFloatingPoint();
    return plain ? within(x, { min, max }) : between(x, min, max);
  },
);

export { clamp as clip };

const changing = { clamp, clip: clamp, clampMin, clampMax };
const methods = { ...changing, maximum, minimum, fmax, fmin };
defineMethods(methods);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof changing> {}
}
