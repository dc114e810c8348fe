/**
 * @file js-pytorch: eager reverse mode on nested arrays, float64. It has no SGD, which is written here on its arrays.
 * @see https://github.com/eduardoleao052/js-pytorch
 */

import { contestant } from "../contestant.ts";
import { load, type Matrix, nested, type Peer, versionOf } from "../peer.ts";

type Nested = number | Nested[];

interface Tensor {
  readonly data: Nested[];
  readonly grad: Nested[];
  mul(other: Tensor): Tensor;
  add(other: Tensor): Tensor;
  exp(): Tensor;
  sqrt(): Tensor;
  matmul(other: Tensor): Tensor;
  sum(): Tensor;
  zero_grad(): void;
  backward(): void;
}

interface JsPytorch {
  readonly torch: {
    tensor(values: Nested[], requiresGrad?: boolean): Tensor;
    readonly nn: {
      readonly ReLU: new () => { forward(x: Tensor): Tensor };
      readonly CrossEntropyLoss: new () => { forward(scores: Tensor, classes: Tensor): Tensor };
    };
  };
}

export const JS_PYTORCH = "js-pytorch";

export async function openJsPytorch(): Promise<Peer> {
  const { torch } = await load<JsPytorch>("js-pytorch");
  const of = (values: Float64Array, shape: readonly number[]): Nested[] =>
    shape.length === 1 ? Array.from(values) : nested({ shape: shape as [number, number], values });
  const parameter = ({ shape, values }: Matrix): Tensor => torch.tensor(of(values, shape), true);

  return {
    version: versionOf("js-pytorch"),

    chain({ shape, start, links }) {
      const leaf = torch.tensor(of(start, shape), true);
      const filled = (value: number): Tensor =>
        torch.tensor(
          of(
            start.map(() => value),
            shape,
          ),
        );
      const [factor, offset] = [filled(2), filled(-2)];
      const run = (): Tensor => {
        leaf.zero_grad();
        let x = leaf;
        for (let i = 0; i < links; i++) x = x.mul(factor).add(offset).exp().sqrt();
        // backward() of a tensor with several elements starts from ones, as of its sum.
        x.backward();
        return leaf;
      };
      return [contestant(JS_PYTORCH, run, ({ grad }) => grad.flat()[0] as number)];
    },

    perceptron({ images, labels, weights, biases, rate }) {
      const x = torch.tensor(nested(images));
      const target = torch.tensor([...labels]);
      const [w1, w2] = weights.map(parameter) as [Tensor, Tensor];
      const [b1, b2] = biases.map(bias => torch.tensor(Array.from(bias), true)) as [Tensor, Tensor];
      const parameters = [w1, b1, w2, b2];
      const relu = new torch.nn.ReLU();
      const crossEntropy = new torch.nn.CrossEntropyLoss();
      const run = (): Tensor => {
        for (const parameter of parameters) parameter.zero_grad();
        const scores = relu.forward(x.matmul(w1).add(b1)).matmul(w2).add(b2);
        const loss = crossEntropy.forward(scores, target);
        loss.backward();
        for (const parameter of parameters) descend(parameter.data, parameter.grad, rate);
        return loss;
      };
      return [contestant(JS_PYTORCH, run, ({ data }) => [data].flat()[0] as unknown as number)];
    },
  };
}

/** values ← values − rate · gradient */
function descend(values: Nested[], gradient: Nested[], rate: number): void {
  for (const [i, value] of values.entries()) {
    const slope = gradient[i]!;
    if (typeof value === "number") values[i] = value - rate * (slope as number);
    else descend(value, slope as Nested[], rate);
  }
}
