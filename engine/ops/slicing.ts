/** @file Views of part of a tensor: ranges, single entries, pieces. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { addStrided } from "../kernels/strided.ts";
import { defineMethods, type Methods } from "../tensor/methods.ts";
import { wrapDim } from "../tensor/shape.ts";
import { empty, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { sourceOf } from "./elementwise.ts";
import { squeeze } from "./layout.ts";

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
  vjp: [(g, [x], _y, slice) => call(sliceScatterOp, [g], { ...slice, size: shapeOf(x)[slice.dim]! })],
  jvp: "linear",
};

/** Zeros with `x` at the places that a slice names: the transpose of slicing. */
const sliceScatterOp: Primitive<[x: Tensor], Slice & { size: number }> = {
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

/** Every `step`-th entry from `start` to before `end` along `dim`; negative bounds count from the end, as in Python. */
export function slice(
  input: Tensor,
  dim = 0,
  start: number | null = null,
  end: number | null = null,
  step = 1,
): Tensor {
  const d = wrapDim(dim, input.ndim);
  const size = shapeOf(input)[d];
  if (size === undefined) throw new RangeError("slice() cannot be applied to a 0-d tensor.");
  if (!Number.isInteger(step) || step < 1)
    throw new RangeError(`slice() expected a step of 1 or more, got ${step}.`);
  const bound = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const from = bound(start ?? 0);
  const length = Math.max(0, Math.ceil((bound(end ?? size) - from) / step));
  return call(sliceOp, [input], { dim: d, start: from, length, step });
}

/** `length` entries from `start` along `dim`. */
export function narrow(input: Tensor, dim: number, start: number, length: number): Tensor {
  const size = shapeOf(input)[wrapDim(dim, input.ndim)] ?? 0;
  const from = start < 0 ? start + size : start;
  if (!(from >= 0 && length >= 0 && from + length <= size)) {
    throw new RangeError(
      `narrow(): start ${start} and length ${length} exceed dimension ${dim} of size ${size}.`,
    );
  }
  return slice(input, dim, from, from + length);
}

/** The entry `index` along `dim`, without that dimension. */
export function select(input: Tensor, dim: number, index: number): Tensor {
  const d = wrapDim(dim, input.ndim);
  const size = shapeOf(input)[d];
  if (size === undefined) throw new RangeError("select() cannot be applied to a 0-d tensor.");
  if (!Number.isInteger(index) || index < -size || index >= size) {
    throw new RangeError(`Index ${index} is out of range for dimension ${dim} with size ${size}.`);
  }
  return squeeze(narrow(input, d, index < 0 ? index + size : index, 1), d);
}

/** All entries along `dim`, each without that dimension. */
export function unbind(input: Tensor, dim = 0): Tensor[] {
  return Array.from({ length: input.size(dim) }, (_, i) => select(input, dim, i));
}

/** Pieces of the given sizes along `dim`; of one size, the last possibly smaller, for a number. */
export function split(input: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  const total = input.size(dim);
  const list =
    typeof sizes === "number"
      ? Array.from({ length: Math.max(1, Math.ceil(total / sizes)) }, (_, i) =>
          Math.min(sizes, total - i * sizes),
        )
      : sizes;
  if (list.reduce((a, b) => a + b, 0) !== total) {
    throw new RangeError(`split() expected sizes that add up to ${total}, got [${list.join(", ")}].`);
  }
  let start = 0;
  return list.map(length => {
    const piece = narrow(input, dim, start, length);
    start += length;
    return piece;
  });
}

/** At most `chunks` pieces of equal size along `dim`, the last possibly smaller. */
export function chunk(input: Tensor, chunks: number, dim = 0): Tensor[] {
  return split(input, Math.max(1, Math.ceil(input.size(dim) / chunks)), dim);
}

const methods = { slice, narrow, select, unbind, split, chunk };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
