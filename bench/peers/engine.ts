/** @file The engine as it ships: the package's built entry, under the package's name. */

import {
  autograd,
  type Context,
  Function,
  full,
  nn,
  noGrad,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import manifest from "../../engine/package.json" with { type: "json" };
import { contestant } from "../contestant.ts";
import type { Matrix, Peer } from "../peer.ts";
import { OURS } from "../row.ts";

class MatrixSquare extends Function {
  static forward(ctx: Context, input: Tensor): Tensor {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }

  static backward(ctx: Context, gradOutput: Tensor): Tensor {
    const [input] = ctx.savedTensors;
    return gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput));
  }
}

const matrix = ({ shape, values }: Matrix): Tensor => tensor(values).reshape(shape);

const firstOf = (x: Tensor): number => x.detach().reshape([-1]).select(0, 0).item() as number;

export const engine: Peer = {
  version: manifest.version,

  gradcheck({ n, x }) {
    const input = matrix({ shape: [n, n], values: x }).requiresGrad_();
    return [contestant(OURS, () => autograd.gradcheck(y => MatrixSquare.apply(y), input), Number)];
  },

  chain({ shape, start, links }) {
    const leaf = tensor(start).reshape(shape).requiresGrad_();
    const factor = full(shape, 2);
    const offset = full(shape, -2);
    const run = (): Tensor => {
      let x = leaf;
      for (let i = 0; i < links; i++) x = x.mul(factor).add(offset).exp().sqrt();
      leaf.grad = null;
      x.sum().backward();
      return leaf.grad as unknown as Tensor;
    };
    return [contestant(OURS, run, firstOf)];
  },

  matmul({ n, a, b }) {
    const x = matrix({ shape: [n, n], values: a });
    const y = matrix({ shape: [n, n], values: b });
    return [contestant(OURS, () => x.matmul(y), firstOf)];
  },

  elementwise({ op, x, y }) {
    const [a, b] = [tensor(x), tensor(y)];
    const runs = { exp: () => a.exp(), add: () => a.add(b), mul: () => a.mul(b), sum: () => a.sum() };
    return [contestant(OURS, runs[op], firstOf)];
  },

  perceptron({ images, labels, weights, biases, rate }) {
    const x = matrix(images);
    const target = tensor(labels, { dtype: "int64" });
    const [w1, w2] = weights.map(weight => matrix(weight).requiresGrad_()) as [Tensor, Tensor];
    const [b1, b2] = biases.map(bias => tensor(bias).requiresGrad_()) as [Tensor, Tensor];
    const parameters = [w1, b1, w2, b2];
    const run = (): Tensor => {
      const scores = x.matmul(w1).add(b1).relu().matmul(w2).add(b2);
      const loss = nn.functional.crossEntropy(scores, target);
      for (const parameter of parameters) parameter.grad = null;
      loss.backward();
      noGrad(() => {
        for (const parameter of parameters) parameter.sub_((parameter.grad as Tensor).mul(rate));
      });
      return loss;
    };
    return [contestant(OURS, run, loss => loss.item() as number)];
  },
};
