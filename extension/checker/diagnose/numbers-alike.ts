/** @file Whether two lists of numbers are the same up to rounding, or one a multiple of the other. */

type Numbers = ArrayLike<number>;

/** Relative to the largest: what is measured is good to this. */
const TOLERANCE = 1e-7;

export function alike(a: Numbers, b: Numbers, tolerance = TOLERANCE): boolean {
  if (a.length !== b.length) return false;
  const slack = tolerance * Math.max(largest(a), largest(b));
  if (!Number.isFinite(slack)) return false;
  for (let i = 0; i < a.length; i++) if (!(Math.abs(a[i]! - b[i]!) <= slack)) return false;
  return true;
}

export function isZero(a: Numbers): boolean {
  return largest(a) === 0;
}

/** The number c for which a = c · b; null where there is none, or b is 0. */
export function multiple(a: Numbers, b: Numbers): number | null {
  let ab = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    bb += b[i]! * b[i]!;
  }
  const c = ab / bb;
  if (!Number.isFinite(c)) return null;
  const off = Array.from(a, (value, i) => value - c * b[i]!);
  return largest(off) <= TOLERANCE * largest(b) * Math.max(1, Math.abs(c)) ? c : null;
}

export function largest(a: Numbers): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!);
    if (!(size <= most)) most = size;
  }
  return most;
}
