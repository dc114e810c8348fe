/**
 * @file Images of another size. Each mode is a weighted sum of neighbours along each dimension in turn.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 */

import { type Taps, tapsOf } from "../kernels/taps.ts";
import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { adaptiveAverages } from "./avg-pool.ts";
import { extentsOf } from "./extents.ts";
import { type InterpolationMode, modeOf } from "./interpolation-modes.ts";
import { tapped } from "./taps.ts";

type OnePerDimension = number | readonly number[] | null;

export interface InterpolateOptions {
  size?: OnePerDimension;
  scaleFactor?: OnePerDimension;
  mode?: InterpolationMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
  antialias?: boolean;
}

export interface Interpolate {
  (
    input: Tensor,
    size?: OnePerDimension,
    scaleFactor?: OnePerDimension,
    mode?: InterpolationMode,
    alignCorners?: boolean | null,
    recomputeScaleFactor?: boolean | null,
    antialias?: boolean,
  ): Tensor;
  (input: Tensor, options: InterpolateOptions): Tensor;
  (input: Tensor, size: OnePerDimension, options: InterpolateOptions): Tensor;
}

/**
 * (N, C, …) in another size: `size`, or the old one times `scaleFactor`. With `alignCorners` the outermost entries' centres
 * stay where they are, without it their outer edges do. A given `scaleFactor` is used as it is, even where the size was
 * rounded, unless `recomputeScaleFactor` is true.
 */
export const interpolate: Interpolate = keywords(
  "interpolate",
  ["input", "size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor", "antialias"],
  (
    input: Tensor,
    size: OnePerDimension = null,
    scaleFactor: OnePerDimension = null,
    mode: InterpolationMode = "nearest",
    alignCorners: boolean | null = null,
    recomputeScaleFactor: boolean | null = null,
    antialias = false,
  ) => {
    const old = shapeOf(checked("interpolate", input, true)).slice(2);
    const rank = old.length;
    const { ranks, neighbours, antialiased, corners } = modeOf(mode);
    if (!ranks.includes(rank) || shapeOf(input).slice(1).includes(0)) {
      throw new RangeError(
        `interpolate() in mode "${mode}" expected (N, C, and ${ranks.join(" or ")} more dimensions), none but N empty, ` +
          `got ${formatShape(shapeOf(input))}.`,
      );
    }
    if (alignCorners !== null && !corners) {
      throw new TypeError(`interpolate() takes alignCorners for linear and cubic modes only, not "${mode}".`);
    }
    if (antialias && antialiased === undefined) {
      throw new TypeError(`interpolate() takes antialias for "bilinear" and "bicubic" only, not "${mode}".`);
    }
    if ((size === null) === (scaleFactor === null)) {
      throw new TypeError("interpolate() expected either size or scaleFactor.");
    }
    if (recomputeScaleFactor === true && scaleFactor === null) {
      throw new TypeError("interpolate() takes recomputeScaleFactor together with a scaleFactor only.");
    }
    const factors = scaleFactor === null ? null : factorsOf(scaleFactor, rank);
    const target = extentsOf(
      "interpolate",
      "size",
      factors === null ? (size as number) : old.map((n, d) => Math.floor(n * factors[d]!)),
      rank,
    );
    const rule = antialias ? antialiased! : neighbours;
    if (rule === null) return adaptiveAverages(input, old, target);
    const kept = recomputeScaleFactor === true ? null : factors;
    const along = old.map((from, d): Taps => {
      const to = target[d]!;
      const scale = scaleOf(from, to, alignCorners === true, kept?.[d]);
      const scaling = { from, to, scale, alignCorners: alignCorners === true };
      return tapsOf(
        from,
        Array.from({ length: to }, (_, i) => rule(scaling, i)),
      );
    });
    return tapped(input, along);
  },
);

function factorsOf(scaleFactor: number | readonly number[], rank: number): number[] {
  const list = typeof scaleFactor === "number" ? new Array<number>(rank).fill(scaleFactor) : [...scaleFactor];
  if (list.length !== rank || !list.every(f => f > 0)) {
    throw new RangeError(
      `interpolate() expected a scaleFactor above 0, or ${rank} of them, got [${list.join(", ")}].`,
    );
  }
  return list;
}

function scaleOf(from: number, to: number, alignCorners: boolean, factor: number | undefined): number {
  if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
  return factor === undefined ? from / to : 1 / factor;
}
