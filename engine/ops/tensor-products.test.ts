/** @file Derivatives of products of tensors, chains of them, and Vandermonde matrices; refusals. */

import * as gl from "@gradient-lens/engine";
import { linalg, randn, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const VECTORS = [
  () => [randn(3), randn(3)],
  () => [randn(2, 3), randn(1, 3)],
  () => [randn(0, 3), randn(0, 3)],
];
const CASES: Cases = {
  "linalg.cross": [(x, y) => linalg.cross(x, y), ...VECTORS],
  "linalg.cross, dim": [
    (x, y) => linalg.cross(x, y, { dim: 1 }),
    () => [randn(2, 3, 2), randn(1, 3, 1)],
    () => [randn(3, 3), randn(3, 3)],
  ],
  "cross along the first that fits": [(x, y) => gl.cross(x, y), () => [randn(3, 3), randn(3, 3)], ...VECTORS],
  vecdot: [
    (x, y) => linalg.vecdot(x, y),
    ...VECTORS,
    () => [randn(2, 1, 3), randn(2, 3)],
    () => [randn(2, 0), randn(2, 0)],
  ],
  "vecdot, dim": [(x, y) => linalg.vecdot(x, y, { dim: 0 }), () => [randn(2, 3), randn(2, 3)]],
  multiDot: [
    (A, B) => linalg.multiDot([A, B]),
    () => [randn(2, 3), randn(3, 4)],
    () => [randn(3), randn(3)],
    () => [randn(3), randn(3, 2)],
    () => [randn(2, 3), randn(3)],
    () => [randn(0, 3), randn(3, 2)],
  ],
  "multiDot of more": [
    (A, B, C, D) => linalg.multiDot([A, B, C, D]),
    () => [randn(2, 5), randn(5, 1), randn(1, 4), randn(4, 2)],
    () => [randn(2), randn(2, 3), randn(3, 2), randn(2)],
    () => [randn(1, 2), randn(2, 0), randn(0, 2), randn(2, 1)],
  ],
  inner: [
    (x, y) => gl.inner(x, y),
    () => [randn(2, 3), randn(4, 3)],
    () => [randn(3), randn(3)],
    () => [randn([]), randn(2)],
  ],
  kron: [
    (x, y) => gl.kron(x, y),
    () => [randn(2, 3), randn(2, 2)],
    () => [randn(2), randn(2, 2)],
    () => [randn([]), randn(2)],
    () => [randn(0, 2), randn(2, 2)],
  ],
  tensordot: [
    (x, y) => gl.tensordot(x, y, 1),
    () => [randn(2, 3), randn(3, 2)],
    () => [randn(2, 2, 3), randn(3)],
  ],
  "tensordot, dims": [
    (x, y) =>
      gl.tensordot(x, y, {
        dims: [
          [1, 0],
          [0, 2],
        ],
      }),
    () => [randn(2, 3), randn(3, 4, 2)],
    () => [randn(2, 3, 2), randn(3, 1, 2)],
  ],
  mm: [(A, B) => A.mm(B), () => [randn(2, 3), randn(3, 1)], () => [randn(2, 0), randn(0, 2)]],
  bmm: [
    (A, B) => gl.bmm(A, B),
    () => [randn(2, 2, 3), randn(2, 3, 1)],
    () => [randn(0, 2, 3), randn(0, 3, 2)],
  ],
  dot: [(x, y) => x.dot(y), () => [randn(3), randn(3)], () => [randn(0), randn(0)]],
  vdot: [(x, y) => gl.vdot(x, y), () => [randn(2), randn(2)]],
  mv: [(A, x) => gl.mv(A, x), () => [randn(2, 3), randn(3)], () => [randn(0, 2), randn(2)]],
  addbmm: [
    (b, x, y) => gl.addbmm(b, x, y, { beta: 0.5, alpha: -1 }),
    () => [randn(2, 2), randn(3, 2, 2), randn(3, 2, 2)],
  ],
  addmv: [
    (b, A, x) => b.addmv(A, x, { beta: 2, alpha: 3 }),
    () => [randn(2), randn(2, 3), randn(3)],
    () => [randn([]), randn(2, 3), randn(3)],
  ],
  addr: [(b, x, y) => b.addr(x, y, { beta: 0 }), () => [randn(2, 3), randn(2), randn(3)]],
  baddbmm: [(b, x, y) => b.baddbmm(x, y, 0.5, 2), () => [randn(2, 2), randn(2, 2, 3), randn(2, 3, 2)]],
  "linalg.vander": [x => linalg.vander(x), () => [randn(3)], () => [randn(2, 2)], () => [randn(2, 1, 3)]],
  "linalg.vander, N": [x => linalg.vander(x, { N: 4 }), () => [randn(2)], () => [randn(2, 1)]],
  vander: [x => gl.vander(x, 3), () => [randn(2)]],
  "vander, rising": [x => gl.vander(x, { increasing: true }), () => [randn(3)]],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("products", () => {
  test("of nothing", () => {
    expect(linalg.multiDot([zeros(2, 0), zeros(0, 3)]).tolist()).toEqual(zeros(2, 3).tolist());
    expect(linalg.vecdot(zeros(2, 0), zeros(2, 0)).tolist()).toEqual([0, 0]);
  });

  test("refuse what does not fit", () => {
    expect(() => linalg.cross(randn(3), randn(2, 3))).toThrow(/as many dimensions/);
    expect(() => linalg.cross(randn(2), randn(2))).toThrow(/size 3/);
    expect(() => gl.cross(randn(2), randn(2))).toThrow(/no dimension of size 3/);
    expect(() => linalg.multiDot([randn(2, 2)])).toThrow(/two or more/);
    expect(() => linalg.multiDot([randn(2, 2), randn(2), randn(2, 2)])).toThrow(
      /got \(2, 2\), \(2,\), \(2, 2\)/,
    );
    expect(() => gl.addmv(randn(3), randn(2, 3), randn(3))).toThrow(
      /broadcasts to the product's shape \(2,\)/,
    );
    expect(() => linalg.vander(randn(1))).toThrow(/N of 2 or more/);
  });

  test("a beta of 0 leaves the input out, be it NaN", () => {
    const x = tensor([Number.NaN, 1]);
    expect(x.addmv(tensor([[1], [2]]), tensor([3]), { beta: 0 }).tolist()).toEqual([3, 6]);
  });
});
