/**
 * @file The error function and its complements.
 *
 * Source: FDLIBM's s_erf.c, whose coefficients and intervals these are (error below 1 ulp; its notice below). What it has
 * for erfc on [1.25, 28] is e^(−x²) times a rational function of 1/x² that converges to the limit at infinity, so
 * erfcx is there too. e^(−x²) is computed from both halves of x, so that its error does not grow with x².
 *
 * Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc.
 * business. Permission to use, copy, modify, and distribute this software is freely granted, provided that this
 * notice is preserved.
 */

import { polynomial } from "./polynomial.ts";

/** (erf(x) − x) / x in x², on [0, 0.84375]. */
const NEAR_ZERO = {
  above: [
    0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442,
    -0.000023763016656650163,
  ],
  below: [
    1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164,
    -0.000003960228278775368,
  ],
};
/** erf(x) − erf(1) in x − 1, on [0.84375, 1.25]. */
const NEAR_ONE = {
  above: [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175,
    -0.11089469428239668, 0.035478304325618236, -0.002166375594868791,
  ],
  below: [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
};
/** log(x erfcx(x)) + 0.5625 in 1/x², on [1.25, 1/0.35]. */
const MIDDLE = {
  above: [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  below: [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
};
/** The same from 1/0.35 on. */
const FAR = {
  above: [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  below: [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
};
/** erf(1), rounded to single precision. */
const ERF_ONE = 0.8450629115104675;

function rational(
  { above, below }: { above: readonly number[]; below: readonly number[] },
  x: number,
): number {
  return polynomial(above, x) / polynomial(below, x);
}

/** log(x erfcx(x)) + 0.5625 for x ≥ 1.25. */
function tail(x: number): number {
  return rational(x < 1 / 0.35 ? MIDDLE : FAR, 1 / (x * x));
}

/** e^(−scale · x²) for |x| < 2¹²⁷: the leading half of x squares without rounding. */
export function gaussian(x: number, scale = 1): number {
  const leading = Math.fround(x);
  return Math.exp(-scale * leading * leading) * Math.exp(scale * (leading - x) * (leading + x));
}

/** (2/√π) ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 0.84375) return x + x * rational(NEAR_ZERO, x * x);
  if (size < 1.25) return Math.sign(x) * (ERF_ONE + rational(NEAR_ONE, size - 1));
  return Math.sign(x) * (1 - upperTail(size));
}

/** 1 − erf(x), with all its digits where erf(x) is next to 1. */
export function erfc(x: number): number {
  if (x < 0.25) return x < -0.84375 ? 1 + erf(-x) : 1 - (x + x * rational(NEAR_ZERO, x * x));
  if (x < 0.84375) return 0.5 - (x - 0.5 + x * rational(NEAR_ZERO, x * x));
  if (x < 1.25) return 1 - ERF_ONE - rational(NEAR_ONE, x - 1);
  return upperTail(x);
}

/** erfc(x) for x ≥ 1.25, NaN for NaN. */
function upperTail(x: number): number {
  return x > 28 ? 0 : (gaussian(x) * Math.exp(tail(x) - 0.5625)) / x;
}

/** e^(x²) erfc(x), the scaled complement: neither overflows nor vanishes for large x. */
export function erfcx(x: number): number {
  if (x >= 1.25) return Math.exp(tail(x) - 0.5625) / x;
  if (x < -27) return Infinity;
  if (x < -1.25) return 2 * gaussian(x, -1) - erfcx(-x);
  return Math.exp(x * x) * erfc(x);
}
