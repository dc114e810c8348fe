import { tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { compare, compareSymmetrized } from "./compare.ts";
import type { ReferenceTensor } from "./vectors.ts";

const TOLERANCE = { rtol: 1e-9, atol: 1e-10 };
const vector = (...data: ReferenceTensor["data"]): ReferenceTensor => ({ shape: [data.length], data });
const mismatch = (got: number[], want: ReferenceTensor): string | null =>
  compare(tensor(got), want, TOLERANCE).mismatch;

describe("compare", () => {
  test("numbers differ by no more than atol + rtol · |want|", () => {
    expect(mismatch([1000 + 0.9e-6], vector(1000))).toBe(null);
    expect(mismatch([1000 + 1.1e-6], vector(1000))).toMatch(/^expected 1000, got 1000\.00000/);
    expect(mismatch([0.9e-10], vector(0))).toBe(null);
    expect(mismatch([1.1e-10], vector(0))).toBe("expected 0, got 1.1e-10 at [0]");
    expect(compare(tensor([3e-10]), vector(0), TOLERANCE).error).toBeCloseTo(3, 10);
  });

  test("NaN equals NaN and nothing else", () => {
    expect(mismatch([Number.NaN], vector("NaN"))).toBe(null);
    expect(mismatch([0], vector("NaN"))).toBe("expected NaN, got 0 at [0]");
    expect(mismatch([Number.NaN], vector(0))).toBe("expected 0, got NaN at [0]");
    expect(mismatch([Number.NaN], vector("Infinity"))).toBe("expected Infinity, got NaN at [0]");
  });

  test("an infinity equals itself, −0 equals 0", () => {
    expect(mismatch([Infinity, -Infinity], vector("Infinity", "-Infinity"))).toBe(null);
    expect(mismatch([Infinity], vector("-Infinity"))).toBe("expected -Infinity, got Infinity at [0]");
    expect(mismatch([1e308], vector("Infinity"))).toBe("expected Infinity, got 1e+308 at [0]");
    expect(mismatch([Infinity], vector(1e308))).toBe("expected 1e+308, got Infinity at [0]");
    expect(mismatch([-0, 0], vector(0, -0))).toBe(null);
  });

  test("integers and booleans are exact, however loose the tolerance", () => {
    const loose = { rtol: 1, atol: 1 };
    const integers: ReferenceTensor = { shape: [2], data: [7, 1e10], dtype: "int64" };
    expect(compare(tensor([7, 1e10], { dtype: "int64" }), integers, loose).mismatch).toBe(null);
    const off = compare(tensor([7, 1e10 + 1], { dtype: "int64" }), integers, loose).mismatch;
    expect(off).toBe("expected 10000000000, got 10000000001 at [1] (1 of 2 elements differ)");
    const flags: ReferenceTensor = { shape: [2], data: [true, false], dtype: "bool" };
    expect(compare(tensor([true, false]), flags, loose).mismatch).toBe(null);
    expect(compare(tensor([true, true]), flags, loose).mismatch).toMatch(/^expected 0, got 1 at \[1\]/);
  });

  test("shape and dtype count", () => {
    expect(compare(tensor([[1], [2]]), vector(1, 2), TOLERANCE).mismatch).toBe(
      "expected shape [2], got [2,1]",
    );
    expect(compare(tensor(1), vector(1), TOLERANCE).mismatch).toBe("expected shape [1], got []");
    const empty = tensor([]).reshape([0, 3]);
    expect(compare(empty, { shape: [0, 3], data: [] }, TOLERANCE).mismatch).toBe(null);
    expect(compare(empty, { shape: [3, 0], data: [] }, TOLERANCE).mismatch).toMatch(/^expected shape/);
    const single = tensor([1], { dtype: "float32" });
    expect(compare(single, vector(1), TOLERANCE).mismatch).toBe("expected dtype float64, got float32");
  });

  test("the worst element is named", () => {
    const want: ReferenceTensor = { shape: [2, 2], data: [1, 2, 3, 4] };
    const { mismatch: why } = compare(
      tensor([
        [1, 2.1],
        [3.5, 4],
      ]),
      want,
      TOLERANCE,
    );
    expect(why).toBe("expected 3, got 3.5 at [1,0] (2 of 4 elements differ)");
  });

  test("symmetrized: only (G + Gᵀ)/2 counts, matrix by matrix", () => {
    const want: ReferenceTensor = { shape: [2, 2, 2], data: [1, 2, 4, 3, 5, 0, 0, 5] };
    const same = tensor([
      [
        [1, 6],
        [0, 3],
      ],
      [
        [5, -1],
        [1, 5],
      ],
    ]);
    expect(compare(same, want, TOLERANCE).mismatch).not.toBe(null);
    expect(compareSymmetrized(same, want, TOLERANCE).mismatch).toBe(null);
    const other = tensor([
      [
        [1, 3],
        [3, 3],
      ],
      [
        [5, 1],
        [1, 5],
      ],
    ]);
    expect(compareSymmetrized(other, want, TOLERANCE).mismatch).toMatch(/expected 0, got 1 at \[1,0,1\]/);
  });
});
