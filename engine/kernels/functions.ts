/** @file The functions of numbers that most programs are made of, each by its loop (see loops.ts). */

import { byComparingLoop, byLoop1, byLoop2, byLoop3, type Loop } from "./loops.ts";
import { CHUNK } from "./vector-wasm.ts";
import { expOfVector } from "./vectors.ts";

type F1 = (x: number) => number;
type F2 = (x: number, y: number) => number;
type F3 = (x: number, y: number, z: number) => number;

/**
 * What is chosen from lies side by side, and the condition is the place: a branch would be guessed wrong every other time,
 * at five times the price.
 */
const choice = new Float64Array(2);

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
const exponentials: Loop = (n, out, o, x, i, xStep) => {
  if (xStep === 1 && expOfVector(n, out, o, x, i)) return;
  for (const end = o + n; o < end; o++, i += xStep) out[o] = Math.exp(x[i]!);
};
export const exp: F1 = byLoop1(exponentials);
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
  choice[1] = 0;
  for (const end = o + n; o < end; o++, i += xStep) {
    choice[0] = x[i]!;
    out[o] = choice[Number(x[i]! <= 0)]!;
  }
});
/** 1 / (1 + e⁻ˣ), from whichever side does not overflow; in pieces that stay in the cache until they are done. */
export const sigmoid: F1 = byLoop1((n, out, o, x, i, xStep) => {
  choice[1] = 1;
  for (let done = 0; done < n; done += CHUNK) {
    const length = Math.min(CHUNK, n - done);
    const start = o + done;
    const end = start + length;
    for (let k = start, j = i + done * xStep; k < end; k++, j += xStep) out[k] = -Math.abs(x[j]!);
    exponentials(length, out, start, out, start, 1, out, start, 1, out, start, 1);
    for (let k = start, j = i + done * xStep; k < end; k++, j += xStep) {
      const e = out[k]!;
      choice[0] = e;
      out[k] = choice[Number(x[j]! >= 0)]! / (1 + e);
    }
  }
});

// Where arrays begin with the operands: four elements at a time, with one index for all, which V8 does in two thirds of the time, as long
// as the rest has an index of its own. Beside a number: that is read once. Division is slow itself.
export const add: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  if ((o | i | j) === 0 && (xStep & yStep) === 1) {
    for (let m = 3; m < n; m += 4) {
      out[m - 3] = x[m - 3]! + y[m - 3]!;
      out[m - 2] = x[m - 2]! + y[m - 2]!;
      out[m - 1] = x[m - 1]! + y[m - 1]!;
      out[m] = x[m]! + y[m]!;
    }
    for (let m = n & ~3; m < n; m++) out[m] = x[m]! + y[m]!;
  } else if ((o | i | yStep) === 0 && xStep === 1) {
    const c = y[j]!;
    for (; o < n; o++) out[o] = x[o]! + c;
  } else for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! + y[j]!;
});
export const sub: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  if ((o | i | j) === 0 && (xStep & yStep) === 1) {
    for (let m = 3; m < n; m += 4) {
      out[m - 3] = x[m - 3]! - y[m - 3]!;
      out[m - 2] = x[m - 2]! - y[m - 2]!;
      out[m - 1] = x[m - 1]! - y[m - 1]!;
      out[m] = x[m]! - y[m]!;
    }
    for (let m = n & ~3; m < n; m++) out[m] = x[m]! - y[m]!;
  } else if ((o | i | yStep) === 0 && xStep === 1) {
    const c = y[j]!;
    for (; o < n; o++) out[o] = x[o]! - c;
  } else for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! - y[j]!;
});
export const mul: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  if ((o | i | j) === 0 && (xStep & yStep) === 1) {
    for (let m = 3; m < n; m += 4) {
      out[m - 3] = x[m - 3]! * y[m - 3]!;
      out[m - 2] = x[m - 2]! * y[m - 2]!;
      out[m - 1] = x[m - 1]! * y[m - 1]!;
      out[m] = x[m]! * y[m]!;
    }
    for (let m = n & ~3; m < n; m++) out[m] = x[m]! * y[m]!;
  } else if ((o | i | yStep) === 0 && xStep === 1) {
    const c = y[j]!;
    for (; o < n; o++) out[o] = x[o]! * c;
  } else for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! * y[j]!;
});
export const div: F2 = byLoop2((n, out, o, x, i, xStep, y, j, yStep) => {
  if ((o | i | j) === 0 && (xStep & yStep) === 1) for (; o < n; o++) out[o] = x[o]! / y[o]!;
  else for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = x[i]! / y[j]!;
});

export const eq: F2 = byComparingLoop((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = Number(x[i]! === y[j]!);
});
export const ne: F2 = byComparingLoop((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = Number(x[i]! !== y[j]!);
});
export const lt: F2 = byComparingLoop((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = Number(x[i]! < y[j]!);
});
export const le: F2 = byComparingLoop((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = Number(x[i]! <= y[j]!);
});
export const gt: F2 = byComparingLoop((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = Number(x[i]! > y[j]!);
});
export const ge: F2 = byComparingLoop((n, out, o, x, i, xStep, y, j, yStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = Number(x[i]! >= y[j]!);
});

/** y where x is other than 0, z elsewhere. */
export const where: F3 = byLoop3((n, out, o, x, i, xStep, y, j, yStep, z, k, zStep) => {
  for (const end = o + n; o < end; o++, i += xStep, j += yStep, k += zStep) {
    choice[0] = z[k]!;
    choice[1] = y[j]!;
    out[o] = choice[Number(x[i]! !== 0)]!;
  }
});
