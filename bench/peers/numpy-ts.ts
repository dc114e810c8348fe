/**
 * @file numpy-ts: NumPy's arrays with WebAssembly kernels, float64. It has no gradients.
 * @see https://numpyts.dev
 */

import { contestant } from "../contestant.ts";
import { load, type Peer, versionOf } from "../peer.ts";

interface NdArray {
  reshape(...shape: number[]): NdArray;
  item(...indices: number[]): number;
  dispose(): void;
}

interface Numpy {
  array(values: Float64Array): NdArray;
  matmul(a: NdArray, b: NdArray): NdArray;
  exp(x: NdArray): NdArray;
  add(x: NdArray, y: NdArray): NdArray;
  multiply(x: NdArray, y: NdArray): NdArray;
  sum(x: NdArray): number;
}

export const NUMPY_TS = "numpy-ts";

export async function openNumpyTs(): Promise<Peer> {
  const np = await load<Numpy>("numpy-ts");
  /** Runs f, and frees the result as its documentation advises for tight loops. */
  const freed = (f: () => NdArray) => (): number => {
    const result = f();
    const first = result.item(0);
    result.dispose();
    return first;
  };
  return {
    version: versionOf("numpy-ts"),

    matmul({ n, a, b }) {
      const [x, y] = [np.array(a).reshape(n, n), np.array(b).reshape(n, n)];
      return [
        contestant(
          NUMPY_TS,
          freed(() => np.matmul(x, y)),
          Number,
        ),
      ];
    },

    elementwise({ op, x, y }) {
      const [a, b] = [np.array(x), np.array(y)];
      const runs = {
        exp: freed(() => np.exp(a)),
        add: freed(() => np.add(a, b)),
        mul: freed(() => np.multiply(a, b)),
        sum: () => np.sum(a),
      };
      return [contestant(NUMPY_TS, runs[op], Number)];
    },
  };
}
