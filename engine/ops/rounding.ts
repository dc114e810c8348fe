/** @file Rounding: constant between its steps, so all gradients are 0, except for the fractional part. */

import { inPlace } from "../autograd/inplace.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checked, type Unary, unary, unaryWith, zeroPartial } from "./elementwise.ts";

export const floor: Unary = unary("floor", Math.floor, zeroPartial, "same");
export const ceil: Unary = unary("ceil", Math.ceil, zeroPartial, "same");
/** Toward zero. */
export const trunc: Unary = unary("trunc", Math.trunc, zeroPartial, "same");
/** x − trunc(x), with the sign of x. */
export const frac: Unary = unary(
  "frac",
  x => x - Math.trunc(x),
  g => g,
  "same",
);

const roundToInteger = unary("round", halfToEven, zeroPartial, "same");
const roundToDecimals = unaryWith<number>(
  "round",
  decimals => {
    const power = 10 ** Math.abs(decimals);
    return decimals < 0 ? x => halfToEven(x / power) * power : x => halfToEven(x * power) / power;
  },
  zeroPartial,
);

export interface Round {
  (input: Tensor, decimals?: number): Tensor;
  (input: Tensor, options: { decimals?: number }): Tensor;
}

/** Half to even, as in torch and unlike Math.round; to so many decimals, of tens and hundreds if negative. */
export const round: Round = keywords("round", ["input", "decimals"], (input: Tensor, decimals = 0) => {
  if (decimals === 0) return roundToInteger(input);
  if (!Number.isInteger(decimals)) {
    throw new TypeError(`round() expected an integer number of decimals, got ${String(decimals)}.`);
  }
  return roundToDecimals(checked("round", input, true), decimals);
});

/** Adding 2⁵² leaves no room for a fraction: the processor rounds it away, half to even. */
function halfToEven(x: number): number {
  const size = Math.abs(x);
  if (!(size < 2 ** 52) || x === 0) return x;
  const rounded = size + 2 ** 52 - 2 ** 52;
  return x < 0 ? -rounded : rounded;
}

export { trunc as fix };

const changing = { floor, ceil, trunc, fix: trunc, frac, round };
defineMethods(changing);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof changing>, InPlaceMethods<typeof changing> {}
}
