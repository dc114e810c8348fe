/**
 * @file The Bessel functions of orders 0 and 1, of the first and second kind.
 *
 * Up to 8 Chebyshev series in x²; from there on modulus and phase, J = √(2/πx) (P cos χ − Q sin χ) and
 * Y = √(2/πx) (P sin χ + Q cos χ) with χ = x − (n/2 + 1/4) π (NIST DLMF 10.17). The form is that of C. W. Clenshaw,
 * "Chebyshev series for mathematical functions", 1962; the coefficients were computed with 50 digits. Errors are of the
 * order of machine precision beside the amplitude √(2/πx), which near zeros is not beside the value.
 */

import { chebyshev } from "./polynomial.ts";

/** J₀(x) on [0, 8], in x²/32 − 1. */
const J0_NEAR = [
  0.15772797147489012, -0.008723442352852221, 0.2651786132033368, -0.37009499387264977, 0.15806710233209725,
  -0.034893769411408884, 0.004819180069467605, -0.00046062616620627504, 3.246032882100508e-5,
  -1.7619469077621507e-6, 7.608163592418782e-8, -2.679253530557673e-9, 7.848696314479465e-11,
  -1.9438346867370164e-12, 4.125320595634374e-14, -7.588508125447546e-16, 1.2218515873961411e-17,
];
/** J₁(x) / x, likewise. */
const J1_NEAR = [
  0.08104484632565812, -0.1489751450676521, 0.1609992623572097, -0.08268049176681791, 0.022213639654966037,
  -0.003646940600769276, 0.0004050337728354822, -3.255554866857259e-5, 1.9858774049915165e-6,
  -9.521984756750436e-8, 3.687133759097148e-9, -1.178026622695885e-10, 3.160154580348003e-12,
  -7.221755239651773e-14, 1.4232144003513942e-15, -2.4441972916190464e-17,
];
/** Y₀(x) − (2/π) log(x) J₀(x), likewise. */
const Y0_NEAR = [
  -0.03314611320328494, -0.2744743055297453, 0.17903431407718265, 0.26156734625504663, -0.17730201278114358,
  0.04719668959576339, -0.007287962479552079, 0.0007531135932577742, -5.632079141056987e-5,
  3.206532537654801e-6, -1.44072332740187e-7, 5.248794787330516e-9, -1.5837552541812015e-10,
  4.02633081830612e-12, -8.747341203310769e-14, 1.6434898714919468e-15, -2.6977881152566837e-17,
];
/** (Y₁(x) − (2/π) (log(x) J₁(x) − 1/x)) / x, likewise. */
const Y1_NEAR = [
  0.0025380132357417816, -0.01608717304766875, -0.09591204536083074, 0.08445197259652346,
  -0.028328123944594365, 0.005289897544167113, -0.0006414551451326356, 5.505982873338744e-5,
  -3.53808001868935e-6, 1.7707804556154404e-7, -7.11055004989928e-9, 2.344337905911516e-10,
  -6.4651518414115946e-12, 1.51429151205002e-13, -3.0511859694473254e-15, 5.34668038572867e-17,
  -8.224911372021585e-19,
];
/** P and x Q of order 0, from 8 on, in 128/x² − 1. */
const P0 = [
  0.9994603493475187, -0.0005365220468132117, 3.0751847875194745e-6, -5.1705945376060975e-8,
  1.6306464635151382e-9, -7.86409137723707e-11, 5.168262387349193e-12, -4.3045788699253914e-13,
  4.3265957431549404e-14, -5.069034095935236e-15, 6.748072215733873e-16, -1.0011513723467786e-16,
  1.6305919233744186e-17,
];
const Q0 = [
  -0.12444683684269607, 0.0005470815954089319, -5.9315987288485175e-6, 1.4377965798375193e-7,
  -5.817532749493056e-9, 3.376097523734991e-10, -2.565397936797308e-11, 2.404916100281365e-12,
  -2.6690625482579414e-13, 3.4041800321963686e-14, -4.87994410531204e-15, 7.729703176242605e-16,
  -1.3348852171502517e-16, 2.4865952389390515e-17, -4.952892629886516e-18, 1.0473158973776097e-18,
];
/** P and x Q of order 1, likewise. */
const P1 = [
  1.0009030408600137, 0.0008989898330859408, -3.987284300488908e-6, 6.177633960644299e-8,
  -1.8718907491063067e-9, 8.816898659582339e-11, -5.704863640395645e-12, 4.699195515230542e-13,
  -4.6842237839904895e-14, 5.452674896044717e-15, -7.221180842274018e-16, 1.0667689114335412e-16,
  -1.7312313216116335e-17,
];
const Q1 = [
  0.3742222965562826, -0.0007702178839325664, 7.3108922063643636e-6, -1.676782510726674e-7,
  6.583354662120443e-9, -3.749090950541556e-10, 2.8121750359748866e-11, -2.61145253946232e-12,
  2.8774212663332235e-13, -3.649001916061838e-14, 5.206626366226707e-15, -8.215318025458595e-16,
  1.4141084390211833e-16, -2.626761589838529e-17, 5.2192649196714085e-18,
];

const TWO_OVER_PI = 2 / Math.PI;

/** √(2/πx) (P c − Q s), where c and s are √2 times the cosine and sine of the phase. */
function oscillation(x: number, P: readonly number[], Q: readonly number[], c: number, s: number): number {
  const t = 128 / (x * x) - 1;
  return (chebyshev(P, t) * c - (chebyshev(Q, t) / x) * s) / Math.sqrt(Math.PI * x);
}

/** The Bessel function of the first kind, of order 0. */
export function j0(x: number): number {
  const size = Math.abs(x);
  if (size <= 8) return chebyshev(J0_NEAR, (x * x) / 32 - 1);
  if (size === Infinity) return 0;
  const [sin, cos] = [Math.sin(size), Math.cos(size)];
  return oscillation(size, P0, Q0, cos + sin, sin - cos);
}

/** The Bessel function of the first kind, of order 1. */
export function j1(x: number): number {
  const size = Math.abs(x);
  if (size <= 8) return x * chebyshev(J1_NEAR, (x * x) / 32 - 1);
  if (size === Infinity) return 0;
  const [sin, cos] = [Math.sin(size), Math.cos(size)];
  return Math.sign(x) * oscillation(size, P1, Q1, sin - cos, -sin - cos);
}

/** The Bessel function of the second kind, of order 0; −∞ at 0, NaN below. */
export function y0(x: number): number {
  if (x === 0) return -Infinity;
  if (x <= 8) return chebyshev(Y0_NEAR, (x * x) / 32 - 1) + TWO_OVER_PI * Math.log(x) * j0(x);
  if (x === Infinity) return 0;
  const [sin, cos] = [Math.sin(x), Math.cos(x)];
  return oscillation(x, P0, Q0, sin - cos, -sin - cos);
}

/** The Bessel function of the second kind, of order 1; −∞ at 0, NaN below. */
export function y1(x: number): number {
  if (x === 0) return -Infinity;
  if (x <= 8) return x * chebyshev(Y1_NEAR, (x * x) / 32 - 1) + TWO_OVER_PI * (Math.log(x) * j1(x) - 1 / x);
  if (x === Infinity) return 0;
  const [sin, cos] = [Math.sin(x), Math.cos(x)];
  return oscillation(x, P1, Q1, -sin - cos, cos - sin);
}
