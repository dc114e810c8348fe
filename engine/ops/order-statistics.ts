/** @file Elements by their rank: medians, quantiles, the k-th smallest, the most frequent. NaN ranks above every number. */

import { placeOfKth, placeOfMedian, placeOfMode, placeOfNanMedian } from "../kernels/sorting.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { asTensor, checked } from "./elementwise.ts";
import { gather } from "./indexing.ts";
import { attaining, type Reduce, reductionFunction } from "./reduce.ts";
import { type Chosen, chooseOne } from "./rows.ts";
import { sort } from "./sorting.ts";

/** @throws where a row has no element */
function sizeAlong(name: string, x: Tensor, dim: number): number {
  const n = shapeOf(x)[wrapDim(dim, x.ndim)] ?? 1;
  if (n === 0) {
    throw new RangeError(
      `${name}() expected elements along dimension ${dim}, got shape ${formatShape(shapeOf(x))}.`,
    );
  }
  return n;
}

export interface Kthvalue {
  (
    input: Tensor,
    k: number,
    dim?: number | { dim?: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): Chosen;
  (input: Tensor, options: { k: number; dim?: number; keepdim?: boolean }): Chosen;
}

/** The `k`-th smallest element along `dim`, k from 1, and where it stands. */
export const kthvalue: Kthvalue = keywords(
  "kthvalue",
  ["input", "k", "dim", "keepdim"],
  (input: Tensor, k: number, dim = -1, keepdim = false) => {
    const n = sizeAlong("kthvalue", checked("kthvalue", input), dim);
    if (!Number.isInteger(k) || k < 1 || k > n) {
      throw new RangeError(`kthvalue() expected a k from 1 to ${n}, the size of dimension ${dim}; got ${k}.`);
    }
    return chooseOne(input, dim, keepdim, (data, start, length) => placeOfKth(data, start, length, k));
  },
);

export interface Mode {
  (input: Tensor, dim?: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
  (input: Tensor, options: { dim?: number; keepdim?: boolean }): Chosen;
}

/** The most frequent element along `dim`, the smallest of equally frequent ones, and where it stands last. */
export const mode: Mode = keywords(
  "mode",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim = -1, keepdim = false) => {
    sizeAlong("mode", checked("mode", input), dim);
    return chooseOne(input, dim, keepdim, placeOfMode);
  },
);

/** The median of all elements, whose gradient equal ones share; or along one dimension with the place, to which it goes. */
export interface Median {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
  (input: Tensor, options: { dim: number; keepdim?: boolean }): Chosen;
}

function medianFunction(name: string, place: Reduce): Median {
  const whole = reductionFunction(attaining(name, place, true));
  return keywords(
    name,
    ["input", "dim", "keepdim"],
    (input: Tensor, dim: number | null = null, keepdim = false) => {
      if (dim === null) return whole(input);
      sizeAlong(name, checked(name, input), dim);
      return chooseOne(input, dim, keepdim, place);
    },
  ) as unknown as Median;
}

/** The median, the lower of two; NaN if there is one. */
export const median: Median = medianFunction("median", placeOfMedian);
/** The median of all that is not NaN, the lower of two. */
export const nanmedian: Median = medianFunction("nanmedian", placeOfNanMedian);

/** Between two elements: by their distance, the nearer, the one below or above, halfway. */
export type Interpolation = "linear" | "lower" | "higher" | "nearest" | "midpoint";

interface QuantileOptions {
  keepdim?: boolean;
  interpolation?: Interpolation;
}

export interface Quantile {
  (
    input: Tensor,
    q: number | Tensor,
    dim?: number | null | (QuantileOptions & { dim?: number | null }),
    keepdim?: boolean | QuantileOptions,
  ): Tensor;
  (input: Tensor, options: QuantileOptions & { q: number | Tensor; dim?: number | null }): Tensor;
}

/** @param rankOf the rank, from 0, of the quantile q in rows that are sorted along the last dimension */
function quantileFunction(name: string, rankOf: (sorted: Tensor, q: Tensor) => Tensor): Quantile {
  return keywords(
    name,
    ["input", "q", "dim", "keepdim", "interpolation"],
    (
      input: Tensor,
      q: number | Tensor,
      dim: number | null = null,
      keepdim = false,
      interpolation: Interpolation = "linear",
    ) => {
      const x = checked(name, input, true);
      const at = checkedQuantile(name, q, x);
      const d = dim === null ? null : wrapDim(dim, x.ndim);
      if (d === null ? x.numel() === 0 : sizeAlong(name, x, d) === 0) {
        throw new RangeError(`${name}() of no elements has no value: got ${formatShape(shapeOf(x))}.`);
      }
      // Rows to reduce, and as a last dimension, one place for each quantile.
      const rows = d === null || x.ndim === 0 ? x.reshape([-1]) : x.unsqueeze(-1).transpose(d, -1);
      const ascending = sort(rows, -1).values;
      const values = interpolated(name, ascending, rankOf(ascending, at.reshape([-1])), interpolation);
      const first = values.unsqueeze(0).transpose(0, -1).squeeze(-1);
      return finished(first, { input: x, dim: d, keepdim, several: at.ndim > 0 });
    },
  );
}

/** @throws for what is no probability, as far as can be seen without looking into a tensor */
function checkedQuantile(name: string, q: number | Tensor, x: Tensor): Tensor {
  if (!isTensor(q)) {
    if (!(q >= 0 && q <= 1)) throw new RangeError(`${name}() expected a q from 0 to 1, got ${q}.`);
    return asTensor(q, name).to(x.dtype);
  }
  if (q.ndim > 1 || q.dtype !== x.dtype) {
    throw new TypeError(
      `${name}() expected q to be a number or a vector of the input's dtype ${x.dtype}, got ${q.dtype} ${formatShape(shapeOf(q))}.`,
    );
  }
  return q;
}

function interpolated(name: string, ascending: Tensor, rank: Tensor, interpolation: Interpolation): Tensor {
  const ranks = [...shapeOf(ascending).slice(0, -1), rank.size(-1)];
  const valueAt = (r: Tensor): Tensor => gather(ascending, -1, r.detach().to("int64").expand(ranks));
  switch (interpolation) {
    case "lower":
      return valueAt(rank.floor());
    case "higher":
      return valueAt(rank.ceil());
    case "nearest":
      return valueAt(rank.round());
    case "linear":
      return valueAt(rank.floor()).lerp(valueAt(rank.ceil()), rank.sub(rank.detach().floor()));
    case "midpoint":
      return valueAt(rank.floor()).lerp(valueAt(rank.ceil()), 0.5);
    default:
      throw new TypeError(
        `${name}() expected the interpolation "linear", "lower", "higher", "nearest" or "midpoint", got "${String(interpolation)}".`,
      );
  }
}

/** The quantiles, which stand in front, in the shape that was asked for. */
function finished(
  quantiles: Tensor,
  { input, dim, keepdim, several }: { input: Tensor; dim: number | null; keepdim: boolean; several: boolean },
): Tensor {
  const shape = shapeOf(input);
  const kept = shape.map((n, i) => (dim === null || i === dim ? 1 : n));
  const reduced = dim === null ? [] : shape.filter((_, i) => i !== dim);
  const each = keepdim ? kept : reduced;
  return quantiles.reshape(several ? [quantiles.size(0), ...each] : each);
}

/**
 * The q-quantiles along `dim`, or of all elements: q of the elements are smaller. NaN if there is one. With a vector of q's,
 * one after the other along a new first dimension. Differentiable in q too.
 */
export const quantile: Quantile = quantileFunction("quantile", (ascending, q) => {
  const last = ascending.size(-1) - 1;
  return where(ascending.isnan().any(-1, true), last, q.mul(last));
});

/** The {@link quantile} of all that is not NaN. */
export const nanquantile: Quantile = quantileFunction("nanquantile", (ascending, q) => {
  const numbers = ascending.isnan().logicalNot().sum(-1, true);
  return q.mul(numbers.sub(1).clampMin(0).to(q.dtype));
});

const methods = { kthvalue, mode, quantile, nanquantile };
defineMethods({ ...methods, median, nanmedian });

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    median(): Tensor;
    median(dim: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
    median(options: { dim: number; keepdim?: boolean }): Chosen;
    nanmedian(): Tensor;
    nanmedian(dim: number, keepdim?: boolean | { keepdim?: boolean }): Chosen;
    nanmedian(options: { dim: number; keepdim?: boolean }): Chosen;
  }
}
