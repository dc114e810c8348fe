/** @file What a reduction is: one function of a row of numbers, over any dimensions of a tensor, and its derivative. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { reduceRows } from "../kernels/reduction.ts";
import { type DType, isFloatingPoint, type NumericArray } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { type Dims, formatShape, reducedShape, wrapDims } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Axes, rowsOf, spread } from "./axes.ts";
import { checked } from "./elementwise.ts";

/** A reduction over one dimension, several, or (none given) all. */
export interface Reduction {
  (input: Tensor, dim?: Dims, keepdim?: boolean | { keepdim?: boolean }): Tensor;
  (input: Tensor, options: { dim?: Dims; keepdim?: boolean }): Tensor;
}

/** A number from the `length` elements that begin at `start`. */
export type Reduce = (data: NumericArray, start: number, length: number) => number;

/** Sums and counts of integers and bool are int64. */
const widened = (dtype: DType): DType => (isFloatingPoint(dtype) ? dtype : "int64");

/**
 * The primitive of a reduction.
 * @param resultOf the result's dtype, from that of the input
 */
export function reduction(
  name: string,
  reduce: Reduce,
  vjp: (g: Tensor, x: Tensor, y: Tensor, axes: Axes) => Tensor,
  jvp: Primitive<[x: Tensor], Axes>["jvp"],
  resultOf: (dtype: DType) => DType = widened,
): Primitive<[x: Tensor], Axes> {
  const op: Primitive<[x: Tensor], Axes> = {
    name,
    forward([x], { dims, keepdim }) {
      const y = empty(reducedShape(shapeOf(x), dims, keepdim), resultOf(x.dtype));
      reduceRows(rowsOf(x.detach(), dims), dataOf(y), offsetOf(y), reduce);
      return y;
    },
    vjp: [(g, [x], y, axes) => vjp(g, x, y, axes)],
    jvp,
    batch([x], _batched, { dims, keepdim }) {
      // Entries of 0 dimensions: rules would read "no dimensions" as "all".
      if (x.ndim === 1) return call(op, [x.unsqueeze(1)], { dims: [1], keepdim: false });
      return call(op, [x], { dims: dims.map(d => d + 1), keepdim });
    },
  };
  return op;
}

/**
 * The primitive of a reduction to one of the elements. All that are equal to it share its gradient.
 * @param nan whether NaN counts as equal to NaN; else the gradient of a NaN is NaN
 */
export function attaining(name: string, place: Reduce, nan: boolean): Primitive<[x: Tensor], Axes> {
  /** 1 where the result is attained, over how often it is. */
  const shares = (x: Tensor, y: Tensor, axes: Axes): Tensor => {
    const whole = spread(y, shapeOf(x), axes);
    const equal = x.eq(whole);
    const mask = (nan ? equal.logicalOr(x.isnan().logicalAnd(whole.isnan())) : equal).to(y.dtype);
    return mask.div(mask.sum(axes.dims, true));
  };
  return reduction(
    name,
    (data, start, length) => data[start + place(data, start, length)]!,
    (g, x, y, axes) => spread(g, shapeOf(x), axes).mul(shares(x, y, axes)),
    ([t], [x], y, axes) => t!.mul(shares(x, y, axes)).sum(axes.dims, axes.keepdim),
    dtype => dtype,
  );
}

/**
 * The function that people call, for a primitive that picks an element.
 * @throws where there is none to pick
 */
export function reductionFunction(op: Primitive<[x: Tensor], Axes>): Reduction {
  return keywords(
    op.name,
    ["input", "dim", "keepdim"],
    (input: Tensor, dim: Dims = null, keepdim = false) => {
      const x = checked(op.name, input);
      const dims = wrapDims(dim, x.ndim);
      if (dims.some(d => shapeOf(x)[d] === 0)) {
        throw new RangeError(
          `${op.name}() of no elements has no value: dimension [${dims}] of ${formatShape(shapeOf(x))} is empty.`,
        );
      }
      return call(op, [x], { dims, keepdim });
    },
  );
}
