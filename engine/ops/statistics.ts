/** @file Means and their deviations: variance, covariance, correlation. */

import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { type Dims, formatShape, numelOf, wrapDims } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked } from "./elementwise.ts";
import { mean, sum } from "./reduction.ts";

interface SpreadOptions {
  keepdim?: boolean;
  /** What n is lessened by: 1 without it. */
  correction?: number | null;
  /** True and false stand for a correction of 1 and 0. */
  unbiased?: boolean;
}

/** A measure of how far the elements lie from their mean, over one dimension, several, or (none given) all. */
export interface Spread<Result = Tensor> {
  (
    input: Tensor,
    dim?: Dims | boolean,
    unbiased?: boolean | SpreadOptions,
    keepdim?: boolean | SpreadOptions,
  ): Result;
  (input: Tensor, options: SpreadOptions & { dim?: Dims }): Result;
}

/** With torch's overloads: `var(x, unbiased)`, `var(x, dim, unbiased, keepdim)` and keywords. */
function spreadFunction<Result>(
  name: string,
  f: (x: Tensor, dims: readonly number[], correction: number, keepdim: boolean) => Result,
): Spread<Result> {
  return keywords(
    name,
    ["input", "dim", "unbiased", "keepdim", "correction"],
    (
      input: Tensor,
      dim: Dims | boolean = null,
      unbiased: boolean | null = null,
      keepdim = false,
      correction: number | null = null,
    ) => {
      const x = checked(name, input, true);
      const asked = typeof dim === "boolean" ? dim : unbiased;
      if (asked !== null && correction !== null) {
        throw new TypeError(`${name}() takes either unbiased or correction, got both.`);
      }
      const dims = wrapDims(typeof dim === "boolean" ? null : dim, x.ndim);
      return f(x, dims, correction ?? (asked === false ? 0 : 1), keepdim);
    },
  );
}

/** The variance, Σ (x − mean)² / (n − correction), around a mean that has its dimensions kept. */
function varianceAround(
  center: Tensor,
  x: Tensor,
  dims: readonly number[],
  correction: number,
  keepdim: boolean,
): Tensor {
  const n = numelOf(dims.map(d => shapeOf(x)[d]!));
  return sum(x.sub(center).square(), dims, keepdim).div(Math.max(0, n - correction));
}

/** √v, with derivative 0 at 0, as torch has it. */
function root(v: Tensor): Tensor {
  const none = v.eq(0);
  return where(none, 0, where(none, 1, v).sqrt());
}

/** The variance, Σ (x − mean)² / (n − correction), exported as `var` too. */
export const variance: Spread = spreadFunction("var", (x, dims, ...rest) =>
  varianceAround(mean(x, dims, true), x, dims, ...rest),
);

/** The standard deviation: √ of the {@link variance}, with derivative 0 at 0. */
export const std: Spread = spreadFunction("std", (x, dims, ...rest) =>
  root(varianceAround(mean(x, dims, true), x, dims, ...rest)),
);

/** The {@link variance} and the mean. */
export const varMean: Spread<[variance: Tensor, mean: Tensor]> = spreadFunction(
  "varMean",
  (x, dims, correction, keepdim) => {
    const center = mean(x, dims, true);
    const v = varianceAround(center, x, dims, correction, keepdim);
    return [v, keepdim ? center : center.squeeze(dims)];
  },
);

/** The standard deviation and the mean. */
export const stdMean: Spread<[std: Tensor, mean: Tensor]> = spreadFunction(
  "stdMean",
  (x, dims, correction, keepdim) => {
    const [v, center] = varMean(x, { dim: dims, correction, keepdim });
    return [root(v), center];
  },
);

interface CovarianceOptions {
  correction?: number;
  /** How often each observation was made: integers. */
  fweights?: Tensor | null;
  /** How much each observation counts. */
  aweights?: Tensor | null;
}

export type Covariance = (input: Tensor, options?: CovarianceOptions) => Tensor;

/**
 * The covariance matrix of variables, which are the rows; the columns are observations. A vector is one variable, whose
 * variance comes as a 0-d tensor.
 */
export const cov: Covariance = keywords(
  "cov",
  ["input", "correction", "fweights", "aweights"],
  (input: Tensor, correction = 1, fweights: Tensor | null = null, aweights: Tensor | null = null) => {
    if (checked("cov", input).ndim > 2) {
      throw new RangeError(`cov() expected a matrix or a vector, got ${formatShape(shapeOf(input))}.`);
    }
    const rows = input.ndim < 2 ? input.reshape([1, -1]) : input;
    const x = rows.isFloatingPoint() ? rows : rows.double();
    const weights = observationWeights(fweights, aweights, x);
    const total = weights === null ? x.size(1) : weights.sum();
    const weighted = (y: Tensor): Tensor => (weights === null ? y : y.mul(weights));
    const deviation = x.sub(weighted(x).sum(1, true).div(total));
    const freedom =
      typeof total === "number"
        ? Math.max(0, total - correction)
        : total
            .sub(aweights === null ? correction : weights!.mul(aweights).sum().mul(correction).div(total))
            .clampMin(0);
    return deviation.matmul(weighted(deviation).t()).div(freedom).squeeze();
  },
);

/** The product of both kinds of weights, one for each observation; null without any. */
function observationWeights(fweights: Tensor | null, aweights: Tensor | null, x: Tensor): Tensor | null {
  for (const [name, w] of [["fweights", fweights] as const, ["aweights", aweights] as const]) {
    if (w !== null && w.ndim > 0 && (w.ndim > 1 || w.numel() !== x.size(1))) {
      throw new RangeError(
        `cov() expected ${name} with one number for each of ${x.size(1)} observations, got ${formatShape(shapeOf(w))}.`,
      );
    }
  }
  if (fweights?.isFloatingPoint()) {
    throw new TypeError(`cov() expected fweights that are integers, got ${fweights.dtype}.`);
  }
  if (fweights === null || aweights === null) return (fweights ?? aweights)?.to(x.dtype) ?? null;
  return aweights.mul(fweights).to(x.dtype);
}

/** Pearson's correlation coefficients of variables, which are the rows: their {@link cov} over both standard deviations. */
export function corrcoef(input: Tensor): Tensor {
  if (checked("corrcoef", input).ndim > 2) {
    throw new RangeError(`corrcoef() expected a matrix or a vector, got ${formatShape(shapeOf(input))}.`);
  }
  const c = cov(input);
  if (c.ndim === 0) return c.div(c);
  const deviations = c.diagonal().sqrt();
  // Rounding may not take a correlation beyond 1.
  return c.div(deviations.unsqueeze(1)).div(deviations).clamp(-1, 1);
}

const methods = { var: variance, std, cov, corrcoef };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
