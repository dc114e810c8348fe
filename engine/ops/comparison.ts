/** @file Comparisons of two tensors, and logic on what they say: without derivatives. */

import * as of from "../kernels/functions.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Binary, comparison } from "./elementwise.ts";

export const eq: Binary = comparison("eq", of.eq);
export const ne: Binary = comparison("ne", of.ne);
export const lt: Binary = comparison("lt", of.lt);
export const le: Binary = comparison("le", of.le);
export const gt: Binary = comparison("gt", of.gt);
export const ge: Binary = comparison("ge", of.ge);
export const logicalAnd: Binary = comparison("logicalAnd", (x, y) => Number(x !== 0 && y !== 0));
export const logicalOr: Binary = comparison("logicalOr", (x, y) => Number(x !== 0 || y !== 0));
export const logicalXor: Binary = comparison("logicalXor", (x, y) => Number((x !== 0) !== (y !== 0)));

export interface Closeness {
  (input: Tensor, other: Tensor, rtol?: number, atol?: number, equalNan?: boolean): boolean;
  (input: Tensor, other: Tensor, options: { rtol?: number; atol?: number; equalNan?: boolean }): boolean;
}

/** Whether both are close everywhere: |input − other| ≤ atol + rtol · |other|. */
export const allclose: Closeness = keywords(
  "allclose",
  ["input", "other", "rtol", "atol", "equalNan"],
  (input: Tensor, other: Tensor, rtol = 1e-5, atol = 1e-8, equalNan = false) => {
    const near = input.sub(other).abs().le(other.abs().mul(rtol).add(atol)).logicalOr(input.eq(other));
    const both = equalNan ? near.logicalOr(input.isnan().logicalAnd(other.isnan())) : near;
    return both.all().item() === 1;
  },
);

/** Whether shapes and all values are the same. */
export function equal(input: Tensor, other: Tensor): boolean {
  return sameShape(shapeOf(input), shapeOf(other)) && input.eq(other).all().item() === 1;
}

export { ge as greaterEqual, gt as greater, le as lessEqual, lt as less, ne as notEqual };

const methods = {
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  notEqual: ne,
  less: lt,
  lessEqual: le,
  greater: gt,
  greaterEqual: ge,
  logicalAnd,
  logicalOr,
  logicalXor,
  allclose,
  equal,
};
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
