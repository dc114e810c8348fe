/** @file Derivatives of what solves systems of equations: square, triangular, factored, over- and underdetermined, of tensors. */

import * as gl from "@gradient-lens/engine";
import { arange, cat, eye, linalg, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

type MatrixShape = [...number[], number, number];

const symmetric = (A: Tensor): Tensor => A.add(A.mT).mul(0.5);
const flat = (...parts: Tensor[]): Tensor => cat(parts.map(x => x.reshape(-1)));
/** Singular values far from 0. */
const regular = (...shape: MatrixShape): Tensor => {
  const [m, n] = shape.slice(-2) as [number, number];
  return randn(shape)
    .mul(0.4)
    .add(eye(m, n).mul(arange(n).double().add(2)));
};
const SYSTEMS = [
  () => [regular(1, 1), randn(1, 1)],
  () => [regular(3, 3), randn(3, 2)],
  () => [regular(2, 2, 2), randn(2, 1)],
  () => [regular(2, 2), randn(2, 2, 3)],
  () => [zeros(0, 0), zeros(0, 2)],
];
const FROM_THE_RIGHT = [() => [regular(3, 3), randn(2, 3)], () => [regular(2, 2, 2), randn(1, 2)]];
const RECTANGULAR = [
  () => [regular(1, 1)],
  () => [regular(3, 3)],
  () => [regular(4, 2)],
  () => [regular(2, 4)],
  () => [regular(2, 3, 2)],
  () => [zeros(0, 2)],
];
const LEAST_SQUARES = [
  () => [regular(4, 2), randn(4, 2)],
  () => [regular(2, 4), randn(2, 1)],
  () => [regular(3, 3), randn(3, 2)],
  () => [regular(2, 3, 2), randn(3, 1)],
  () => [regular(3, 2), randn(3)],
  () => [zeros(0, 2), zeros(0, 1)],
];

const CASES: Cases = {
  solve: [(A, B) => linalg.solve(A, B), ...SYSTEMS, () => [regular(2, 2, 2), randn(2, 2)]],
  "solve from the right": [(A, B) => linalg.solve(A, B, { left: false }), ...FROM_THE_RIGHT],
  solveEx: [(A, B) => linalg.solveEx(A, B).result, ...SYSTEMS],
  inv: [A => linalg.inv(A), () => [regular(1, 1)], () => [regular(2, 3, 3)], () => [zeros(0, 0)]],
  invEx: [A => linalg.invEx(A).inverse, () => [regular(3, 3)]],
  ...Object.fromEntries(
    [true, false].flatMap(upper =>
      [true, false].flatMap(left =>
        [true, false].map((unitriangular): [string, Cases[string]] => [
          `solveTriangular, upper: ${upper}, left: ${left}, unitriangular: ${unitriangular}`,
          [
            (A, B) => linalg.solveTriangular(A, B, { upper, left, unitriangular }),
            ...(left ? SYSTEMS : FROM_THE_RIGHT),
          ],
        ]),
      ),
    ),
  ),
  lstsq: [(A, B) => linalg.lstsq(A, B).solution, ...LEAST_SQUARES],
  "lstsq, residuals": [
    (A, B) => {
      const { solution, residuals } = linalg.lstsq(A, B, { driver: "gelsd" });
      return flat(solution, residuals);
    },
    ...LEAST_SQUARES,
  ],
  pinv: [A => linalg.pinv(A), ...RECTANGULAR],
  pinverse: [A => A.pinverse(), () => [regular(3, 2)]],
  "pinv of rank 2": [
    (A, B) => linalg.pinv(A.matmul(B), { rtol: 1e-5 }),
    () => [regular(4, 2), regular(2, 3)],
    () => [regular(3, 2), regular(2, 4)],
    () => [regular(2, 3, 2), regular(2, 3)],
  ],
  "pinv, hermitian": [
    A => linalg.pinv(symmetric(A), { hermitian: true }),
    () => [regular(3, 3)],
    () => [regular(2, 2, 2)],
  ],
  "pinv, hermitian, of rank 2": [
    A => linalg.pinv(A.matmul(A.mT), { hermitian: true, rtol: 1e-5 }),
    () => [regular(3, 2)],
    () => [regular(2, 3, 2)],
  ],
  luSolve: [
    (A, B) => {
      const { LU, pivots } = linalg.luFactor(A);
      return linalg.luSolve(LU, pivots, B);
    },
    ...SYSTEMS.slice(0, 2),
    () => [regular(2, 2, 2), randn(2, 2, 1)],
  ],
  "luSolve from the right": [
    (A, B) => {
      const { LU, pivots } = linalg.luFactor(A);
      return linalg.luSolve(LU, pivots, B, { left: false });
    },
    () => [regular(3, 3), randn(2, 3)],
  ],
  "luSolve, transposed": [
    (A, B) => {
      const { LU, pivots } = linalg.luFactor(A);
      return cat([
        linalg.luSolve(LU, pivots, B, { adjoint: true }),
        linalg.luSolve(LU, pivots, B.mT, { adjoint: true, left: false }).mT,
      ]);
    },
    () => [regular(3, 3), randn(3, 2)],
  ],
  choleskySolve: [(L, B) => gl.choleskySolve(B, L), ...SYSTEMS],
  "choleskySolve, upper": [(U, B) => gl.choleskySolve(B, U, { upper: true }), ...SYSTEMS],
  choleskyInverse: [
    L => gl.choleskyInverse(L),
    () => [regular(1, 1)],
    () => [regular(3, 3)],
    () => [regular(2, 2, 2)],
  ],
  "choleskyInverse, upper": [U => gl.choleskyInverse(U, true), () => [regular(3, 3)]],
  tensorinv: [
    A => linalg.tensorinv(A, 1),
    () => [regular(6, 6).reshape(6, 2, 3)],
    () => [regular(4, 4).reshape(4, 1, 4)],
  ],
  "tensorinv, ind: 2": [A => linalg.tensorinv(A), () => [regular(6, 6).reshape(2, 3, 6)]],
  tensorsolve: [(A, B) => linalg.tensorsolve(A, B), () => [regular(6, 6).reshape(2, 3, 6), randn(2, 3)]],
  "tensorsolve, dims": [
    (A, B) => linalg.tensorsolve(A, B, { dims: [0, 2] }),
    () => [randn(3, 6, 2).add(eye(6).reshape(2, 3, 6).permute(1, 2, 0).mul(8)), randn(6)],
  ],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("solvers", () => {
  const singular = tensor([
    [1, 2],
    [2, 4],
  ]);

  test("say that a matrix is singular, or tell by info", () => {
    expect(() => linalg.solve(singular, randn(2))).toThrow(/singular \(pivot 2 is 0\)/);
    expect(() => linalg.inv(singular)).toThrow(/singular/);
    expect(linalg.solveEx(singular, randn(2)).info.item()).toBe(2);
    expect(linalg.invEx(singular).info.item()).toBe(2);
    expect(() => linalg.invEx(singular, { checkErrors: true })).toThrow(/singular/);
  });

  test("find the least of all solutions where there are many", () => {
    const { solution, rank, singularValues } = linalg.lstsq(singular, tensor([5, 10]), { driver: "gelsd" });
    expect(
      solution
        .sub(tensor([1, 2]))
        .abs()
        .amax()
        .item(),
    ).toBeLessThan(1e-14);
    expect(rank.item()).toBe(1);
    expect(singularValues.index(0).item()).toBeCloseTo(5, 13);
  });

  test("of no equations, or for no unknowns", () => {
    expect(linalg.lstsq(zeros(0, 2), zeros(0, 1)).solution.tolist()).toEqual([[0], [0]]);
    expect(linalg.lstsq(zeros(2, 0), zeros(2, 1)).solution.shape).toEqual([0, 1]);
    expect(linalg.pinv(zeros(0, 3)).shape).toEqual([3, 0]);
    expect(gl.choleskyInverse(zeros(0, 0)).shape).toEqual([0, 0]);
  });

  test("count what is small as 0, in torch's newer and older words", () => {
    const A = gl.tensor([4, 1e-3, 0]).diag();
    const largest = [
      [0.25, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (const options of [
      { atol: 0.1 },
      { rtol: 0.1 },
      { rcond: 0.1 },
      { atol: gl.tensor(0.1), hermitian: true },
    ]) {
      expect(linalg.pinv(A, options).tolist()).toEqual(largest);
    }
    expect(linalg.pinv(A, 0.1, true).tolist()).toEqual(largest);
    expect(linalg.matrixRank(A).item()).toBe(2);
    for (const options of [{ tol: 0.1 }, { atol: 0.1 }, { rtol: 0.1, hermitian: true }]) {
      expect(linalg.matrixRank(A, options).item()).toBe(1);
    }
    expect(() => linalg.pinv(A, { rcond: 1, atol: 1 })).toThrow(/either one tolerance or atol and rtol/);
  });

  test("read one triangle alone", () => {
    const A = tensor([
      [2, Number.NaN],
      [1, 4],
    ]);
    const B = tensor([[2], [5]]);
    expect(linalg.solveTriangular(A, B, { upper: false }).tolist()).toEqual([[1], [1]]);
    expect(linalg.solveTriangular(A, B, { upper: false, unitriangular: true }).tolist()).toEqual([[2], [3]]);
  });
});
