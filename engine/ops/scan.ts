/**
 * @file Running sums, products and extremes along a dimension.
 *
 * Derivatives of what is carried from element to element are linear recurrences, sᵢ = bᵢ + aᵢ sᵢ₋₁, which no division by an
 * element disturbs: a product with zeros in it has its true derivative. A recurrence's own derivatives are recurrences.
 */

import { inPlace } from "../autograd/inplace.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import {
  linearRecurrence as recur,
  runningArgmax,
  runningArgmin,
  runningLogSumExp,
  runningProduct,
  runningSum,
} from "../kernels/scan.ts";
import { fullLike } from "../tensor/creation.ts";
import { type DType, isFloatingPoint } from "../tensor/dtype.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import { wrapDim } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked } from "./elementwise.ts";
import { cat } from "./joining.ts";
import { type Chosen, chooseAlong, innermost, mapRows, outward } from "./rows.ts";

/** xᵢ₋₁ at place i, `first` at place 0. */
function delayed(x: Tensor, dim: number, first: number): Tensor {
  const head = x.narrow(dim, 0, 1);
  return cat([fullLike(head, first), x.narrow(dim, 0, x.size(dim) - 1)], dim);
}

/** xᵢ₊₁ at place i, 0 at the last. */
function advanced(x: Tensor, dim: number): Tensor {
  const tail = x.narrow(dim, 0, 1);
  return cat([x.narrow(dim, 1, x.size(dim) - 1), fullLike(tail, 0)], dim);
}

const recurrenceOp: Primitive<[a: Tensor, b: Tensor], number> = {
  name: "linearRecurrence",
  forward([a, b], dim) {
    const A = innermost(a, dim);
    const B = innermost(b, dim);
    const y = empty(shapeOf(B), b.dtype);
    const n = y.size(-1);
    recur(y.numel() / n, n, dataOf(A), offsetOf(A), dataOf(B), offsetOf(B), dataOf(y), offsetOf(y));
    return outward(y, dim);
  },
  vjp(g, [a], s, dim, needs) {
    const adjoint = backwards(a, g, dim);
    return [needs[0] ? adjoint.mul(delayed(s, dim, 0)) : null, adjoint];
  },
  jvp([da, db], [a, b], s, dim) {
    const moved = da?.mul(delayed(s, dim, 0)) ?? null;
    const forced = moved === null ? db! : db === null ? moved : moved.add(db);
    return linearRecurrence(a.to(b.dtype), forced, dim);
  },
};

/** sᵢ = bᵢ + aᵢ sᵢ₋₁ along `dim`, from s₋₁ = 0. Both have one shape, of which no extent is 0. */
export function linearRecurrence(a: Tensor, b: Tensor, dim: number): Tensor {
  return call(recurrenceOp, [a, b], dim);
}

/** λᵢ = gᵢ + aᵢ₊₁ λᵢ₊₁: the transpose of the recurrence. */
function backwards(a: Tensor, g: Tensor, dim: number): Tensor {
  return linearRecurrence(advanced(a, dim).flip(dim), g.flip(dim), dim).flip(dim);
}

const cumsumOp: Primitive<[x: Tensor], number> = {
  name: "cumsum",
  forward: ([x], dim) => mapRows(x, dim, x.size(dim), x.dtype, runningSum),
  vjp: [(g, _inputs, _y, dim) => cumsum(g.flip(dim), dim).flip(dim)],
  jvp: "linear",
  batch: (values, _batched, dim) => call(cumsumOp, values, dim + 1),
};

const cumprodOp: Primitive<[x: Tensor], number> = {
  name: "cumprod",
  forward: ([x], dim) => mapRows(x, dim, x.size(dim), x.dtype, runningProduct),
  vjp: [(g, [x], y, dim) => backwards(x, g, dim).mul(delayed(y, dim, 1))],
  jvp: ([t], [x], y, dim) => linearRecurrence(x, t!.mul(delayed(y, dim, 1)), dim),
  batch: (values, _batched, dim) => call(cumprodOp, values, dim + 1),
};

const logcumsumexpOp: Primitive<[x: Tensor], number> = {
  name: "logcumsumexp",
  forward: ([x], dim) => mapRows(x, dim, x.size(dim), x.dtype, runningLogSumExp),
  vjp: [
    (g, [x], y, dim) => backwards(expOfDifference(delayed(y, dim, 0), y), g, dim).mul(expOfDifference(x, y)),
  ],
  jvp: ([t], [x], y, dim) =>
    linearRecurrence(expOfDifference(delayed(y, dim, 0), y), t!.mul(expOfDifference(x, y)), dim),
  batch: (values, _batched, dim) => call(logcumsumexpOp, values, dim + 1),
};

/** exp(x − y), 0 where y is −∞: what was, or is, of a sum that has grown to exp(y). */
function expOfDifference(x: Tensor, y: Tensor): Tensor {
  const none = y.eq(-Infinity);
  return where(none, 0, x.sub(where(none, 0, y)).exp());
}

interface ScanOptions {
  /** To convert `input` to before. */
  dtype?: DType | null;
}

export interface Scan {
  (input: Tensor, dim: number, options?: ScanOptions): Tensor;
  (input: Tensor, options: ScanOptions & { dim: number }): Tensor;
}

function scan(op: Primitive<[x: Tensor], number>, convert: (x: Tensor) => Tensor): Scan {
  return keywords(
    op.name,
    ["input", "dim", "dtype"],
    (input: Tensor, dim: number, dtype: DType | null = null) => {
      const x = dtype === null ? convert(checked(op.name, input)) : checked(op.name, input).to(dtype);
      const d = wrapDim(dim, x.ndim);
      if (x.numel() === 0) return x.clone();
      return x.ndim === 0 ? call(op, [x.reshape([1])], 0).reshape([]) : call(op, [x], d);
    },
  );
}

const widened = (x: Tensor): Tensor => (isFloatingPoint(x.dtype) ? x : x.to("int64"));

/** Running sums along `dim`; int64 for integers and bool. */
export const cumsum: Scan = scan(cumsumOp, widened);
/** Running products along `dim`, int64 for integers and bool. The derivative holds beside zeros too. */
export const cumprod: Scan = scan(cumprodOp, widened);
/** Running log Σ exp along `dim`, without overflow in value or derivative. */
export const logcumsumexp: Scan = scan(logcumsumexpOp, x => (isFloatingPoint(x.dtype) ? x : x.double()));

export interface RunningExtreme {
  (input: Tensor, dim: number): Chosen;
  (input: Tensor, options: { dim: number }): Chosen;
}

function runningExtreme(name: string, places: typeof runningArgmax): RunningExtreme {
  return keywords(name, ["input", "dim"], (input: Tensor, dim: number) => {
    const d = wrapDim(dim, checked(name, input).ndim);
    return chooseAlong(input, d, shapeOf(input)[d] ?? 1, places);
  });
}

/** The largest element so far along `dim`, and where it stands: the last of equals, to which the gradient goes. */
export const cummax: RunningExtreme = runningExtreme("cummax", runningArgmax);
/** The smallest element so far along `dim`, and where it stands: the last of equals, to which the gradient goes. */
export const cummin: RunningExtreme = runningExtreme("cummin", runningArgmin);

const changing = { cumsum, cumprod };
const methods = { ...changing, logcumsumexp, cummax, cummin };
defineMethods(methods);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof changing> {}
}
