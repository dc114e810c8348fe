/** @file Derivatives of functions of matrices: powers, the exponential, determinants; and their values where matrices are special. */

import * as gl from "@gradient-lens/engine";
import { eye, linalg, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

/** Of rank r. */
const ofRank = (n: number, r: number): Tensor => randn(n, r).matmul(randn(r, n));
const regular = (...shape: [...number[], number, number]): Tensor =>
  randn(shape)
    .mul(0.5)
    .add(eye(shape.at(-1)!).mul(2));
const SQUARE = [
  () => [regular(1, 1)],
  () => [regular(3, 3)],
  () => [regular(2, 2, 2)],
  () => [zeros(0, 0)],
  () => [zeros(0, 2, 2)],
];
const SINGULAR = [
  () => [ofRank(2, 1)],
  () => [ofRank(3, 2)],
  () => [ofRank(3, 1)],
  () => [ofRank(4, 2)],
  () => [zeros(3, 3)],
  () => [zeros(2, 1, 1)],
];

const CASES: Cases = {
  ...Object.fromEntries(
    [0, 1, 2, 3, 6, -1, -3].map((n): [string, Cases[string]] => [
      `matrixPower, n = ${n}`,
      [A => linalg.matrixPower(A, n), ...SQUARE],
    ]),
  ),
  matrixExp: [
    A => linalg.matrixExp(A),
    ...SQUARE,
    () => [zeros(2, 2)],
    () => [randn(2, 2).mul(5)],
    () => [randn(3, 3).mul(1e-3)],
  ],
  det: [A => linalg.det(A), ...SQUARE, ...SINGULAR],
  slogdet: [A => linalg.slogdet(A).logabsdet, ...SQUARE, () => [regular(3, 3).neg()]],
  logdet: [A => gl.logdet(A.matmul(A.mT).add(eye(A.size(-1), { dtype: A.dtype }))), ...SQUARE],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("determinants", () => {
  test("of nothing are 1", () => {
    expect(linalg.det(zeros(0, 0)).item()).toBe(1);
    expect(Object.values(linalg.slogdet(zeros(0, 0))).map(x => x.item())).toEqual([1, 0]);
  });

  test("of singular matrices", () => {
    const A = tensor([
      [1, 2],
      [2, 4],
    ]);
    expect(linalg.det(A).item()).toBeCloseTo(0, 15);
    // The zero may have a sign, as in torch.
    expect(Object.values(linalg.slogdet(A)).map(x => x.item() + 0)).toEqual([0, -Infinity]);
    expect(gl.logdet(A).item()).toBe(-Infinity);
    expect(gl.logdet(tensor([[-1]])).item()).toBeNaN();
  });

  test("neither overflow nor underflow as logarithms", () => {
    for (const size of [1e-200, 1e200]) {
      const { sign, logabsdet } = linalg.slogdet(eye(4).mul(-size));
      expect(sign.item()).toBe(1);
      expect(logabsdet.item() / (4 * Math.log(size))).toBeCloseTo(1, 14);
    }
  });
});

test("no power of a singular matrix below 0, nor between integers", () => {
  expect(() => linalg.matrixPower(zeros(2, 2), -1)).toThrow(/singular/);
  expect(() => linalg.matrixPower(eye(2), 0.5)).toThrow(/expected an integer, got 0.5/);
  expect(linalg.matrixPower(zeros(2, 2), 0).tolist()).toEqual(eye(2).tolist());
});
