/** @file Norms of matrices, condition numbers, slices brought to a norm: derivatives, values by hand, refusals. */

import * as gl from "@gradient-lens/engine";
import {
  arange,
  cdist,
  dist,
  eye,
  linalg,
  norm,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const graded = (m: number, n: number): Tensor =>
  randn(m, n)
    .mul(0.3)
    .add(eye(m, n).mul(arange(1, n + 1)));
const MATRICES = [() => [graded(1, 1)], () => [graded(3, 2)], () => [graded(2, 3)], () => [graded(3, 3)]];
const ORDERS = ["fro", "nuc", 1, -1, 2, -2, Infinity, -Infinity] as const;
const POWERS = [0, 0.5, 1, 1.5, 2, 3, Infinity];

const CASES: Cases = {
  ...Object.fromEntries(
    ORDERS.flatMap((ord): [string, Cases[string]][] => [
      [`matrixNorm, ${ord}`, [A => linalg.matrixNorm(A, ord), ...MATRICES]],
      [
        `matrixNorm, ${ord}, of other dimensions`,
        [A => linalg.matrixNorm(A, { ord, dim: [2, 0], keepdim: true }), () => [randn(2, 2, 3)]],
      ],
      [`linalg.norm, ${ord}`, [A => linalg.norm(A, ord), ...MATRICES]],
    ]),
  ),
  ...Object.fromEntries(
    ([null, 1, -1, 2, -2, "fro", "nuc", Infinity, -Infinity] as const).map((p): [string, Cases[string]] => [
      `cond, ${p}`,
      [A => linalg.cond(A, p), () => [graded(1, 1)], () => [graded(3, 3)]],
    ]),
  ),
  "cond of rectangles": [A => linalg.cond(A), () => [graded(3, 2)], () => [graded(2, 4)]],
  ...Object.fromEntries(
    POWERS.flatMap((p): [string, Cases[string]][] => [
      [`norm, p = ${p}`, [x => norm(x, p, 0), () => [randn(3, 2)], () => [randn(2, 2, 2)]]],
      [
        `dist, p = ${p}`,
        [(x, y) => dist(x, y, p), () => [randn(2, 3), randn(3)], () => [randn([]), randn(2)]],
      ],
      [
        `cdist, p = ${p}`,
        [(x, y) => cdist(x, y, p), () => [randn(2, 3), randn(2, 3)], () => [randn(2, 1, 2), randn(3, 2)]],
      ],
    ]),
  ),
  "norm, nuc": [x => norm(x, "nuc"), ...MATRICES],
  "norm, nuc, of other dimensions": [x => norm(x, { p: "nuc", dim: [0, 2] }), () => [randn(2, 3, 2)]],
  renorm: [x => x.renorm(2, 0, 0.5), () => [randn(2, 3)], () => [randn(2, 2, 2)]],
  "renorm of columns": [x => gl.renorm(x, { p: 1, dim: -1, maxnorm: 1 }), () => [randn(3, 2)]],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("norms", () => {
  const A = tensor([
    [1, -2],
    [3, 4],
  ]);

  test.each<[string, Tensor, number]>([
    ["Frobenius's", linalg.matrixNorm(A), Math.sqrt(30)],
    ["of columns", linalg.matrixNorm(A, 1), 6],
    ["of rows", linalg.matrixNorm(A, Infinity), 7],
    ["the least of rows", linalg.norm(A, -Infinity), 3],
    ["the largest singular value", linalg.norm(A, 2), Math.sqrt(15 + Math.sqrt(125))],
    ["of the singular values", norm(A, "nuc"), Math.sqrt(30 + 20)],
    ["of a vector", linalg.norm(A.reshape(-1), 1), 10],
    ["of all elements", norm(A, 1), 10],
    ["how many differ", dist(A, tensor([1, 4]), 0), 2],
    ["a distance at infinity", dist(A, A.add(Infinity)), Infinity],
    ["of NaN: not 0", linalg.vectorNorm(tensor([Number.NaN, 0]), 0), 1],
    ["of a number", norm(tensor(-3)), 3],
    ["of nothing", norm(zeros(0)), 0],
    ["of nothing, nuclear", norm(zeros(0, 3), "nuc"), 0],
  ])("%s", (_, got, want) => {
    if (Number.isFinite(want)) expect(got.item()).toBeCloseTo(want, 13);
    else expect(got.item()).toBe(want);
  });

  test("in another dtype", () => {
    expect(norm(A, { dtype: "float32" }).dtype).toBe("float32");
    expect(linalg.norm(A.to("float32"), { ord: "nuc", dtype: "float64" }).dtype).toBe("float64");
  });

  test("of rows that are equal are 0 apart, and do not move", () => {
    for (const p of POWERS.filter(q => q > 0)) {
      const x = A.clone().requiresGrad_();
      const [g] = gl.autograd.grad(cdist(x, A, p).diagonal().sum(), [x]);
      expect(g!.tolist()).toEqual(zeros(2, 2).tolist());
    }
  });

  test("of each entry of a batch", () => {
    const batch = randn(2, 3, 3);
    for (const p of [...POWERS, "nuc"] as const) {
      const each = gl.func.vmap((x: Tensor) => norm(x, p))(batch) as Tensor;
      expect(each.tolist()).toEqual(norm(batch, p, [1, 2]).tolist());
    }
  });

  test("condition numbers of singular matrices are infinite", () => {
    expect(
      linalg
        .cond(
          tensor([
            [1, 2],
            [2, 4],
          ]),
          1,
        )
        .item(),
    ).toBe(Infinity);
    expect(linalg.cond(zeros(2, 2)).item()).toBeNaN();
  });

  test("refuse what they are not of", () => {
    expect(() => norm(randn(3), "nuc")).toThrow(/expected a matrix/);
    expect(() => norm(randn(2, 2), "max" as "fro")).toThrow(
      /expected a number, "fro" or "nuc" for p, got "max"/,
    );
    expect(() => norm(tensor([1, 2], { dtype: "int64" }))).toThrow(/floating-point/);
    expect(() => linalg.norm(randn(2, 2, 2), 1)).toThrow(/one or two dimensions/);
    expect(() => linalg.matrixNorm(randn(2, 2), 3)).toThrow(/got 3/);
    expect(() => linalg.vectorNorm(randn(0), -1)).toThrow(/no elements/);
  });
});
