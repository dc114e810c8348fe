/** @file Views of part of a tensor along one dimension: ranges and single entries. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { addStrided } from "../kernels/strided.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, wrapDim } from "../tensor/shape.ts";
import { empty, isTensor, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { checked, sourceOf } from "./elementwise.ts";
import { squeeze } from "./reshape.ts";

interface Slice {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

const sliceOp: Primitive<[x: Tensor], Slice> = {
  name: "slice",
  forward([x], { dim, start, length, step }) {
    const stride = stridesOf(x)[dim]!;
    const shape = shapeOf(x).with(dim, length);
    return viewOf(
      x,
      offsetOf(x) + (length > 0 ? start : 0) * stride,
      shape,
      stridesOf(x).with(dim, stride * step),
    );
  },
  vjp: [(g, [x], _y, slice) => call(sliceBackwardOp, [g], { ...slice, size: shapeOf(x)[slice.dim]! })],
  jvp: "linear",
};

/** Zeros with `x` at the places that a slice names: the transpose of slicing. */
const sliceBackwardOp: Primitive<[x: Tensor], Slice & { size: number }> = {
  name: "sliceBackward",
  forward([x], slice) {
    const y = empty(shapeOf(x).with(slice.dim, slice.size), x.dtype);
    const places = sliceOp.forward([y], slice);
    addStrided(shapeOf(x), sourceOf(places, shapeOf(x)), sourceOf(x, shapeOf(x)));
    return y;
  },
  vjp: [(g, _inputs, _y, slice) => call(sliceOp, [g], slice)],
  jvp: "linear",
};

/** Zeros of `size` along `dim`, with `x` where the slice says. */
export function placedInZeros(x: Tensor, slice: Slice & { size: number }): Tensor {
  return call(sliceBackwardOp, [x], slice);
}

export interface SliceFunction {
  (input: Tensor, dim?: number, start?: number | null, end?: number | null, step?: number): Tensor;
  (
    input: Tensor,
    options: { dim?: number; start?: number | null; end?: number | null; step?: number },
  ): Tensor;
}

/** Every `step`-th entry from `start` to before `end` along `dim`; negative bounds count from the end, as in Python. */
export const slice: SliceFunction = keywords(
  "slice",
  ["input", "dim", "start", "end", "step"],
  (input: Tensor, dim = 0, start: number | null = null, end: number | null = null, step = 1) => {
    const { d, size } = dimensionOf("slice", input, dim);
    if (!Number.isInteger(step) || step < 1)
      throw new RangeError(`slice() expected a step of 1 or more, got ${step}.`);
    const bound = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    const [from, to] = [bound(start ?? 0), bound(end ?? size)];
    if (!Number.isInteger(from) || !Number.isInteger(to))
      throw new TypeError(`slice() expected integers for start and end, got ${start} and ${end}.`);
    const length = Math.max(0, Math.ceil((to - from) / step));
    return call(sliceOp, [input], { dim: d, start: from, length, step });
  },
);

/** The dimension counted from 0, and its size. @throws where the tensor has no such dimension */
function dimensionOf(name: string, input: Tensor, dim: number): { d: number; size: number } {
  const d = wrapDim(dim, checked(name, input).ndim);
  const size = shapeOf(input)[d];
  if (size === undefined)
    throw new RangeError(`${name}() cannot be applied to a 0-d tensor: it has no dimension.`);
  return { d, size };
}

export interface Narrow {
  (input: Tensor, dim: number, start: number | Tensor, length: number): Tensor;
  (input: Tensor, options: { dim: number; start: number | Tensor; length: number }): Tensor;
}

/** `length` entries from `start` along `dim`; the start may be a 0-d tensor of integers. */
export const narrow: Narrow = keywords(
  "narrow",
  ["input", "dim", "start", "length"],
  (input: Tensor, dim: number, start: number | Tensor, length: number) => {
    const { d, size } = dimensionOf("narrow", input, dim);
    const at = isTensor(start) ? placeOf(start) : start;
    const from = at < 0 ? at + size : at;
    const integers = Number.isInteger(from) && Number.isInteger(length);
    if (!(integers && from >= 0 && length >= 0 && from + length <= size)) {
      throw new RangeError(
        `narrow(): start ${at} and length ${length} exceed dimension ${dim} of size ${size}.`,
      );
    }
    return call(sliceOp, [input], { dim: d, start: from, length, step: 1 });
  },
);

/** The integer that a 0-d tensor holds. */
function placeOf(start: Tensor): number {
  if (start.ndim !== 0 || start.isFloatingPoint() || start.dtype === "bool") {
    throw new TypeError(
      `narrow() expected an integer or a 0-d tensor of integers for start, got ${start.dtype} ` +
        `${formatShape(shapeOf(start))}.`,
    );
  }
  return start.item();
}

export interface Select {
  (input: Tensor, dim: number, index: number): Tensor;
  (input: Tensor, options: { dim: number; index: number }): Tensor;
}

/** The entry `index` along `dim`, without that dimension. */
export const select: Select = keywords(
  "select",
  ["input", "dim", "index"],
  (input: Tensor, dim: number, index: number) => {
    const { d, size } = dimensionOf("select", input, dim);
    if (!Number.isInteger(index) || index < -size || index >= size)
      throw new RangeError(`Index ${index} is out of range for dimension ${dim} with size ${size}.`);
    const start = index < 0 ? index + size : index;
    return squeeze(call(sliceOp, [input], { dim: d, start, length: 1, step: 1 }), d);
  },
);

export interface Unbind {
  (input: Tensor, dim?: number): Tensor[];
  (input: Tensor, options: { dim?: number }): Tensor[];
}

/** All entries along `dim`, each without that dimension. */
export const unbind: Unbind = keywords("unbind", ["input", "dim"], (input: Tensor, dim = 0) => {
  const { d, size } = dimensionOf("unbind", input, dim);
  return Array.from({ length: size }, (_, i) => select(input, d, i));
});

const methods = { slice, narrow, select, unbind };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
