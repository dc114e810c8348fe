/** @file Tensors joined as rows, columns or layers, whatever dimensions they lack. */

import { keywords } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { cat } from "./joining.ts";
import { reshape, unsqueeze } from "./reshape.ts";

/** With dimensions of size 1 in front, where there are fewer than asked for: (n) ─► (1, n) ─► (1, n, 1). */
function atLeast(rank: 1 | 2 | 3, input: Tensor): Tensor {
  if (input.ndim >= rank) return input;
  if (input.ndim === 0) return reshape(input, new Array<number>(rank).fill(1));
  const row = input.ndim === 1 ? unsqueeze(input, 0) : input;
  return rank === 3 ? unsqueeze(row, -1) : row;
}

export interface Stack {
  (tensors: readonly Tensor[]): Tensor;
  (options: { tensors: readonly Tensor[] }): Tensor;
}

function stacking(
  name: string,
  arrange: (input: Tensor) => Tensor,
  dimFor: (first: Tensor) => number,
): Stack {
  return keywords(name, ["tensors"], (tensors: readonly Tensor[]) => {
    if (!Array.isArray(tensors) || tensors.length === 0)
      throw new RangeError(`${name}() expected a list of one or more tensors.`);
    const arranged = tensors.map(x => arrange(checked(name, x)));
    return cat(arranged, dimFor(arranged[0]!));
  });
}

/** Side by side: vectors one after the other, all others along dimension 1. */
export const hstack: Stack = stacking(
  "hstack",
  x => atLeast(1, x),
  first => (first.ndim === 1 ? 0 : 1),
);

/** One below the other, along dimension 0; a vector is a row. */
export const vstack: Stack = stacking(
  "vstack",
  x => atLeast(2, x),
  () => 0,
);

/** One behind the other, along dimension 2; a vector is a row, a matrix a layer. */
export const dstack: Stack = stacking(
  "dstack",
  x => atLeast(3, x),
  () => 2,
);

/** Side by side, along dimension 1; a vector is a column. */
export const columnStack: Stack = stacking(
  "columnStack",
  x => (x.ndim < 2 ? reshape(x, [x.numel(), 1]) : x),
  () => 1,
);

export { vstack as rowStack };
