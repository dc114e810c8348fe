/** @file Averages over windows. A window's sum is one along each dimension in turn; its count is their product. */

import { type Taps, tapsOf } from "../kernels/taps.ts";
import { checked } from "../ops/elementwise.ts";
import { ofValues } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Extents, spatial } from "./extents.ts";
import { adaptiveRanges, type Range, type SizeOrSame, targetSize, windowGrid } from "./pooling.ts";
import { tapped } from "./taps.ts";

/** Windows along one dimension: the entries each takes in, and how many it counts as. */
interface Windows {
  readonly taps: Taps;
  readonly counts: readonly number[];
}

function windowsOf(n: number, ranges: readonly Range[], counts: readonly number[]): Windows {
  const rows = ranges.map(([start, end]) =>
    Array.from({ length: end - start }, (_, i) => [start + i, 1] as const),
  );
  return { taps: tapsOf(n, rows), counts };
}

/** Sums over the windows, each divided by its count, or all by one number. */
function averages(images: Tensor, along: readonly Windows[], divisor: number | null): Tensor {
  const sums = tapped(
    images,
    along.map(({ taps }) => taps),
  );
  if (divisor !== null) return sums.div(divisor);
  const counts = along.reduce((all, w) => all.flatMap(a => w.counts.map(b => a * b)), [1]);
  const shape = along.map(w => w.counts.length);
  return sums.div(ofValues(counts, shape, images.dtype));
}

interface AvgPoolOptions {
  stride?: Extents | null;
  padding?: Extents;
  ceilMode?: boolean;
  countIncludePad?: boolean;
}

export interface AvgPool1d {
  (
    input: Tensor,
    kernelSize: Extents,
    stride?: Extents | null,
    padding?: Extents,
    ceilMode?: boolean,
    countIncludePad?: boolean,
  ): Tensor;
  (input: Tensor, kernelSize: Extents, options: AvgPoolOptions): Tensor;
  (input: Tensor, options: AvgPoolOptions & { kernelSize: Extents }): Tensor;
}

interface AvgPoolOptionsWithDivisor extends AvgPoolOptions {
  divisorOverride?: number | null;
}

export interface AvgPool {
  (
    input: Tensor,
    kernelSize: Extents,
    stride?: Extents | null,
    padding?: Extents,
    ceilMode?: boolean,
    countIncludePad?: boolean,
    divisorOverride?: number | null,
  ): Tensor;
  (input: Tensor, kernelSize: Extents, options: AvgPoolOptionsWithDivisor): Tensor;
  (input: Tensor, options: AvgPoolOptionsWithDivisor & { kernelSize: Extents }): Tensor;
}

const NAMES = ["input", "kernelSize", "stride", "padding", "ceilMode", "countIncludePad"];

function avgPool(name: string, rank: number): AvgPool {
  return keywords(
    name,
    rank === 1 ? NAMES : [...NAMES, "divisorOverride"],
    (
      input: Tensor,
      kernelSize: Extents,
      stride: Extents | null = null,
      padding: Extents = 0,
      ceilMode = false,
      countIncludePad = true,
      divisorOverride: number | null = null,
    ) => {
      if (divisorOverride === 0) throw new RangeError(`${name}() expected a divisorOverride other than 0.`);
      const { images, size, restore } = spatial(name, checked(name, input, true), rank);
      const grid = windowGrid(name, size, kernelSize, stride, padding, 1, ceilMode);
      const along = size.map((n, d) => {
        const [k, p] = [grid.kernel[d]!, grid.padding[d]!];
        // Padding counts, but not what a last window reaches beyond it in ceilMode.
        const padded = Array.from({ length: grid.output[d]! }, (_, o): Range => {
          const start = o * grid.stride[d]! - p;
          return [start, Math.min(start + k, n + p)];
        });
        const inside = padded.map(([start, end]): Range => [Math.max(start, 0), Math.min(end, n)]);
        const counted = countIncludePad ? padded : inside;
        return windowsOf(
          n,
          inside,
          counted.map(([start, end]) => end - start),
        );
      });
      return restore(averages(images, along, divisorOverride));
    },
  );
}

/** Averages over windows of a signal (N, C, L) or (C, L), `kernelSize` apart unless `stride` says otherwise. */
export const avgPool1d: AvgPool1d = avgPool("avgPool1d", 1);
/** {@link avgPool1d} of images; `divisorOverride` divides the sums in place of the windows' sizes. */
export const avgPool2d: AvgPool = avgPool("avgPool2d", 2);
/** {@link avgPool2d} of volumes. */
export const avgPool3d: AvgPool = avgPool("avgPool3d", 3);

export interface AdaptivePool {
  (input: Tensor, outputSize: SizeOrSame): Tensor;
  (input: Tensor, options: { outputSize: SizeOrSame }): Tensor;
}

/** Of the last dimensions, averages over as many windows as are asked for. */
export function adaptiveAverages(images: Tensor, size: Shape, target: Shape): Tensor {
  const along = size.map((n, d) => {
    const ranges = adaptiveRanges(n, target[d]!);
    return windowsOf(
      n,
      ranges,
      ranges.map(([start, end]) => end - start),
    );
  });
  return averages(images, along, null);
}

function adaptiveAvgPool(name: string, rank: number): AdaptivePool {
  return keywords(name, ["input", "outputSize"], (input: Tensor, outputSize: SizeOrSame) => {
    const { images, size, restore } = spatial(name, checked(name, input, true), rank);
    return restore(adaptiveAverages(images, size, targetSize(name, outputSize, size)));
  });
}

/** Averages over windows that cover a signal (N, C, L) or (C, L) evenly, `outputSize` of them. */
export const adaptiveAvgPool1d: AdaptivePool = adaptiveAvgPool("adaptiveAvgPool1d", 1);
/** {@link adaptiveAvgPool1d} of images; `null` keeps a dimension's size. */
export const adaptiveAvgPool2d: AdaptivePool = adaptiveAvgPool("adaptiveAvgPool2d", 2);
/** {@link adaptiveAvgPool2d} of volumes. */
export const adaptiveAvgPool3d: AdaptivePool = adaptiveAvgPool("adaptiveAvgPool3d", 3);
