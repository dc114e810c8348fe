/** @file A function of one, two or three numbers over strided arrays, into a row-major one. */

import type { NumericArray } from "../tensor/dtype.ts";
import type { Loop } from "./loops.ts";
import { forEachRow, type Source } from "./strided.ts";

/** `loop` for every run of elements along the innermost dimension of `shape`. */
export function mapStrided<A extends NumericArray>(
  loop: Loop<A>,
  shape: readonly number[],
  out: A,
  outOffset: number,
  sources: readonly Source[],
): void {
  const [x, y = x, z = y] = sources.map(source => source.data as A);
  let o = outOffset;
  const offsets = sources.map(source => source.offset);
  const strides = sources.map(source => source.strides);
  forEachRow(shape, offsets, strides, (length, [i, j = i, k = j], [xStep, yStep = xStep, zStep = yStep]) => {
    loop(length, out, o, x!, i!, xStep!, y!, j!, yStep!, z!, k!, zStep!);
    o += length;
  });
}
