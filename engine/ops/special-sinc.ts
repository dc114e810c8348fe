/** @file The normalised sine cardinal, with derivatives of every order that are smooth at 0. */

import { inPlace } from "../autograd/inplace.ts";
import { sincDerivative } from "../kernels/special-pi.ts";
import { defineMethods, type InPlaceMethods, type Methods } from "../tensor/methods.ts";
import { checked, type Unary, type UnaryWith, unary, unaryWith } from "./elementwise.ts";

const derivativeOfSinc: UnaryWith<number> = unaryWith(
  "sinc",
  n => x => sincDerivative(n, x),
  (g, x, _y, n) => g.mul(derivativeOfSinc(x, n + 1)),
);

/** sin(πx) / (πx), and 1 at 0. */
export const sinc: Unary = unary(
  "sinc",
  x => sincDerivative(0, x),
  (g, x) => g.mul(derivativeOfSinc(x, 1)),
);

/** sin(x) / x, the spherical Bessel function of order 0. */
export const sphericalBesselJ0: Unary = input => sinc(checked("sphericalBesselJ0", input).div(Math.PI));

const changing = { sinc };
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
