/** @file Triangles of matrices. Linear, and each its own transpose. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { dataOf, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked, describe } from "./elementwise.ts";

const triangleOp: Primitive<[x: Tensor], { keep: "lower" | "upper"; diagonal: number }> = {
  name: "triangle",
  forward([x], { keep, diagonal: k }) {
    const y = x.detach().clone();
    const [rows, columns] = shapeOf(x).slice(-2) as [number, number];
    const data = dataOf(y);
    for (let i = 0; i < y.numel(); i++) {
      const column = i % columns;
      const row = Math.floor(i / columns) % rows;
      if (keep === "lower" ? column - row > k : column - row < k) data[offsetOf(y) + i] = 0;
    }
    return y;
  },
  vjp: [(g, _inputs, _y, params) => call(triangleOp, [g], params)],
  jvp: "linear",
};

export interface Triangle {
  (input: Tensor, diagonal?: number): Tensor;
  (input: Tensor, options: { diagonal?: number }): Tensor;
}

function triangle(name: string, keep: "lower" | "upper"): Triangle {
  return keywords(name, ["input", "diagonal"], (input: Tensor, diagonal = 0) => {
    if (checked(name, input).ndim < 2)
      throw new RangeError(`${name}() expected a matrix, got ${formatShape(shapeOf(input))}.`);
    if (!Number.isInteger(diagonal)) {
      throw new TypeError(
        `${name}() expected an integer for diagonal, got ${typeof diagonal === "number" ? diagonal : describe(diagonal)}.`,
      );
    }
    return call(triangleOp, [input], { keep, diagonal });
  });
}

/** The lower triangle of each matrix, up to its k-th diagonal, with zeros above. */
export const tril: Triangle = triangle("tril", "lower");

/** The upper triangle of each matrix, from its k-th diagonal, with zeros below. */
export const triu: Triangle = triangle("triu", "upper");

const methods = { tril, triu };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
