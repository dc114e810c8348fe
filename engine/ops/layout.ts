/**
 * @file Operations that rearrange elements. Most return views: the elements stay where they are, and only
 * shape, strides and offset change. All are linear, so each is its own derivative, and each one's VJP is
 * the operation that puts the elements back.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { copyStrided } from "../kernels/strided.ts";
import { defineGetters, defineMethods, type Methods } from "../tensor/methods.ts";
import {
  broadcastShapes,
  broadcastStrides,
  contiguousStrides,
  expandsTo,
  formatShape,
  inferShape,
  type Shape,
  type SizeList,
  sameShape,
  sizeOf,
  wrapDim,
} from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { contiguous } from "./conversion.ts";

/** The same elements under another shape, which strides of its own make a view. */
const viewOp: Primitive<[x: Tensor], { shape: Shape; strides: Shape }> = {
  name: "view",
  forward: ([x], { shape, strides }) => viewOf(x, offsetOf(x), shape, strides),
  vjp: [(g, [x]) => reshape(g, shapeOf(x))],
  jvp: ([t], _inputs, y) => reshape(t!, shapeOf(y)),
};

/** The same elements in row-major order under another shape, one size of which may be −1. A view where the strides allow. */
export function reshape(input: Tensor, ...size: SizeList): Tensor {
  const shape = inferShape(sizeOf(size), input.numel());
  return call(viewOp, [contiguous(input)], { shape, strides: contiguousStrides(shape) });
}

/** As {@link reshape}, but never a copy. @throws where the strides do not allow a view. */
export function view(input: Tensor, ...size: SizeList): Tensor {
  if (!input.isContiguous()) {
    throw new Error(
      `view() needs elements in row-major order; the strides of this ${formatShape(shapeOf(input))} tensor are ` +
        `[${stridesOf(input).join(", ")}]. Use reshape(), which copies where it must.`,
    );
  }
  return reshape(input, ...size);
}

/** Joins the dimensions from `startDim` to `endDim`, both included. */
export function flatten(input: Tensor, startDim = 0, endDim = -1): Tensor {
  if (input.ndim === 0) return reshape(input, [1]);
  const start = wrapDim(startDim, input.ndim);
  const end = wrapDim(endDim, input.ndim);
  const shape = shapeOf(input);
  return reshape(input, [...shape.slice(0, start), -1, ...shape.slice(end + 1)]);
}

const permuteOp: Primitive<[x: Tensor], readonly number[]> = {
  name: "permute",
  forward([x], dims) {
    const shape = shapeOf(x);
    const strides = stridesOf(x);
    return viewOf(
      x,
      offsetOf(x),
      dims.map(d => shape[d]!),
      dims.map(d => strides[d]!),
    );
  },
  vjp: [
    (g, _inputs, _y, dims) =>
      permute(
        g,
        dims.map((_, i) => dims.indexOf(i)),
      ),
  ],
  jvp: "linear",
};

/** Dimensions in another order: result dimension i is input dimension dims[i]. */
export function permute(input: Tensor, ...dims: SizeList): Tensor {
  const order = sizeOf(dims).map(d => wrapDim(d, input.ndim));
  if (order.length !== input.ndim || new Set(order).size !== order.length) {
    throw new RangeError(
      `permute() expected each of ${input.ndim} dimensions once, got [${order.join(", ")}].`,
    );
  }
  return call(permuteOp, [input], order);
}

/** Two dimensions swapped. */
export function transpose(input: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [wrapDim(dim0, input.ndim), wrapDim(dim1, input.ndim)];
  const order = shapeOf(input).map((_, i) => (i === a ? b : i === b ? a : i));
  return call(permuteOp, [input], order);
}

/** The transpose of a matrix; a vector or 0-d tensor as it is. */
export function t(input: Tensor): Tensor {
  if (input.ndim > 2) {
    throw new RangeError(
      `t() expected at most 2 dimensions, got ${formatShape(shapeOf(input))}. Use .mT for a batch of matrices.`,
    );
  }
  return input.ndim < 2 ? input : transpose(input, 0, 1);
}

/** The transposes of a batch of matrices: the last two dimensions swapped. */
function mT(input: Tensor): Tensor {
  if (input.ndim < 2)
    throw new RangeError(`.mT needs at least 2 dimensions, got ${formatShape(shapeOf(input))}.`);
  return transpose(input, -2, -1);
}

/** A dimension of size 1 before dimension `dim` of the result. */
export function unsqueeze(input: Tensor, dim: number): Tensor {
  const at = wrapDim(dim, input.ndim + 1);
  return reshapeView(
    input,
    shape => shape.toSpliced(at, 0, 1),
    strides => strides.toSpliced(at, 0, 1),
  );
}

/** Without the dimension `dim` if its size is 1; without all such dimensions if no `dim` is given. */
export function squeeze(input: Tensor, dim?: number | readonly number[]): Tensor {
  const shape = shapeOf(input);
  const asked = dim === undefined ? shape.map((_, i) => i) : [dim].flat().map(d => wrapDim(d, shape.length));
  const keep = (_: number, i: number): boolean => shape[i] !== 1 || !asked.includes(i);
  return reshapeView(
    input,
    s => s.filter(keep),
    s => s.filter(keep),
  );
}

/** Adds or drops dimensions of size 1, which is a view whatever the strides. */
function reshapeView(
  input: Tensor,
  shape: (s: number[]) => number[],
  strides: (s: number[]) => number[],
): Tensor {
  const params = { shape: shape(shapeOf(input).slice()), strides: strides(stridesOf(input).slice()) };
  return call(viewOp, [input], params);
}

const expandOp: Primitive<[x: Tensor], Shape> = {
  name: "expand",
  forward: ([x], shape) => viewOf(x, offsetOf(x), shape, broadcastStrides(shapeOf(x), stridesOf(x), shape)),
  vjp: [(g, [x]) => g.sumToSize(shapeOf(x))],
  jvp: "linear",
};

/** Repeats dimensions of size 1 without copying; −1 keeps a size. */
export function expand(input: Tensor, ...size: SizeList): Tensor {
  const asked = sizeOf(size);
  const from = shapeOf(input);
  const shape = asked.map((n, i) => (n === -1 ? (from[i - asked.length + from.length] ?? -1) : n));
  if (!expandsTo(from, shape)) {
    throw new RangeError(
      `expand() cannot make ${formatShape(asked)} of ${formatShape(from)}: expected sizes that differ only where the ` +
        "tensor's is 1, or new ones in front.",
    );
  }
  return sameShape(from, shape) ? input : call(expandOp, [input], shape);
}

export function broadcastTo(input: Tensor, ...size: SizeList): Tensor {
  return expand(input, ...size);
}

/** All tensors expanded to their common shape. */
export function broadcastTensors(...tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.map(shapeOf).reduce(broadcastShapes);
  return tensors.map(x => expand(x, shape));
}

/** The tensor repeated whole, `sizes[i]` times along dimension i. */
export function repeat(input: Tensor, ...sizes: SizeList): Tensor {
  const times = sizeOf(sizes);
  const lead = times.length - input.ndim;
  if (lead < 0) {
    throw new RangeError(
      `repeat() expected at least ${input.ndim} numbers for ${formatShape(shapeOf(input))}, got ${times.length}.`,
    );
  }
  const shape = [...new Array<number>(lead).fill(1), ...shapeOf(input)];
  const spread = reshape(
    input,
    shape.flatMap(n => [1, n]),
  );
  return reshape(
    expand(
      spread,
      shape.flatMap((n, i) => [times[i]!, n]),
    ),
    shape.map((n, i) => n * times[i]!),
  );
}

const flipOp: Primitive<[x: Tensor], readonly number[]> = {
  name: "flip",
  forward([x], dims) {
    const y = empty(shapeOf(x), x.dtype);
    const shape = shapeOf(x);
    const strides = stridesOf(x).map((s, i) => (dims.includes(i) ? -s : s));
    const last = dims.reduce((o, d) => o + Math.max(shape[d]! - 1, 0) * stridesOf(x)[d]!, offsetOf(x));
    copyStrided(shape, dataOf(y), offsetOf(y), { data: dataOf(x), offset: last, strides });
    return y;
  },
  vjp: [(g, _inputs, _y, dims) => call(flipOp, [g], dims)],
  jvp: "linear",
};

/** Entries along the given dimensions in reverse order. A copy, as in torch. */
export function flip(input: Tensor, ...dims: SizeList): Tensor {
  return call(
    flipOp,
    [input],
    sizeOf(dims).map(d => wrapDim(d, input.ndim)),
  );
}

const methods = {
  reshape,
  view,
  flatten,
  permute,
  transpose,
  t,
  unsqueeze,
  squeeze,
  expand,
  broadcastTo,
  repeat,
  flip,
  viewAs: (input: Tensor, other: Tensor): Tensor => view(input, shapeOf(other)),
  reshapeAs: (input: Tensor, other: Tensor): Tensor => reshape(input, shapeOf(other)),
  expandAs: (input: Tensor, other: Tensor): Tensor => expand(input, shapeOf(other)),
};
defineMethods(methods);
defineGetters({
  mT,
  T: input =>
    permute(
      input,
      shapeOf(input).map((_, i) => input.ndim - 1 - i),
    ),
});

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    /** The tensor with its dimensions in reverse order: the transpose of a matrix. */
    readonly T: Tensor;
    /** The transposes of a batch of matrices. */
    readonly mT: Tensor;
  }
}
