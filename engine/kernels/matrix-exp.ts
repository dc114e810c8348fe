/**
 * @file The exponential of a matrix by scaling, a Padé approximant, and squaring.
 *
 * Source: A. H. Al-Mohy & N. J. Higham, "A new scaling and squaring algorithm for the matrix exponential", SIAM J. Matrix
 * Anal. Appl. 31 (2009), algorithm 5.1, with norms of powers computed rather than estimated. It rests on N. J. Higham,
 * "The scaling and squaring method for the matrix exponential revisited", SIAM J. Matrix Anal. Appl. 26 (2005), and does
 * not scale more than needed where ‖Aᵏ‖ is much less than ‖A‖ᵏ, as for the block matrices that give derivatives.
 */

import { identity, oneNorm, product } from "./dense.ts";
import { luDecompose, luSolve } from "./lu.ts";

type Doubles = Float64Array;

/** A diagonal Padé approximant of the exponential: r(A) = (V − U)⁻¹ (V + U), U odd and V even in A. */
interface Approximant {
  readonly degree: number;
  /** Largest η for which its backward error is below the unit roundoff. */
  readonly limit: number;
  /** Of A⁰, A¹, … */
  readonly coefficients: readonly number[];
  /** 1 / |c| for the leading term c A^(2·degree+1) of the backward error. */
  readonly leadingTerm: number;
}

const LOW: readonly Approximant[] = [
  {
    degree: 3,
    limit: 1.495585217958292e-2,
    coefficients: [120, 60, 12, 1],
    leadingTerm: 100800,
  },
  {
    degree: 5,
    limit: 2.53939833006323e-1,
    coefficients: [30240, 15120, 3360, 420, 30, 1],
    leadingTerm: 10059033600,
  },
  {
    degree: 7,
    limit: 9.504178996162932e-1,
    coefficients: [17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1],
    leadingTerm: 4487938430976000,
  },
  {
    degree: 9,
    limit: 2.097847961257068,
    coefficients: [17643225600, 8821612800, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1],
    leadingTerm: 5.914384781877412e21,
  },
];
const HIGH: Approximant = {
  degree: 13,
  limit: 4.25,
  coefficients: [
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
  ],
  leadingTerm: 1.1325077560602111e35,
};

/** Norms are taken of a matrix no larger than this, so that its powers do not overflow. */
const LARGEST_EXPONENT = 30;

/** e^A for a row-major n × n matrix; all NaN where A is not finite. */
export function matrixExponential(a: Doubles, n: number): Doubles {
  if (n === 0) return new Float64Array(0);
  if (n === 1) return Float64Array.of(Math.exp(a[0]!));
  const norm = oneNorm(a, n);
  if (!Number.isFinite(norm)) return new Float64Array(n * n).fill(Number.NaN);

  const halvings = Math.max(0, Math.ceil(Math.log2(norm)) - LARGEST_EXPONENT);
  const reduced = times(a, 2 ** -halvings);
  const even = evenPowers(reduced, n);
  /** ‖Aᵖ‖^(1/p), which bounds what the error depends on better than ‖A‖. */
  const d = (p: number): number => oneNorm(even(p), n) ** (1 / p);

  if (halvings === 0) {
    const etas = [() => Math.max(d(4), d(6)), () => Math.max(d(6), d(8))];
    for (const approximant of LOW) {
      const eta = etas[approximant.degree < 7 ? 0 : 1]!();
      if (eta <= approximant.limit && extraScaling(a, n, approximant) === 0) {
        return pade(a, even, n, approximant);
      }
    }
  }
  const eta = Math.min(Math.max(d(6), d(8)), Math.max(d(8), d(10)));
  const toLimit = eta === 0 ? 0 : Math.max(0, halvings + Math.ceil(Math.log2(eta / HIGH.limit)));
  const s = toLimit + extraScaling(times(a, 2 ** -toLimit), n, HIGH);
  const scaled = times(a, 2 ** -s);
  let result = pade(scaled, evenPowers(scaled, n), n, HIGH);
  for (let i = 0; i < s; i++) result = product(result, result, n);
  return result;
}

function times(a: Doubles, factor: number): Doubles {
  return factor === 1 ? a : a.map(x => x * factor);
}

/** Gives A², A⁴, A⁶ … by exponent, each made when it is first asked for. */
function evenPowers(a: Doubles, n: number): (p: number) => Doubles {
  const powers = [product(a, a, n)];
  return p => {
    while (powers.length < p / 2) powers.push(product(powers.at(-1)!, powers[0]!, n));
    return powers[p / 2 - 1]!;
  };
}

/** Halvings that bring the leading term of the backward error, bounded by ‖|A|^(2m+1)‖, below the unit roundoff: the paper's ℓ. */
function extraScaling(a: Doubles, n: number, { degree, leadingTerm }: Approximant): number {
  // Column sums of a power of |A|, one factor at a time.
  let sums = new Float64Array(n).fill(1);
  for (let p = 0; p < 2 * degree + 1; p++) {
    const next = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) next[j]! += sums[i]! * Math.abs(a[i * n + j]!);
    sums = next;
  }
  const power = sums.reduce((x, y) => Math.max(x, y), 0);
  if (power === 0) return 0;
  const alpha = power / (oneNorm(a, n) * leadingTerm);
  const unitRoundoff = Number.EPSILON / 2;
  return Math.max(0, Math.ceil(Math.log2(alpha / unitRoundoff) / (2 * degree)));
}

/** r(A), with A², A⁴, … from `even`. */
function pade(
  a: Doubles,
  even: (p: number) => Doubles,
  n: number,
  { degree, coefficients }: Approximant,
): Doubles {
  const one = identity(n);
  /** Every other coefficient from `first` to `last`, with even powers from `exponent` on. */
  const series = (first: number, last: number, exponent: number): Doubles => {
    const sum = new Float64Array(n * n);
    for (let k = first, p = exponent; k <= last; k += 2, p += 2) {
      const power = p === 0 ? one : even(p);
      for (let i = 0; i < sum.length; i++) sum[i]! += coefficients[k]! * power[i]!;
    }
    return sum;
  };
  /** The coefficients of one parity. Degree 13 takes A⁶ out of what is above it, which saves products. */
  const half = (parity: 0 | 1): Doubles => {
    if (degree < 13) return series(parity, degree, 0);
    const high = product(even(6), series(8 + parity, degree, 2), n);
    return plus(series(parity, 6 + parity, 0), high, 1);
  };
  const u = product(a, half(1), n);
  const v = half(0);
  return luSolve(luDecompose(plus(v, u, -1), n), plus(v, u, 1), n);
}

/** A + c B. */
function plus(a: Doubles, b: Doubles, c: number): Doubles {
  return a.map((x, i) => x + c * b[i]!);
}
