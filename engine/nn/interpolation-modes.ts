/**
 * @file Which old entries, with which weights, make a new one when an image is resized: along one dimension, since every
 * mode goes through the dimensions in turn.
 */

import type { Tap } from "../kernels/taps.ts";

/** One dimension: its size before and after, and how many old entries a new one spans. */
export interface Scaling {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly alignCorners: boolean;
}

/** Where new entry `i` has its centre among the old ones. */
function centre({ scale, alignCorners }: Scaling, i: number): number {
  return alignCorners ? scale * i : scale * (i + 0.5) - 0.5;
}

/** Torch rounds positions to float32 before it takes their floor. */
function nearest({ from, scale }: Scaling, i: number): Tap[] {
  return [[Math.min(Math.floor(Math.fround(scale * i)), from - 1), 1]];
}

function nearestExact(s: Scaling, i: number): Tap[] {
  return [[Math.min(Math.floor(Math.fround(Math.max(centre(s, i), 0) + 0.5)), s.from - 1), 1]];
}

function linear(s: Scaling, i: number): Tap[] {
  if (s.from === s.to) return [[i, 1]];
  const at = Math.max(centre(s, i), 0);
  const left = Math.min(Math.floor(at), s.from - 1);
  const weight = Math.min(Math.max(at - left, 0), 1);
  return [
    [left, 1 - weight],
    [Math.min(left + 1, s.from - 1), weight],
  ];
}

function cubic(s: Scaling, i: number): Tap[] {
  const at = centre(s, i);
  const left = Math.min(Math.floor(at), s.from - 1);
  const weight = Math.min(Math.max(at - left, 0), 1);
  return [-1, 0, 1, 2].map(k => [
    Math.min(Math.max(left + k, 0), s.from - 1),
    cubicFilter(k - weight, -0.75),
  ]);
}

/**
 * Keys's cubic convolution of slope `a` at 1.
 * Source: R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29 (1981).
 */
function cubicFilter(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** A filter as wide as the new entries where they are larger than the old, so that nothing between them is lost. */
function antialiased(filter: (distance: number) => number, radius: number): Neighbours {
  return ({ from, scale }, i) => {
    const stretch = Math.max(scale, 1);
    const middle = scale * (i + 0.5);
    const start = Math.max(Math.trunc(middle - radius * stretch + 0.5), 0);
    const end = Math.min(Math.trunc(middle + radius * stretch + 0.5), from);
    const weights = Array.from({ length: end - start }, (_, j) =>
      filter((start + j - middle + 0.5) / stretch),
    );
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w, j) => [start + j, total === 0 ? w : w / total]);
  };
}

/** The old entries that new entry `i` is made of. */
export type Neighbours = (scaling: Scaling, i: number) => Tap[];

/** How a mode makes new entries of old ones. */
export interface Mode {
  /** Numbers of spatial dimensions that it is for. */
  readonly ranks: readonly number[];
  /** Null for averages over windows. */
  readonly neighbours: Neighbours | null;
  readonly antialiased?: Neighbours;
  /** Whether `alignCorners` means something. */
  readonly corners: boolean;
}

const MODES: Readonly<Record<string, Mode>> = {
  nearest: { ranks: [1, 2, 3], neighbours: nearest, corners: false },
  "nearest-exact": { ranks: [1, 2, 3], neighbours: nearestExact, corners: false },
  linear: { ranks: [1], neighbours: linear, corners: true },
  bilinear: {
    ranks: [2],
    neighbours: linear,
    antialiased: antialiased(x => Math.max(1 - Math.abs(x), 0), 1),
    corners: true,
  },
  bicubic: {
    ranks: [2],
    neighbours: cubic,
    antialiased: antialiased(x => cubicFilter(x, -0.5), 2),
    corners: true,
  },
  trilinear: { ranks: [3], neighbours: linear, corners: true },
  area: { ranks: [1, 2, 3], neighbours: null, corners: false },
};

export type InterpolationMode =
  | "nearest"
  | "nearest-exact"
  | "linear"
  | "bilinear"
  | "bicubic"
  | "trilinear"
  | "area";

/** @throws for a mode that there is none of */
export function modeOf(mode: string): Mode {
  const known = MODES[mode];
  if (known === undefined) {
    throw new TypeError(
      `interpolate() expected a mode out of ${Object.keys(MODES).join(", ")}, got ${String(mode)}.`,
    );
  }
  return known;
}
