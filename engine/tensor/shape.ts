/** @file Arithmetic on shapes, strides and dimension numbers; broadcasting as in NumPy and torch. */

/** Extents of the dimensions, outermost first; `[]` is a 0-d tensor. Internal ones are shared: never written to. */
export type Shape = readonly number[];

export function numelOf(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i]!;
  return n;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Strides, in elements, of a row-major tensor. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i]!, 1);
  }
  return strides;
}

export function isContiguous(shape: Shape, strides: Shape): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const extent = shape[i]!;
    if (extent !== 1) {
      if (extent === 0) return true;
      if (strides[i] !== step) return false;
      step *= extent;
    }
  }
  return true;
}

/** Shape as people read it: `(2, 3)`, `(3,)`, `()`. */
export function formatShape(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/**
 * Shape of an elementwise result.
 * @throws where a dimension differs and neither extent is 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new RangeError(
        `The shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: expected equal sizes (or 1) at ` +
          `dimension ${rank - i}, got ${m} and ${n}.`,
      );
    }
    result[rank - i] = m === 1 ? n : m;
  }
  return result;
}

/** Strides that read a tensor of shape `from` as if it had shape `to`: 0 along every repeated dimension. */
export function broadcastStrides(from: Shape, strides: Shape, to: Shape): number[] {
  const lead = to.length - from.length;
  const result = new Array<number>(to.length);
  for (let i = 0; i < to.length; i++) {
    const extent = i < lead ? 1 : from[i - lead]!;
    result[i] = extent === 1 && to[i] !== 1 ? 0 : i < lead ? 0 : strides[i - lead]!;
  }
  return result;
}

/**
 * A dimension number from 0 to rank − 1; negative ones count from the end. A 0-d tensor accepts 0 and −1.
 * @throws RangeError outside of that.
 */
export function wrapDim(dim: number, rank: number): number {
  const n = Math.max(rank, 1);
  if (!Number.isInteger(dim) || dim < -n || dim >= n) {
    throw new RangeError(`Dimension out of range: expected an integer from ${-n} to ${n - 1}, got ${dim}.`);
  }
  return dim < 0 ? dim + n : dim;
}

/** What torch takes for `dim`: one number, several, or null (`[]` too, for reductions) for all. */
export type Dims = number | readonly number[] | null | undefined;

/** Dimension numbers in rising order without repetition; all of them for null and `[]`. */
export function wrapDims(dims: Dims, rank: number): number[] {
  if (dims === null || dims === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = typeof dims === "number" ? [dims] : dims;
  if (list.length === 0) return Array.from({ length: rank }, (_, i) => i);
  const wrapped = list.map(dim => wrapDim(dim, rank));
  if (new Set(wrapped).size !== wrapped.length) {
    throw new RangeError(`A dimension appears twice in dim = [${list.join(", ")}].`);
  }
  return rank === 0 ? [] : wrapped.sort((a, b) => a - b);
}

/** The shape that is left when `dims` (wrapped) are summed away, or kept with size 1. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  const result: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!dims.includes(i)) result.push(shape[i]!);
    else if (keepdim) result.push(1);
  }
  return result;
}

const isExtent = (extent: number): boolean => Number.isInteger(extent) && extent >= 0;

/**
 * The shape that `reshape` was asked for, its one `-1` filled in.
 * @throws where the number of elements does not fit, or leaves the size open.
 */
export function inferShape(shape: Shape, numel: number): number[] {
  let holes = 0;
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === -1) holes++;
    else known *= shape[i]!;
  }
  if (holes === 0 && known === numel && shape.every(isExtent)) return shape.slice();
  if (holes === 1 && known === 0 && numel === 0) {
    throw new RangeError(
      `The shape [${shape.join(", ")}] says too little of 0 elements: any size would do for -1. Give it.`,
    );
  }
  const result = shape.map(extent => (extent === -1 ? numel / known : extent));
  if (holes > 1 || numelOf(result) !== numel || !result.every(isExtent)) {
    throw new RangeError(
      `The shape [${shape.join(", ")}] does not fit ${numel} elements: expected sizes whose product is ${numel}, ` +
        "with -1 at most once.",
    );
  }
  return result;
}

/**
 * Strides under which the same elements, in the same order, have another shape; null where only a copy can have it.
 * Dimensions that are stepped through as one are a run: a new dimension lies within one.
 *
 * Source: torch's `computeStride`, ATen/TensorUtils.cpp.
 * @param shape with as many elements as `from`
 */
export function viewStrides(from: Shape, strides: Shape, shape: Shape): number[] | null {
  if (numelOf(from) === 0 || isContiguous(from, strides)) return contiguousStrides(shape);
  const result = new Array<number>(shape.length).fill(1);
  let next = shape.length - 1;
  let end = from.length - 1;
  while (end >= 0) {
    const step = strides[end]!;
    let start = end;
    let run = from[end]!;
    while (start > 0 && (from[start - 1] === 1 || strides[start - 1] === run * step)) run *= from[--start]!;
    let filled = 1;
    while (next >= 0 && (filled < run || shape[next] === 1)) {
      result[next] = filled * step;
      filled *= shape[next--]!;
    }
    if (filled !== run) return null;
    end = start - 1;
  }
  return result;
}

/** A size as torch takes it: `x.reshape(2, 3)` or `x.reshape([2, 3])`. */
export type SizeList = number[] | [Shape];

/** @throws where a size is no integer */
export function sizeOf(args: SizeList): number[] {
  const size = (Array.isArray(args[0]) ? args[0] : args).slice() as number[];
  if (!size.every(Number.isSafeInteger))
    throw new TypeError(`Expected integers, got (${size.map(String).join(", ")}).`);
  return size;
}

/** Whether a tensor of shape `from` can be repeated to shape `to`. */
export function expandsTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((extent, i) => extent === 1 || extent === to[i + lead]);
}
