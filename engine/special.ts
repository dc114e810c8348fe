/** @file `special`: torch's torch.special, under its names in camelCase. */

export { entr, logit, xlog1py, xlogy } from "./ops/logarithms.ts";
export { exp2, expm1, log1p, sigmoid as expit } from "./ops/pointwise.ts";
export { logsumexp } from "./ops/reduction.ts";
export { round } from "./ops/rounding.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export {
  i0,
  i0 as modifiedBesselI0,
  i0e,
  i1,
  i1 as modifiedBesselI1,
  i1e,
  j0 as besselJ0,
  j1 as besselJ1,
  k0 as modifiedBesselK0,
  k0e as scaledModifiedBesselK0,
  k1 as modifiedBesselK1,
  k1e as scaledModifiedBesselK1,
  y0 as besselY0,
  y1 as besselY1,
} from "./ops/special-bessel.ts";
export { erf, erfc, erfcx, erfinv, logNdtr, ndtr, ndtri } from "./ops/special-erf.ts";
export {
  digamma,
  digamma as psi,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  polygamma,
  zeta,
} from "./ops/special-gamma.ts";
export { sinc, sphericalBesselJ0 } from "./ops/special-sinc.ts";
