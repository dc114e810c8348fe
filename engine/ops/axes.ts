/** @file The dimensions that a reduction takes away, and the elements laid out for it. */

import type { Rows } from "../kernels/reduction.ts";
import { numelOf, reducedShape, type Shape } from "../tensor/shape.ts";
import { dataOf, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { permute } from "./permute.ts";

/** Which dimensions to reduce (wrapped, rising), and whether they stay with size 1. */
export interface Axes {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/** The elements with the reduced dimensions innermost, one row for each element of the result. */
export function rowsOf(x: Tensor, dims: readonly number[]): Rows {
  const shape = shapeOf(x);
  const kept = shape.map((_, i) => i).filter(i => !dims.includes(i));
  // Not a spread after a spread: V8 gives up its code for that again and again.
  const y = permute(x, kept.concat(dims)).contiguous();
  const length = numelOf(dims.map(d => shape[d]!));
  return { data: dataOf(y), offset: offsetOf(y), rows: numelOf(kept.map(d => shape[d]!)), length };
}

/** A reduction's result, or its gradient, repeated over the dimensions that were reduced. */
export function spread(reduced: Tensor, shape: Shape, { dims }: Axes): Tensor {
  return reduced.reshape(reducedShape(shape, dims, true)).expand(shape);
}
