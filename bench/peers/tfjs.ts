/**
 * @file TensorFlow.js, eager, on its JavaScript and its WebAssembly backend (one thread, 128-bit instructions). It
 * knows no float64: its figures are of float32.
 * @see https://github.com/tensorflow/tfjs
 */

import { dirname, join } from "node:path";
import { contestant } from "../contestant.ts";
import { load, type Matrix, oneHot, type Peer, resolved, versionOf } from "../peer.ts";

interface Tensor {
  dataSync(): Float32Array;
}

interface Variable extends Tensor {
  readonly name: string;
}

interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  fill(shape: readonly number[], value: number): Tensor;
  mul(x: Tensor, y: Tensor): Tensor;
  add(x: Tensor, y: Tensor): Tensor;
  exp(x: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  sum(x: Tensor): Tensor;
  relu(x: Tensor): Tensor;
  matMul(x: Tensor, y: Tensor): Tensor;
  variable(initial: Tensor): Variable;
  grad(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor;
  tidy<T>(f: () => T): T;
  enableProdMode(): void;
  readonly losses: { softmaxCrossEntropy(oneHot: Tensor, logits: Tensor): Tensor };
  readonly train: {
    sgd(rate: number): { minimize(f: () => Tensor, returnCost: boolean, variables: Variable[]): Tensor };
  };
}

interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(threads: number): void;
}

type Backend = "cpu" | "wasm";

export const tfjsName = (backend: Backend): string => `tfjs (${backend})`;

export async function openTfjs(backend: Backend): Promise<Peer> {
  const tf = await load<Tf>("@tensorflow/tfjs");
  tf.enableProdMode();
  if (backend === "wasm") {
    const wasm = await load<WasmBackend>("@tensorflow/tfjs-backend-wasm");
    wasm.setThreadsCount(1);
    wasm.setWasmPaths(
      join(dirname(resolved("@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.node.js")), "/"),
    );
  }
  const use = (): Promise<boolean> => tf.setBackend(backend);
  if (!(await use())) throw new Error(`its backend "${backend}" does not start here`);
  await tf.ready();
  const name = tfjsName(backend);
  const options = { precision: "float32", before: use } as const;
  const tensor = (values: Float64Array, shape: readonly number[]): Tensor =>
    tf.tensor(Float32Array.from(values), shape);
  const matrix = ({ shape, values }: Matrix): Tensor => tensor(values, shape);

  return {
    version: versionOf("@tensorflow/tfjs"),

    chain({ shape, start, links }) {
      const leaf = tensor(start, shape);
      const factor = tf.fill(shape, 2);
      const offset = tf.fill(shape, -2);
      const gradient = tf.grad(x => {
        let y = x;
        for (let i = 0; i < links; i++) y = tf.sqrt(tf.exp(tf.add(tf.mul(y, factor), offset)));
        return tf.sum(y);
      });
      const run = (): number => tf.tidy(() => gradient(leaf).dataSync()[0]!);
      return [contestant(name, run, Number, options)];
    },

    perceptron({ images, labels, weights, biases, rate }) {
      const x = matrix(images);
      const target = matrix(oneHot(labels, weights[1].shape[1]));
      const [w1, w2] = weights.map(weight => tf.variable(matrix(weight))) as [Variable, Variable];
      const [b1, b2] = biases.map(bias => tf.variable(tensor(bias, [bias.length]))) as [Variable, Variable];
      const optimizer = tf.train.sgd(rate);
      const lossOf = (): Tensor => {
        const hidden = tf.relu(tf.add(tf.matMul(x, w1), b1));
        return tf.losses.softmaxCrossEntropy(target, tf.add(tf.matMul(hidden, w2), b2));
      };
      const run = (): number =>
        tf.tidy(() => optimizer.minimize(lossOf, true, [w1, b1, w2, b2]).dataSync()[0]!);
      return [contestant(name, run, Number, options)];
    },
  };
}
