/** @file Running sums, products and extremes: derivatives beside zeros, ties and infinities, and values by hand. */

import {
  autograd,
  cumprod,
  cumsum,
  logcumsumexp,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const SHAPES = [
  () => [randn(4)],
  () => [randn(2, 3)],
  () => [randn(3, 1, 2)],
  () => [randn([])],
  () => [randn(0)],
  () => [randn(0, 2)],
];
const ZEROS = [
  () => [tensor([2, 0, 3, 4])],
  () => [tensor([0, 2, 0, 3])],
  () => [zeros(3)],
  () => [
    tensor([
      [1, 0, 2],
      [0, 0, 5],
    ]),
  ],
];

const CASES: Cases = {
  cumsum: [x => x.cumsum(0), ...SHAPES],
  "cumsum, along the last": [x => cumsum(x, { dim: -1 }), ...SHAPES],
  cumprod: [x => x.cumprod(0), ...SHAPES, ...ZEROS],
  "cumprod, along the last": [x => cumprod(x, -1), ...SHAPES, ...ZEROS],
  logcumsumexp: [x => x.logcumsumexp(0), ...SHAPES],
  "logcumsumexp, along the last": [x => logcumsumexp(x, { dim: -1 }), ...SHAPES, () => [randn(3).mul(300)]],
  cummax: [x => x.cummax(0).values, ...SHAPES],
  "cummax, along the last": [x => x.cummax(-1).values, ...SHAPES],
  cummin: [x => x.cummin({ dim: 0 }).values, ...SHAPES],
  "cummin, along the last": [x => x.cummin(-1).values, ...SHAPES],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

const slope = (f: (x: Tensor) => Tensor, ...x: number[]): unknown => {
  const leaf = tensor(x).requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
};

describe("running", () => {
  test("extremes: the last of equals, which gets the gradient; NaN stays", () => {
    const { values, indices } = tensor([1, 3, 3, 2, Number.NaN, 9]).cummax(0);
    expect(values.tolist()).toEqual([1, 3, 3, 3, Number.NaN, Number.NaN]);
    expect(indices.tolist()).toEqual([0, 1, 2, 2, 4, 4]);
    expect(slope(x => x.cummax(0).values, 1, 3, 3, 2)).toEqual([1, 1, 2, 0]);
    expect(slope(x => x.cummin(0).values, 1, 1, 2)).toEqual([1, 2, 0]);
  });

  test("logarithms of sums, from none to infinitely much", () => {
    expect(tensor([-Infinity, 0, 0]).logcumsumexp(0).tolist()).toEqual([-Infinity, 0, Math.log(2)]);
    expect(tensor([1000, 1000]).logcumsumexp(0).tolist()).toEqual([1000, 1000 + Math.log(2)]);
    expect(tensor([0, Infinity, 0]).logcumsumexp(0).tolist()).toEqual([0, Infinity, Infinity]);
    expect(slope(x => x.logcumsumexp(0), -Infinity, 0)).toEqual([0, 1]);
  });

  test("sums of integers are int64, or of the dtype asked for", () => {
    expect(tensor([true, true]).cumsum(0).dtype).toBe("int64");
    expect(tensor([1, 2], { dtype: "int32" }).cumprod(0).dtype).toBe("int64");
    expect(tensor([1, 2]).cumsum(0, { dtype: "float32" }).dtype).toBe("float32");
  });

  test("in place", () => {
    const x = tensor([1, 2, 3]);
    expect(x.cumsum_(0)).toBe(x);
    expect(x.cumprod_(0).tolist()).toEqual([1, 3, 18]);
  });

  test("refuses a dimension that there is not", () => {
    expect(() => randn(2).cumsum(1)).toThrow(/Dimension out of range/);
  });
});
