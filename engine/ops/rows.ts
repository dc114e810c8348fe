/** @file Operations along one dimension: its rows, and elements that are chosen from each row by comparing. */

import { call, type Primitive } from "../autograd/primitive.ts";
import type { RowKernel } from "../kernels/scan.ts";
import type { DType } from "../tensor/dtype.ts";
import { numelOf, wrapDim } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { gather } from "./indexing.ts";

/** A tensor without history, row-major, with dimension `dim` innermost. */
export function innermost(x: Tensor, dim: number): Tensor {
  return x.detach().transpose(dim, -1).contiguous();
}

/** A fresh tensor with dimension `dim` innermost, put back into order. */
export function outward(y: Tensor, dim: number): Tensor {
  return dim === y.ndim - 1 ? y : y.transpose(dim, -1).clone();
}

/** What a kernel makes of each row along `dim`: rows of `length` elements. */
export function mapRows(x: Tensor, dim: number, length: number, dtype: DType, kernel: RowKernel): Tensor {
  const source = innermost(x, dim);
  const n = shapeOf(source).at(-1)!;
  const rows = numelOf(shapeOf(source).slice(0, -1));
  const y = empty(shapeOf(source).with(-1, length), dtype);
  for (let r = 0; r < rows; r++) {
    kernel(dataOf(source), offsetOf(source) + r * n, n, dataOf(y), offsetOf(y) + r * length);
  }
  return outward(y, dim);
}

/** The public function whose places they are, for who writes a computation down. */
export type ChosenBy =
  | { readonly name: "argmax" | "argmin" }
  | { readonly name: "argsort"; readonly descending: boolean }
  | { readonly name: "topk"; readonly largest: boolean };

export interface Choice {
  readonly dim: number;
  readonly count: number;
  /** Absent where there is none. */
  readonly chosenBy?: ChosenBy;
  /** Writes the places, within its row, of what is chosen. */
  readonly choose: RowKernel;
}

const choiceOp: Primitive<[x: Tensor], Choice> = {
  name: "choice",
  forward: ([x], { dim, count, choose }) => mapRows(x, dim, count, "int64", choose),
  vjp: [],
  jvp: "linear",
  batch: (values, _batched, { dim, ...choice }) => call(choiceOp, values, { ...choice, dim: dim + 1 }),
};

/** Places along `dim` of the `count` elements that are chosen from each row: int64, without derivative. */
export function placesAlong(
  x: Tensor,
  dim: number,
  count: number,
  choose: RowKernel,
  chosenBy?: ChosenBy,
): Tensor {
  const d = wrapDim(dim, x.ndim);
  const row = x.ndim === 0 ? x.reshape([1]) : x;
  const places = call(choiceOp, [row.detach()], { dim: d, count, choose, chosenBy });
  return x.ndim === 0 ? places.reshape([]) : places;
}

/** Elements along a dimension and where they stood. */
export interface Chosen {
  values: Tensor;
  indices: Tensor;
}

/** Elements chosen from each row along `dim`. The gradient goes to the places they were picked from. */
export function chooseAlong(
  x: Tensor,
  dim: number,
  count: number,
  choose: RowKernel,
  chosenBy?: ChosenBy,
): Chosen {
  const indices = placesAlong(x, dim, count, choose, chosenBy);
  return { values: gather(x, dim, indices), indices };
}

/** One element of each row along `dim`, which goes, or stays with size 1. */
export function chooseOne(
  x: Tensor,
  dim: number,
  keepdim: boolean,
  place: (data: Parameters<RowKernel>[0], start: number, n: number) => number,
  chosenBy?: ChosenBy,
): Chosen {
  const choose: RowKernel = (data, start, n, out, at) => {
    out[at] = place(data, start, n);
  };
  const { values, indices } = chooseAlong(x, dim, 1, choose, chosenBy);
  const drop = (y: Tensor): Tensor => (keepdim || x.ndim === 0 ? y : y.squeeze(dim));
  return { values: drop(values), indices: drop(indices) };
}
