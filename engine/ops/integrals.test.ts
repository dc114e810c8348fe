/** @file Integrals of samples: values by hand, derivatives also in the coordinates, refusals. */

import {
  cumulativeTrapezoid,
  randn,
  type Tensor,
  tensor,
  trapezoid,
  trapz,
  zeros,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const COORDINATES = [
  () => [randn(4), randn(4)],
  () => [randn(2, 3), randn(3)],
  () => [randn(2, 3), randn(1, 3)],
  () => [randn(2, 2, 3), randn(2, 3)],
];
const SAMPLES = [() => [randn(4)], () => [randn(2, 3)], () => [randn(2, 1)], () => [randn(2, 0)]];
const CASES: Cases = {
  trapezoid: [y => trapezoid(y), ...SAMPLES],
  "trapezoid, dx": [y => trapezoid(y, { dx: -0.5, dim: 0 }), ...SAMPLES],
  "trapezoid, x": [(y, x) => trapezoid(y, x), ...COORDINATES],
  cumulativeTrapezoid: [y => cumulativeTrapezoid(y), ...SAMPLES],
  "cumulativeTrapezoid, dx": [y => cumulativeTrapezoid(y, { dx: 2, dim: 0 }), ...SAMPLES],
  "cumulativeTrapezoid, x": [(y, x) => cumulativeTrapezoid(y, x), ...COORDINATES],
  "cumulativeTrapezoid, x along another dimension": [
    (y, x) => cumulativeTrapezoid(y, x, { dim: 0 }),
    () => [randn(3, 2), randn(3)],
  ],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("the trapezoidal rule", () => {
  const y = tensor([
    [1, 2, 4],
    [0, 3, 6],
  ]);

  test.each<[string, Tensor, unknown]>([
    ["unit steps", trapezoid(y), [4.5, 6]],
    ["a step", trapz(y, { dx: 3, dim: 0 }), [1.5, 7.5, 15]],
    ["coordinates", trapezoid(y, tensor([0, 1, 3])), [7.5, 10.5]],
    ["coordinates by name", trapezoid(y, { x: tensor([0, 1, 3]) }), [7.5, 10.5]],
    [
      "running",
      cumulativeTrapezoid(y, tensor([0, 1, 3])),
      [
        [1.5, 7.5],
        [1.5, 10.5],
      ],
    ],
    ["of integers", trapezoid(tensor([1, 2, 4], { dtype: "int64" })), 4.5],
    ["of one sample", trapezoid(tensor([3])), 0],
    ["of none", trapezoid(zeros(2, 0)), [0, 0]],
    ["running, of none", cumulativeTrapezoid(zeros(2, 0)), [[], []]],
  ])("%s", (_, result, expected) => {
    expect(result.tolist()).toEqual(expected);
  });

  test("refuses a number, two spacings, coordinates that are not one each, bool", () => {
    expect(() => trapezoid(tensor(1))).toThrow(/one dimension or more/);
    expect(() => trapezoid(y, y, { dx: 1 })).toThrow(/either x or dx/);
    expect(() => trapezoid(y, tensor([0, 1]))).toThrow(
      /each of the 3 samples in dimension 1 of \(2, 3\), got \(2,\)/,
    );
    expect(() => cumulativeTrapezoid(tensor([true, false]))).toThrow(/expected numbers, got bool/);
  });
});
