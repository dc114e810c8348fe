/** @file Elementwise functions of one tensor: each with g ⊙ f′, which is both its VJP and its JVP. */

import { inPlace } from "../autograd/inplace.ts";
import * as of from "../kernels/functions.ts";
import { defineMethods, type InPlaceMethods, type Methods } from "../tensor/methods.ts";
import { where } from "./arithmetic.ts";
import { type Unary, unary, zeroPartial } from "./elementwise.ts";

export const neg: Unary = unary("neg", of.neg, g => g.neg(), "same");
/** |x|; derivative 0 at 0. */
export const abs: Unary = unary("abs", of.abs, (g, x) => g.mul(x.sign()), "same");
/** −1, 0 or 1; 0 for NaN, as in torch. */
export const sign: Unary = unary("sign", x => Number(x > 0) - Number(x < 0), zeroPartial, "same");
/** {@link sign}: the two differ for complex numbers only. */
export const sgn: Unary = unary("sgn", x => Number(x > 0) - Number(x < 0), zeroPartial, "same");
export const square: Unary = unary("square", of.square, (g, x) => g.mul(x.mul(2)), "same");
export const reciprocal: Unary = unary("reciprocal", of.reciprocal, (g, _x, y) => g.neg().mul(y.mul(y)));
export const sqrt: Unary = unary("sqrt", of.sqrt, (g, _x, y) => g.div(y.mul(2)));
export const rsqrt: Unary = unary("rsqrt", of.rsqrt, (g, _x, y) => g.mul(y.pow(3).mul(-0.5)));

export const exp: Unary = unary("exp", of.exp, (g, _x, y) => g.mul(y));
export const exp2: Unary = unary(
  "exp2",
  x => 2 ** x,
  (g, _x, y) => g.mul(y.mul(Math.LN2)),
);
export const expm1: Unary = unary("expm1", Math.expm1, (g, _x, y) => g.mul(y.add(1)));
export const log: Unary = unary("log", of.log, (g, x) => g.div(x));
export const log2: Unary = unary("log2", Math.log2, (g, x) => g.div(x.mul(Math.LN2)));
export const log10: Unary = unary("log10", Math.log10, (g, x) => g.div(x.mul(Math.LN10)));
export const log1p: Unary = unary("log1p", Math.log1p, (g, x) => g.div(x.add(1)));

export const sin: Unary = unary("sin", of.sin, (g, x) => g.mul(x.cos()));
export const cos: Unary = unary("cos", of.cos, (g, x) => g.mul(x.sin().neg()));
export const tan: Unary = unary("tan", Math.tan, (g, _x, y) => g.mul(y.square().add(1)));
export const asin: Unary = unary("asin", Math.asin, (g, x) => g.mul(x.square().neg().add(1).rsqrt()));
export const acos: Unary = unary("acos", Math.acos, (g, x) => g.mul(x.square().neg().add(1).rsqrt().neg()));
export const atan: Unary = unary("atan", Math.atan, (g, x) => g.div(x.square().add(1)));
export const sinh: Unary = unary("sinh", Math.sinh, (g, x) => g.mul(x.cosh()));
export const cosh: Unary = unary("cosh", Math.cosh, (g, x) => g.mul(x.sinh()));
export const tanh: Unary = unary("tanh", of.tanh, (g, _x, y) => g.mul(y.square().neg().add(1)));
export const asinh: Unary = unary("asinh", Math.asinh, (g, x) => g.mul(x.square().add(1).rsqrt()));
export const acosh: Unary = unary("acosh", Math.acosh, (g, x) => g.mul(x.square().sub(1).rsqrt()));
export const atanh: Unary = unary("atanh", Math.atanh, (g, x) => g.div(x.square().neg().add(1)));

/** 1 / (1 + e⁻ˣ), from whichever side does not overflow. */
export const sigmoid: Unary = unary("sigmoid", of.sigmoid, (g, _x, y) => g.mul(y.neg().add(1).mul(y)));
/** max(x, 0); derivative 0 at 0. */
export const relu: Unary = unary("relu", of.relu, (g, x) => where(x.le(0), 0, g), "same");

export const deg2rad: Unary = unary(
  "deg2rad",
  x => x * (Math.PI / 180),
  g => g.mul(Math.PI / 180),
);
export const rad2deg: Unary = unary(
  "rad2deg",
  x => x * (180 / Math.PI),
  g => g.mul(180 / Math.PI),
);

export {
  abs as absolute,
  acos as arccos,
  acosh as arccosh,
  asin as arcsin,
  asinh as arcsinh,
  atan as arctan,
  atanh as arctanh,
  neg as negative,
};

const changing = {
  neg,
  abs,
  sign,
  sgn,
  square,
  reciprocal,
  sqrt,
  rsqrt,
  exp,
  exp2,
  expm1,
  log,
  log2,
  log10,
  log1p,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  sigmoid,
  relu,
  deg2rad,
  rad2deg,
  negative: neg,
  absolute: abs,
  arcsin: asin,
  arccos: acos,
  arctan: atan,
  arcsinh: asinh,
  arccosh: acosh,
  arctanh: atanh,
};
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
