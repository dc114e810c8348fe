/** @file Elementwise arithmetic of two tensors, and the choice between them. */

import { inPlace } from "../autograd/inplace.ts";
import * as of from "../kernels/functions.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  asTensor,
  type Binary,
  binary,
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

const plainAdd = binary("add", of.add, [g => g, g => g]);
const plainSub = binary("sub", of.sub, [g => g, g => g.neg()]);

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

/** `other − alpha · input`. */
export const rsub: Scaled = keywords(
  "rsub",
  ["input", "other", "alpha"],
  (x: TensorLike, y: TensorLike, alpha = 1) => sub(y, x, alpha),
);

export const mul: Binary = binary("mul", of.mul, [(g, _x, y) => g.mul(y), (g, x) => g.mul(x)]);

const trueDiv = binary(
  "div",
  of.div,
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

type RoundingMode = "trunc" | "floor" | null;

export interface Div {
  (input: TensorLike, other: TensorLike, roundingMode?: RoundingMode): Tensor;
  (input: TensorLike, other: TensorLike, options: { roundingMode?: RoundingMode }): Tensor;
}

/** Always floating-point, except with `roundingMode` "trunc" (toward zero) or "floor". */
export const div: Div = keywords(
  "div",
  ["input", "other", "roundingMode"],
  (input: TensorLike, other: TensorLike, roundingMode: RoundingMode = null) => {
    if (roundingMode === null) return trueDiv(input, other);
    if (roundingMode !== "trunc" && roundingMode !== "floor") {
      throw new TypeError(
        `div() expected roundingMode "trunc", "floor" or null, got ${String(roundingMode)}.`,
      );
    }
    return (roundingMode === "trunc" ? truncDiv : floorDivide)(input, other);
  },
);
/** {@link div} without rounding. */
export const trueDivide: Binary = trueDiv;

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

/** {@link pow} in float64, whatever the inputs' dtypes. */
export const floatPower: Binary = (input, exponent) =>
  pow(asTensor(input, "floatPower").to("float64"), asTensor(exponent, "floatPower").to("float64"));

/** The angle of the point (other, input); derivative 0 at the origin. */
export const atan2: Binary = binary(
  "atan2",
  Math.atan2,
  [(g, y, x) => g.mul(x.div(squaredDistance(x, y))), (g, y, x) => g.mul(y.neg().div(squaredDistance(x, y)))],
  "floating",
);

/** x² + y², and 1 at the origin. */
function squaredDistance(x: Tensor, y: Tensor): Tensor {
  const squares = x.square().add(y.square());
  return where(squares.eq(0), 1, squares);
}

/** √(x² + y²) without overflow. */
export const hypot: Binary = binary("hypot", Math.hypot, [
  (g, x, _y, out) => g.mul(x.div(out)),
  (g, _x, y, out) => g.mul(y.div(out)),
]);

/** |input| with the sign of `other`, that of −0 too; derivative 0 at input 0. */
export const copysign: Binary = binary(
  "copysign",
  (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  [(g, x, _y, out) => g.mul(out.div(where(x.eq(0), 1, x))), zeroPartial],
  "floating",
);

/** `input` where `condition` holds, `other` elsewhere. */
export const where: Ternary = ternary(
  "where",
  of.where,
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

/** `input` plus `value` times something of two tensors. */
export interface Combination {
  (input: Tensor, tensor1: TensorLike, tensor2: TensorLike, value?: number): Tensor;
  (input: Tensor, tensor1: TensorLike, tensor2: TensorLike, options: { value?: number }): Tensor;
}

/** `input + value · tensor1 · tensor2`. */
export const addcmul: Combination = keywords(
  "addcmul",
  ["input", "tensor1", "tensor2", "value"],
  (input: Tensor, a: TensorLike, b: TensorLike, value = 1) => add(input, mul(mul(a, value), b)),
);
/** `input + value · tensor1 / tensor2`. */
export const addcdiv: Combination = keywords(
  "addcdiv",
  ["input", "tensor1", "tensor2", "value"],
  (input: Tensor, a: TensorLike, b: TensorLike, value = 1) => add(input, trueDiv(mul(a, value), b)),
);

export { atan2 as arctan2, div as divide, mul as multiply, sub as subtract };

const changing = {
  add,
  sub,
  rsub,
  mul,
  div,
  floorDivide,
  remainder,
  fmod,
  pow,
  floatPower,
  atan2,
  hypot,
  copysign,
  lerp,
  addcmul,
  addcdiv,
  subtract: sub,
  multiply: mul,
  divide: div,
  trueDivide,
  arctan2: atan2,
};
const methods = {
  ...changing,
  where: (input: Tensor, condition: Tensor, other: TensorLike): Tensor => where(condition, input, other),
};
defineMethods(methods);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof changing> {}
}
