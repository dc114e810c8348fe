/** @file Windows that slide along one dimension. For those of images see `nn.functional.unfold`. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { addStrided } from "../kernels/strided.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { type Shape, wrapDim } from "../tensor/shape.ts";
import { empty, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { checked, sourceOf } from "./elementwise.ts";

interface Windows {
  readonly dimension: number;
  readonly size: number;
  readonly step: number;
}

/** The windows as a view; they share elements where they overlap. A 0-d tensor counts as a vector of one element. */
function windowsOf(x: Tensor, { dimension, size, step }: Windows): Tensor {
  const scalar = x.ndim === 0;
  const [extent, stride] = scalar ? [1, 1] : [shapeOf(x)[dimension]!, stridesOf(x)[dimension]!];
  const count = Math.floor((extent - size) / step) + 1;
  const shape = scalar ? [size] : [...shapeOf(x).with(dimension, count), size];
  const strides = scalar ? [stride] : [...stridesOf(x).with(dimension, stride * step), stride];
  return viewOf(x, offsetOf(x), shape, strides);
}

const unfoldOp: Primitive<[x: Tensor], Windows> = {
  name: "unfold",
  forward: ([x], windows) => windowsOf(x, windows),
  vjp: [(g, [x], _y, windows) => call(unfoldBackwardOp, [g], { ...windows, shape: shapeOf(x) })],
  jvp: "linear",
};

/** The sum of all windows at their places, the transpose of {@link unfoldOp}: an element in several gets them all. */
const unfoldBackwardOp: Primitive<[x: Tensor], Windows & { shape: Shape }> = {
  name: "unfoldBackward",
  forward([x], windows) {
    const y = empty(windows.shape, x.dtype);
    addStrided(shapeOf(x), sourceOf(windowsOf(y, windows), shapeOf(x)), sourceOf(x, shapeOf(x)));
    return y;
  },
  vjp: [(g, _inputs, _y, windows) => call(unfoldOp, [g], windows)],
  jvp: "linear",
};

export interface Unfold {
  (input: Tensor, dimension: number, size: number, step: number): Tensor;
  (input: Tensor, options: { dimension: number; size: number; step: number }): Tensor;
}

/** All windows of `size` entries along `dimension`, `step` apart; a window's entries are the last dimension. A view. */
export const unfold: Unfold = keywords(
  "unfold",
  ["input", "dimension", "size", "step"],
  (input: Tensor, dimension: number, size: number, step: number) => {
    const d = wrapDim(dimension, checked("unfold", input).ndim);
    const extent = shapeOf(input)[d] ?? 1;
    if (!Number.isInteger(size) || size < 0 || size > extent) {
      throw new RangeError(
        `unfold() expected a size from 0 to ${extent}, that of dimension ${dimension}, got ${size}.`,
      );
    }
    if (!Number.isInteger(step) || step < 1)
      throw new RangeError(`unfold() expected a step of 1 or more, got ${step}.`);
    return call(unfoldOp, [input], { dimension: d, size, step });
  },
);

const methods = { unfold };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
