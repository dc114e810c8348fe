/** @file Which windows pooling looks through: a regular grid, or as many as are asked for. */

import type { Windows } from "../kernels/windows.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import { type Extents, extentsOf } from "./extents.ts";

/** Entries from `start` to before `end`. */
export type Range = readonly [start: number, end: number];

/**
 * A regular grid; `stride` is the kernel's size where none is given. With `ceilMode` a last window may reach beyond the
 * padding, if it begins before its end.
 * @throws where the padding is more than half of a window, or not one window fits
 */
export function windowGrid(
  name: string,
  size: Shape,
  kernelSize: Extents,
  stride: Extents | null,
  padding: Extents,
  dilation: Extents,
  ceilMode: boolean,
): Windows {
  const rank = size.length;
  const kernel = extentsOf(name, "kernelSize", kernelSize, rank);
  const ownStride = stride === null || (Array.isArray(stride) && stride.length === 0);
  const steps = ownStride ? kernel : extentsOf(name, "stride", stride as Extents, rank);
  const around = extentsOf(name, "padding", padding, rank, 0);
  const spread = extentsOf(name, "dilation", dilation, rank);
  const reach = kernel.map((k, d) => spread[d]! * (k - 1) + 1);
  if (around.some((p, d) => p > Math.floor(reach[d]! / 2))) {
    throw new RangeError(
      `${name}() expected padding of at most half a window, got [${around}] for windows of ${formatShape(reach)}.`,
    );
  }
  const output = size.map((n, d) => {
    const room = n + 2 * around[d]! - reach[d]! + (ceilMode ? steps[d]! - 1 : 0);
    const count = Math.floor(room / steps[d]!) + 1;
    return ceilMode && (count - 1) * steps[d]! >= n + around[d]! ? count - 1 : count;
  });
  if (output.some(n => n < 1)) {
    throw new RangeError(
      `${name}() expected windows that fit into the padded input, got ${formatShape(reach)} for ${formatShape(size)} ` +
        `with padding [${around}].`,
    );
  }
  return { input: size, kernel, stride: steps, padding: around, dilation: spread, output };
}

/** How many results along each dimension; null for as many as there are entries. */
export type SizeOrSame = number | null | readonly (number | null)[];

export function targetSize(name: string, outputSize: SizeOrSame, size: Shape): number[] {
  const list = Array.isArray(outputSize) ? outputSize : size.map(() => outputSize as number | null);
  if (list.length !== size.length) {
    throw new RangeError(`${name}() expected ${size.length} output sizes, got [${list}].`);
  }
  const sizes = list.map((n: number | null, d: number) => n ?? size[d]!);
  return extentsOf(name, "outputSize", sizes, size.length, 0);
}

/** Ranges that cover `n` entries evenly, overlapping where they must. */
export function adaptiveRanges(n: number, count: number): Range[] {
  return Array.from({ length: count }, (_, o) => [
    Math.floor((o * n) / count),
    Math.ceil(((o + 1) * n) / count),
  ]);
}
