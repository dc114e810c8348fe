/** @file Products over a dimension. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { product, productsOfOthers, reduceRows } from "../kernels/reduction.ts";
import { eye } from "../tensor/creation.ts";
import { type DType, isFloatingPoint } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { wrapDim } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { rowsOf } from "./axes.ts";
import { checked } from "./elementwise.ts";

/** ∏ over the last dimension. */
const prodOp: Primitive<[x: Tensor]> = {
  name: "prod",
  forward([x]) {
    const y = empty(shapeOf(x).slice(0, -1), isFloatingPoint(x.dtype) ? x.dtype : "int64");
    reduceRows(rowsOf(x, [x.ndim - 1]), dataOf(y), offsetOf(y), product);
    return y;
  },
  vjp: [(g, [x]) => g.unsqueeze(-1).mul(call(othersOp, [x], undefined))],
  jvp: ([t], [x]) => t!.mul(call(othersOp, [x], undefined)).sum(-1),
  batch: values => call(prodOp, values, undefined),
};

/** For each element ∏ of the others along the last dimension: the derivative of their product, zeros or not. */
const othersOp: Primitive<[x: Tensor]> = {
  name: "prodOfOthers",
  forward([x]) {
    const y = empty(shapeOf(x), x.dtype);
    productsOfOthers(rowsOf(x, [x.ndim - 1]), dataOf(y), offsetOf(y));
    return y;
  },
  vjp: [(g, [x]) => g.unsqueeze(-1).mul(productsWithoutTwo(x)).sum(-2)],
  jvp: ([t], [x]) => t!.unsqueeze(-2).mul(productsWithoutTwo(x)).sum(-1),
  batch: values => call(othersOp, values, undefined),
};

/** ∏ of all but elements i and j, for every i ≠ j; 0 for i = j. */
function productsWithoutTwo(x: Tensor): Tensor {
  const n = x.size(-1);
  const withoutOne = where(
    eye(n, { dtype: "bool" }),
    1,
    x.unsqueeze(-2).expand([...shapeOf(x).slice(0, -1), n, n]),
  );
  return call(othersOp, [withoutOne], undefined).mul(eye(n, { dtype: x.dtype }).neg().add(1));
}

interface ProductOptions {
  keepdim?: boolean;
  /** To convert `input` to before. */
  dtype?: DType | null;
}

export interface Product {
  (input: Tensor, dim?: number | null, keepdim?: boolean | ProductOptions): Tensor;
  (input: Tensor, options: ProductOptions & { dim?: number | null }): Tensor;
}

/** ∏ over one dimension, or over all elements; int64 for integers and bool. */
export const prod: Product = keywords(
  "prod",
  ["input", "dim", "keepdim", "dtype"],
  (input: Tensor, dim: number | null = null, keepdim = false, dtype: DType | null = null) => {
    const x = dtype === null ? checked("prod", input) : checked("prod", input).to(dtype);
    if (dim === null || x.ndim === 0) {
      if (dim !== null) wrapDim(dim, 0);
      const all = call(prodOp, [x.reshape([-1])], undefined);
      return keepdim ? all.reshape(shapeOf(x).map(() => 1)) : all;
    }
    const d = wrapDim(dim, x.ndim);
    const y = call(prodOp, [x.transpose(d, -1)], undefined);
    // The last dimension had taken the place of the reduced one.
    const reduced = y.unsqueeze(-1).transpose(d, -1);
    return keepdim ? reduced : reduced.squeeze(d);
  },
);

const methods = { prod };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
