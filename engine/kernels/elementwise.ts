/** @file Loops that apply a function of one, two or three numbers to strided arrays, into a row-major one. */

import type { NumericArray } from "../tensor/dtype.ts";
import { forEachRow, type Source } from "./strided.ts";

type Shape = readonly number[];

/** `out[i] = f(x[i])` for `length` neighbouring elements. */
export function mapFlat1(
  f: (x: number) => number,
  length: number,
  out: NumericArray,
  outOffset: number,
  x: NumericArray,
  xOffset: number,
): void {
  for (let i = 0; i < length; i++) out[outOffset + i] = f(x[xOffset + i]!);
}

/** `out[i] = f(x[i], y[i])` for `length` neighbouring elements; a step of 0 repeats one element. */
export function mapFlat2(
  f: (x: number, y: number) => number,
  length: number,
  out: NumericArray,
  outOffset: number,
  x: NumericArray,
  xOffset: number,
  xStep: number,
  y: NumericArray,
  yOffset: number,
  yStep: number,
): void {
  for (let i = 0, j = xOffset, k = yOffset; i < length; i++, j += xStep, k += yStep) {
    out[outOffset + i] = f(x[j]!, y[k]!);
  }
}

/**
 * The same into an array of bytes. A loop of its own: V8 makes a loop as slow as the array types are many that it has met
 * there, and arithmetic should meet doubles only.
 */
export function testFlat2(
  f: (x: number, y: number) => number,
  length: number,
  out: NumericArray,
  outOffset: number,
  x: NumericArray,
  xOffset: number,
  xStep: number,
  y: NumericArray,
  yOffset: number,
  yStep: number,
): void {
  for (let i = 0, j = xOffset, k = yOffset; i < length; i++, j += xStep, k += yStep) {
    out[outOffset + i] = f(x[j]!, y[k]!);
  }
}

/** {@link mapFlat2} for three. */
export function mapFlat3(
  f: (x: number, y: number, z: number) => number,
  length: number,
  out: NumericArray,
  outOffset: number,
  x: NumericArray,
  xOffset: number,
  xStep: number,
  y: NumericArray,
  yOffset: number,
  yStep: number,
  z: NumericArray,
  zOffset: number,
  zStep: number,
): void {
  for (
    let i = 0, j = xOffset, k = yOffset, l = zOffset;
    i < length;
    i++, j += xStep, k += yStep, l += zStep
  ) {
    out[outOffset + i] = f(x[j]!, y[k]!, z[l]!);
  }
}

export function map1(
  f: (x: number) => number,
  shape: Shape,
  out: NumericArray,
  outOffset: number,
  x: Source,
): void {
  const xd = x.data;
  let o = outOffset;
  forEachRow(shape, [x.offset], [x.strides], (length, [offset], [step]) => {
    let i = offset!;
    for (const end = o + length; o < end; i += step!) out[o++] = f(xd[i]!);
  });
}

export function map2(
  f: (x: number, y: number) => number,
  shape: Shape,
  out: NumericArray,
  outOffset: number,
  x: Source,
  y: Source,
): void {
  const xd = x.data;
  const yd = y.data;
  let o = outOffset;
  forEachRow(shape, [x.offset, y.offset], [x.strides, y.strides], (length, [xo, yo], [xs, ys]) => {
    let i = xo!;
    let j = yo!;
    for (const end = o + length; o < end; i += xs!, j += ys!) out[o++] = f(xd[i]!, yd[j]!);
  });
}

export function map3(
  f: (x: number, y: number, z: number) => number,
  shape: Shape,
  out: NumericArray,
  outOffset: number,
  x: Source,
  y: Source,
  z: Source,
): void {
  const xd = x.data;
  const yd = y.data;
  const zd = z.data;
  let o = outOffset;
  const strides = [x.strides, y.strides, z.strides];
  forEachRow(shape, [x.offset, y.offset, z.offset], strides, (length, [xo, yo, zo], [xs, ys, zs]) => {
    let i = xo!;
    let j = yo!;
    let k = zo!;
    for (const end = o + length; o < end; i += xs!, j += ys!, k += zs!) out[o++] = f(xd[i]!, yd[j]!, zd[k]!);
  });
}
