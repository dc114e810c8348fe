/**
 * @file Loops over the elements of up to three arrays, one for each function of numbers. Where V8 gets a function of numbers
 * as an argument it calls it for every element and boxes every result, at five times the price of an addition; so those that
 * matter most are written as loops, and the function itself follows from its loop. All others get a loop that calls.
 */

import type { NumericArray } from "../tensor/dtype.ts";

/**
 * `out[o + m] = f(x[i + m · xStep], y[j + m · yStep], z[k + m · zStep])` for m < n; a function of fewer numbers ignores the
 * operands that are too many.
 */
export type Loop<A extends NumericArray = Float64Array, Out extends NumericArray = A> = (
  n: number,
  out: Out,
  o: number,
  x: A,
  i: number,
  xStep: number,
  y: A,
  j: number,
  yStep: number,
  z: A,
  k: number,
  zStep: number,
) => void;

/**
 * A function of numbers, as loops. `doubles` meets no other array type: V8 makes a loop as slow as the types are many that
 * it has met there.
 */
export interface Kernel {
  readonly doubles: Loop;
  /** Of doubles into truth values, for comparisons. */
  readonly truths?: Loop<Float64Array, Uint8Array>;
  readonly any: Loop<NumericArray>;
}

/** A loop of a comparison: what comes out are zeros and ones, of either type. */
export type ComparingLoop = Loop<Float64Array, Float64Array | Uint8Array>;

type F1 = (x: number) => number;
type F2 = (x: number, y: number) => number;
type F3 = (x: number, y: number, z: number) => number;

const written = new WeakMap<F1 | F2 | F3, Loop>();
const comparing = new WeakMap<F2, ComparingLoop>();
const cell = new Float64Array(4);

/** The function of a number whose loop this is. */
export function byLoop1(loop: Loop): F1 {
  const f: F1 = x => {
    cell[1] = x;
    loop(1, cell, 0, cell, 1, 1, cell, 1, 1, cell, 1, 1);
    return cell[0]!;
  };
  written.set(f, loop);
  return f;
}

/** The function of two numbers whose loop this is. */
export function byLoop2(loop: Loop): F2 {
  const f: F2 = (x, y) => {
    cell[1] = x;
    cell[2] = y;
    loop(1, cell, 0, cell, 1, 1, cell, 2, 1, cell, 1, 1);
    return cell[0]!;
  };
  written.set(f, loop);
  return f;
}

/** The function of three numbers whose loop this is. */
export function byLoop3(loop: Loop): F3 {
  const f: F3 = (x, y, z) => {
    cell[1] = x;
    cell[2] = y;
    cell[3] = z;
    loop(1, cell, 0, cell, 1, 1, cell, 2, 1, cell, 3, 1);
    return cell[0]!;
  };
  written.set(f, loop);
  return f;
}

/** The comparison whose loop this is. */
export function byComparingLoop(loop: ComparingLoop): F2 {
  const f = byLoop2(loop);
  comparing.set(f, loop);
  return f;
}

export function kernel1(f: F1): Kernel {
  const calling = (): Loop<NumericArray> => (n, out, o, x, i, xStep) => {
    for (const end = o + n; o < end; o++, i += xStep) out[o] = f(x[i]!);
  };
  return { doubles: written.get(f) ?? calling(), any: calling() };
}

export function kernel2(f: F2): Kernel {
  const calling = (): Loop<NumericArray> => (n, out, o, x, i, xStep, y, j, yStep) => {
    for (const end = o + n; o < end; o++, i += xStep, j += yStep) out[o] = f(x[i]!, y[j]!);
  };
  const truths = comparing.get(f);
  return { doubles: written.get(f) ?? calling(), ...(truths && { truths }), any: calling() };
}

export function kernel3(f: F3): Kernel {
  const calling: Loop<NumericArray> = (n, out, o, x, i, xStep, y, j, yStep, z, k, zStep) => {
    for (const end = o + n; o < end; o++, i += xStep, j += yStep, k += zStep) out[o] = f(x[i]!, y[j]!, z[k]!);
  };
  return { doubles: written.get(f) ?? calling, any: calling };
}
