/** @file Elements written or added at places. */

import { inPlace } from "../autograd/inplace.ts";
import { fullLike } from "../tensor/creation.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, sameShape, wrapDim } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked, type TensorLike } from "./elementwise.ts";
import { checkedAlong, together } from "./indexing.ts";
import { asIndices } from "./mask.ts";
import { alongDim, byTensors, entriesOf, FLAT, isPlace, overwritten, type Places, placed } from "./places.ts";
import { type Gathering, gathered } from "./scatter-reduce.ts";

/** @throws where the dtypes differ: torch does not convert what is written */
function sameDtype(name: string, input: Tensor, source: Tensor): Tensor {
  if (checked(name, source).dtype === checked(name, input).dtype) return source;
  throw new TypeError(
    `${name}() expected a source of the input's dtype ${input.dtype}, got ${source.dtype}.`,
  );
}

/** The elements of a source that an index of gather and scatter asks for: those at the index's own places. */
function usedOf(name: string, input: Tensor, index: Tensor, src: Tensor): Tensor {
  const source = sameDtype(name, input, src);
  const shape = shapeOf(index);
  if (source.numel() === 1 && index.numel() === 1) return source.reshape(shape);
  if (index.numel() > 0 && (source.ndim !== index.ndim || shape.some((n, d) => n > shapeOf(source)[d]!))) {
    throw new RangeError(
      `${name}() expected a source at least as large as the index: got ${formatShape(shapeOf(source))} for ${formatShape(shape)}.`,
    );
  }
  return shape.reduce((s, n, d) => s.slice(d, 0, n), source);
}

export interface Scatter {
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    src: TensorLike | { value: number },
    options?: { reduce?: "add" | "multiply" | null },
  ): Tensor;
  (
    input: Tensor,
    options: {
      dim: number;
      index: Tensor;
      src?: TensorLike;
      value?: number;
      reduce?: "add" | "multiply" | null;
    },
  ): Tensor;
}

/**
 * `input` with the elements of `src`, or a number, at the places that `gather` would read; with `reduce`, added to or
 * multiplied with what is there. Of several written to one place the last stays, and gets the gradient.
 */
export const scatter: Scatter = keywords(
  "scatter",
  ["input", "dim", "index", "src", "reduce", "value"],
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    src: TensorLike | null = null,
    reduce: "add" | "multiply" | null = null,
    value: number | null = null,
  ) => {
    const given = src ?? value;
    if (given === null) throw new TypeError("scatter() expected src or value, got neither.");
    const source = isTensor(given)
      ? given
      : fullLike(index, given, { dtype: checked("scatter", input).dtype });
    if (reduce === "add") return scatterAdd(input, dim, index, source);
    if (reduce === "multiply") return scatterReduce(input, dim, index, source, "prod");
    if (reduce !== null) {
      throw new TypeError(`scatter() expected reduce to be "add" or "multiply", got "${String(reduce)}".`);
    }
    const places = alongDim(checkedAlong("scatter", input, dim, index));
    return overwritten(input, usedOf("scatter", input, index, source), [index], places);
  },
);

export interface ScatterAdd {
  (input: Tensor, dim: number, index: Tensor, src: Tensor): Tensor;
  (input: Tensor, options: { dim: number; index: Tensor; src: Tensor }): Tensor;
}

/** `input` with `src` added at the places that `gather` would read. */
export const scatterAdd: ScatterAdd = keywords(
  "scatterAdd",
  ["input", "dim", "index", "src"],
  (input: Tensor, dim: number, index: Tensor, src: Tensor) => {
    const places = alongDim(checkedAlong("scatterAdd", input, dim, index));
    return input.add(placed(usedOf("scatterAdd", input, index, src), [index], places, shapeOf(input)));
  },
);

export interface ScatterReduce {
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: Gathering,
    includeSelf?: boolean | { includeSelf?: boolean },
  ): Tensor;
  (
    input: Tensor,
    options: { dim: number; index: Tensor; src: Tensor; reduce: Gathering; includeSelf?: boolean },
  ): Tensor;
}

/**
 * At each place the sum, product, mean, largest or smallest of what `src` has for it, and of what is there unless
 * `includeSelf` is false. Equal extremes share the gradient.
 */
export const scatterReduce: ScatterReduce = keywords(
  "scatterReduce",
  ["input", "dim", "index", "src", "reduce", "includeSelf"],
  (input: Tensor, dim: number, index: Tensor, src: Tensor, reduce: Gathering, includeSelf = true) => {
    const places = alongDim(checkedAlong("scatterReduce", input, dim, index));
    return gathered(input, usedOf("scatterReduce", input, index, src), [index], places, reduce, includeSelf);
  },
);

/** A vector of indices for the entries of a dimension, for which a 0-d tensor stands in as a vector of one. */
interface Entries {
  readonly x: Tensor;
  readonly index: Tensor;
  readonly places: Places;
}

function checkedEntries(
  name: string,
  input: Tensor,
  dim: number,
  index: Tensor,
  placesOf: (dim: number) => Places = entriesOf,
): Entries {
  const d = wrapDim(dim, checked(name, input).ndim);
  if (index.ndim > 1)
    throw new RangeError(`${name}() expected a vector of indices, got ${formatShape(shapeOf(index))}.`);
  return {
    x: input.ndim === 0 ? input.reshape([1]) : input,
    index: index.reshape([-1]),
    places: placesOf(d),
  };
}

/** A source in the shape of the entries that it is for; torch takes one element in any shape. */
function entrySource(name: string, { x, index, places }: Entries, source: Tensor): Tensor {
  const shape = places.shape(shapeOf(x), [index]);
  const s = sameDtype(name, x, source);
  if (s.numel() === 1 && shape.every(n => n === 1)) return s.reshape(shape);
  if (!sameShape(shapeOf(s), shape)) {
    throw new RangeError(
      `${name}() expected a source of shape ${formatShape(shape)}, one entry for each index; got ${formatShape(shapeOf(s))}.`,
    );
  }
  return s;
}

export interface IndexAdd {
  (input: Tensor, dim: number, index: Tensor, source: Tensor, options?: { alpha?: number }): Tensor;
  (input: Tensor, options: { dim: number; index: Tensor; source: Tensor; alpha?: number }): Tensor;
}

/** `input` with `alpha` times the entries of `source` added to the entries of `dim` that a vector of indices names. */
export const indexAdd: IndexAdd = keywords(
  "indexAdd",
  ["input", "dim", "index", "source", "alpha"],
  (input: Tensor, dim: number, index: Tensor, source: Tensor, alpha = 1) => {
    const entries = checkedEntries("indexAdd", input, dim, index);
    const added = entrySource("indexAdd", entries, source);
    const { x, places } = entries;
    const y = x.add(placed(added, [entries.index], places, shapeOf(x)), { alpha });
    return y.reshape(shapeOf(input));
  },
);

export interface IndexCopy {
  (input: Tensor, dim: number, index: Tensor, source: Tensor): Tensor;
  (input: Tensor, options: { dim: number; index: Tensor; source: Tensor }): Tensor;
}

/** `input` with the entries of `source` in place of the entries of `dim` that a vector of indices names. */
export const indexCopy: IndexCopy = keywords(
  "indexCopy",
  ["input", "dim", "index", "source"],
  (input: Tensor, dim: number, index: Tensor, source: Tensor) => {
    const entries = checkedEntries("indexCopy", input, dim, index);
    const copied = entrySource("indexCopy", entries, source);
    return overwritten(entries.x, copied, [entries.index], entries.places).reshape(shapeOf(input));
  },
);

export interface IndexFill {
  (input: Tensor, dim: number, index: Tensor, value: TensorLike): Tensor;
  (input: Tensor, options: { dim: number; index: Tensor; value: TensorLike }): Tensor;
}

/**
 * `input` with a number, or a 0-d tensor, in the entries of `dim` that a vector of indices names; here, as in torch, negative
 * ones count from the end.
 */
export const indexFill: IndexFill = keywords(
  "indexFill",
  ["input", "dim", "index", "value"],
  (input: Tensor, dim: number, index: Tensor, value: TensorLike) => {
    if (isTensor(value) && value.ndim > 0) {
      throw new RangeError(
        `indexFill() expected a number or a 0-d tensor to fill in, got ${formatShape(shapeOf(value))}.`,
      );
    }
    const { x, index: at, places } = checkedEntries("indexFill", input, dim, index, d => byTensors([d]));
    return where(isPlace([at], places, shapeOf(x)), value, x).reshape(shapeOf(input));
  },
);

export interface IndexReduce {
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<Gathering, "sum">,
    options?: { includeSelf?: boolean },
  ): Tensor;
  (
    input: Tensor,
    options: {
      dim: number;
      index: Tensor;
      source: Tensor;
      reduce: Exclude<Gathering, "sum">;
      includeSelf?: boolean;
    },
  ): Tensor;
}

/** As {@link scatterReduce}, for entries of `dim` that a vector of indices names. */
export const indexReduce: IndexReduce = keywords(
  "indexReduce",
  ["input", "dim", "index", "source", "reduce", "includeSelf"],
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<Gathering, "sum">,
    includeSelf = true,
  ) => {
    const entries = checkedEntries("indexReduce", input, dim, index);
    const from = entrySource("indexReduce", entries, source);
    const { x, places } = entries;
    return gathered(x, from, [entries.index], places, reduce, includeSelf).reshape(shapeOf(input));
  },
);

export interface IndexPut {
  (
    input: Tensor,
    indices: readonly (Tensor | null)[],
    values: Tensor,
    accumulate?: boolean | { accumulate?: boolean },
  ): Tensor;
  (
    input: Tensor,
    options: { indices: readonly (Tensor | null)[]; values: Tensor; accumulate?: boolean },
  ): Tensor;
}

/**
 * `input` with `values`, broadcast, at `input[indices]`, or added there. One index tensor or mask for each of the first
 * dimensions; null for a whole one.
 */
export const indexPut: IndexPut = keywords(
  "indexPut",
  ["input", "indices", "values", "accumulate"],
  (input: Tensor, indices: readonly (Tensor | null)[], values: Tensor, accumulate = false) => {
    const source = sameDtype("indexPut", input, values);
    const tensors: (Tensor | null)[] = [];
    for (const component of indices) {
      tensors.push(...(component === null ? [null] : asIndices(component, shapeOf(input), tensors.length)));
    }
    if (!tensors.some(isTensor)) throw new TypeError("indexPut() expected at least one index tensor.");
    if (tensors.length > input.ndim) {
      throw new RangeError(`Too many indices: ${tensors.length} for a tensor of ${input.ndim} dimensions.`);
    }
    const { dims, indices: at } = together(tensors);
    const places = byTensors(dims);
    const spread = source.expand(places.shape(shapeOf(input), at));
    return accumulate
      ? input.add(placed(spread, at, places, shapeOf(input)))
      : overwritten(input, spread, at, places);
  },
);

export interface Put {
  (input: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | { accumulate?: boolean }): Tensor;
  (input: Tensor, options: { index: Tensor; source: Tensor; accumulate?: boolean }): Tensor;
}

/** `input` with the elements of `source` at the places of the flattened tensor that `index` names, or added there. */
export const put: Put = keywords(
  "put",
  ["input", "index", "source", "accumulate"],
  (input: Tensor, index: Tensor, source: Tensor, accumulate = false) => {
    if (sameDtype("put", input, source).numel() !== index.numel()) {
      throw new RangeError(
        `put() expected as many elements as indices: got ${source.numel()} and ${index.numel()}.`,
      );
    }
    const elements = source.reshape(shapeOf(index));
    return accumulate
      ? input.add(placed(elements, [index], FLAT, shapeOf(input)))
      : overwritten(input, elements, [index], FLAT);
  },
);

const changing = {
  scatter,
  scatterAdd,
  scatterReduce,
  indexAdd,
  indexCopy,
  indexFill,
  indexReduce,
  indexPut,
  put,
};
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
