/** @file Bessel functions of orders 0 and 1. Order 0 differentiates to order 1, that to order 0 and itself over x. */

import { inPlace } from "../autograd/inplace.ts";
import * as modified from "../kernels/special-bessel-i.ts";
import * as ordinary from "../kernels/special-bessel-j.ts";
import { defineMethods, type InPlaceMethods, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { type Unary, unary } from "./elementwise.ts";

/** `slope` where x is not tiny; there it is ½, as the functions of order 1 begin with ½ x. At NaN too, as in torch. */
function halfNearZero(x: Tensor, slope: (x: Tensor) => Tensor): Tensor {
  const away = x.abs().gt(Number.EPSILON);
  return where(away, slope(where(away, x, 1)), 0.5);
}

/** The regular modified Bessel function I₀. */
export const i0: Unary = unary("i0", modified.i0, (g, x) => g.mul(i1(x)));
/** The regular modified Bessel function I₁. */
export const i1: Unary = unary("i1", modified.i1, (g, x, y) =>
  g.mul(halfNearZero(x, t => i0(t).sub(y.div(t)))),
);
/** e⁻ˡˣˡ I₀(x). */
export const i0e: Unary = unary("i0e", modified.i0e, (g, x, y) => g.mul(i1e(x).sub(x.sign().mul(y))));
/** e⁻ˡˣˡ I₁(x). */
export const i1e: Unary = unary("i1e", modified.i1e, (g, x, y) =>
  g.mul(halfNearZero(x, t => i0e(t).sub(y.mul(t.sign().add(t.reciprocal()))))),
);

/** The modified Bessel function K₀, which vanishes at ∞. */
export const k0: Unary = unary("modifiedBesselK0", modified.k0, (g, x) => g.mul(k1(x).neg()));
/** The modified Bessel function K₁, which vanishes at ∞. */
export const k1: Unary = unary("modifiedBesselK1", modified.k1, (g, x, y) =>
  g.mul(k0(x).add(y.div(x)).neg()),
);
/** eˣ K₀(x). */
export const k0e: Unary = unary("scaledModifiedBesselK0", modified.k0e, (g, x, y) => g.mul(y.sub(k1e(x))));
/** eˣ K₁(x). */
export const k1e: Unary = unary("scaledModifiedBesselK1", modified.k1e, (g, x, y) =>
  g.mul(y.sub(k0e(x)).sub(y.div(x))),
);

/** The Bessel function of the first kind J₀. */
export const j0: Unary = unary("besselJ0", ordinary.j0, (g, x) => g.mul(j1(x).neg()));
/** The Bessel function of the first kind J₁. */
export const j1: Unary = unary("besselJ1", ordinary.j1, (g, x, y) =>
  g.mul(halfNearZero(x, t => j0(t).sub(y.div(t)))),
);
/** The Bessel function of the second kind Y₀. */
export const y0: Unary = unary("besselY0", ordinary.y0, (g, x) => g.mul(y1(x).neg()));
/** The Bessel function of the second kind Y₁. */
export const y1: Unary = unary("besselY1", ordinary.y1, (g, x, y) => g.mul(y0(x).sub(y.div(x))));

const changing = { i0 };
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
