/** @file Functions built around a logarithm that stay accurate, or defined, where writing them out would not. */

import { inPlace } from "../autograd/inplace.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { type Binary, binary, type Unary, unary, unaryWith } from "./elementwise.ts";

/**
 * input · log(other), and 0 at input 0 unless `other` is NaN. There the derivative in `input` is log(other), and 0 where
 * that is undefined.
 */
export const xlogy: Binary = binary(
  "xlogy",
  (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)),
  [(g, x, y) => where(x.eq(0).logicalAnd(y.le(0)), 0, xlogy(g, y)), (g, x, y) => g.mul(x).div(y)],
  "floating",
);

/** input · log(1 + other), with {@link xlogy}'s conventions. */
export const xlog1py: Binary = binary(
  "xlog1py",
  (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log1p(y)),
  [(g, x, y) => where(x.eq(0).logicalAnd(y.le(-1)), 0, xlog1py(g, y)), (g, x, y) => g.mul(x).div(y.add(1))],
  "floating",
);

/** log(eˣ + eʸ), from the larger of the two so that nothing overflows. */
export const logaddexp: Binary = binary(
  "logaddexp",
  (x, y) => (x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)))),
  [(g, x, y) => g.mul(x.sub(y).sigmoid()), (g, x, y) => g.mul(y.sub(x).sigmoid())],
  "floating",
);

/** log₂(2ˣ + 2ʸ), likewise. */
export const logaddexp2: Binary = binary(
  "logaddexp2",
  (x, y) => (x === y ? x + 1 : Math.max(x, y) + Math.log1p(2 ** -Math.abs(x - y)) / Math.LN2),
  [
    (g, x, y) => g.mul(x.sub(y).mul(Math.LN2).sigmoid()),
    (g, x, y) => g.mul(y.sub(x).mul(Math.LN2).sigmoid()),
  ],
  "floating",
);

/** −x log x: what an outcome of probability x adds to the entropy. −∞ below 0. */
export const entr: Unary = unary(
  "entr",
  x => (x === 0 ? 0 : x < 0 ? -Infinity : -x * Math.log(x)),
  (g, x) => g.mul(x.log().add(1).neg()),
);

const plainLogit = unary(
  "logit",
  x => Math.log(x / (1 - x)),
  (g, x) => where(x.ge(0).logicalAnd(x.le(1)), g.div(x.mul(x.neg().add(1))), NaN),
);
const clampedLogit = unaryWith<number>(
  "logit",
  eps => x => {
    const inside = x < eps ? eps : x > 1 - eps ? 1 - eps : x;
    return Math.log(inside / (1 - inside));
  },
  (g, x, _y, eps) => where(x.ge(eps).logicalAnd(x.le(1 - eps)), g.div(x.mul(x.neg().add(1))), 0),
);

export interface Logit {
  (input: Tensor, eps?: number | null): Tensor;
  (input: Tensor, options: { eps?: number | null }): Tensor;
}

/** log(x / (1 − x)), the inverse of sigmoid; with `eps`, of x clamped to [eps, 1 − eps]. */
export const logit: Logit = keywords("logit", ["input", "eps"], (input: Tensor, eps: number | null = null) =>
  eps === null ? plainLogit(input) : clampedLogit(input, eps),
);

const changing = { xlogy, logit };
const methods = { ...changing, logaddexp, logaddexp2 };
defineMethods(methods);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof changing> {}
}
