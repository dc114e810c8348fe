/** @file Sorting along a dimension. NaN counts as larger than every number. The gradient follows each element to its place. */

import { sortedPlaces } from "../kernels/sorting.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { wrapDim } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { type Chosen, chooseAlong, placesAlong } from "./rows.ts";

/** `count` places of a row, in order. */
function sorted(descending: boolean): Parameters<typeof placesAlong>[3] {
  return (data, start, n, out, at) => {
    // The row that is written may be shorter than the one that is read.
    out.set(sortedPlaces(data, start, n, descending), at);
  };
}

interface SortOptions {
  dim?: number;
  descending?: boolean;
  /** Whether equal elements stay in order: they always do. */
  stable?: boolean;
}

export interface Sort<Result> {
  (input: Tensor, dim?: number, descending?: boolean | SortOptions): Result;
  (input: Tensor, options: SortOptions): Result;
}

function sortFunction<Result>(
  name: string,
  f: (
    x: Tensor,
    dim: number,
    count: number,
    choose: ReturnType<typeof sorted>,
    chosenBy: { name: "argsort"; descending: boolean },
  ) => Result,
): Sort<Result> {
  return keywords(
    name,
    ["input", "dim", "descending", "stable"],
    (input: Tensor, dim = -1, descending = false) => {
      const d = wrapDim(dim, checked(name, input).ndim);
      return f(input, d, shapeOf(input)[d] ?? 1, sorted(descending), { name: "argsort", descending });
    },
  );
}

/** The elements along `dim` from the smallest to the largest, or back, and the places where they stood. */
export const sort: Sort<Chosen> = sortFunction("sort", chooseAlong);
/** The places of the elements along `dim` from the smallest to the largest, or back. */
export const argsort: Sort<Tensor> = sortFunction("argsort", placesAlong);

/** The elements along the first dimension, from the smallest to the largest. */
export function msort(input: Tensor): Tensor {
  return sort(input, 0).values;
}

interface TopkOptions {
  dim?: number | null;
  largest?: boolean;
  /** Whether in order of size: they always are. */
  sorted?: boolean;
}

export interface Topk {
  (
    input: Tensor,
    k: number,
    dim?: number | null | TopkOptions,
    largest?: boolean | TopkOptions,
    sorted?: boolean,
  ): Chosen;
  (input: Tensor, options: TopkOptions & { k: number }): Chosen;
}

/** The `k` largest (or smallest) elements along `dim`, the most extreme first, and the places where they stood. */
export const topk: Topk = keywords(
  "topk",
  ["input", "k", "dim", "largest", "sorted"],
  (input: Tensor, k: number, dim: number | null = null, largest = true) => {
    const d = wrapDim(dim ?? -1, checked("topk", input).ndim);
    const n = shapeOf(input)[d] ?? 1;
    if (!Number.isInteger(k) || k < 0 || k > n) {
      throw new RangeError(`topk() expected a k from 0 to ${n}, the size of dimension ${d}; got ${k}.`);
    }
    const choose: Parameters<typeof placesAlong>[3] = (data, start, length, out, at) => {
      out.set(sortedPlaces(data, start, length, largest).subarray(0, k), at);
    };
    return chooseAlong(input, d, k, choose, { name: "topk", largest });
  },
);

const methods = { sort, argsort, msort, topk };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
