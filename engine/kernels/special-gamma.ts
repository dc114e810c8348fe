/**
 * @file The logarithm of the gamma function.
 *
 * Source: FDLIBM's e_lgamma_r.c, whose coefficients and intervals these are (error below a few ulp for x > 0, and an
 * absolute one of that size beside the zeros on the negative axis; its notice below).
 *
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc.
 * business. Permission to use, copy, modify, and distribute this software is freely granted, provided that this
 * notice is preserved.
 */

import { polynomial } from "./polynomial.ts";
import { sinPi } from "./special-pi.ts";

/** lgamma(2 − y) + y/2 = y A₁(y²) + y² A₂(y²), for y from 0 to 0.27. */
const BELOW_TWO = {
  odd: [
    0.07721566490153287, 0.06735230105312927, 0.007385550860814029, 0.0011927076318336207,
    0.00022086279071390839, 0.000025214456545125733,
  ],
  even: [
    0.3224670334241136, 0.020580808432516733, 0.0028905138367341563, 0.0005100697921535113,
    0.00010801156724758394, 0.000044864094961891516,
  ],
};
/** Where lgamma is least, and its value there, whose last digits are in `rest`. */
const LEAST = { at: 1.4616321449683622, value: -0.12148629053584961, rest: 3.638676997039505e-18 };
/** lgamma(LEAST.at + y) − lgamma(LEAST.at) = y² (T₁ + y T₂ + y² T₃), each in y³. */
const NEAR_LEAST = {
  t1: [
    0.48383612272381005, -0.032788541075985965, 0.006100538702462913, -0.0014034646998923284,
    0.00031563207090362595,
  ],
  t2: [
    -0.1475877229945939, 0.01797067508118204, -0.0036845201678113826, 0.000881081882437654,
    -0.00031275416837512086,
  ],
  t3: [
    0.06462494023913339, -0.010314224129834144, 0.0022596478090061247, -0.0005385953053567405,
    0.0003355291926355191,
  ],
};
/** lgamma(1 + y) + y/2 = y U(y) / V(y), for y from −0.1 to 0.2316. */
const NEAR_ONE = {
  above: [
    -0.07721566490153287, 0.6328270640250934, 1.4549225013723477, 0.9777175279633727, 0.22896372806469245,
    0.013381091853678766,
  ],
  below: [
    1, 2.4559779371304113, 2.128489763798934, 0.7692851504566728, 0.10422264559336913, 0.003217092422824239,
  ],
};
/** lgamma(2 + y) − y/2 = y S(y) / R(y), for y from 0 to 1. */
const ABOVE_TWO = {
  above: [
    -0.07721566490153287, 0.21498241596060885, 0.325778796408931, 0.14635047265246445, 0.02664227030336386,
    0.0018402845140733772, 0.00003194753265841009,
  ],
  below: [
    1, 1.3920053346762105, 0.7219355475671381, 0.17193386563280308, 0.01864591917156529,
    0.0007779424963818936, 0.000007326684307446256,
  ],
};
/** lgamma(x) − (x − ½)(log x − 1) − CONSTANT = z W(z²) with z = 1/x, from x = 8 on: Stirling's series. */
const STIRLING = [
  0.08333333333333297, -0.0027777777772877554, 0.0007936505586430196, -0.00059518755745034,
  0.0008363399189962821, -0.0016309293409657527,
];
/** ½ (log 2π − 1). */
const CONSTANT = 0.4189385332046727;

/** log |Γ(x)|; ∞ at 0, at the negative integers and at ±∞. */
export function lgamma(x: number): number {
  if (x <= 0) return x === -Infinity ? Infinity : reflected(x);
  if (x < 0.9) return onePlus(x) - Math.log(x);
  if (x < 2) return x === 1 ? 0 : onePlus(x - 1);
  if (x < 8) {
    let product = 1;
    let y = x;
    while (y >= 3) product *= --y;
    return twoPlus(y - 2) + Math.log(product);
  }
  if (x === Infinity) return Infinity;
  const z = 1 / x;
  return (x - 0.5) * (Math.log(x) - 1) + (CONSTANT + z * polynomial(STIRLING, z * z));
}

/** lgamma(x) for x ≤ 0: Γ(x) Γ(−x) = −π / (x sin πx). */
function reflected(x: number): number {
  if (x > -(2 ** -70)) return -Math.log(-x);
  const sine = Math.abs(sinPi(x));
  return sine === 0 ? Infinity : Math.log(Math.PI / (sine * -x)) - lgamma(-x);
}

/** lgamma(1 + s) for −0.1 ≤ s < 1. */
function onePlus(s: number): number {
  if (s < 0.2316) return (s * polynomial(NEAR_ONE.above, s)) / polynomial(NEAR_ONE.below, s) - s / 2;
  if (s < 0.7316) {
    const y = s - (LEAST.at - 1);
    const cube = y * y * y;
    const [a, b, c] = [NEAR_LEAST.t1, NEAR_LEAST.t2, NEAR_LEAST.t3];
    const rise = y * y * polynomial(a, cube) + cube * (polynomial(b, cube) + y * polynomial(c, cube));
    return LEAST.value + (rise + LEAST.rest);
  }
  const y = 1 - s;
  const square = y * y;
  return y * polynomial(BELOW_TWO.odd, square) + square * polynomial(BELOW_TWO.even, square) - y / 2;
}

/** lgamma(2 + y) for 0 ≤ y < 1. */
function twoPlus(y: number): number {
  return y / 2 + (y * polynomial(ABOVE_TWO.above, y)) / polynomial(ABOVE_TWO.below, y);
}
