/** @file What kind of number an element is: NaN, infinite, negative. */

import { inPlace } from "../autograd/inplace.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked, type Unary, unary, unaryWith, zeroPartial } from "./elementwise.ts";

function predicate(name: string, holds: (x: number) => boolean): Unary {
  return unary(name, x => (holds(x) ? 1 : 0), zeroPartial, "bool");
}

export const isnan: Unary = predicate("isnan", Number.isNaN);
export const isfinite: Unary = predicate("isfinite", Number.isFinite);
export const isinf: Unary = predicate("isinf", x => Math.abs(x) === Infinity);
export const isposinf: Unary = predicate("isposinf", x => x === Infinity);
export const isneginf: Unary = predicate("isneginf", x => x === -Infinity);
/** Whether the sign is −, that of −0 too. */
export const signbit: Unary = predicate("signbit", x => x < 0 || Object.is(x, -0));
export const logicalNot: Unary = predicate("logicalNot", x => x === 0);

interface Replacements {
  nan?: number | null;
  /** For ∞; the largest finite number of the dtype without it. */
  posinf?: number | null;
  /** For −∞; the smallest finite number of the dtype without it. */
  neginf?: number | null;
}

export interface NanToNum {
  (input: Tensor, nan?: number | null, posinf?: number | null, neginf?: number | null): Tensor;
  (input: Tensor, options: Replacements): Tensor;
}

const replaceNonFinite = unaryWith<{ nan: number; posinf: number; neginf: number }>(
  "nanToNum",
  ({ nan, posinf, neginf }) =>
    x =>
      Number.isFinite(x) ? x : x === Infinity ? posinf : x === -Infinity ? neginf : nan,
  (g, x) => where(x.isfinite(), g, 0),
  "same",
);

/** Finite numbers in place of NaN and the infinities; no gradient flows to those. */
export const nanToNum: NanToNum = keywords(
  "nanToNum",
  ["input", "nan", "posinf", "neginf"],
  (input: Tensor, nan: number | null = null, posinf: number | null = null, neginf: number | null = null) => {
    const largest = checked("nanToNum", input).dtype === "float32" ? LARGEST_FLOAT32 : Number.MAX_VALUE;
    return replaceNonFinite(input, { nan: nan ?? 0, posinf: posinf ?? largest, neginf: neginf ?? -largest });
  },
);

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

const predicates = { isnan, isfinite, isinf, isposinf, isneginf, signbit, logicalNot };
const changing = { nanToNum };
defineMethods({ ...predicates, ...changing });
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor
    extends Methods<typeof predicates>,
      Methods<typeof changing>,
      InPlaceMethods<typeof changing> {}
}
