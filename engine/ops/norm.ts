/** @file torch.norm: the vector norms, and two matrix norms by name; and slices brought to a largest norm. */

import type { DType } from "../tensor/dtype.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { type Dims, wrapDim, wrapDims } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked } from "./elementwise.ts";
import { matrixNorm } from "./linalg-norm.ts";
import { vectorNorm } from "./vector-norm.ts";

interface NormOptions {
  keepdim?: boolean;
  /** To convert `input` to before. */
  dtype?: DType | null;
}

/** @param p a vector norm's exponent, also ±∞ and 0; "fro", the same as 2; or "nuc", of matrices */
export interface Norm {
  (input: Tensor, p?: number | "fro" | "nuc" | null, dim?: Dims, keepdim?: boolean | NormOptions): Tensor;
  (input: Tensor, options: NormOptions & { p?: number | "fro" | "nuc" | null; dim?: Dims }): Tensor;
}

/**
 * (Σ |x|ᵖ)^(1/p) over the given dimensions, or all: Euclid's or Frobenius's without p, the largest |x| for ∞, the smallest
 * for −∞, how many are not 0 for 0. "nuc" is the sum of the singular values of the matrices in two dimensions. Gradient 0 at 0.
 */
export const norm: Norm = keywords(
  "norm",
  ["input", "p", "dim", "keepdim", "dtype"],
  (
    input: Tensor,
    p: number | string | null = "fro",
    dim: Dims = null,
    keepdim = false,
    dtype: DType | null = null,
  ) => {
    if (p === "nuc") {
      const dims = wrapDims(dim, checked("norm", input, true).ndim);
      return matrixNorm(input, p, dims, keepdim, { dtype });
    }
    if (typeof p === "string" && p !== "fro") {
      throw new TypeError(`norm() expected a number, "fro" or "nuc" for p, got "${p}".`);
    }
    return vectorNorm(input, typeof p === "number" ? p : 2, dim, keepdim, { dtype });
  },
);

export interface Renorm {
  (input: Tensor, p: number, dim: number, maxnorm: number): Tensor;
  (input: Tensor, options: { p: number; dim: number; maxnorm: number }): Tensor;
}

/** Each slice at an index of `dim` whose p-norm is larger than `maxnorm` scaled down to it, up to 1e-7 as in torch. */
export const renorm: Renorm = keywords(
  "renorm",
  ["input", "p", "dim", "maxnorm"],
  (input: Tensor, p: number, dim: number, maxnorm: number) => {
    const x = checked("renorm", input, true);
    if (x.ndim < 2) {
      throw new RangeError(`renorm() expected 2 or more dimensions, got ${x.ndim}.`);
    }
    if (!(p > 0) || !(maxnorm >= 0)) {
      throw new RangeError(`renorm() expected p > 0 and maxnorm ≥ 0, got ${p} and ${maxnorm}.`);
    }
    const d = wrapDim(dim, x.ndim);
    const others = shapeOf(x)
      .map((_, i) => i)
      .filter(i => i !== d);
    const norms = vectorNorm(x, p, others, true);
    return x.mul(where(norms.gt(maxnorm), norms.add(1e-7).reciprocal().mul(maxnorm), 1));
  },
);

const methods = { norm, renorm };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
