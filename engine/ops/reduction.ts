/** @file Sums and means over dimensions, and what is counted by them. */

import { call } from "../autograd/primitive.ts";
import { logSumExp, pairwiseSum } from "../kernels/reduction.ts";
import type { DType } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import {
  type Dims,
  formatShape,
  numelOf,
  reducedShape,
  type Shape,
  sameShape,
  wrapDims,
} from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { type Axes, spread } from "./axes.ts";
import { checked } from "./elementwise.ts";
import { type Reduction, reduction } from "./reduce.ts";

interface SumOptions {
  keepdim?: boolean;
  /** To convert `input` to before. */
  dtype?: DType | null;
}

/** A sum over one dimension, several, or (none given) all. */
export interface Summation {
  (input: Tensor, dim?: Dims, keepdim?: boolean | SumOptions): Tensor;
  (input: Tensor, options: SumOptions & { dim?: Dims }): Tensor;
}

function summation(name: string, f: (x: Tensor, dim: Dims, keepdim: boolean) => Tensor): Summation {
  return keywords(
    name,
    ["input", "dim", "keepdim", "dtype"],
    (input: Tensor, dim: Dims = null, keepdim = false, dtype: DType | null = null) => {
      const x = checked(name, input);
      return f(dtype === null ? x : x.to(dtype), dim, keepdim);
    },
  );
}

const sumOp = reduction("sum", pairwiseSum, (g, x, _y, axes) => spread(g, shapeOf(x), axes), "linear");

/** Σ over the given dimensions; int64 for integers and bool. */
export const sum: Summation = summation("sum", (x, dim, keepdim) =>
  call(sumOp, [x], { dims: wrapDims(dim, x.ndim), keepdim }),
);

/** The mean over the given dimensions. */
export const mean: Summation = summation("mean", (input, dim, keepdim) => {
  const x = checked("mean", input, true);
  const dims = wrapDims(dim, x.ndim);
  return sum(x, dim, keepdim).div(numelOf(dims.map(d => shapeOf(x)[d]!)));
});

/** Σ of all that is not NaN. */
export const nansum: Summation = summation("nansum", (x, dim, keepdim) =>
  sum(x.isFloatingPoint() ? where(x.isnan(), 0, x) : x, dim, keepdim),
);

/** The mean of all that is not NaN. */
export const nanmean: Summation = summation("nanmean", (input, dim, keepdim) => {
  const x = checked("nanmean", input, true);
  return nansum(x, dim, keepdim).div(sum(x.isnan().logicalNot(), dim, keepdim));
});

const logsumexpOp = reduction(
  "logsumexp",
  logSumExp,
  (g, x, y, axes) => spread(g, shapeOf(x), axes).mul(weights(x, y, axes)),
  ([t], [x], y, axes) => sum(t!.mul(weights(x, y, axes)), axes.dims, axes.keepdim),
);

/** softmax(x) = exp(x − y), 0 where the whole row is −∞. */
function weights(x: Tensor, y: Tensor, axes: Axes): Tensor {
  return x.sub(spread(where(y.eq(-Infinity), 0, y), shapeOf(x), axes)).exp();
}

/** log Σ exp(x) over the given dimensions, without overflow. */
export const logsumexp: Reduction = keywords(
  "logsumexp",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) => {
    const x = checked("logsumexp", input);
    return call(logsumexpOp, [x.isFloatingPoint() ? x : x.double()], {
      dims: wrapDims(dim, x.ndim),
      keepdim,
    });
  },
);

/** Whether any element (along the given dimensions) is not 0. */
export const any: Reduction = keywords(
  "any",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) =>
    sum(checked("any", input).detach().ne(0), dim, keepdim).ne(0),
);
/** Whether all elements (along the given dimensions) are other than 0. */
export const all: Reduction = keywords(
  "all",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) =>
    sum(checked("all", input).detach().eq(0), dim, keepdim).eq(0),
);

export interface Count {
  (input: Tensor, dim?: Dims): Tensor;
  (input: Tensor, options: { dim?: Dims }): Tensor;
}

/** How many elements (along the given dimensions) are not 0. */
export const countNonzero: Count = keywords(
  "countNonzero",
  ["input", "dim"],
  (input: Tensor, dim: Dims = null) => sum(checked("countNonzero", input).detach().ne(0), dim),
);

/** The elements added up to the given shape, undoing a broadcast. */
export function sumToSize(input: Tensor, ...size: number[] | [Shape]): Tensor {
  const to = (Array.isArray(size[0]) ? size[0] : size) as Shape;
  const from = shapeOf(input);
  if (sameShape(from, to)) return input;
  const lead = from.length - to.length;
  const dims = from.map((_, i) => i).filter(i => i < lead || (to[i - lead] === 1 && from[i] !== 1));
  const result =
    dims.length === 0
      ? input
      : sum(input, dims, true).reshape(to.length === 0 ? [] : reducedShape(from, dims, true).slice(lead));
  if (!sameShape(shapeOf(result), to)) {
    throw new RangeError(
      `sumToSize() cannot make ${formatShape(to)} of ${formatShape(from)}: that is not a shape it was broadcast from.`,
    );
  }
  return result;
}

const methods = { sum, mean, nansum, nanmean, logsumexp, any, all, countNonzero, sumToSize };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
