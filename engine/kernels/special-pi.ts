/** @file Trigonometric functions of multiples of π, exact where the multiple is large or whole. */

/** sin(πx): exactly 0 at every integer. */
export function sinPi(x: number): number {
  const nearest = Math.round(x);
  const sine = Math.sin(Math.PI * (x - nearest));
  return nearest % 2 === 0 ? sine : -sine;
}

/** cos(πx): exactly ±1 at every integer. */
export function cosPi(x: number): number {
  const nearest = Math.round(x);
  const cosine = Math.cos(Math.PI * (x - nearest));
  return nearest % 2 === 0 ? cosine : -cosine;
}

/** tan(πx). */
export function tanPi(x: number): number {
  return Math.tan(Math.PI * (x - Math.round(x)));
}

/**
 * The n-th derivative of sin(πx) / (πx), smooth at 0.
 *
 * With t = πx and f(t) = sin(t) / t: its power series where |t| is small beside n, else t f⁽ⁿ⁾ + n f⁽ⁿ⁻¹⁾ = sin⁽ⁿ⁾.
 */
export function sincDerivative(n: number, x: number): number {
  const t = Math.PI * x;
  return Math.PI ** n * (Math.abs(t) < Math.max(n, 1) ? sincSeries(n, t) : sincRecurrence(n, x));
}

/** Σ (−1)ᵏ t²ᵏ⁻ⁿ (2k)! / ((2k−n)! (2k+1)!) over 2k ≥ n. */
function sincSeries(n: number, t: number): number {
  const first = Math.ceil(n / 2);
  let term = (first % 2 === 0 ? 1 : -1) / (2 * first + 1);
  // For odd n the first term is t / (2k+1), for even n it is 1 / (2k+1): the factorials cancel.
  if (n % 2 === 1) term *= t;
  let sum = term;
  for (let k = first + 1; Math.abs(term) > Number.EPSILON * 1e-3 * Math.abs(sum); k++) {
    const [up, down] = [2 * k, 2 * k - n];
    term *= -((t * t) / (down * (down - 1))) * ((up - 1) / (up + 1));
    sum += term;
  }
  return sum;
}

function sincRecurrence(n: number, x: number): number {
  const t = Math.PI * x;
  const derivativesOfSine = [sinPi(x), cosPi(x), -sinPi(x), -cosPi(x)];
  let f = derivativesOfSine[0]! / t;
  for (let i = 1; i <= n; i++) f = (derivativesOfSine[i % 4]! - i * f) / t;
  return f;
}
