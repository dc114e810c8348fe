/**
 * @file Dropout: entries set to 0 at random, in training, and the rest scaled up so that the mean stays.
 *
 * The mask is drawn by `rand`, so `manualSeed` repeats it. It is not torch's mask for the same seed: there it comes, on
 * most CPUs, from Intel's library.
 */

import { assign } from "../autograd/inplace.ts";
import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { rand } from "../tensor/random.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

export interface Dropout {
  (input: Tensor, p?: number, training?: boolean, inplace?: boolean): Tensor;
  (input: Tensor, options: { p?: number; training?: boolean; inplace?: boolean }): Tensor;
  (input: Tensor, p: number, options: { training?: boolean; inplace?: boolean }): Tensor;
}

/** What becomes of the input, given 1 for what is kept and 0 for what is dropped. */
type Masking = (x: Tensor, kept: Tensor, p: number) => Tensor;

const scaled: Masking = (x, kept, p) => x.mul(p === 1 ? kept : kept.div(1 - p));

/** @param maskShape entries that share a fate have size 1 there */
function dropping(
  name: string,
  defaultTraining: boolean,
  maskShape: (x: Tensor) => Shape,
  masking: Masking = scaled,
): Dropout {
  return keywords(
    name,
    ["input", "p", "training", "inplace"],
    (input: Tensor, p = 0.5, training = defaultTraining, inplace = false) => {
      const x = checked(name, input, true);
      if (!(p >= 0 && p <= 1)) throw new RangeError(`${name}() expected a probability p, got ${String(p)}.`);
      const shape = maskShape(x);
      if (!training || p === 0) return x;
      const kept = rand(shape, { dtype: x.dtype })
        .lt(1 - p)
        .to(x.dtype);
      const y = masking(x, kept, p);
      return inplace ? assign(`${name}_`, x, y) : y;
    },
  );
}

/** The mask of whole channels of (N, C, …) or (C, …). */
function channels(name: string, rank: number): (x: Tensor) => Shape {
  return x => {
    if (x.ndim !== rank + 1 && x.ndim !== rank + 2) {
      throw new RangeError(
        `${name}() expected (batch,) channels and ${rank} more dimensions, got ${formatShape(shapeOf(x))}.`,
      );
    }
    return shapeOf(x).map((n, d) => (d < x.ndim - rank ? n : 1));
  };
}

/** Each entry is 0 with probability `p`, else divided by 1 − p; with `training` false, the input itself. */
export const dropout: Dropout = dropping("dropout", true, shapeOf);
/** {@link dropout} of whole channels of signals. */
export const dropout1d: Dropout = dropping("dropout1d", true, channels("dropout1d", 1));
/** {@link dropout} of whole channels of images. */
export const dropout2d: Dropout = dropping("dropout2d", true, channels("dropout2d", 2));
/** {@link dropout} of whole channels of volumes. */
export const dropout3d: Dropout = dropping("dropout3d", true, channels("dropout3d", 3));

/** What selu tends to for large negative inputs: −(alpha · scale). */
const SATURATED = -1.7580993408473766;

/** Dropped entries take selu's limit, and all are rescaled so that mean 0 and variance 1 stay. Source: see selu. */
export const alphaDropout: Dropout = dropping("alphaDropout", false, shapeOf, (x, kept, p) => {
  if (p === 1) return x.mul(kept);
  const a = 1 / Math.sqrt((1 - p) * (1 + p * SATURATED * SATURATED));
  const b = -a * p * SATURATED;
  return x.mul(kept).add(kept.neg().add(1).mul(SATURATED)).mul(a).add(b);
});
