/** @file Vandermonde matrices: the powers of numbers. */

import { onesLike } from "../tensor/creation.ts";
import { isFloatingPoint } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { constantOf } from "./constant.ts";
import { checked } from "./elementwise.ts";
import { stack } from "./joining.ts";

/** 1, x, x², …, `count` of them, along a new last dimension. */
function powers(x: Tensor, count: number): Tensor {
  const columns = [constantOf(onesLike(x.detach()), x)];
  while (columns.length < count) columns.push(columns.length === 1 ? x : columns.at(-1)!.mul(x));
  return stack(columns, -1);
}

interface Vander {
  (x: Tensor, N?: number | null): Tensor;
  (x: Tensor, options: { N?: number | null }): Tensor;
}

/** Rows (1, x, x², …, xᴺ⁻¹) for each element of the last dimension; N is its size by default, and at least 2. */
export const linalgVander: Vander = keywords("vander", ["x", "N"], (x: Tensor, N: number | null = null) => {
  const input = checked("vander", x).ndim === 0 ? x.reshape([1]) : x;
  const count = N ?? input.size(-1);
  if (!Number.isInteger(count) || count < 2) {
    throw new RangeError(`vander() expected N of 2 or more, got ${String(count)}.`);
  }
  return powers(isFloatingPoint(input.dtype) ? input : input.to("int64"), count);
});

interface VanderOfVector {
  (x: Tensor, N?: number | null, increasing?: boolean): Tensor;
  (x: Tensor, options: { N?: number | null; increasing?: boolean }): Tensor;
}

/** Torch's older `torch.vander`: of a vector, with falling powers unless `increasing`. */
export const vander: VanderOfVector = keywords(
  "vander",
  ["x", "N", "increasing"],
  (x: Tensor, N: number | null = null, increasing = false) => {
    if (checked("vander", x).ndim !== 1) {
      throw new RangeError(
        `vander() expected a vector, got ${formatShape(shapeOf(x))}. For a batch: linalg.vander().`,
      );
    }
    const count = N ?? x.size(0);
    if (!Number.isInteger(count) || count < 0)
      throw new RangeError(`vander() expected N ≥ 0, got ${String(count)}.`);
    const rising = powers(isFloatingPoint(x.dtype) ? x : x.to("int64"), Math.max(1, count)).narrow(
      1,
      0,
      count,
    );
    return increasing ? rising : rising.flip(1);
  },
);
