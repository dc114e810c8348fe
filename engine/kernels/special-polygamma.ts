/** @file Derivatives of log Γ: digamma and polygamma, and Hurwitz's zeta function behind them. */

import { chebyshev, polynomial } from "./polynomial.ts";
import { tanPi } from "./special-pi.ts";

/** digamma(x) / (x − its zero) for x from 1 to 2, in 2x − 3; computed with 50 digits. */
const AROUND_ZERO = [
  0.983570260441567, -0.2270640863346444, 0.03336889902393011, -0.005320077271596548, 0.0008788656937820505,
  -0.00014773492650606044, 2.5060543468359146e-5, -4.2721034029993324e-6, 7.302769272465923e-7,
  -1.2502886813559594e-7, 2.1425009322359472e-8, -3.673295918565179e-9, 6.299717236108931e-10,
  -1.080593028883266e-10, 1.853735192053638e-11, -3.18023536582553e-12, 5.456147570322795e-13,
  -9.360993131036438e-14, 1.606064636295075e-14, -2.7555431377438815e-15, 4.727736178601912e-16,
  -8.11148420346509e-17, 1.391707769474154e-17,
];
/** The positive zero of digamma; its further digits are in `rest`. */
const ZERO = { at: 1.4616321449683622, rest: 9.549995429965697e-17 };
/** log x − 1/(2x) − digamma(x) in 1/x², divided by it: B₂ₖ / 2k. */
const DIGAMMA_ASYMPTOTIC = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160];
/** B₂ₖ / (2k)!, for k from 1. */
const BERNOULLI = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
];

/**
 * d/dx log Γ(x); NaN at the negative integers, ∓∞ at ±0.
 *
 * Near its zero a Chebyshev series of digamma(x) / (x − zero), so that no digits cancel; from 10 on the asymptotic
 * series; elsewhere recurrence and reflection lead there (NIST DLMF 5.5.2, 5.5.4, 5.11.2).
 */
export function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) return Number.isInteger(x) ? NaN : digamma(1 - x) - Math.PI / tanPi(x);
  if (x >= 10) {
    const z = 1 / (x * x);
    return Math.log(x) - 0.5 / x - z * polynomial(DIGAMMA_ASYMPTOTIC, z);
  }
  if (x < 1) return digamma(1 + x) - 1 / x;
  let y = x;
  let sum = 0;
  while (y > 2) sum += 1 / --y;
  return sum + (y - ZERO.at - ZERO.rest) * chebyshev(AROUND_ZERO, 2 * y - 3);
}

/**
 * The n-th derivative of digamma, n ≥ 0: (−1)ⁿ⁺¹ n! ζ(n + 1, x) for n > 0. At x = 0, −1, −2 … it is that with
 * ζ = ∞, as in torch.
 */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  let factorial = n % 2 === 0 ? -1 : 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return factorial * zeta(n + 1, x);
}

/**
 * Hurwitz's zeta function Σ (k + q)⁻ˢ over k ≥ 0. As in torch: ∞ at s = 1, NaN below it; for q ≤ 0, ∞ at integers, and
 * otherwise NaN unless s is an integer.
 */
export function zeta(s: number, q: number): number {
  if (s === 1) return Infinity;
  if (!(s > 1)) return NaN;
  if (q > 0) return q === Infinity ? 0 : eulerMaclaurin(s, q);
  if (!(q > -Infinity)) return NaN;
  if (Number.isInteger(q)) return Infinity;
  return Number.isInteger(s) ? besidePoles(s, q) : NaN;
}

/**
 * Nine terms or more, as many as reach 10, then the integral of the others and its corrections.
 * Source: NIST DLMF 25.11.6.
 */
function eulerMaclaurin(s: number, q: number): number {
  const terms = Math.max(9, Math.ceil(10 - q));
  const a = q + terms;
  const last = inversePower(a, s);
  // With what follows, s (s+1) … (s+2k−2) a⁻ˢ⁻²ᵏ⁺¹.
  let factor = (s * last) / a;
  let sum = 0;
  for (let k = 0; k < BERNOULLI.length; k++) {
    const correction = BERNOULLI[k]! * factor;
    sum += correction;
    if (Math.abs(correction) < 1e-17 * sum) break;
    factor *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / (a * a);
  }
  sum += last / 2 + (a * last) / (s - 1);
  for (let k = terms - 1; k >= 0; k--) sum += inversePower(q + k, s);
  return sum;
}

/**
 * For q < 0 and integer s: with q = n + r, n the nearest integer, the sum has the pole r⁻ˢ, what lies right of it,
 * ζ(s, 1 + r), and the −n terms left of it, a difference of two ζ.
 */
function besidePoles(s: number, q: number): number {
  const r = q - Math.round(q);
  const left = zeta(s, 1 - r) - zeta(s, 1 - q);
  return r ** -s + zeta(s, 1 + r) + (s % 2 === 0 ? left : -left);
}

/** x⁻ˢ; by multiplication for small integers, several times as fast. */
function inversePower(x: number, s: number): number {
  if (s > 8 || !Number.isInteger(s)) return x ** -s;
  let power = x;
  for (let i = 1; i < s; i++) power *= x;
  return 1 / power;
}
