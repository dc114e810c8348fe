/** @file Decompositions: what is put together again is the matrix, what should be orthogonal is, small values are accurate. */

import { manualSeed, randn } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { toFlatArray } from "../tensor/creation.ts";
import { identity, transposed } from "./dense.ts";
import { generalEigen } from "./eigen.ts";
import { householderQR, qrFactors } from "./householder.ts";
import { cofactorMatrix, luDecompose, luSolve } from "./lu.ts";
import { matmulInto } from "./matmul.ts";
import { matrixExponential } from "./matrix-exp.ts";
import { type Svd, svdDecompose } from "./svd.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

type Doubles = Float64Array;

manualSeed(17);
const random = (m: number, n: number): Doubles => toFlatArray(randn(m, n));

/** A (m × k) B (k × n). */
function product(a: Doubles, b: Doubles, m: number, k: number, n: number): Doubles {
  const c = new Float64Array(m * n);
  matmulInto(m, k, n, a, 0, k, 1, b, 0, n, 1, c, 0);
  return c;
}

/** The largest difference, in units of ε times the largest entry wanted. */
function error(got: Doubles, want: Doubles): number {
  expect(got.length).toBe(want.length);
  const size = want.reduce((x, y) => Math.max(x, Math.abs(y)), 1e-300);
  return got.reduce((worst, x, i) => Math.max(worst, Math.abs(x - want[i]!)), 0) / (size * Number.EPSILON);
}

/** Departure of m × n columns from orthonormality, in ε. */
const skewness = (q: Doubles, m: number, n: number): number =>
  error(product(transposed(q, m, n), q, n, m, n), identity(n));

const SHAPES = [
  [1, 1],
  [5, 5],
  [7, 3],
  [3, 7],
  [1, 4],
  [4, 1],
  [0, 3],
  [3, 0],
  [40, 40],
  [60, 20],
] as const;

describe.each(SHAPES)("%d × %d", (m, n) => {
  const a = random(m, n);
  const k = Math.min(m, n);

  test("LU", () => {
    const { lu, permutation, info } = luDecompose(a, n, m);
    const l = new Float64Array(m * k);
    const u = new Float64Array(k * n);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < k; j++) l[i * k + j] = i === j ? 1 : i > j ? lu[i * n + j]! : 0;
      for (let j = i; i < k && j < n; j++) u[i * n + j] = lu[i * n + j]!;
    }
    const permuted = Float64Array.from(a, (_, i) => a[permutation[Math.floor(i / n)]! * n + (i % n)]!);
    expect(error(product(l, u, m, k, n), permuted)).toBeLessThan(50);
    expect(Math.max(0, ...l.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(info).toBe(0);
  });

  test.each([k, m])("QR with %d columns", columns => {
    const { q, r } = qrFactors(a, m, n, columns);
    expect(error(product(q, r, m, columns, n), a)).toBeLessThan(100);
    expect(skewness(q, m, columns)).toBeLessThan(100);
    for (let i = 0; i < columns; i++) for (let j = 0; j < Math.min(i, n); j++) expect(r[i * n + j]).toBe(0);
  });

  test.each([false, true])("SVD, full: %s", full => {
    const { u, s, vt } = svdDecompose(a, m, n, full)!;
    const [p, q] = full ? [m, n] : [k, k];
    const sigma = new Float64Array(p * q);
    s.forEach((value, i) => {
      sigma[i * q + i] = value;
    });
    expect(error(product(product(u, sigma, m, p, q), vt, m, q, n), a)).toBeLessThan(300);
    expect(skewness(u, m, p)).toBeLessThan(300);
    expect(skewness(transposed(vt, q, n), n, q)).toBeLessThan(300);
    expect([...s]).toEqual([...s].sort((x, y) => y - x));
  });
});

describe.each([0, 1, 2, 3, 6, 30])("n = %d", n => {
  const a = random(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j]!;

  test("symmetric eigenvalues", () => {
    const { values, vectors } = symmetricEigen(a, n)!;
    const scaled = Float64Array.from(vectors, (v, i) => v * values[i % n]!);
    expect(error(product(scaled, transposed(vectors, n, n), n, n, n), a)).toBeLessThan(300);
    expect(skewness(vectors, n, n)).toBeLessThan(300);
    expect([...values]).toEqual([...values].sort((x, y) => x - y));
  });

  test("general eigenvalues of the same matrix in other coordinates", () => {
    const [basis, { values }] = [random(n, n), symmetricEigen(a, n)!];
    const b = luSolve(luDecompose(basis, n), product(a, basis, n, n, n), n);
    const eigen = generalEigen(b, n)!;
    expect([...eigen.imaginary]).toEqual(new Array(n).fill(0));
    expect(error(eigen.values.toSorted(), values)).toBeLessThan(1e7);
    const scaled = Float64Array.from(eigen.vectors, (v, i) => v * eigen.values[i % n]!);
    expect(error(product(b, eigen.vectors, n, n, n), scaled)).toBeLessThan(1e6);
  });
});

describe("eigenvalues", () => {
  test("complex pairs are told apart, however the iteration starts", () => {
    // A cyclic permutation: shifts made of its last block are all 0.
    const cycle = Float64Array.from([0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);
    const { values, imaginary } = generalEigen(cycle, 4)!;
    const found = Array.from(values, (re, i) => [Math.round(re), Math.round(imaginary[i]!)].map(x => x + 0));
    expect(found.sort().map(String)).toEqual(["-1,0", "0,-1", "0,1", "1,0"]);
  });

  test("equal ones, defective or not", () => {
    expect([...generalEigen(Float64Array.from([2, 1, 0, 0, 2, 1, 0, 0, 2]), 3)!.values]).toEqual([2, 2, 2]);
    const { values, vectors } = symmetricEigen(Float64Array.from([3, 0, 0, 0, 3, 0, 0, 0, 3]), 3)!;
    expect([...values]).toEqual([3, 3, 3]);
    expect(skewness(vectors, 3, 3)).toBe(0);
  });

  test.each([1e-200, 1e200])("of entries of size %d", size => {
    const a = Float64Array.from([2, 1, 1, 2], x => x * size);
    expect(error(symmetricEigen(a, 2)!.values, Float64Array.of(size, 3 * size))).toBeLessThan(10);
    expect(error(generalEigen(a, 2)!.values.toSorted(), Float64Array.of(size, 3 * size))).toBeLessThan(10);
  });

  test("null where there are none", () => {
    for (const bad of [Number.NaN, Infinity]) {
      expect(symmetricEigen(Float64Array.of(bad), 1)).toBeNull();
      expect(symmetricEigen(Float64Array.of(1, 0, bad, 1), 2)).toBeNull();
      expect(generalEigen(Float64Array.of(bad), 1)).toBeNull();
      expect(generalEigen(Float64Array.of(1, bad, 0, 1), 2)).toBeNull();
      expect(svdDecompose(Float64Array.of(1, bad), 1, 2)).toBeNull();
    }
  });
});

describe("singular values", () => {
  test("that are tiny are accurate where scaled columns make them so", () => {
    const scales = [1, 1e-12, 1e-30, 1e-60];
    // The rows of a Hadamard matrix are orthogonal, and halves are exact.
    const signs = [1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1];
    const a = Float64Array.from(signs, (x, i) => (x / 2) * scales[i % 4]!);
    const { s } = svdDecompose(a, 4, 4)!;
    s.forEach((value, i) => {
      expect(Math.abs(value / scales[i]! - 1)).toBeLessThan(1e-14);
    });
  });

  test("of less than full rank: the bases are orthonormal all the same", () => {
    for (const [m, n] of [
      [6, 4],
      [4, 6],
      [5, 5],
    ] as const) {
      const a = product(random(m, 2), random(2, n), m, 2, n);
      const { u, s, vt }: Svd = svdDecompose(a, m, n, true)!;
      expect(s[1]).toBeGreaterThan(1e-3);
      expect(s[2]).toBeLessThan(1e-14);
      expect(skewness(u, m, m)).toBeLessThan(100);
      expect(skewness(transposed(vt, n, n), n, n)).toBeLessThan(100);
    }
  });

  test("of zeros come with the axes", () => {
    const { u, s, vt } = svdDecompose(new Float64Array(6), 3, 2, true)!;
    expect([[...u], [...s], [...vt]]).toEqual([[...identity(3)], [0, 0], [...identity(2)]]);
  });
});

describe("Householder's reflections", () => {
  test("take the longest column first where they pivot", () => {
    const columns = Float64Array.from([1, 0, 0, 0, 5, 0, 0, 0, 3]);
    expect([...householderQR(columns, 3, 3, true).order]).toEqual([1, 2, 0]);
  });

  test("leave a triangle as it is", () => {
    expect([...qrFactors(Float64Array.from([1, 2, 0, 3]), 2, 2, 2).q]).toEqual([1, 0, 0, 1]);
  });
});

test("cofactors of a matrix next to a singular one keep their digits", () => {
  const a = Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9 + 1e-13]);
  const exact = Float64Array.from([-3, 6, -3, 6, -12, 6, -3, 6, -3]);
  expect(error(cofactorMatrix(a, 3), exact)).toBeLessThan(1e4);
});

describe("the matrix exponential", () => {
  test.each<[string, number[], number[]]>([
    ["of a rotation's generator", [0, -30, 30, 0], [Math.cos(30), -Math.sin(30), Math.sin(30), Math.cos(30)]],
    ["of a nilpotent matrix", [0, 1e100, 0, 0], [1, 1e100, 0, 1]],
    // The example of Al-Mohy & Higham (2009), section 1: scaling by the norm loses all digits of the diagonal.
    ["far from normal", [1, 1e8, 0, -1], [Math.E, 1e8 * Math.sinh(1), 0, 1 / Math.E]],
    // Entries of one size: what is less than ε of the norm, be it 1e100, may count as 0 to an algorithm that is backward stable.
    ["where it is zero", [-1e300, 1e299, 0, -9e299], [0, 0, 0, 0]],
  ])("%s", (_, a, expected) => {
    const e = matrixExponential(Float64Array.from(a), 2);
    e.forEach((x, i) => {
      expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-13 * Math.abs(expected[i]!));
    });
  });

  test.each([0.001, 0.05, 0.5, 1.5, 4, 40])(
    "times that of the negative is the identity, norm about %d",
    size => {
      const a = random(5, 5).map(x => (x * size) / 5);
      const skew = a.map((x, i) => x - a[(i % 5) * 5 + Math.floor(i / 5)]!);
      const q = matrixExponential(skew, 5);
      expect(skewness(q, 5, 5)).toBeLessThan(1000);
      const inverse = matrixExponential(
        skew.map(x => -x),
        5,
      );
      expect(error(product(q, inverse, 5, 5, 5), identity(5))).toBeLessThan(1000);
    },
  );

  test("of what is not finite is not a number", () => {
    expect(matrixExponential(Float64Array.of(1, Infinity, 0, 1), 2).every(Number.isNaN)).toBe(true);
  });
});
