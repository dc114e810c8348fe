/** @file The error function, the normal distribution function, and their inverses. */

import { inPlace } from "../autograd/inplace.ts";
import * as erfKernels from "../kernels/special-erf.ts";
import * as normalKernels from "../kernels/special-normal.ts";
import { defineMethods, type InPlaceMethods, type Methods } from "../tensor/methods.ts";
import { type Unary, unary } from "./elementwise.ts";

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

/** (2/√π) ∫₀ˣ e^(−t²) dt. */
export const erf: Unary = unary("erf", erfKernels.erf, (g, x) =>
  g.mul(x.square().neg().exp().mul(TWO_OVER_SQRT_PI)),
);
/** 1 − erf(x), with all its digits where erf(x) is next to 1. */
export const erfc: Unary = unary("erfc", erfKernels.erfc, (g, x) =>
  g.mul(x.square().neg().exp().mul(-TWO_OVER_SQRT_PI)),
);
/** e^(x²) erfc(x). */
export const erfcx: Unary = unary("erfcx", erfKernels.erfcx, (g, x, y) =>
  g.mul(x.mul(y).mul(2).sub(TWO_OVER_SQRT_PI)),
);
/** The x with erf(x) = y. */
export const erfinv: Unary = unary("erfinv", normalKernels.erfinv, (g, _y, x) =>
  g.mul(x.square().exp().div(TWO_OVER_SQRT_PI)),
);

/** The normal distribution function Φ(x) = ½ erfc(−x/√2). */
export const ndtr: Unary = unary("ndtr", normalKernels.ndtr, (g, x) =>
  g.mul(x.square().mul(-0.5).exp().div(SQRT_TWO_PI)),
);
/** log Φ(x); its derivative φ/Φ by erfcx, which has neither of them underflow. */
export const logNdtr: Unary = unary("logNdtr", normalKernels.logNdtr, (g, x) =>
  g.mul(Math.sqrt(2 / Math.PI)).div(erfcx(x.mul(-Math.SQRT1_2))),
);
/** The x with Φ(x) = p. */
export const ndtri: Unary = unary("ndtri", normalKernels.ndtri, (g, _p, x) =>
  g.mul(x.square().mul(0.5).exp().mul(SQRT_TWO_PI)),
);

const changing = { erf, erfc, erfinv };
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
