/**
 * @file ml-matrix: matrices in plain JavaScript, float64. It has no gradients.
 * @see https://github.com/mljs/matrix
 */

import { contestant } from "../contestant.ts";
import { load, nested, type Peer, versionOf } from "../peer.ts";

interface Matrix {
  mmul(other: Matrix): Matrix;
  get(row: number, column: number): number;
}

export async function openMlMatrix(): Promise<Peer> {
  const { Matrix } = await load<{ Matrix: new (rows: number[][]) => Matrix }>("ml-matrix");
  return {
    version: versionOf("ml-matrix"),

    matmul({ n, a, b }) {
      const of = (values: Float64Array): Matrix => new Matrix(nested({ shape: [n, n], values }));
      const [x, y] = [of(a), of(b)];
      return [
        contestant(
          "ml-matrix",
          () => x.mmul(y),
          product => product.get(0, 0),
        ),
      ];
    },
  };
}
