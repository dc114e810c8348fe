/** @file Tensors joined along a dimension that they have, or along a new one. */

import { onStack } from "../autograd/batch.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape, wrapDim } from "../tensor/shape.ts";
import { empty, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { slice } from "./slicing.ts";

const catOp: Primitive<readonly Tensor[], number> = {
  name: "cat",
  forward(tensors, dim) {
    const shape = shapeOf(tensors[0]!).with(
      dim,
      tensors.reduce((n, x) => n + x.size(dim), 0),
    );
    const y = empty(shape, tensors[0]!.dtype);
    let start = 0;
    for (const x of tensors) {
      slice(y, dim, start, start + x.size(dim)).copy_(x.detach());
      start += x.size(dim);
    }
    return y;
  },
  vjp(g, tensors, _y, dim, needs) {
    let start = 0;
    return tensors.map((x, i) => {
      start += x.size(dim);
      return needs[i] ? slice(g, dim, start - x.size(dim), start) : null;
    });
  },
  jvp: "linear",
};

export interface Join {
  (tensors: readonly Tensor[], dim?: number): Tensor;
  (tensors: readonly Tensor[], options: { dim?: number }): Tensor;
}

/** The tensors one after the other along `dim`. A vector without elements fits everywhere, as in torch. */
export const cat: Join = keywords("cat", ["tensors", "dim"], (tensors: readonly Tensor[], dim = 0) => {
  const first = tensors.find(x => !isEmptyVector(checked("cat", x))) ?? tensors[0];
  if (first === undefined) throw new RangeError("cat() expected at least one tensor.");
  // A number has no dimension to go along; wrapDim would pass it.
  if (first.ndim === 0)
    throw new RangeError("cat() expected tensors with dimensions, got a 0-d one. Use stack().");
  const d = wrapDim(dim, first.ndim);
  const nothing = shapeOf(first).with(d, 0);
  const fitting = tensors.map(x => (isEmptyVector(x) ? x.reshape(nothing) : x));
  if (fitting.some(x => x.ndim !== first.ndim || !sameShape(shapeOf(x).with(d, 0), nothing))) {
    throw new RangeError(
      `cat() expected tensors of one shape except in dimension ${d}, got ${tensors.map(s => formatShape(shapeOf(s))).join(", ")}.`,
    );
  }
  const dtype = tensors.map(x => x.dtype).reduce(promoteTypes);
  return call(
    catOp,
    fitting.map(x => x.to(dtype)),
    d,
  );
});

function isEmptyVector(x: Tensor): boolean {
  return x.ndim === 1 && x.numel() === 0;
}

/** Tensors of one shape, put side by side along a new dimension. */
export const stack: Join = keywords("stack", ["tensors", "dim"], (tensors: readonly Tensor[], dim = 0) => {
  const first = tensors[0];
  if (first === undefined || tensors.some(x => !sameShape(shapeOf(x), shapeOf(first)))) {
    throw new RangeError(
      `stack() expected one or more tensors of equal shape, got ${tensors.map(x => formatShape(shapeOf(x))).join(", ") || "none"}.`,
    );
  }
  const d = wrapDim(dim, first.ndim + 1);
  return cat(
    tensors.map(x => x.unsqueeze(d)),
    d,
  );
});

onStack(stack);

export { cat as concat, cat as concatenate };
