/** @file Weighted sums of neighbours along single dimensions, a linear operation whose transpose is one of its kind. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { type Taps, tapInto, transposed } from "../kernels/taps.ts";
import { numelOf } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";

/** `fromEnd`: which dimension, 1 for the last. */
const taps: Primitive<[x: Tensor], { taps: Taps; fromEnd: number }> = {
  name: "taps",
  forward([x], { taps: matrix, fromEnd }) {
    const shape = shapeOf(x);
    const dim = shape.length - fromEnd;
    const y = empty(shape.with(dim, matrix.starts.length - 1), x.dtype);
    const from = x.detach().contiguous();
    const [outer, inner] = [numelOf(shape.slice(0, dim)), numelOf(shape.slice(dim + 1))];
    tapInto(matrix, outer, inner, dataOf(from), offsetOf(from), dataOf(y), offsetOf(y));
    return y;
  },
  vjp: [(g, _inputs, _y, params) => call(taps, [g], { ...params, taps: transposed(params.taps) })],
  jvp: "linear",
  batch: (values, _batched, params) => call(taps, values, params),
};

/** Along each of the last dimensions, the sums that its taps name. */
export function tapped(input: Tensor, along: readonly Taps[]): Tensor {
  return along.reduce((x, matrix, i) => call(taps, [x], { taps: matrix, fromEnd: along.length - i }), input);
}
