/** @file The functions of numbers that most programs are made of, each by its loop (see loops.ts). */

import { byLoop1, byLoop2 } from "./loops.ts";
import { expOfVector } from "./vectors.ts";

type F1 = (x: number) => number;
type F2 = (x: number, y: number) => number;

export const neg: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = -x[i]!;
});
export const abs: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.abs(x[i]!);
});
export const square: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = x[i]! * x[i]!;
});
export const reciprocal: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = 1 / x[i]!;
});
export const sqrt: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.sqrt(x[i]!);
});
export const rsqrt: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = 1 / Math.sqrt(x[i]!);
});
export const exp: F1 = byLoop1((n, out, o, x, i, xStep) => {
  if (xStep === 1 && expOfVector(n, out, o, x, i)) return;
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.exp(x[i]!);
});
export const log: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.log(x[i]!);
});
export const sin: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.sin(x[i]!);
});
export const cos: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.cos(x[i]!);
});
export const tanh: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.tanh(x[i]!);
});
export const relu: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.max(x[i]!, 0);
});
/** 1 / (1 + e⁻ˣ), from whichever side does not overflow. */
export const sigmoid: F1 = byLoop1((n, out, o, x, i, xStep) => {
  for (const end = o + n; o < end; o++, i += xStep) {
    const e = Math.exp(-Math.abs(x[i]!));
    out[o] = x[i]! >= 0 ? 1 / (1 + e) : e / (1 + e);
  }
});

export const add: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! + y[j]!;
});
export const sub: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! - y[j]!;
});
export const mul: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! * y[j]!;
});
export const div: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! / y[j]!;
});
