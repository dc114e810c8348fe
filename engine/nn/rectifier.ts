/**
 * @file Activations that are pieces of straight lines: the rectifier and its relatives. At their kinks the derivative
 * is the one that torch has.
 */

import { where } from "../ops/arithmetic.ts";
import { binary, checked, unaryWith } from "../ops/elementwise.ts";
import * as pointwise from "../ops/pointwise.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { rand } from "../tensor/random.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Activation, activation, overwriting, type PlainActivation } from "./signature.ts";

/** max(x, 0); derivative 0 at 0. */
export const relu: PlainActivation = keywords(
  "relu",
  ["input", "inplace"],
  (input: Tensor, inplace = false) => (inplace ? input.relu_() : pointwise.relu(input)),
);
export const relu_: PlainActivation = overwriting("relu", relu);

const clip = unaryWith<{ min: number; max: number }>(
  "hardtanh",
  ({ min, max }) =>
    x =>
      Math.min(Math.max(x, min), max),
  (g, x, _y, { min, max }) => where(x.le(min).logicalOr(x.ge(max)), 0, g),
);

/** x clamped to [minVal, maxVal]; derivative 0 at both, unlike clamp's. */
export const hardtanh: Activation<
  [minVal?: number, maxVal?: number, inplace?: boolean],
  { minVal?: number; maxVal?: number; inplace?: boolean }
> = activation("hardtanh", ["minVal", "maxVal"], (x, min = -1, max = 1) => {
  if (min > max) throw new RangeError(`hardtanh() expected minVal ≤ maxVal, got ${min} and ${max}.`);
  return clip(x, { min, max });
});
export const hardtanh_ = overwriting("hardtanh", hardtanh);

/** x clamped to [0, 6]; derivative 0 at both. */
export const relu6: PlainActivation = activation("relu6", [], x => clip(x, { min: 0, max: 6 }));

const leaky = unaryWith<number>(
  "leakyRelu",
  slope => x => (x > 0 ? x : x * slope),
  (g, x, _y, slope) => where(x.gt(0), g, g.mul(slope)),
);

/** x, and negativeSlope · x from 0 down. */
export const leakyRelu: Activation<
  [negativeSlope?: number, inplace?: boolean],
  { negativeSlope?: number; inplace?: boolean }
> = activation("leakyRelu", ["negativeSlope"], (x, slope = 0.01) => leaky(x, slope));
export const leakyRelu_ = overwriting("leakyRelu", leakyRelu);

const parametric = binary("prelu", (x, weight) => (x > 0 ? x : weight * x), [
  (g, x, weight) => where(x.gt(0), g, g.mul(weight)),
  (g, x) => where(x.gt(0), 0, g.mul(x)),
]);

/**
 * x, and weight · x from 0 down.
 * @param weight one number, or one for each channel: each index of dimension 1
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  const x = checked("prelu", input, true);
  const w = checked("prelu", weight, true);
  const channels = x.ndim < 2 ? 1 : x.size(1);
  if (w.ndim > 1 || (w.numel() !== 1 && w.numel() !== channels)) {
    throw new RangeError(
      `prelu() expected a weight of one element, or of ${channels} for the channels of ${formatShape(shapeOf(x))}; ` +
        `got ${formatShape(shapeOf(w))}.`,
    );
  }
  return parametric(x, w.reshape(x.shape.map((_, dim) => (dim === 1 ? w.numel() : 1))));
}

/**
 * {@link leakyRelu} with a slope that is the middle of [lower, upper], or drawn from there for each element while
 * training.
 */
export const rrelu: Activation<
  [lower?: number, upper?: number, training?: boolean, inplace?: boolean],
  { lower?: number; upper?: number; training?: boolean; inplace?: boolean }
> = activation(
  "rrelu",
  ["lower", "upper", "training"],
  (x, lower = 1 / 8, upper = 1 / 3, training = false) => {
    if (lower > upper) throw new RangeError(`rrelu() expected lower ≤ upper, got ${lower} and ${upper}.`);
    if (!training) return leaky(x, (lower + upper) / 2);
    const slopes = rand(x.shape, { dtype: x.dtype })
      .mul(upper - lower)
      .add(lower);
    return where(x.le(0), x.mul(slopes), x);
  },
);
export const rrelu_ = overwriting("rrelu", rrelu);

const above = unaryWith<{ threshold: number; value: number }>(
  "threshold",
  ({ threshold, value }) =>
    x =>
      x <= threshold ? value : x,
  (g, x, _y, { threshold }) => where(x.le(threshold), 0, g),
);

/** x above `threshold`, else `value`. */
export const threshold: Activation<
  [threshold: number, value: number, inplace?: boolean],
  { threshold: number; value: number; inplace?: boolean }
> = activation("threshold", ["threshold", "value"], (x, limit, value) =>
  above(x, { threshold: limit, value }),
);
export const threshold_ = overwriting("threshold", threshold);

/** In single precision, as torch's kernel has it for every dtype: 3e-8 off the true 1/6. */
const SLOPE = Math.fround(1 / 6);

const hardSigmoid = unaryWith<null>(
  "hardsigmoid",
  () => x => Math.min(Math.max(x + 3, 0), 6) / 6,
  (g, x) => where(x.gt(-3).logicalAnd(x.lt(3)), g.mul(SLOPE), 0),
);

/** x/6 + ½ clamped to [0, 1]; derivative 0 at ±3. */
export const hardsigmoid: PlainActivation = activation("hardsigmoid", [], x => hardSigmoid(x, null));

const hardSwish = unaryWith<null>(
  "hardswish",
  () => x => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  (g, x) => where(x.le(-3), 0, where(x.lt(3), g.mul(x.div(3).add(0.5)), g)),
);

/** x · hardsigmoid(x); derivative 0 at −3 and 1 at 3. */
export const hardswish: PlainActivation = activation("hardswish", [], x => hardSwish(x, null));

/** No gradient flows from what lies in [−λ, λ]. */
function outside(g: Tensor, x: Tensor, lambda: number): Tensor {
  return where(x.ge(-lambda).logicalAnd(x.le(lambda)), 0, g);
}

const hardShrink = unaryWith<number>(
  "hardshrink",
  lambda => x => (x >= -lambda && x <= lambda ? 0 : x),
  (g, x, _y, lambda) => outside(g, x, lambda),
);
const softShrink = unaryWith<number>(
  "softshrink",
  lambda => x => (x > lambda ? x - lambda : x < -lambda ? x + lambda : x * 0),
  (g, x, _y, lambda) => outside(g, x, lambda),
);

export type Shrinkage = Activation<[lambd?: number], { lambd?: number }>;

/** x, and 0 in [−lambd, lambd]. */
export const hardshrink: Shrinkage = keywords(
  "hardshrink",
  ["input", "lambd"],
  (input: Tensor, lambd = 0.5) => hardShrink(checked("hardshrink", input, true), lambd),
);
/** x moved toward 0 by `lambd`, and 0 in [−lambd, lambd]. */
export const softshrink: Shrinkage = keywords(
  "softshrink",
  ["input", "lambd"],
  (input: Tensor, lambd = 0.5) => {
    if (!(lambd >= 0)) throw new RangeError(`softshrink() expected lambd ≥ 0, got ${lambd}.`);
    return softShrink(checked("softshrink", input, true), lambd);
  },
);

const methods = { prelu, hardshrink };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
