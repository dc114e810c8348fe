/** @file Indices that torch takes from 0 upwards only: of classes, and of rows of a table. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { dataOf, offsetOf, type Tensor } from "../tensor/tensor.ts";

interface Bounds {
  readonly op: string;
  readonly size: number;
}

const checkOp: Primitive<[indices: Tensor], Bounds> = {
  name: "indices",
  forward([indices], { op, size }) {
    const flat = indices.detach().contiguous();
    for (let i = 0; i < flat.numel(); i++) {
      const index = dataOf(flat)[offsetOf(flat) + i]!;
      if (index < 0 || index >= size) {
        throw new RangeError(`${op}() expected indices from 0 to ${size - 1}, got ${index}.`);
      }
    }
    return indices.detach();
  },
  vjp: [],
  jvp: "linear",
  batch: (values, _batched, bounds) => call(checkOp, values, bounds),
};

/** The indices themselves. @throws where they are no integers from 0 to size − 1 */
export function checkedIndices(op: string, indices: Tensor, size: number): Tensor {
  if (indices.dtype !== "int64" && indices.dtype !== "int32" && indices.dtype !== "uint8") {
    throw new TypeError(
      `${op}() expected indices of dtype int64, got ${indices.dtype}. Use tensor([…], { dtype: "int64" }).`,
    );
  }
  return call(checkOp, [indices], { op, size });
}
