/** @file The logarithm of the gamma function, its derivatives of every order, and Hurwitz's zeta function. */

import { inPlace } from "../autograd/inplace.ts";
import * as gammaKernels from "../kernels/special-gamma.ts";
import * as polygammaKernels from "../kernels/special-polygamma.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./arithmetic.ts";
import { type Binary, binary, checked, type Unary, type UnaryWith, unary, unaryWith } from "./elementwise.ts";

/** log |Γ(x)|. */
export const lgamma: Unary = unary("lgamma", gammaKernels.lgamma, (g, x) => g.mul(x.digamma()));
/** d/dx log Γ(x). */
export const digamma: Unary = unary("digamma", polygammaKernels.digamma, (g, x) =>
  g.mul(derivativeOfDigamma(x, 1)),
);

const derivativeOfDigamma: UnaryWith<number> = unaryWith(
  "polygamma",
  n => x => polygammaKernels.polygamma(n, x),
  (g, x, _y, n) => g.mul(derivativeOfDigamma(x, n + 1)),
);

export type Polygamma = (n: number, input: Tensor) => Tensor;

/** The n-th derivative of {@link digamma}. */
export const polygamma: Polygamma = keywords("polygamma", ["n", "input"], (n: number, input: Tensor) => {
  if (!Number.isInteger(n) || n < 0) {
    throw new RangeError(`polygamma() expected an integer order n ≥ 0, got ${String(n)}.`);
  }
  return n === 0 ? digamma(input) : derivativeOfDigamma(input, n);
});

export interface Mvlgamma {
  (input: Tensor, p: number): Tensor;
  (input: Tensor, options: { p: number }): Tensor;
}

/** Multivariate log-gamma of dimension p: Σ lgamma(x − i/2) over 0 ≤ i < p, plus p (p − 1) log(π) / 4; for x > (p − 1) / 2. */
export const mvlgamma: Mvlgamma = keywords("mvlgamma", ["input", "p"], (input: Tensor, p: number) => {
  if (!Number.isInteger(p) || p < 1) {
    throw new RangeError(`mvlgamma() expected an integer dimension p ≥ 1, got ${String(p)}.`);
  }
  const x = checked("mvlgamma", input);
  const terms = Array.from({ length: p }, (_, i) => lgamma(i === 0 ? x : x.sub(i / 2)));
  return add(
    terms.reduce((sum, term) => add(sum, term)),
    (p * (p - 1) * Math.log(Math.PI)) / 4,
  );
});

/** Hurwitz's zeta function Σ (k + other)^−input over k ≥ 0; as in torch, without a derivative in `input`. */
export const zeta: Binary = binary(
  "zeta",
  polygammaKernels.zeta,
  [
    () => {
      throw new Error("zeta() has no derivative in its first argument. Use detach() if that is meant.");
    },
    (g, s, q) => g.mul(s.neg().mul(zeta(s.add(1), q))),
  ],
  "floating",
);

const changing = { lgamma, digamma, mvlgamma, polygamma: (x: Tensor, n: number): Tensor => polygamma(n, x) };
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
