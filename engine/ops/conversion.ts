/** @file The same values elsewhere: in another dtype, in a copy, written over another tensor's. */

import { assign } from "../autograd/inplace.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import { copyStrided } from "../kernels/strided.ts";
import { conversionTo } from "../tensor/creation.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import { defineMethods, type Methods } from "../tensor/methods.ts";
import { dataOf, offsetOf, shapeOf, type Tensor, unset } from "../tensor/tensor.ts";
import { asTensor, sourceOf, type TensorLike } from "./elementwise.ts";

const toOp: Primitive<[x: Tensor], DType> = {
  name: "to",
  forward([x], dtype) {
    const y = unset(shapeOf(x), dtype);
    const convert = dtype === x.dtype ? null : conversionTo(dtype);
    copyStrided(shapeOf(x), dataOf(y), offsetOf(y), sourceOf(x, shapeOf(x)), convert);
    return y;
  },
  vjp: [(g, [x]) => g.to(x.dtype)],
  jvp: "linear",
};

/** The same values in another dtype; the tensor itself where it has that dtype. Toward zero for integers. */
export function to(input: Tensor, dtype: DType | { dtype: DType }): Tensor {
  const wanted = typeof dtype === "object" ? dtype.dtype : dtype;
  if (!isDType(wanted))
    throw new TypeError(`to() expected a dtype such as "float64", got ${String(wanted)}.`);
  return wanted === input.dtype ? input : call(toOp, [input], wanted);
}

const cloneOp: Primitive<[x: Tensor]> = {
  name: "clone",
  forward: ([x]) => toOp.forward([x], x.dtype),
  vjp: [g => g],
  jvp: "linear",
};

/** A copy, in row-major order, that gradients flow through. */
export function clone(input: Tensor): Tensor {
  return call(cloneOp, [input], undefined);
}

/** The tensor itself where its elements lie row-major, else a copy in which they do. */
export function contiguous(input: Tensor): Tensor {
  return input.isContiguous() ? input : clone(input);
}

/** Writes `source`, broadcast and converted, over the elements. */
function copy_(input: Tensor, source: TensorLike): Tensor {
  return assign("copy_", input, clone(asTensor(source, "copy_").expand(shapeOf(input))));
}

function fill_(input: Tensor, value: TensorLike): Tensor {
  return copy_(input, value);
}

function zero_(input: Tensor): Tensor {
  return copy_(input, 0);
}

const methods = {
  clone,
  contiguous,
  to,
  double: (input: Tensor): Tensor => to(input, "float64"),
  float: (input: Tensor): Tensor => to(input, "float32"),
  long: (input: Tensor): Tensor => to(input, "int64"),
  bool: (input: Tensor): Tensor => to(input, "bool"),
  copy_,
  fill_,
  zero_,
};
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
