/** @file Differences between neighbours, and the derivative that is estimated from them. */

import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, sameShape, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { cat } from "./joining.ts";

interface DiffOptions {
  dim?: number;
  /** What to put before and after the elements along `dim` first. */
  prepend?: Tensor | null;
  append?: Tensor | null;
}

export interface Diff {
  (
    input: Tensor,
    n?: number | (DiffOptions & { n?: number }),
    dim?: number | DiffOptions,
    prepend?: Tensor | null,
    append?: Tensor | null,
  ): Tensor;
  (input: Tensor, options: DiffOptions & { n?: number }): Tensor;
}

/** xᵢ₊₁ − xᵢ along `dim`, `n` times over; for bool, whether they differ. */
export const diff: Diff = keywords(
  "diff",
  ["input", "n", "dim", "prepend", "append"],
  (input: Tensor, n = 1, dim = -1, prepend: Tensor | null = null, append: Tensor | null = null): Tensor => {
    const d = wrapDim(dim, checked("diff", input).ndim);
    if (input.ndim === 0) throw new RangeError("diff() expected one dimension or more, got a 0-d tensor.");
    if (!Number.isInteger(n) || n < 0) throw new RangeError(`diff() expected an n of 0 or more, got ${n}.`);
    const parts = [prepend, input, append].filter(isTensor);
    const beside = shapeOf(input).with(d, 0);
    if (parts.some(x => x.ndim !== input.ndim || !sameShape(shapeOf(x).with(d, 0), beside))) {
      throw new RangeError(
        `diff() expected prepend and append of the input's shape except in dimension ${d}: got ` +
          `${parts.map(x => formatShape(shapeOf(x))).join(", ")}.`,
      );
    }
    if (n === 0) return input.clone();
    let x = parts.length === 1 ? input : cat(parts, d);
    for (let i = Math.min(n, x.size(d)); i > 0; i--) x = step(x, d);
    return x;
  },
);

/** What the next element has more than each, along a dimension that is not empty. */
function step(x: Tensor, dim: number): Tensor {
  const left = x.narrow(dim, 0, x.size(dim) - 1);
  const right = x.narrow(dim, 1, x.size(dim) - 1);
  return x.dtype === "bool" ? right.ne(left) : right.sub(left);
}

/** The distance between samples, one for each dimension; or their coordinates, a vector for each. */
export type Spacing = number | readonly number[] | readonly Tensor[] | null;

interface GradientOptions {
  spacing?: Spacing;
  /** All dimensions without it. */
  dim?: number | readonly number[] | null;
  edgeOrder?: 1 | 2;
}

export type Gradient = (input: Tensor, options?: GradientOptions) => Tensor[];

/**
 * The partial derivatives, along each dimension of `dim`, of the function that `input` samples: that of the parabola through a
 * sample and both its neighbours; at the edges of the line through the last two (`edgeOrder` 1) or the parabola through
 * the last three (2). Differentiable in the coordinates too.
 */
export const gradient: Gradient = keywords(
  "gradient",
  ["input", "spacing", "dim", "edgeOrder"],
  (
    input: Tensor,
    spacing: Spacing = null,
    dim: number | readonly number[] | null = null,
    edgeOrder: number = 1,
  ) => {
    const rank = checked("gradient", input).ndim;
    const dims = dim === null ? shapeOf(input).map((_, d) => d) : [dim].flat().map(d => wrapDim(d, rank));
    if (edgeOrder !== 1 && edgeOrder !== 2) {
      throw new RangeError(`gradient() expected an edgeOrder of 1 or 2, got ${String(edgeOrder)}.`);
    }
    if (new Set(dims).size < dims.length || dims.some(d => (shapeOf(input)[d] ?? 0) <= edgeOrder)) {
      throw new RangeError(
        `gradient() expected different dimensions with ${edgeOrder + 1} samples or more each, got ` +
          `${formatShape(shapeOf(input))} and dim = [${dims.join(", ")}].`,
      );
    }
    return spacings(spacing, dims, input).map((h, i) => slopes(input, dims[i]!, h, edgeOrder));
  },
);

/** The distance between samples, or all coordinates, for each of the dimensions. */
function spacings(spacing: Spacing, dims: readonly number[], input: Tensor): (number | Tensor)[] {
  if (spacing === null || typeof spacing === "number") return dims.map(() => spacing ?? 1);
  const fits =
    Array.isArray(spacing) &&
    spacing.length === dims.length &&
    dims.every((d, i) => typeof spacing[i] === "number" || isCoordinates(spacing[i], input.size(d)));
  if (fits) return [...spacing];
  const got = Array.isArray(spacing)
    ? `[${spacing.map(x => (isTensor(x) ? formatShape(shapeOf(x)) : String(x))).join(", ")}]`
    : String(spacing);
  throw new RangeError(
    "gradient() expected as spacing a number, or a list with a number or a vector of coordinates for each of the " +
      `${dims.length} dimensions, of sizes ${dims.map(d => input.size(d)).join(", ")}; got ${got}.`,
  );
}

function isCoordinates(x: unknown, size: number): boolean {
  return isTensor(x) && x.ndim === 1 && x.size(0) === size;
}

function slopes(f: Tensor, dim: number, spacing: number | Tensor, edgeOrder: 1 | 2): Tensor {
  const n = f.size(dim);
  const h = isTensor(spacing) ? along(dim, f, step(spacing, 0)) : spacing;
  /** Of the lines between neighbours. */
  const secants = step(f, dim).div(h);
  const middle = isTensor(h)
    ? meanOfNeighbours(secants, h, dim)
    : f
        .narrow(dim, 2, n - 2)
        .sub(f.narrow(dim, 0, n - 2))
        .div(2 * h);
  const edge = (last: number, beforeLast: number): Tensor => {
    const slope = secants.narrow(dim, last, 1);
    if (edgeOrder === 1) return slope;
    const bend = slope.sub(secants.narrow(dim, beforeLast, 1));
    return slope.add(bend.mul(isTensor(h) ? share(h, dim, last, beforeLast) : 0.5));
  };
  return cat([edge(0, 1), middle, edge(n - 2, n - 3)], dim);
}

/** A vector that lies along `dim`. */
function along(dim: number, like: Tensor, x: Tensor): Tensor {
  return x.reshape(shapeOf(like).map((_, d) => (d === dim ? -1 : 1)));
}

/** The slope of the parabola through three samples at the middle one: each secant counts as much as the other is long. */
function meanOfNeighbours(secants: Tensor, h: Tensor, dim: number): Tensor {
  const n = h.size(dim);
  const [before, after] = [h.narrow(dim, 0, n - 1), h.narrow(dim, 1, n - 1)];
  const [left, right] = [secants.narrow(dim, 0, n - 1), secants.narrow(dim, 1, n - 1)];
  return left.mul(after).add(right.mul(before)).div(before.add(after));
}

/** How much of two steps together the first one is. */
function share(h: Tensor, dim: number, one: number, other: number): Tensor {
  const first = h.narrow(dim, one, 1);
  return first.div(first.add(h.narrow(dim, other, 1)));
}

const methods = { diff };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
