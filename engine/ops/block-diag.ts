/** @file Matrices along the diagonal of a larger one. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { keywords, variadic } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { empty, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slicing.ts";

/** Calls `visit` with each block's place: the part of `whole` where it lies. */
function blocksOf<T>(whole: Tensor, blocks: readonly Tensor[], visit: (place: Tensor, i: number) => T): T[] {
  let row = 0;
  let column = 0;
  return blocks.map((block, i) => {
    const [height, width] = shapeOf(block) as [number, number];
    row += height;
    column += width;
    return visit(slice(slice(whole, 0, row - height, row), 1, column - width, column), i);
  });
}

const blockDiagOp: Primitive<readonly Tensor[]> = {
  name: "blockDiag",
  forward(blocks) {
    const total = (dim: number): number => blocks.reduce((n, block) => n + block.size(dim), 0);
    const y = empty([total(0), total(1)], blocks[0]!.dtype);
    blocksOf(y, blocks, (place, i) => place.copy_(blocks[i]!.detach()));
    return y;
  },
  vjp: (g, blocks, _y, _params, needs) => blocksOf(g, blocks, (place, i) => (needs[i] ? place : null)),
  jvp: "linear",
};

export interface BlockDiag {
  (...tensors: Tensor[]): Tensor;
  (tensors: readonly Tensor[]): Tensor;
}

/** The matrices from upper left to lower right, with zeros beside them; a vector is a row, a 0-d tensor one element. */
export const blockDiag: BlockDiag = variadic(
  keywords("blockDiag", ["tensors"], (tensors: readonly Tensor[] = []) => {
    // torch's result for no blocks at all.
    if (tensors.length === 0) return empty([1, 0], "float64");
    const dtype = tensors.map(x => checked("blockDiag", x).dtype).reduce(promoteTypes);
    const blocks = tensors.map(x => {
      if (x.ndim > 2)
        throw new RangeError(`blockDiag() expected matrices at most, got ${formatShape(shapeOf(x))}.`);
      return (x.ndim === 2 ? x : reshape(x, [1, x.numel()])).to(dtype);
    });
    return call(blockDiagOp, blocks, undefined);
  }),
);
