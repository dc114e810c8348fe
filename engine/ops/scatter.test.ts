/** @file Writing, adding and reducing at places: derivatives beside zeros and ties, empty groups, numbers, refusals. */

import * as gl from "@gradient-lens/engine";
import { autograd, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const indices = (...values: number[]): Tensor => tensor(values, { dtype: "int64" });
const table = tensor(
  [
    [0, 2, 0],
    [1, 0, 0],
  ],
  { dtype: "int64" },
);
const RATES = ["sum", "prod", "mean", "amax", "amin"] as const;
/** A 3 × 3 input and a source, which index `table` sends to two of its rows and columns. */
const TABLES = [
  () => [randn(3, 3), randn(2, 3)],
  () => [randn(3, 4), randn(2, 4)],
  () => [zeros(3, 3), randn(2, 3)],
  () => [
    randn(3, 3),
    tensor([
      [0, 1, 0],
      [2, 0, 3],
    ]),
  ],
];
const ENTRIES = [
  () => [randn(3, 2), randn(4, 2)],
  () => [randn(4), randn(4)],
  () => [zeros(3, 0), randn(4, 0)],
];
const to = indices(0, 2, 0, 0);

const CASES: Cases = {
  scatter: [(x, s) => x.scatter(0, table, s), ...TABLES],
  "scatter of a number": [x => x.scatter(0, table, 7), () => [randn(3, 3)]],
  "scatter, adding": [(x, s) => x.scatter(0, table, s, { reduce: "add" }), ...TABLES],
  "scatter, multiplying": [(x, s) => x.scatter(0, table, s, { reduce: "multiply" }), ...TABLES],
  scatterAdd: [(x, s) => x.scatterAdd(0, table, s), ...TABLES],
  "scatterAdd to a number": [(x, s) => x.scatterAdd(0, indices(0, 0), s), () => [randn([]), randn(2)]],
  ...Object.fromEntries(
    RATES.flatMap(reduce =>
      [true, false].map((includeSelf): [string, Cases[string]] => [
        `scatterReduce, ${reduce}, includeSelf: ${includeSelf}`,
        [
          (x, s) => x.scatterReduce(0, table, s, reduce, { includeSelf }),
          // Ties have derivatives from their sides only.
          ...(reduce.startsWith("a") ? TABLES.slice(0, 2) : TABLES),
        ],
      ]),
    ),
  ),
  ...Object.fromEntries(
    (["prod", "mean", "amax", "amin"] as const).flatMap(reduce =>
      [true, false].map((includeSelf): [string, Cases[string]] => [
        `indexReduce, ${reduce}, includeSelf: ${includeSelf}`,
        [(x, s) => gl.indexReduce(x, 0, to, s, reduce, { includeSelf }), ...ENTRIES],
      ]),
    ),
  ),
  "indexReduce along the last": [
    (x, s) => x.indexReduce(-1, to, s, "mean"),
    () => [randn(2, 3), randn(2, 4)],
  ],
  indexAdd: [(x, s) => x.indexAdd(0, to, s, { alpha: -2 }), ...ENTRIES],
  "indexAdd to a number": [(x, s) => x.indexAdd(0, indices(0, 0), s), () => [randn([]), randn(2)]],
  indexCopy: [(x, s) => x.indexCopy(0, to, s), ...ENTRIES],
  indexFill: [(x, v) => x.indexFill(0, to, v), () => [randn(3, 2), randn([])], () => [randn(4), randn([])]],
  indexPut: [
    (x, v) => gl.indexPut(x, [indices(0, 2), indices(1, 0)], v),
    () => [randn(3, 2), randn(2)],
    () => [randn(3, 2, 2), randn(2, 2)],
    () => [randn(3, 2), randn(1)],
  ],
  "indexPut, accumulating": [
    (x, v) => x.indexPut([null, indices(1, 1)], v, { accumulate: true }),
    () => [randn(3, 2), randn(3, 2)],
    () => [randn(3, 2), randn(2)],
  ],
  put: [(x, s) => x.put(indices(-1, 0), s), () => [randn(2, 3), randn(2)], () => [randn(4), randn(2)]],
  "put, accumulating": [(x, s) => x.put(indices(1, 1), s, true), () => [randn(2, 3), randn(2)]],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

const slopes = (f: (x: Tensor, s: Tensor) => Tensor, x: Tensor, s: Tensor): unknown[] => {
  const leaves = [x, s].map(t => t.detach().clone().requiresGrad_());
  return autograd.grad(f(leaves[0]!, leaves[1]!).sum(), leaves).map(g => g!.tolist());
};

describe("what meets at one place", () => {
  const x = tensor([1, 1, 1]);
  const source = tensor([4, 2, 4]);
  const at = indices(0, 0, 0);

  test.each<[(typeof RATES)[number], boolean, number]>([
    ["sum", true, 11],
    ["sum", false, 10],
    ["prod", true, 32],
    ["prod", false, 32],
    ["mean", true, 2.75],
    ["mean", false, 10 / 3],
    ["amax", true, 4],
    ["amax", false, 4],
    ["amin", true, 1],
    ["amin", false, 2],
  ])("%s, includeSelf: %s", (reduce, includeSelf, expected) => {
    expect(x.scatterReduce(0, at, source, reduce, { includeSelf }).tolist()).toEqual([expected, 1, 1]);
  });

  test("shares the gradient of an extreme", () => {
    expect(slopes((a, s) => a.scatterReduce(0, at, s, "amax"), x, source)).toEqual([
      [0, 1, 1],
      [0.5, 0, 0.5],
    ]);
    expect(slopes((a, s) => a.scatterReduce(0, at, s, "amin"), x, tensor([1, 1, 2]))[0]).toEqual([
      1 / 3,
      1,
      1,
    ]);
  });

  test("is NaN where one is", () => {
    expect(x.scatterReduce(0, at, tensor([4, Number.NaN, 4]), "amax").tolist()).toEqual([Number.NaN, 1, 1]);
  });

  test("the last that is written stays", () => {
    expect(x.scatter(0, at, source).tolist()).toEqual([4, 1, 1]);
    expect(slopes((a, s) => a.scatter(0, at, s), x, source)).toEqual([
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  test("of integers", () => {
    const n = tensor([7, 1], { dtype: "int64" });
    expect(n.scatterReduce(0, indices(0, 0), tensor([1, 2], { dtype: "int64" }), "mean").tolist()).toEqual([
      3, 1,
    ]);
    expect(n.indexAdd(0, indices(1), tensor([5], { dtype: "int64" })).tolist()).toEqual([7, 6]);
  });

  test("nothing changes nothing", () => {
    expect(x.scatterReduce(0, indices(), zeros(0), "prod", false).tolist()).toEqual([1, 1, 1]);
    expect(x.indexFill(0, indices(), 3).tolist()).toEqual([1, 1, 1]);
  });
});

describe("an index that is negative", () => {
  const x = zeros(3);
  const one = tensor([1]);
  const last = indices(-1);

  test("counts from the end where torch says so", () => {
    expect(x.indexFill(0, last, 1).tolist()).toEqual([0, 0, 1]);
    expect(x.put(last, one).tolist()).toEqual([0, 0, 1]);
    expect(x.indexPut([last], one).tolist()).toEqual([0, 0, 1]);
  });

  test.each<[string, () => Tensor]>([
    ["scatter", () => x.scatter(0, last, one)],
    ["scatterAdd", () => x.scatterAdd(0, last, one)],
    ["scatterReduce", () => x.scatterReduce(0, last, one, "sum")],
    ["indexAdd", () => x.indexAdd(0, last, one)],
    ["indexCopy", () => x.indexCopy(0, last, one)],
    ["indexReduce", () => x.indexReduce(0, last, one, "prod")],
  ])("is refused by %s", (_, f) => {
    expect(f).toThrow(
      new RangeError("Index -1 is out of range for dimension 0 with size 3: expected 0 to 2."),
    );
  });
});

describe("scatter refuses", () => {
  test("other dtypes, shapes and reductions", () => {
    const [x, at] = [zeros(3), indices(0)];
    expect(() => x.scatter(0, at, tensor([1], { dtype: "int64" }))).toThrow(/dtype float64, got int64/);
    expect(() => x.scatter(0, tensor([0]), tensor([1]))).toThrow(/holds integers/);
    expect(() => x.scatterAdd(0, indices(0, 1), tensor([1]))).toThrow(/at least as large/);
    expect(() => x.indexAdd(0, at, tensor([1, 2]))).toThrow(/shape \(1,\), one entry for each index/);
    expect(() => x.scatterReduce(0, at, tensor([1]), "max" as "amax")).toThrow(/got "max"/);
    expect(() => x.scatter(0, at, null as never)).toThrow(/src or value/);
  });
});
