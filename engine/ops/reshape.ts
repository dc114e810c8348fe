/**
 * @file The same elements in the same order under another shape: views wherever strides allow. Linear, and each one's VJP is to put
 * the old shape back.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { copyStrided } from "../kernels/strided.ts";
import { defineMethods, keywords, type Methods, spreadable } from "../tensor/methods.ts";
import {
  contiguousStrides,
  formatShape,
  inferShape,
  numelOf,
  type Shape,
  type SizeList,
  sizeOf,
  viewStrides,
  wrapDim,
} from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { checked, sourceOf } from "./elementwise.ts";

/** The elements where they are, under a shape with strides of its own. */
const viewOp: Primitive<[x: Tensor], { shape: Shape; strides: Shape }> = {
  name: "view",
  forward: ([x], { shape, strides }) => viewOf(x, offsetOf(x), shape, strides),
  vjp: [(g, [x]) => reshaped(g, shapeOf(x))],
  jvp: ([t], _inputs, y) => reshaped(t!, shapeOf(y)),
};

/** A row-major copy of the elements under another shape. */
const reshapeOp: Primitive<[x: Tensor], Shape> = {
  name: "reshape",
  forward([x], shape) {
    const y = empty(shape, x.dtype);
    copyStrided(shapeOf(x), dataOf(y), offsetOf(y), sourceOf(x, shapeOf(x)));
    return y;
  },
  vjp: [(g, [x]) => reshaped(g, shapeOf(x))],
  jvp: ([t], _inputs, y) => reshaped(t!, shapeOf(y)),
};

/** @param shape of as many elements, without −1 */
function reshaped(input: Tensor, shape: Shape): Tensor {
  const strides = viewStrides(shapeOf(input), stridesOf(input), shape);
  return strides === null ? call(reshapeOp, [input], shape) : call(viewOp, [input], { shape, strides });
}

export interface Reshape {
  (input: Tensor, ...shape: SizeList): Tensor;
  (input: Tensor, options: { shape: Shape }): Tensor;
}

/** The same elements in row-major order under another shape, one size of which may be −1. A view where the strides allow. */
export const reshape: Reshape = spreadable(
  keywords("reshape", ["input", "shape"], (input: Tensor, shape: Shape) =>
    reshaped(checked("reshape", input), inferShape(sizeOf([shape]), input.numel())),
  ),
);

export interface View {
  (input: Tensor, ...size: SizeList): Tensor;
  (input: Tensor, options: { size: Shape }): Tensor;
}

/** As {@link reshape}, but never a copy. @throws where the strides do not allow a view. */
export const view: View = spreadable(
  keywords("view", ["input", "size"], (input: Tensor, size: Shape) => {
    const shape = inferShape(sizeOf([size]), checked("view", input).numel());
    const strides = viewStrides(shapeOf(input), stridesOf(input), shape);
    if (strides === null) {
      throw new Error(
        `view() cannot see ${formatShape(shapeOf(input))} with strides [${stridesOf(input).join(", ")}] as ` +
          `${formatShape(shape)}: elements that are to be neighbours lie apart. Use reshape(), which copies where it must.`,
      );
    }
    return call(viewOp, [input], { shape, strides });
  }),
);

export interface Flatten {
  (input: Tensor, startDim?: number, endDim?: number): Tensor;
  (input: Tensor, options: { startDim?: number; endDim?: number }): Tensor;
}

/** The dimensions from `startDim` to `endDim`, both included, joined to one. Of a 0-d tensor, a vector of one element. */
export const flatten: Flatten = keywords(
  "flatten",
  ["input", "startDim", "endDim"],
  (input: Tensor, startDim = 0, endDim = -1) => {
    const shape = shapeOf(checked("flatten", input));
    const start = wrapDim(startDim, shape.length);
    const end = wrapDim(endDim, shape.length);
    if (start > end) {
      throw new RangeError(
        `flatten() expected startDim before endDim, got ${startDim} and ${endDim} of ${formatShape(shape)}.`,
      );
    }
    const joined = numelOf(shape.slice(start, end + 1));
    return reshaped(input, [...shape.slice(0, start), joined, ...shape.slice(end + 1)]);
  },
);

/** All elements in row-major order, as a vector. A view where the strides allow. */
export function ravel(input: Tensor): Tensor {
  return reshaped(checked("ravel", input), [input.numel()]);
}

export interface Unflatten {
  (input: Tensor, dim: number, sizes: Shape): Tensor;
  (input: Tensor, options: { dim: number; sizes: Shape }): Tensor;
}

/** One dimension split into several, one size of which may be −1: the inverse of {@link flatten}. Always a view. */
export const unflatten: Unflatten = keywords(
  "unflatten",
  ["input", "dim", "sizes"],
  (input: Tensor, dim: number, sizes: Shape) => {
    const d = wrapDim(dim, checked("unflatten", input).ndim);
    if (input.ndim === 0) throw new RangeError("unflatten() cannot be applied to a 0-d tensor.");
    const parts = sizeOf([sizes]);
    if (parts.length === 0)
      throw new RangeError("unflatten() expected at least one size to split a dimension into.");
    const split = inferShape(parts, shapeOf(input)[d]!);
    const stride = stridesOf(input)[d]!;
    return call(viewOp, [input], {
      shape: shapeOf(input).toSpliced(d, 1, ...split),
      strides: stridesOf(input).toSpliced(d, 1, ...contiguousStrides(split).map(step => step * stride)),
    });
  },
);

export interface Unsqueeze {
  (input: Tensor, dim: number): Tensor;
  (input: Tensor, options: { dim: number }): Tensor;
}

/** A dimension of size 1 before dimension `dim`; −1 puts it last. A view. */
export const unsqueeze: Unsqueeze = keywords("unsqueeze", ["input", "dim"], (input: Tensor, dim: number) => {
  const at = wrapDim(dim, checked("unsqueeze", input).ndim + 1);
  return call(viewOp, [input], {
    shape: shapeOf(input).toSpliced(at, 0, 1),
    strides: stridesOf(input).toSpliced(at, 0, (shapeOf(input)[at] ?? 1) * (stridesOf(input)[at] ?? 1)),
  });
});

export interface Squeeze {
  (input: Tensor, dim?: number | readonly number[]): Tensor;
  (input: Tensor, options: { dim: number | readonly number[] }): Tensor;
}

/** Without those of the named dimensions that have size 1; without all such if none is named. A view. */
export const squeeze: Squeeze = keywords(
  "squeeze",
  ["input", "dim"],
  (input: Tensor, dim: number | readonly number[] | null = null) => {
    const shape = shapeOf(checked("squeeze", input));
    const named = [dim ?? shape.map((_, i) => i)].flat().map(d => wrapDim(d, shape.length));
    if (new Set(named).size !== named.length)
      throw new RangeError(`squeeze() expected each dimension once, got [${named.join(", ")}].`);
    const keep = (_: number, i: number): boolean => shape[i] !== 1 || !named.includes(i);
    return call(viewOp, [input], { shape: shape.filter(keep), strides: stridesOf(input).filter(keep) });
  },
);

const methods = {
  reshape,
  view,
  flatten,
  ravel,
  unflatten,
  unsqueeze,
  squeeze,
  viewAs: (input: Tensor, other: Tensor): Tensor => view(input, shapeOf(checked("viewAs", other))),
  reshapeAs: (input: Tensor, other: Tensor): Tensor =>
    reshaped(input, inferShape(shapeOf(checked("reshapeAs", other)), input.numel())),
};
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
