/**
 * @file deepbox: eager reverse mode in plain TypeScript, float64.
 * @see https://github.com/jehaad1/Deepbox
 */

import { contestant } from "../contestant.ts";
import { load, type Matrix, nested, type Peer, versionOf } from "../peer.ts";

interface Tensor {
  readonly data: Float64Array;
}

interface GradTensor {
  readonly tensor: Tensor;
  readonly grad: Tensor | null;
  mul(other: GradTensor): GradTensor;
  add(other: GradTensor): GradTensor;
  exp(): GradTensor;
  sqrt(): GradTensor;
  relu(): GradTensor;
  matmul(other: GradTensor): GradTensor;
  sum(): GradTensor;
  zeroGrad(): void;
  backward(): void;
}

interface NdArray {
  tensor(values: unknown, options: { dtype: string }): Tensor;
  parameter(values: Tensor): GradTensor;
  readonly GradTensor: { fromTensor(values: Tensor, options: { requiresGrad: boolean }): GradTensor };
}

interface Nn {
  crossEntropyLoss(scores: GradTensor, classes: Tensor): GradTensor;
}

interface Optim {
  readonly SGD: new (parameters: GradTensor[], options: { lr: number }) => { step(): void; zeroGrad(): void };
}

export const DEEPBOX = "deepbox";

export async function openDeepbox(): Promise<Peer> {
  const { tensor, parameter, GradTensor } = await load<NdArray>("deepbox/ndarray");
  const { crossEntropyLoss } = await load<Nn>("deepbox/nn");
  const { SGD } = await load<Optim>("deepbox/optim");
  const float64 = { dtype: "float64" };
  const matrix = (values: Matrix): Tensor => tensor(nested(values), float64);
  const vector = (values: Float64Array): Tensor => tensor(Array.from(values), float64);
  const constant = (values: Tensor): GradTensor => GradTensor.fromTensor(values, { requiresGrad: false });

  return {
    version: versionOf("deepbox"),

    chain({ shape, start, links }) {
      const of = (values: Float64Array): Tensor =>
        shape.length === 1 ? vector(values) : matrix({ shape: shape as [number, number], values });
      const leaf = parameter(of(start));
      const factor = constant(of(start.map(() => 2)));
      const offset = constant(of(start.map(() => -2)));
      const run = (): Tensor => {
        leaf.zeroGrad();
        let x = leaf;
        for (let i = 0; i < links; i++) x = x.mul(factor).add(offset).exp().sqrt();
        x.sum().backward();
        return leaf.grad as Tensor;
      };
      return [contestant(DEEPBOX, run, ({ data }) => data[0]!)];
    },

    perceptron({ images, labels, weights, biases, rate }) {
      const x = constant(matrix(images));
      const target = tensor(labels, { dtype: "int32" });
      const [w1, w2] = weights.map(weight => parameter(matrix(weight))) as [GradTensor, GradTensor];
      const [b1, b2] = biases.map(bias => parameter(vector(bias))) as [GradTensor, GradTensor];
      const optimizer = new SGD([w1, b1, w2, b2], { lr: rate });
      const run = (): GradTensor => {
        optimizer.zeroGrad();
        const loss = crossEntropyLoss(x.matmul(w1).add(b1).relu().matmul(w2).add(b2), target);
        loss.backward();
        optimizer.step();
        return loss;
      };
      return [contestant(DEEPBOX, run, loss => loss.tensor.data[0]!)];
    },
  };
}
