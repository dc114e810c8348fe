/** @file Differences and numerical gradients: values by hand, derivatives also in the coordinates, refusals. */

import { arange, cat, diff, gradient, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

/** Coordinates that rise by 1 and more. */
const rising = (n: number): Tensor => arange(n).double().mul(1.5).add(randn(n).sigmoid().mul(0.5));
const flat = (parts: Tensor[]): Tensor => cat(parts.map(x => x.reshape(-1)));

const CASES: Cases = {
  diff: [x => diff(x), () => [randn(4)], () => [randn(2, 3)], () => [randn(2, 1)], () => [randn(0, 3)]],
  "diff, twice": [x => x.diff(2, 0), () => [randn(4, 2)], () => [randn(1, 2)]],
  "diff, not at all": [x => x.diff(0), () => [randn(3)]],
  "diff with ends": [
    (x, before, after) => diff(x, { prepend: before, append: after, dim: 1 }),
    () => [randn(2, 3), randn(2, 1), randn(2, 2)],
  ],
  gradient: [x => flat(gradient(x)), () => [randn(2)], () => [randn(3, 4)], () => [randn(2, 3, 2)]],
  "gradient with parabolas at the edges": [
    x => flat(gradient(x, { spacing: [0.5, 2], dim: [-1, 0], edgeOrder: 2 })),
    () => [randn(3, 4)],
  ],
  "gradient at coordinates": [
    (f, x, y) => flat(gradient(f, { spacing: [x, y] })),
    () => [randn(3, 4), rising(3), rising(4)],
    () => [randn(2, 3), rising(2), rising(3)],
  ],
  "gradient at coordinates, parabolas at the edges": [
    (f, x) => flat(gradient(f, { spacing: [x], dim: 1, edgeOrder: 2 })),
    () => [randn(2, 4), rising(4)],
    () => [randn(1, 3), rising(3)],
  ],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("diff", () => {
  test("of integers and booleans", () => {
    expect(diff(tensor([1, 4, 9, 16], { dtype: "int64" }), 2).tolist()).toEqual([2, 2]);
    const change = diff(tensor([true, false, false]));
    expect([change.dtype, change.tolist()]).toEqual(["bool", [1, 0]]);
  });

  test("more often than there are elements is empty", () => {
    expect(diff(randn(2, 3), 7).shape).toEqual([2, 0]);
    expect(diff(randn(2), 7, { prepend: randn(1) }).shape).toEqual([0]);
  });

  test("refuses what has no neighbours, and ends that do not fit", () => {
    expect(() => diff(tensor(1))).toThrow(/one dimension or more/);
    expect(() => diff(randn(2), -1)).toThrow(/n of 0 or more, got -1/);
    expect(() => diff(randn(2, 3), { append: randn(3, 1) })).toThrow(/got \(2, 3\), \(3, 1\)/);
    expect(() => diff(randn(2, 3), { append: randn(2) })).toThrow(/got \(2, 3\), \(2,\)/);
  });
});

describe("gradient", () => {
  test("is exact for parabolas, evenly sampled or not", () => {
    for (const x of [arange(5).double(), tensor([0, 1, 3, 4.5, 8])]) {
      const [slope] = gradient(x.square(), { spacing: [x], edgeOrder: 2 });
      expect(slope!.sub(x.mul(2)).abs().amax().item()).toBeLessThan(1e-13);
    }
  });

  test("of one dimension or more, with one spacing or one each", () => {
    const f = tensor([
      [1, 2, 4, 8],
      [10, 20, 40, 80],
    ]);
    expect(gradient(f).map(x => x.tolist())).toEqual([
      [
        [9, 18, 36, 72],
        [9, 18, 36, 72],
      ],
      [
        [1, 1.5, 3, 4],
        [10, 15, 30, 40],
      ],
    ]);
    expect(gradient(f, { spacing: 2, dim: 1 })[0]!.tolist()).toEqual([
      [0.5, 0.75, 1.5, 2],
      [5, 7.5, 15, 20],
    ]);
    expect(gradient(f.to("int64"), { dim: -1 })[0]!.dtype).toBe("float64");
    expect(gradient(f, { spacing: [2, 4] }).map(x => x.index(0, 0).item())).toEqual([4.5, 0.25]);
  });

  test("refuses too few samples, spacings that do not fit, dimensions named twice", () => {
    expect(() => gradient(randn(2, 1))).toThrow(/2 samples or more each, got \(2, 1\)/);
    expect(() => gradient(randn(2), { edgeOrder: 2 })).toThrow(/3 samples or more/);
    expect(() => gradient(tensor(1), { dim: 0 })).toThrow(/samples or more/);
    expect(() => gradient(randn(2, 2), { dim: [0, -2] })).toThrow(/different dimensions/);
    expect(() => gradient(randn(2, 3), { spacing: [1] })).toThrow(/each of the 2 dimensions.*got \[1\]/);
    expect(() => gradient(randn(2, 3), { spacing: [zeros(3), zeros(3)] })).toThrow(
      /of sizes 2, 3; got \[\(3,\), \(3,\)\]/,
    );
    expect(() => gradient(randn(2), { edgeOrder: 3 as 2 })).toThrow(/edgeOrder of 1 or 2, got 3/);
  });
});
