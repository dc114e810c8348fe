/** @file p-norms of vectors, for every p: the one that every norm and distance is made of. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { countNonzero, euclideanNorm, powerNorm, reduceRows } from "../kernels/reduction.ts";
import { zerosLike } from "../tensor/creation.ts";
import { type DType, isFloatingPoint } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { type Dims, formatShape, reducedShape, wrapDims } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { type Axes, rowsOf, spread } from "./axes.ts";
import { checked } from "./elementwise.ts";
import { amax, amin } from "./minmax.ts";
import { reduction } from "./reduce.ts";
import { sum } from "./reduction.ts";

/** √Σ x². */
const euclideanOp = reduction(
  "norm",
  euclideanNorm,
  (g, x, y, axes) => spread(g, shapeOf(x), axes).mul(unit(x, y, axes)),
  ([t], [x], y, axes) => sum(t!.mul(unit(x, y, axes)), axes.dims, axes.keepdim),
);

/** x / ‖x‖, and 0 at 0: torch's choice of subgradient. */
function unit(x: Tensor, y: Tensor, axes: Axes): Tensor {
  const length = spread(y, shapeOf(x), axes);
  return where(length.eq(0), 0, x.div(where(length.eq(0), 1, length)));
}

/** How many are not 0, as a number of the input's dtype: constant where it has a derivative. */
const countOp = reduction(
  "norm",
  countNonzero,
  (_g, x) => zerosLike(x),
  (_tangents, _inputs, y) => zerosLike(y),
);

interface PowerNorm extends Axes {
  readonly p: number;
}

/** y = (Σ |x|ᵖ)^(1/p). */
const powerNormOp: Primitive<[x: Tensor], PowerNorm> = {
  name: "vectorNorm",
  forward([x], { dims, keepdim, p }) {
    const y = empty(reducedShape(shapeOf(x), dims, keepdim), x.dtype);
    reduceRows(rowsOf(x.detach(), dims), dataOf(y), offsetOf(y), (data, start, length) =>
      powerNorm(data, start, length, p),
    );
    return y;
  },
  vjp: [(g, [x], y, params) => spread(g, shapeOf(x), params).mul(direction(x, y, params))],
  jvp: ([t], [x], y, params) => sum(t!.mul(direction(x, y, params)), params.dims, params.keepdim),
};

/** ∂y/∂x = sign(x) (|x| / y)^(p − 1), which neither overflows nor underflows; 0 at x = 0, as in torch. */
function direction(x: Tensor, y: Tensor, { p, ...axes }: PowerNorm): Tensor {
  const length = spread(y, shapeOf(x), axes);
  const still = x.eq(0).logicalOr(length.eq(0));
  const share = where(still, 1, x.abs().div(where(length.eq(0), 1, length)));
  return where(still, 0, x.sign().mul(share.pow(p - 1)));
}

/** The input in the dtype that a norm is to be computed in. */
export function inDtype(name: string, x: Tensor, dtype: DType | null): Tensor {
  if (dtype !== null && !isFloatingPoint(dtype)) {
    throw new TypeError(`${name}() expected a floating-point dtype, got ${String(dtype)}.`);
  }
  const input = checked(name, x, true);
  return dtype === null ? input : input.to(dtype);
}

interface VectorNormOptions {
  keepdim?: boolean;
  /** To convert `x` to before. */
  dtype?: DType | null;
}

export interface VectorNorm {
  (
    x: Tensor,
    ord?: number,
    dim?: Dims,
    keepdim?: boolean | VectorNormOptions,
    options?: VectorNormOptions,
  ): Tensor;
  (x: Tensor, options: VectorNormOptions & { ord?: number; dim?: Dims }): Tensor;
}

/**
 * (Σ |x|ᵒʳᵈ)^(1/ord) over the given dimensions, or all: the largest |x| for ∞, the smallest for −∞, how many are not 0 for 0.
 * Derivative 0 at 0; equal extremes share it.
 * @throws where there are no elements and the norm of none is not 0: for ord < 0 and ∞
 */
export const vectorNorm: VectorNorm = keywords(
  "vectorNorm",
  ["x", "ord", "dim", "keepdim", "dtype"],
  (input: Tensor, ord = 2, dim: Dims = null, keepdim = false, dtype: DType | null = null) => {
    const x = inDtype("vectorNorm", input, dtype);
    if (typeof ord !== "number") {
      throw new TypeError(`vectorNorm() expected a number for ord, got ${String(ord)}.`);
    }
    const dims = wrapDims(dim, x.ndim);
    if ((ord < 0 || ord === Infinity) && dims.some(d => x.size(d) === 0)) {
      throw new RangeError(
        `vectorNorm() of no elements has no value for ord = ${ord}: dimension [${dims}] of ${formatShape(shapeOf(x))} is empty.`,
      );
    }
    if (ord === 2) return call(euclideanOp, [x], { dims, keepdim });
    if (ord === 1) return sum(x.abs(), dims, keepdim);
    if (ord === 0) return call(countOp, [x], { dims, keepdim });
    if (ord === Infinity) return amax(x.abs(), dims, keepdim);
    if (ord === -Infinity) return amin(x.abs(), dims, keepdim);
    return call(powerNormOp, [x], { dims, keepdim, p: ord });
  },
);
