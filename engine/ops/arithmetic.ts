/** @file Elementwise arithmetic of two tensors, choices between them, and comparisons. */

import { inPlace } from "../autograd/inplace.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Binary,
  binary,
  comparison,
  type TensorLike,
  type Ternary,
  ternary,
  zeroPartial,
} from "./elementwise.ts";

/** `add` and `sub`, whose second operand may be scaled: `input ± alpha · other`. */
export interface Scaled {
  (input: TensorLike, other: TensorLike, alpha?: number): Tensor;
  (input: TensorLike, other: TensorLike, options: { alpha?: number }): Tensor;
}

const plainAdd = binary("add", (x, y) => x + y, [g => g, g => g]);
const plainSub = binary("sub", (x, y) => x - y, [g => g, g => g.neg()]);

export const add: Scaled = keywords(
  "add",
  ["input", "other", "alpha"],
  (x: TensorLike, y: TensorLike, alpha = 1) => plainAdd(x, alpha === 1 ? y : mul(y, alpha)),
);
export const sub: Scaled = keywords(
  "sub",
  ["input", "other", "alpha"],
  (x: TensorLike, y: TensorLike, alpha = 1) => plainSub(x, alpha === 1 ? y : mul(y, alpha)),
);

export const mul: Binary = binary("mul", (x, y) => x * y, [(g, _x, y) => g.mul(y), (g, x) => g.mul(x)]);

const trueDiv = binary(
  "div",
  (x, y) => x / y,
  [(g, _x, y) => g.div(y), (g, x, y) => g.neg().mul(x.div(y).div(y))],
  "floating",
);
const truncDiv = binary("div", (x, y) => Math.trunc(x / y), [zeroPartial, zeroPartial]);

/** Rounded toward −∞. Python's way: from the exact remainder, so that a quotient next to an integer is not rounded over it. */
export const floorDivide: Binary = binary(
  "floorDivide",
  (x, y) => (y === 0 ? x / y : Math.round((x - pythonRemainder(x, y)) / y)),
  [zeroPartial, zeroPartial],
);

export type Div = (
  input: TensorLike,
  other: TensorLike,
  options?: { roundingMode?: "trunc" | "floor" | null },
) => Tensor;

/** Always floating-point, except with `roundingMode` "trunc" (toward zero) or "floor". */
export const div: Div = (input, other, { roundingMode = null } = {}) => {
  if (roundingMode === null) return trueDiv(input, other);
  if (roundingMode !== "trunc" && roundingMode !== "floor") {
    throw new TypeError(`div() expected roundingMode "trunc", "floor" or null, got ${String(roundingMode)}.`);
  }
  return (roundingMode === "trunc" ? truncDiv : floorDivide)(input, other);
};

/** With the sign of the divisor, as Python's %. */
export const remainder: Binary = binary("remainder", pythonRemainder, [
  g => g,
  (g, x, y) => g.neg().mul(floorDivide(x, y)),
]);

/** With the sign of the dividend, as C's fmod. */
export const fmod: Binary = binary("fmod", (x, y) => x % y, [
  g => g,
  (g, x, y) => g.neg().mul(truncDiv(x, y)),
]);

function pythonRemainder(x: number, y: number): number {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
}

/**
 * input ^ exponent. The derivative is 0 in the base at exponent 0, and 0 in the exponent at base 0, as in
 * torch, where the formulas would give 0 · ∞.
 */
export const pow: Binary = binary("pow", (x, y) => (x === 1 ? 1 : x ** y), [
  (g, x, y) => where(y.eq(0), 0, g.mul(y.mul(x.pow(y.sub(1))))),
  (g, x, y, out) => where(x.eq(0).logicalAnd(y.ge(0)), 0, g.mul(out.mul(x.log()))),
]);

/** g where the condition of the winner holds, half of it at a tie. */
function share(g: Tensor, wins: Tensor, ties: Tensor): Tensor {
  return where(wins, g, where(ties, g.div(2), 0));
}

/** The larger of two; NaN if one is. At a tie each side gets half the gradient. */
export const maximum: Binary = binary("maximum", Math.max, [
  (g, x, y) => share(g, x.gt(y), x.eq(y)),
  (g, x, y) => share(g, y.gt(x), x.eq(y)),
]);
/** The smaller of two; NaN if one is. At a tie each side gets half the gradient. */
export const minimum: Binary = binary("minimum", Math.min, [
  (g, x, y) => share(g, x.lt(y), x.eq(y)),
  (g, x, y) => share(g, y.lt(x), x.eq(y)),
]);

/** The angle of the point (other, input). */
export const atan2: Binary = binary(
  "atan2",
  Math.atan2,
  [
    (g, y, x) => g.mul(x.div(x.square().add(y.square()))),
    (g, y, x) => g.mul(y.neg().div(x.square().add(y.square()))),
  ],
  "floating",
);

/** √(x² + y²) without overflow. */
export const hypot: Binary = binary("hypot", Math.hypot, [
  (g, x, _y, out) => g.mul(x.div(out)),
  (g, _x, y, out) => g.mul(y.div(out)),
]);

/** `input` where `condition` holds, `other` elsewhere. */
export const where: Ternary = ternary(
  "where",
  (condition, x, y) => (condition !== 0 ? x : y),
  [zeroPartial, (g, condition) => where(condition, g, 0), (g, condition) => where(condition, 0, g)],
  ([, x, y]) => [x, y],
);

/** `start + weight · (end − start)`. */
export const lerp: Ternary = ternary(
  "lerp",
  (start, end, w) => (w < 0.5 ? start + w * (end - start) : end - (end - start) * (1 - w)),
  [
    (g, _start, _end, w) => g.mul(w.neg().add(1)),
    (g, _start, _end, w) => g.mul(w),
    (g, start, end) => g.mul(end.sub(start)),
  ],
);

export interface Clamp {
  (input: Tensor, min?: TensorLike | null, max?: TensorLike | null): Tensor;
  (input: Tensor, options: { min?: TensorLike | null; max?: TensorLike | null }): Tensor;
}

const clampMin = binary("clampMin", (x, min) => Math.max(x, min), [
  (g, x, min) => where(x.ge(min), g, 0),
  (g, x, min) => where(x.lt(min), g, 0),
]);
const clampMax = binary("clampMax", (x, max) => Math.min(x, max), [
  (g, x, max) => where(x.le(max), g, 0),
  (g, x, max) => where(x.gt(max), g, 0),
]);

/** Values below `min` become `min`, above `max` become `max`; the gradient passes at the bounds themselves. */
export const clamp: Clamp = keywords(
  "clamp",
  ["input", "min", "max"],
  (input: Tensor, min: TensorLike | null = null, max: TensorLike | null = null) => {
    if (min === null && max === null) throw new TypeError("clamp() expected min, max or both; got neither.");
    const floored = min === null ? input : clampMin(input, min);
    return max === null ? floored : clampMax(floored, max);
  },
);

export const eq: Binary = comparison("eq", (x, y) => x === y);
export const ne: Binary = comparison("ne", (x, y) => x !== y);
export const lt: Binary = comparison("lt", (x, y) => x < y);
export const le: Binary = comparison("le", (x, y) => x <= y);
export const gt: Binary = comparison("gt", (x, y) => x > y);
export const ge: Binary = comparison("ge", (x, y) => x >= y);
export const logicalAnd: Binary = comparison("logicalAnd", (x, y) => x !== 0 && y !== 0);
export const logicalOr: Binary = comparison("logicalOr", (x, y) => x !== 0 || y !== 0);
export const logicalXor: Binary = comparison("logicalXor", (x, y) => (x !== 0) !== (y !== 0));

/** Whether both are close everywhere: |input − other| ≤ atol + rtol · |other|. */
export function allclose(
  input: Tensor,
  other: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: { rtol?: number; atol?: number; equalNan?: boolean } = {},
): boolean {
  const near = input.sub(other).abs().le(other.abs().mul(rtol).add(atol)).logicalOr(input.eq(other));
  const both = equalNan ? near.logicalOr(input.isnan().logicalAnd(other.isnan())) : near;
  return both.all().item() === 1;
}

/** Whether shapes and all values are the same. */
export function equal(input: Tensor, other: Tensor): boolean {
  return String(input.shape) === String(other.shape) && input.eq(other).all().item() === 1;
}

const arithmetic = { add, sub, mul, div, floorDivide, remainder, fmod, pow, clamp, atan2, lerp };
const methods = {
  ...arithmetic,
  maximum,
  minimum,
  hypot,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  logicalAnd,
  logicalOr,
  logicalXor,
  allclose,
  equal,
  where: (input: Tensor, condition: Tensor, other: TensorLike): Tensor => where(condition, input, other),
};
defineMethods(methods);
defineMethods(inPlace(arithmetic));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof arithmetic> {}
}
