/** @file β · input + α · a product of matrices or vectors: torch's `add…` family. */

import { inPlace } from "../autograd/inplace.ts";
import { zeros } from "../tensor/creation.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import { expandsTo, formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { constantOf } from "./constant.ts";
import { bmm, mm, mv, outer } from "./matmul.ts";

export interface ScaledProduct {
  (input: Tensor, first: Tensor, second: Tensor, beta?: number, alpha?: number): Tensor;
  (input: Tensor, first: Tensor, second: Tensor, options: { beta?: number; alpha?: number }): Tensor;
}

/** @param names of the two factors */
function scaledProduct(
  name: string,
  names: readonly [string, string],
  product: (first: Tensor, second: Tensor) => Tensor,
): ScaledProduct {
  return keywords(
    name,
    ["input", ...names, "beta", "alpha"],
    (input: Tensor, first: Tensor, second: Tensor, beta = 1, alpha = 1) => {
      const y = product(first, second);
      if (!expandsTo(shapeOf(input), shapeOf(y))) {
        throw new RangeError(
          `${name}() expected an input that broadcasts to the product's shape ${formatShape(shapeOf(y))}, got ` +
            `${formatShape(shapeOf(input))}.`,
        );
      }
      return times(input, beta).add(y, { alpha });
    },
  );
}

/** For β = 0 the input does not matter, be it NaN. */
function times(input: Tensor, beta: number): Tensor {
  if (beta === 0) return constantOf(zeros(shapeOf(input), { dtype: input.dtype }), input);
  return beta === 1 ? input : input.mul(beta);
}

/** β · input + α · mat1 @ mat2, for matrices. */
export const addmm: ScaledProduct = scaledProduct("addmm", ["mat1", "mat2"], mm);
/** β · input + α · mat @ vec. */
export const addmv: ScaledProduct = scaledProduct("addmv", ["mat", "vec"], mv);
/** β · input + α · vec1 vec2ᵀ. */
export const addr: ScaledProduct = scaledProduct("addr", ["vec1", "vec2"], outer);
/** β · input + α · batch1 @ batch2, for batches of matrices. */
export const baddbmm: ScaledProduct = scaledProduct("baddbmm", ["batch1", "batch2"], bmm);
/** β · input + α · Σ batch1 @ batch2, summed over the batch. */
export const addbmm: ScaledProduct = scaledProduct("addbmm", ["batch1", "batch2"], (a, b) =>
  bmm(a, b).sum(0),
);

const methods = { addmm, addmv, addr, baddbmm, addbmm };
defineMethods(methods);
defineMethods(inPlace(methods));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof methods> {}
}
