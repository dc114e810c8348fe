/** @file The normal distribution function, its logarithm, and the inverses of it and of the error function. */

import { erf, erfc, erfcx, gaussian } from "./special-erf.ts";

/** Φ(x) = ½ erfc(−x/√2), to full relative accuracy where it is small. */
export function ndtr(x: number): number {
  if (x < -40) return 0;
  const t = -x * Math.SQRT1_2;
  return x < -1 ? 0.5 * erfcx(t) * gaussian(x, 0.5) : 0.5 * erfc(t);
}

/** log Φ(x). */
export function logNdtr(x: number): number {
  return x < -1 ? Math.log(0.5 * erfcx(-x * Math.SQRT1_2)) - (x * x) / 2 : Math.log1p(-ndtr(-x));
}

/** The x with Φ(x) = p; ±∞ at 1 and 0, NaN beside. */
export function ndtri(p: number): number {
  if (p >= 0.25 && p <= 0.75) return Math.SQRT2 * erfinv(2 * p - 1);
  return p < 0.5 ? -Math.SQRT2 * erfcinv(2 * p) : Math.SQRT2 * erfcinv(2 * (1 - p));
}

/** The x with erf(x) = y; ±∞ at ±1, NaN beside. */
export function erfinv(y: number): number {
  if (Math.abs(y) > 0.5) return Math.sign(y) * erfcinv(1 - Math.abs(y));
  // The first terms of its power series, to 3 digits, then Halley's iteration, which triples them each time.
  const square = y * y;
  let x = y * (0.886226925452758 + square * (0.2320136665346544 + square * 0.1275561753055979));
  for (let i = 0; i < 2; i++) {
    const step = ((erf(x) - y) * Math.exp(x * x) * Math.sqrt(Math.PI)) / 2;
    x -= step / (1 + x * step);
  }
  return x;
}

/**
 * The x ≥ 0 with erfc(x) = q, for q from 0 to ½: Halley's iteration on log erfc, which is nearly a parabola and does not
 * underflow. The start is good to 3 digits everywhere (S. Winitzki, "A handy approximation for the error function and
 * its inverse", 2008).
 */
function erfcinv(q: number): number {
  if (!(q > 0)) return q === 0 ? Infinity : NaN;
  const a = 0.147;
  const w = Math.log(q * (2 - q));
  const b = 2 / (Math.PI * a) + w / 2;
  let x = Math.sqrt(Math.sqrt(b * b - w / a) - b);
  for (let i = 0; i < 2; i++) {
    const scaled = erfcx(x);
    const slope = 2 / (Math.sqrt(Math.PI) * scaled);
    const excess = Math.log(scaled / q) - x * x;
    x += excess / (slope - (excess * (2 * x - slope)) / 2);
  }
  return x;
}
