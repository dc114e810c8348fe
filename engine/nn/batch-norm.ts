/** @file Normalisation of channels over space, and over the batch too, with running statistics for when there is no batch. */

import { noGrad } from "../autograd/mode.ts";
import { checked } from "../ops/elementwise.ts";
import { variance } from "../ops/statistics.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, numelOf, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { affine, asChannels, type Parameter, standardize } from "./standardize.ts";

interface Settings {
  weight?: Parameter;
  bias?: Parameter;
  momentum?: number;
  eps?: number;
}

interface BatchSettings extends Settings {
  training?: boolean;
}

export interface BatchNorm {
  (
    input: Tensor,
    runningMean: Parameter,
    runningVar: Parameter,
    weight?: Parameter,
    bias?: Parameter,
    training?: boolean,
    momentum?: number,
    eps?: number,
  ): Tensor;
  (input: Tensor, runningMean: Parameter, runningVar: Parameter, options: BatchSettings): Tensor;
  (
    input: Tensor,
    runningMean: Parameter,
    runningVar: Parameter,
    weight: Parameter,
    bias: Parameter,
    options: BatchSettings,
  ): Tensor;
  (input: Tensor, options: BatchSettings & { runningMean: Parameter; runningVar: Parameter }): Tensor;
}

/**
 * (N, C, …) standardised for each channel over all else. In training the batch's own mean and variance are used, and enter
 * the running ones in place: running ← (1 − momentum) · running + momentum · batch, with the unbiased variance. Else
 * the running ones are used, as constants.
 */
export const batchNorm: BatchNorm = keywords(
  "batchNorm",
  ["input", "runningMean", "runningVar", "weight", "bias", "training", "momentum", "eps"],
  (
    input: Tensor,
    runningMean: Parameter,
    runningVar: Parameter,
    weight: Parameter = null,
    bias: Parameter = null,
    training = false,
    momentum = 0.1,
    eps = 1e-5,
  ) => {
    const x = checked("batchNorm", input, true);
    if (x.numel() === 0) return x.ndim < 2 ? x.clone() : affine("batchNorm", x.clone(), weight, bias);
    atLeastChannels("batchNorm", x, 2);
    if (!training) return fixed("batchNorm", x, runningMean, runningVar, weight, bias, eps);
    const dims = shapeOf(x)
      .map((_, d) => d)
      .filter(d => d !== 1);
    severalEach("batchNorm", x, dims);
    noGrad(() => {
      const values = x.detach();
      update("batchNorm", runningMean, () => values.mean(dims), momentum);
      update("batchNorm", runningVar, () => variance(values, dims), momentum);
    });
    return affine("batchNorm", standardize(x, dims, eps), weight, bias);
  },
);

interface InstanceSettings extends Settings {
  useInputStats?: boolean;
}

export interface InstanceNorm {
  (
    input: Tensor,
    runningMean?: Parameter,
    runningVar?: Parameter,
    weight?: Parameter,
    bias?: Parameter,
    useInputStats?: boolean,
    momentum?: number,
    eps?: number,
  ): Tensor;
  (input: Tensor, runningMean: Parameter, runningVar: Parameter, options: InstanceSettings): Tensor;
  (input: Tensor, options: InstanceSettings & { runningMean?: Parameter; runningVar?: Parameter }): Tensor;
}

/**
 * (N, C, …) standardised for each channel of each entry of the batch. With `useInputStats` the batch's averages of their means
 * and unbiased variances enter the running ones as in {@link batchNorm}; else the running ones are used, as constants.
 */
export const instanceNorm: InstanceNorm = keywords(
  "instanceNorm",
  ["input", "runningMean", "runningVar", "weight", "bias", "useInputStats", "momentum", "eps"],
  (
    input: Tensor,
    runningMean: Parameter = null,
    runningVar: Parameter = null,
    weight: Parameter = null,
    bias: Parameter = null,
    useInputStats = true,
    momentum = 0.1,
    eps = 1e-5,
  ) => {
    const x = checked("instanceNorm", input, true);
    atLeastChannels("instanceNorm", x, 3);
    if (!useInputStats) return fixed("instanceNorm", x, runningMean, runningVar, weight, bias, eps);
    const dims = shapeOf(x)
      .map((_, d) => d)
      .slice(2);
    severalEach("instanceNorm", x, dims);
    noGrad(() => {
      const values = x.detach();
      update("instanceNorm", runningMean, () => values.mean(dims).mean(0), momentum);
      update("instanceNorm", runningVar, () => variance(values, dims).mean(0), momentum);
    });
    return affine("instanceNorm", standardize(x, dims, eps), weight, bias);
  },
);

function atLeastChannels(name: string, x: Tensor, ndim: number): void {
  if (x.ndim < ndim) {
    throw new RangeError(
      `${name}() expected an input (N, C, …) of ${ndim} or more dimensions, got ${formatShape(shapeOf(x))}.`,
    );
  }
}

function severalEach(name: string, x: Tensor, dims: readonly number[]): void {
  if (numelOf(dims.map(d => shapeOf(x)[d]!)) < 2) {
    throw new RangeError(
      `${name}() expected more than one value per channel to take the variance of, got ${formatShape(shapeOf(x))}.`,
    );
  }
}

/** With mean and variance given. */
function fixed(
  name: string,
  x: Tensor,
  mean: Parameter,
  variances: Parameter,
  weight: Parameter,
  bias: Parameter,
  eps: number,
): Tensor {
  if (mean === null || variances === null) {
    throw new TypeError(
      `${name}() expected runningMean and runningVar, since the input's own are not to be used.`,
    );
  }
  const shift = asChannels(name, "runningMean", mean, x).detach();
  const scale = asChannels(name, "runningVar", variances, x).detach().add(eps).rsqrt();
  return affine(name, x.sub(shift).mul(scale), weight, bias);
}

/** running ← (1 − momentum) · running + momentum · what was measured, in place. */
function update(name: string, running: Parameter, measure: () => Tensor, momentum: number): void {
  if (running === null) return;
  const current = measure();
  if (!sameShape(shapeOf(checked(name, running)), shapeOf(current))) {
    throw new RangeError(
      `${name}() expected running statistics of shape ${formatShape(shapeOf(current))}, got ${formatShape(shapeOf(running))}.`,
    );
  }
  running.copy_(running.mul(1 - momentum).add(current.mul(momentum)));
}
