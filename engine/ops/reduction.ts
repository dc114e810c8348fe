/** @file Operations that take some dimensions away: sums, products, extremes, norms. */

import { call, type Primitive } from "../autograd/primitive.ts";
import {
  argmax as argmaxOf,
  argmin as argminOf,
  euclideanNorm,
  logSumExp,
  pairwiseSum,
  product,
  productsOfOthers,
  reduceRows,
} from "../kernels/reduction.ts";
import { eye } from "../tensor/creation.ts";
import type { NumericArray } from "../tensor/dtype.ts";
import { isFloatingPoint } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import {
  type Dims,
  formatShape,
  numelOf,
  reducedShape,
  type Shape,
  sameShape,
  wrapDim,
  wrapDims,
} from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { type Axes, rowsOf, spread } from "./axes.ts";
import { checked } from "./elementwise.ts";
import { gather } from "./indexing.ts";

/** A reduction over one dimension, several, or (none given) all. */
export interface Reduction {
  (input: Tensor, dim?: Dims, keepdim?: boolean): Tensor;
  (input: Tensor, options: { dim?: Dims; keepdim?: boolean }): Tensor;
}

type Reduce = (data: NumericArray, start: number, length: number) => number;

function reduction(
  name: string,
  reduce: Reduce,
  vjp: (g: Tensor, x: Tensor, y: Tensor, axes: Axes) => Tensor,
  jvp: Primitive<[x: Tensor], Axes>["jvp"],
): Primitive<[x: Tensor], Axes> {
  return {
    name,
    forward([x], { dims, keepdim }) {
      const y = empty(reducedShape(shapeOf(x), dims, keepdim), isFloatingPoint(x.dtype) ? x.dtype : "int64");
      reduceRows(rowsOf(x.detach(), dims), dataOf(y), offsetOf(y), reduce);
      return y;
    },
    vjp: [(g, [x], y, axes) => vjp(g, x, y, axes)],
    jvp,
  };
}

/** The function that people call, for a primitive over axes. */
function reductionFunction(op: Primitive<[x: Tensor], Axes>, floating: boolean, nonempty = false): Reduction {
  return keywords(
    op.name,
    ["input", "dim", "keepdim"],
    (input: Tensor, dim: Dims = null, keepdim = false) => {
      const x = checked(op.name, input, floating);
      const dims = wrapDims(dim, x.ndim);
      if (nonempty && dims.some(d => shapeOf(x)[d] === 0)) {
        throw new RangeError(
          `${op.name}() of no elements has no value: dimension [${dims}] of ${formatShape(shapeOf(x))} is empty.`,
        );
      }
      return call(op, [x], { dims, keepdim });
    },
  );
}

const sumOp = reduction("sum", pairwiseSum, (g, x, _y, axes) => spread(g, shapeOf(x), axes), "linear");

/** Σ over the given dimensions; int64 for integers and bool. */
export const sum: Reduction = reductionFunction(sumOp, false);

/** The mean over the given dimensions. */
export const mean: Reduction = keywords(
  "mean",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) => {
    const x = checked("mean", input, true);
    const dims = wrapDims(dim, x.ndim);
    return sum(x, dims.length === 0 ? null : dims, keepdim).div(numelOf(dims.map(d => shapeOf(x)[d]!)));
  },
);

export interface OneDimReduction {
  (input: Tensor, dim?: number | null, keepdim?: boolean): Tensor;
  (input: Tensor, options: { dim?: number | null; keepdim?: boolean }): Tensor;
}

/** ∏ over the last dimension. */
const prodOp: Primitive<[x: Tensor]> = {
  name: "prod",
  forward([x]) {
    const y = empty(shapeOf(x).slice(0, -1), isFloatingPoint(x.dtype) ? x.dtype : "int64");
    reduceRows(rowsOf(x, [x.ndim - 1]), dataOf(y), offsetOf(y), product);
    return y;
  },
  vjp: [(g, [x]) => g.unsqueeze(-1).mul(call(othersOp, [x], undefined))],
  jvp: ([t], [x]) => t!.mul(call(othersOp, [x], undefined)).sum(-1),
};

/** For each element ∏ of the others along the last dimension: the derivative of their product, zeros or not. */
const othersOp: Primitive<[x: Tensor]> = {
  name: "prodOfOthers",
  forward([x]) {
    const y = empty(shapeOf(x), x.dtype);
    productsOfOthers(rowsOf(x, [x.ndim - 1]), dataOf(y), offsetOf(y));
    return y;
  },
  vjp: [(g, [x]) => g.unsqueeze(-1).mul(productsWithoutTwo(x)).sum(-2)],
  jvp: ([t], [x]) => t!.unsqueeze(-2).mul(productsWithoutTwo(x)).sum(-1),
};

/** ∏ of all but elements i and j, for every i ≠ j; 0 for i = j. */
function productsWithoutTwo(x: Tensor): Tensor {
  const n = x.size(-1);
  const withoutOne = where(
    eye(n, { dtype: "bool" }),
    1,
    x.unsqueeze(-2).expand([...shapeOf(x).slice(0, -1), n, n]),
  );
  return call(othersOp, [withoutOne], undefined).mul(eye(n).neg().add(1));
}

/** ∏ over one dimension, or over all elements. */
export const prod: OneDimReduction = keywords(
  "prod",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: number | null = null, keepdim = false) => {
    const x = checked("prod", input);
    if (dim === null || x.ndim === 0) return call(prodOp, [x.reshape([-1])], undefined);
    const d = wrapDim(dim, x.ndim);
    const y = call(prodOp, [x.transpose(d, -1)], undefined);
    // The last dimension had taken the place of the reduced one.
    const reduced = y.unsqueeze(-1).transpose(d, -1);
    return keepdim ? reduced : reduced.squeeze(d);
  },
);

/** Gradient of an extreme: shared equally by all elements that attain it. */
function attained(g: Tensor, x: Tensor, y: Tensor, axes: Axes): Tensor {
  const mask = x.eq(spread(y, shapeOf(x), axes)).to(g.dtype);
  return mask.mul(spread(g.div(sum(mask, axes.dims, axes.keepdim)), shapeOf(x), axes));
}

function extreme(name: string, place: Reduce): Primitive<[x: Tensor], Axes> {
  const op = reduction(
    name,
    (data, start, length) => data[start + place(data, start, length)]!,
    attained,
    ([t], [x], y, axes) => {
      const mask = x.eq(spread(y, shapeOf(x), axes)).to(y.dtype);
      return sum(mask.mul(t!), axes.dims, axes.keepdim).div(sum(mask, axes.dims, axes.keepdim));
    },
  );
  return {
    ...op,
    forward: ([x], axes) => op.forward([x], axes).to(x.dtype),
  };
}

/** The largest over the given dimensions; equal ones share the gradient. */
export const amax: Reduction = reductionFunction(extreme("amax", argmaxOf), false, true);
/** The smallest over the given dimensions; equal ones share the gradient. */
export const amin: Reduction = reductionFunction(extreme("amin", argminOf), false, true);

const logsumexpOp = reduction(
  "logsumexp",
  logSumExp,
  (g, x, y, axes) => spread(g, shapeOf(x), axes).mul(weights(x, y, axes)),
  ([t], [x], y, axes) => sum(t!.mul(weights(x, y, axes)), axes.dims, axes.keepdim),
);

/** softmax(x) = exp(x − y), 0 where the whole row is −∞. */
function weights(x: Tensor, y: Tensor, axes: Axes): Tensor {
  return x.sub(spread(where(y.isfinite(), y, 0), shapeOf(x), axes)).exp();
}

/** log Σ exp(x) over the given dimensions, without overflow. */
export const logsumexp: Reduction = reductionFunction(logsumexpOp, true);

const normOp = reduction(
  "norm",
  euclideanNorm,
  (g, x, y, axes) => spread(g, shapeOf(x), axes).mul(direction(x, y, axes)),
  ([t], [x], y, axes) => sum(t!.mul(direction(x, y, axes)), axes.dims, axes.keepdim),
);

/** x / ‖x‖, and 0 at 0: torch's choice of subgradient. */
function direction(x: Tensor, y: Tensor, axes: Axes): Tensor {
  const length = spread(y, shapeOf(x), axes);
  return where(length.eq(0), 0, x.div(where(length.eq(0), 1, length)));
}

/** The Euclidean norm over the given dimensions: Frobenius's for a matrix. Gradient 0 at 0. */
export const norm: Reduction = reductionFunction(normOp, true);

export interface Spread {
  (input: Tensor, dim?: Dims, options?: { correction?: number; keepdim?: boolean }): Tensor;
  (input: Tensor, options: { dim?: Dims; correction?: number; keepdim?: boolean }): Tensor;
}

/** The variance, Σ (x − mean)² / (n − correction); `var` is a reserved word. */
export const variance: Spread = keywords(
  "var",
  ["input", "dim", "correction", "keepdim"],
  (input: Tensor, dim: Dims = null, correction = 1, keepdim = false) => {
    const x = checked("var", input, true);
    const dims = wrapDims(dim, x.ndim);
    const n = numelOf(dims.map(d => shapeOf(x)[d]!));
    const deviation = x.sub(mean(x, dims, true));
    return sum(deviation.square(), dims, keepdim).div(Math.max(0, n - correction));
  },
);

/** The standard deviation: √ of the {@link variance}. */
export const std: Spread = keywords(
  "std",
  ["input", "dim", "correction", "keepdim"],
  (input: Tensor, dim: Dims = null, correction = 1, keepdim = false) =>
    variance(input, dim, { correction, keepdim }).sqrt(),
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

interface Placing extends Axes {
  readonly place: Reduce;
}

const placeOp: Primitive<[x: Tensor], Placing> = {
  name: "argmax",
  forward([x], { dims, keepdim, place }) {
    const y = empty(reducedShape(shapeOf(x), dims, keepdim), "int64");
    reduceRows(rowsOf(x, dims), dataOf(y), offsetOf(y), place);
    return y;
  },
  vjp: [],
  jvp: "linear",
};

/** Places of extremes along `dim`, or in the flattened tensor. */
function places(name: string, input: Tensor, dim: number | null, keepdim: boolean, place: Reduce): Tensor {
  const x = dim === null ? checked(name, input).detach().reshape([-1]) : input.detach();
  if (x.numel() === 0) throw new RangeError(`${name}() of no elements has no value.`);
  return call(placeOp, [x], { dims: wrapDims(dim ?? 0, x.ndim), keepdim: keepdim && dim !== null, place });
}

/** Index of the largest element along `dim`, the first of equals. */
export const argmax: OneDimReduction = keywords(
  "argmax",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: number | null = null, keepdim = false) =>
    places("argmax", input, dim, keepdim, argmaxOf),
);
/** Index of the smallest element along `dim`, the first of equals. */
export const argmin: OneDimReduction = keywords(
  "argmin",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: number | null = null, keepdim = false) =>
    places("argmin", input, dim, keepdim, argminOf),
);

/** `max` and `min`: over all elements, along one dimension with the places, or of two tensors elementwise. */
export interface Extreme {
  (input: Tensor): Tensor;
  (input: Tensor, other: Tensor): Tensor;
  (input: Tensor, dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
  (input: Tensor, options: { dim: number; keepdim?: boolean }): { values: Tensor; indices: Tensor };
}

function extremeFunction(
  name: string,
  place: Reduce,
  whole: Reduction,
  pairwise: (a: Tensor, b: Tensor) => Tensor,
): Extreme {
  return keywords(
    name,
    ["input", "dim", "keepdim"],
    (input: Tensor, dim?: number | Tensor, keepdim = false) => {
      if (dim === undefined) return whole(input);
      if (typeof dim !== "number") return pairwise(input, dim);
      const indices = places(name, input, dim, true, place);
      const values = gather(input, dim, indices);
      const drop = (x: Tensor): Tensor =>
        keepdim || input.ndim === 0 ? x : x.squeeze(wrapDim(dim, input.ndim));
      return { values: drop(values), indices: drop(indices) };
    },
  ) as unknown as Extreme;
}

export const max: Extreme = extremeFunction("max", argmaxOf, amax, (a, b) => a.maximum(b));
export const min: Extreme = extremeFunction("min", argminOf, amin, (a, b) => a.minimum(b));

/** Whether any element (along the given dimensions) is not 0. */
export const any: Reduction = keywords(
  "any",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) => sum(input.detach().ne(0), dim, keepdim).ne(0),
);
/** Whether all elements (along the given dimensions) are other than 0. */
export const all: Reduction = keywords(
  "all",
  ["input", "dim", "keepdim"],
  (input: Tensor, dim: Dims = null, keepdim = false) => sum(input.detach().eq(0), dim, keepdim).eq(0),
);

const cumsumOp: Primitive<[x: Tensor], number> = {
  name: "cumsum",
  forward([x], dim) {
    const y = x.detach().transpose(dim, -1).clone();
    const n = y.size(-1);
    const data = dataOf(y);
    for (let i = offsetOf(y); i < offsetOf(y) + y.numel(); i++) {
      if ((i - offsetOf(y)) % n !== 0) data[i]! += data[i - 1]!;
    }
    return y.transpose(dim, -1).contiguous();
  },
  vjp: [(g, _inputs, _y, dim) => cumsum(g.flip([dim]), dim).flip([dim])],
  jvp: "linear",
};

/** Running sums along `dim`. */
export function cumsum(input: Tensor, dim: number): Tensor {
  const x = isFloatingPoint(input.dtype) ? input : input.to("int64");
  return x.ndim === 0 ? x.clone() : call(cumsumOp, [x], wrapDim(dim, x.ndim));
}

const methods = {
  sum,
  mean,
  prod,
  amax,
  amin,
  logsumexp,
  norm,
  var: variance,
  std,
  sumToSize,
  argmax,
  argmin,
  any,
  all,
  cumsum,
};
defineMethods({ ...methods, max, min });

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    max(): Tensor;
    max(other: Tensor): Tensor;
    max(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
    max(options: { dim: number; keepdim?: boolean }): { values: Tensor; indices: Tensor };
    min(): Tensor;
    min(other: Tensor): Tensor;
    min(dim: number, keepdim?: boolean): { values: Tensor; indices: Tensor };
    min(options: { dim: number; keepdim?: boolean }): { values: Tensor; indices: Tensor };
  }
}
