/** @file Normalised exponentials. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { logSumExp } from "../kernels/reduction.ts";
import { defineMethods, type Methods } from "../tensor/methods.ts";
import { wrapDim } from "../tensor/shape.ts";
import { dataOf, offsetOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";

/** `f(x − log Σ exp x)` along one dimension. */
function normalised(x: Tensor, dim: number, f: (shifted: number) => number): Tensor {
  const y = x.detach().transpose(dim, -1).clone();
  const n = y.size(-1);
  const data = dataOf(y);
  for (let start = offsetOf(y); start < offsetOf(y) + y.numel(); start += n) {
    const logTotal = logSumExp(data, start, n);
    for (let i = start; i < start + n; i++) data[i] = f(data[i]! - logTotal);
  }
  return y.transpose(dim, -1).contiguous();
}

const softmaxOp: Primitive<[x: Tensor], number> = {
  name: "softmax",
  forward: ([x], dim) => normalised(x, dim, Math.exp),
  vjp: [(g, _inputs, y, dim) => y.mul(g.sub(g.mul(y).sum(dim, true)))],
  jvp: ([t], _inputs, y, dim) => y.mul(t!.sub(t!.mul(y).sum(dim, true))),
};

const logSoftmaxOp: Primitive<[x: Tensor], number> = {
  name: "logSoftmax",
  forward: ([x], dim) => normalised(x, dim, v => v),
  vjp: [(g, _inputs, y, dim) => g.sub(y.exp().mul(g.sum(dim, true)))],
  jvp: ([t], _inputs, y, dim) => t!.sub(y.exp().mul(t!).sum(dim, true)),
};

function alongDim(op: Primitive<[x: Tensor], number>): (input: Tensor, dim: number) => Tensor {
  return (input, dim) => {
    const x = checked(op.name, input, true);
    const d = wrapDim(dim, x.ndim);
    return x.ndim === 0 ? alongDim(op)(x.reshape([1]), 0).reshape([]) : call(op, [x], d);
  };
}

type AlongDim = (input: Tensor, dim: number) => Tensor;

/** exp(x) / Σ exp(x) along `dim`. */
export const softmax: AlongDim = alongDim(softmaxOp);
/** log softmax(x) along `dim`, without the overflow of computing it so. */
export const logSoftmax: AlongDim = alongDim(logSoftmaxOp);

const methods = { softmax, logSoftmax };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
