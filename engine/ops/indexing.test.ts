/** @file Elements by index: derivatives, and which indices are taken. */

import * as gl from "@gradient-lens/engine";
import { arange, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const indices = (...values: number[]): Tensor => tensor(values, { dtype: "int64" });
const table = tensor(
  [
    [0, 2, 1],
    [1, 1, 0],
  ],
  { dtype: "int64" },
);

const CASES: Cases = {
  "gather, repeatedly": [x => x.gather(0, table), () => [randn(3, 4)], () => [randn(3, 3)]],
  "gather of a number": [x => x.gather(0, indices(0, 0)), () => [randn([])]],
  takeAlongDim: [
    x => gl.takeAlongDim(x, table, 1),
    () => [randn(2, 3)],
    () => [randn(1, 3)],
    () => [randn(2, 5)],
  ],
  "takeAlongDim, flat": [x => x.takeAlongDim(table), () => [randn(2, 3)]],
  take: [x => x.take(table.neg().sub(1)), () => [randn(2, 3)], () => [randn(4)]],
  "indexSelect, repeatedly": [
    x => x.indexSelect(-1, indices(2, 0, 2)),
    () => [randn(3)],
    () => [randn(2, 0, 3)],
  ],
  maskedSelect: [
    x => gl.maskedSelect(x, table.gt(0)),
    () => [randn(2, 3)],
    () => [randn(3)],
    () => [randn([])],
  ],
  maskedScatter: [(x, s) => x.maskedScatter(table.gt(0), s), () => [randn(2, 3), randn(4)]],
  "indexSelect of a number": [x => x.indexSelect(0, indices(0, 0)), () => [randn([])]],
};
checkDerivatives(CASES);
checkFloat32(CASES);

describe("an index", () => {
  const x = arange(6).reshape(2, 3).double();

  test("that is negative counts from the end where torch says so", () => {
    expect(x.index(indices(-1)).tolist()).toEqual([[3, 4, 5]]);
    expect(x.take(indices(-1, -6)).tolist()).toEqual([5, 0]);
    expect(x.takeAlongDim(indices(-1, -2).reshape(2, 1), 1).tolist()).toEqual([[2], [4]]);
    expect(x.takeAlongDim(indices(-2)).tolist()).toEqual([4]);
    expect(() => x.take(indices(-7))).toThrow(
      "Index -7 is out of range for a tensor of 6 elements: expected -6 to 5.",
    );
  });

  test("that is negative is refused where torch refuses it", () => {
    const message = "Index -1 is out of range for dimension 1 with size 3: expected 0 to 2.";
    expect(() => x.indexSelect(1, indices(-1))).toThrow(new RangeError(message));
    expect(() => x.gather(1, indices(0, -1).reshape(2, 1))).toThrow(new RangeError(message));
  });

  test("has nothing to name in an empty dimension", () => {
    expect(() => zeros(0).indexSelect(0, indices(0))).toThrow(
      "Index 0 is out of range for dimension 0 with size 0: there is none.",
    );
    expect(zeros(0, 2).indexSelect(0, indices()).shape).toEqual([0, 2]);
  });
});
