/** @file Normalisation of each sample by itself: over its last dimensions, or over groups of its channels. */

import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, numelOf, type Shape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { affine, type Parameter, standardize } from "./standardize.ts";

export interface AffineOptions {
  weight?: Parameter;
  bias?: Parameter;
  eps?: number;
}

export interface LayerNorm {
  (input: Tensor, normalizedShape: Shape, weight?: Parameter, bias?: Parameter, eps?: number): Tensor;
  (input: Tensor, normalizedShape: Shape, options: AffineOptions): Tensor;
  (
    input: Tensor,
    normalizedShape: Shape,
    weight: Parameter,
    bias: Parameter,
    options: { eps?: number },
  ): Tensor;
}

/** Standardised over the last dimensions, which have `normalizedShape`, as have weight and bias. */
export const layerNorm: LayerNorm = keywords(
  "layerNorm",
  ["input", "normalizedShape", "weight", "bias", "eps"],
  (input: Tensor, normalizedShape: Shape, weight: Parameter = null, bias: Parameter = null, eps = 1e-5) => {
    const dims = lastDims("layerNorm", checked("layerNorm", input, true), normalizedShape, [weight, bias]);
    const y = standardize(input, dims, eps);
    const scaled = weight === null ? y : y.mul(weight);
    return bias === null ? scaled : scaled.add(bias);
  },
);

/** The dimensions that a shape covers from the end. @throws where it does not, or a parameter has another shape */
function lastDims(name: string, x: Tensor, shape: Shape, parameters: readonly Parameter[]): number[] {
  const lead = x.ndim - shape.length;
  if (shape.length === 0 || lead < 0 || !sameShape(shapeOf(x).slice(lead), shape)) {
    throw new RangeError(
      `${name}() expected an input (…, ${shape.join(", ")}), got ${formatShape(shapeOf(x))}.`,
    );
  }
  for (const parameter of parameters) {
    if (parameter !== null && !sameShape(shapeOf(checked(name, parameter)), shape)) {
      throw new RangeError(
        `${name}() expected weight and bias of shape ${formatShape(shape)}, got ${formatShape(shapeOf(parameter))}.`,
      );
    }
  }
  return shape.map((_, i) => lead + i);
}

export interface RmsNorm {
  (input: Tensor, normalizedShape: Shape, weight?: Parameter, eps?: number | null): Tensor;
  (input: Tensor, normalizedShape: Shape, options: { weight?: Parameter; eps?: number | null }): Tensor;
  (input: Tensor, normalizedShape: Shape, weight: Parameter, options: { eps?: number | null }): Tensor;
}

/**
 * x / √(mean x² + eps) over the last dimensions, times `weight`; `eps` is the dtype's spacing at 1 where none is given.
 * Source: B. Zhang, R. Sennrich, "Root mean square layer normalization" (2019).
 */
export const rmsNorm: RmsNorm = keywords(
  "rmsNorm",
  ["input", "normalizedShape", "weight", "eps"],
  (input: Tensor, normalizedShape: Shape, weight: Parameter = null, eps: number | null = null) => {
    const dims = lastDims("rmsNorm", checked("rmsNorm", input, true), normalizedShape, [weight]);
    const floor = eps ?? (input.dtype === "float32" ? 2 ** -23 : Number.EPSILON);
    const y = input.mul(input.square().mean(dims, true).add(floor).rsqrt());
    return weight === null ? y : y.mul(weight);
  },
);

export interface GroupNorm {
  (input: Tensor, numGroups: number, weight?: Parameter, bias?: Parameter, eps?: number): Tensor;
  (input: Tensor, numGroups: number, options: AffineOptions): Tensor;
  (input: Tensor, numGroups: number, weight: Parameter, bias: Parameter, options: { eps?: number }): Tensor;
}

/** (N, C, …) standardised for each entry of the batch over groups of C / numGroups channels. */
export const groupNorm: GroupNorm = keywords(
  "groupNorm",
  ["input", "numGroups", "weight", "bias", "eps"],
  (input: Tensor, numGroups: number, weight: Parameter = null, bias: Parameter = null, eps = 1e-5) => {
    const [batch, channels, ...rest] = shapeOf(checked("groupNorm", input, true));
    if (
      channels === undefined ||
      !Number.isSafeInteger(numGroups) ||
      numGroups < 1 ||
      channels % numGroups !== 0
    ) {
      throw new RangeError(
        `groupNorm() expected an input (N, C, …) whose C is a multiple of numGroups, got ${formatShape(shapeOf(input))} and ` +
          `numGroups = ${String(numGroups)}.`,
      );
    }
    const size = (channels / numGroups) * numelOf(rest);
    const y = standardize(input.reshape([batch!, numGroups, size]), [2], eps);
    return affine("groupNorm", y.reshape(shapeOf(input)), weight, bias);
  },
);
