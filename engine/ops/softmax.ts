/** @file Normalised exponentials. */

import { call, type Primitive } from "../autograd/primitive.ts";
import type { DType, NumericArray } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { wrapDim } from "../tensor/shape.ts";
import { dataOf, offsetOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";

/** Overwrites the n elements from `start`. */
type Normalise = (data: NumericArray, start: number, n: number) => void;

/** The rows of `x` along one dimension, normalised. */
function normalised(x: Tensor, dim: number, normalise: Normalise): Tensor {
  const y = x.detach().transpose(dim, -1).clone();
  const n = y.size(-1);
  for (let start = offsetOf(y); start < offsetOf(y) + y.numel(); start += n) normalise(dataOf(y), start, n);
  return y.transpose(dim, -1).contiguous();
}

/** Divided by the sum, rather than by way of its logarithm, which would round as coarsely as x is large. */
const softmaxOf: Normalise = (data, start, n) => {
  const largest = largestOf(data, start, n);
  let total = 0;
  for (let i = start; i < start + n; i++) {
    data[i] = Math.exp(data[i]! - largest);
    total += data[i]!;
  }
  for (let i = start; i < start + n; i++) data[i]! /= total;
};

const logSoftmaxOf: Normalise = (data, start, n) => {
  const largest = largestOf(data, start, n);
  let total = 0;
  for (let i = start; i < start + n; i++) total += Math.exp(data[i]! - largest);
  const logTotal = Math.log(total);
  for (let i = start; i < start + n; i++) data[i] = data[i]! - largest - logTotal;
};

function largestOf(data: NumericArray, start: number, n: number): number {
  let largest = -Infinity;
  for (let i = start; i < start + n; i++) largest = Math.max(largest, data[i]!);
  return largest;
}

const softmaxOp: Primitive<[x: Tensor], number> = {
  name: "softmax",
  forward: ([x], dim) => normalised(x, dim, softmaxOf),
  vjp: [(g, _inputs, y, dim) => y.mul(g.sub(g.mul(y).sum(dim, true)))],
  jvp: ([t], _inputs, y, dim) => y.mul(t!.sub(t!.mul(y).sum(dim, true))),
  batch: (values, _batched, dim) => call(softmaxOp, values, dim + 1),
};

const logSoftmaxOp: Primitive<[x: Tensor], number> = {
  name: "logSoftmax",
  forward: ([x], dim) => normalised(x, dim, logSoftmaxOf),
  vjp: [(g, _inputs, y, dim) => g.sub(y.exp().mul(g.sum(dim, true)))],
  jvp: ([t], _inputs, y, dim) => t!.sub(y.exp().mul(t!).sum(dim, true)),
  batch: (values, _batched, dim) => call(logSoftmaxOp, values, dim + 1),
};

/** @param dtype to convert `input` to before */
export interface AlongDim {
  (input: Tensor, dim: number, dtype?: DType | { dtype?: DType | null } | null): Tensor;
  (input: Tensor, options: { dim: number; dtype?: DType | null }): Tensor;
}

function alongDim(op: Primitive<[x: Tensor], number>): AlongDim {
  return keywords(
    op.name,
    ["input", "dim", "dtype"],
    (input: Tensor, dim: number, dtype: DType | null = null) => {
      const converted = dtype === null ? input : checked(op.name, input).to(dtype);
      const x = checked(op.name, converted, true);
      const d = wrapDim(dim, x.ndim);
      return x.ndim === 0 ? call(op, [x.reshape([1])], 0).reshape([]) : call(op, [x], d);
    },
  );
}

/** exp(x) / Σ exp(x) along `dim`. */
export const softmax: AlongDim = alongDim(softmaxOp);
/** log softmax(x) along `dim`, without the overflow of computing it so. */
export const logSoftmax: AlongDim = alongDim(logSoftmaxOp);

const methods = { softmax, logSoftmax };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
