/**
 * @file jax-js on its WebAssembly backend, which may use all cores: eager (an operation is compiled and run as it is
 * met), and whole functions compiled by `jit`. Its kernels are made for float32; only the product is in float64 here.
 * @see https://github.com/ekzhang/jax-js
 */

import { contestant } from "../contestant.ts";
import { load, type Matrix, oneHot, type Peer, versionOf } from "../peer.ts";

/** Owned by whom it is handed to, unless handed as `.ref`. */
interface Value {
  readonly ref: Value;
  reshape(shape: readonly number[]): Value;
  mul(other: Value | number): Value;
  add(other: Value | number): Value;
  sub(other: Value | number): Value;
  sum(axis?: number): Value;
  dataSync(): Float32Array | Float64Array;
  dispose(): void;
}

interface Jax {
  init(): Promise<string[]>;
  defaultDevice(name: string): void;
  readonly numpy: {
    array(values: Float32Array | Float64Array): Value;
    exp(x: Value): Value;
    sqrt(x: Value): Value;
    matmul(x: Value, y: Value): Value;
  };
  readonly nn: { relu(x: Value): Value; logSoftmax(x: Value): Value };
  grad(f: (x: Value) => Value): (x: Value) => Value;
  valueAndGrad(f: (parameters: Value[]) => Value): (parameters: Value[]) => [Value, Value[]];
  jit<F>(f: F): F;
}

export const JAX_EAGER = "jax-js (eager)";
export const JAX_JIT = "jax-js (jit)";

export async function openJax(): Promise<Peer> {
  const jax = await load<Jax>("@jax-js/jax");
  await jax.init();
  jax.defaultDevice("wasm");
  const np = jax.numpy;
  const matrix = ({ shape, values }: Matrix): Value => np.array(values.slice()).reshape(shape);
  const single = ({ shape, values }: Matrix): Value => np.array(Float32Array.from(values)).reshape(shape);

  return {
    version: versionOf("@jax-js/jax"),

    chain({ shape, start, links }) {
      const of = (values: Float64Array): Value => np.array(Float32Array.from(values)).reshape(shape);
      const [leaf, factor, offset] = [of(start), of(start.map(() => 2)), of(start.map(() => -2))];
      const gradient = jax.grad(x => {
        let y = x;
        for (let i = 0; i < links; i++) y = np.sqrt(np.exp(y.mul(factor.ref).add(offset.ref)));
        return y.sum();
      });
      const runner = (f: (x: Value) => Value) => (): number => f(leaf.ref).dataSync()[0]!;
      return [
        contestant(JAX_EAGER, runner(gradient), Number, { precision: "float32" }),
        contestant(JAX_JIT, runner(jax.jit(gradient)), Number, { precision: "float32" }),
      ];
    },

    matmul({ n, a, b }) {
      const [x, y] = [matrix({ shape: [n, n], values: a }), matrix({ shape: [n, n], values: b })];
      const product = jax.jit(np.matmul);
      return [contestant(JAX_JIT, () => product(x.ref, y.ref).dataSync()[0]!, Number)];
    },

    perceptron({ images, labels, weights, biases, rate }) {
      const x = single(images);
      const target = single(oneHot(labels, weights[1].shape[1]));
      const lossOf = ([w1, b1, w2, b2]: Value[]): Value => {
        const hidden = jax.nn.relu(np.matmul(x.ref, w1!).add(b1!));
        const scores = np.matmul(hidden, w2!).add(b2!);
        return jax.nn
          .logSoftmax(scores)
          .mul(target.ref)
          .sum()
          .mul(-1 / labels.length);
      };
      const step = jax.jit((parameters: Value[]): [Value, Value[]] => {
        const [loss, gradients] = jax.valueAndGrad(lossOf)(parameters.map(p => p.ref));
        return [loss, parameters.map((p, i) => p.sub(gradients[i]!.mul(rate)))];
      });
      const vector = (values: Float64Array): Value => np.array(Float32Array.from(values));
      let parameters = [single(weights[0]), vector(biases[0]), single(weights[1]), vector(biases[1])];
      const run = (): number => {
        const [loss, moved] = step(parameters);
        parameters = moved;
        return loss.dataSync()[0]!;
      };
      return [contestant(JAX_JIT, run, Number, { precision: "float32" })];
    },
  };
}
