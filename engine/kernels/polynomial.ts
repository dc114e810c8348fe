/** @file Polynomials, in powers of x and in Chebyshev polynomials: what approximations of special functions are made of. */

/** c₀ + c₁ x + c₂ x² + … (Horner's rule). */
export function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}

/**
 * c₀ T₀(t) + c₁ T₁(t) + c₂ T₂(t) + … for t from −1 to 1.
 * Source: C. W. Clenshaw, "A note on the summation of Chebyshev series", 1955.
 */
export function chebyshev(coefficients: readonly number[], t: number): number {
  let next = 0;
  let afterNext = 0;
  for (let i = coefficients.length - 1; i > 0; i--) {
    const current = 2 * t * next - afterNext + coefficients[i]!;
    afterNext = next;
    next = current;
  }
  return t * next - afterNext + coefficients[0]!;
}
