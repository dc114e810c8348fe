/** @file Sizes and steps along spatial dimensions, given once for all or one for each: kernel sizes, strides, paddings. */

import { formatShape, type Shape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

/** One number for every spatial dimension, or a list with one for each (or one for all). */
export type Extents = number | readonly number[];

/** @throws where there are too many or too few, or one is no integer of at least `least` */
export function extentsOf(op: string, what: string, value: Extents, rank: number, least = 1): number[] {
  const list = typeof value === "number" ? [value] : value;
  const all = Array.isArray(list) && list.length === 1 ? new Array<number>(rank).fill(list[0]!) : list;
  if (!Array.isArray(all) || all.length !== rank || all.some(n => !Number.isSafeInteger(n) || n < least)) {
    throw new RangeError(
      `${op}() expected ${what} to be an integer of ${least} or more${rank === 1 ? "" : `, or ${rank} of them`}, ` +
        `got ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}.`,
    );
  }
  return all.slice();
}

/** What stands before the spatial dimensions: a batch and channels, or channels alone. */
export interface Spatial {
  /** With a batch in front, of size 1 if there was none. */
  readonly images: Tensor;
  /** Of the spatial dimensions. */
  readonly size: Shape;
  /** Takes the batch away again if there was none. */
  readonly restore: (result: Tensor) => Tensor;
}

/** @throws where the input has neither `rank` + 1 nor `rank` + 2 dimensions, or one other than the batch is empty */
export function spatial(op: string, input: Tensor, rank: number): Spatial {
  const shape = shapeOf(input);
  const batched = shape.length === rank + 2;
  if (!batched && shape.length !== rank + 1) {
    throw new RangeError(
      `${op}() expected an input of ${rank + 1} or ${rank + 2} dimensions, (batch,) channels and ${rank} spatial, ` +
        `got ${formatShape(shape)}.`,
    );
  }
  if (shape.slice(batched ? 1 : 0).includes(0)) {
    throw new RangeError(
      `${op}() expected an input that is not empty but for its batch, got ${formatShape(shape)}.`,
    );
  }
  return {
    images: batched ? input : input.unsqueeze(0),
    size: shape.slice(-rank),
    restore: result => (batched ? result : result.squeeze(0)),
  };
}
