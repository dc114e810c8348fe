/** @file Sorting and ranks: derivatives, ties, NaN, numbers and nothing. */

import * as gl from "@gradient-lens/engine";
import { autograd, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const FILLED = [
  () => [randn(5)],
  () => [randn(2, 3)],
  () => [randn(3, 1)],
  () => [randn(2, 3, 2)],
  () => [randn([])],
];
const SHAPES = [...FILLED, () => [randn(0, 3)]];
const WITH_NAN = () => [tensor([3, Number.NaN, 1, 2])];
const INTERPOLATIONS = ["linear", "lower", "higher", "nearest", "midpoint"] as const;

const CASES: Cases = {
  sort: [x => x.sort().values, ...SHAPES],
  "sort, falling": [x => x.sort(0, true).values, ...SHAPES],
  "sort, stable": [x => gl.sort(x, { dim: 0, stable: true, descending: true }).values, ...SHAPES],
  msort: [x => x.msort(), ...SHAPES],
  topk: [x => x.topk(1).values, ...FILLED],
  "topk, the least": [
    x => x.topk(2, 0, false).values,
    () => [randn(4)],
    () => [randn(3, 2)],
    () => [randn(2, 0)],
  ],
  "topk, none": [x => x.topk(0, { dim: 0 }).values, () => [randn(4, 2)]],
  kthvalue: [x => x.kthvalue(1).values, ...FILLED],
  "kthvalue, keepdim": [x => x.kthvalue(2, 0, true).values, () => [randn(4)], () => [randn(3, 2)]],
  median: [x => x.median(), ...FILLED],
  "median, dim": [x => x.median(-1, true).values, ...FILLED],
  nanmedian: [x => x.nanmedian({ dim: 0 }).values, ...FILLED],
  mode: [x => x.mode().values, ...FILLED],
  "mode of ties": [x => x.round().mode(0).values.add(x.sum(0)), () => [randn(4, 2)]],
  ...Object.fromEntries(
    INTERPOLATIONS.flatMap((interpolation): [string, Cases[string]][] => [
      [`quantile, ${interpolation}`, [x => x.quantile(0.4, 0, { interpolation }), ...FILLED]],
      [
        `nanquantile, ${interpolation}`,
        [x => gl.nanquantile(x, { q: 0.7, dim: -1, keepdim: true, interpolation }), ...FILLED],
      ],
    ]),
  ),
  "quantile in q": [
    (x, q) => x.quantile(q.sigmoid()),
    () => [randn(4), randn(2)],
    () => [randn(3, 2), randn([])],
  ],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

const slope = (f: (x: Tensor) => Tensor, x: Tensor): unknown => {
  const leaf = x.detach().clone().requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
};

describe("order", () => {
  const ties = tensor([2, 1, 2, 1]);

  test("of equals is kept, and NaN is the largest", () => {
    expect(ties.sort().indices.tolist()).toEqual([1, 3, 0, 2]);
    expect(ties.sort(0, true).indices.tolist()).toEqual([0, 2, 1, 3]);
    expect(WITH_NAN()[0]!.sort().values.tolist()).toEqual([1, 2, 3, Number.NaN]);
    expect(WITH_NAN()[0]!.topk(2).values.tolist()).toEqual([Number.NaN, 3]);
    expect(tensor([Infinity, -Infinity, 0]).argsort().tolist()).toEqual([1, 2, 0]);
  });

  test("the gradient goes to the one that was picked", () => {
    expect(slope(x => x.topk(1).values, ties)).toEqual([1, 0, 0, 0]);
    const { indices } = ties.mode();
    expect(slope(x => x.mode().values, ties)).toEqual([0, 1, 2, 3].map(i => Number(i === indices.item())));
  });

  test("equals share that of the median of all", () => {
    expect(slope(x => x.median(), tensor([1, 1, 3]))).toEqual([0.5, 0.5, 0]);
  });

  test("medians, modes and k-th values of ties and NaN", () => {
    expect(tensor([4, 1, 3, 2]).median().item()).toBe(2);
    expect(WITH_NAN()[0]!.median().item()).toBeNaN();
    expect(WITH_NAN()[0]!.nanmedian().item()).toBe(2);
    expect(tensor([3, 1, 3, 1]).mode().values.item()).toBe(1);
    expect(tensor([3, 1, 2]).kthvalue(2).indices.item()).toBe(2);
  });

  test.each<[number, (typeof INTERPOLATIONS)[number], number]>([
    [0.4, "linear", 2.2],
    [0.4, "lower", 2],
    [0.4, "higher", 3],
    [0.4, "nearest", 2],
    [0.5, "nearest", 3],
    [0.4, "midpoint", 2.5],
    [0, "linear", 1],
    [1, "linear", 4],
  ])("quantile %d, %s", (q, interpolation, expected) => {
    expect(tensor([4, 2, 1, 3]).quantile(q, { interpolation }).item()).toBeCloseTo(expected, 14);
  });

  test("quantiles beside NaN, of several q, with a dimension kept", () => {
    expect(WITH_NAN()[0]!.quantile(0.5).item()).toBeNaN();
    expect(WITH_NAN()[0]!.nanquantile(0.5).item()).toBe(2);
    expect(tensor([Number.NaN]).nanquantile(0.5).item()).toBeNaN();
    expect(randn(2, 3).quantile(tensor([0.1, 0.2, 0.3]), 1, true).shape).toEqual([3, 2, 1]);
    expect(randn(2, 3).quantile(tensor([0.1]), { keepdim: true }).shape).toEqual([1, 1, 1]);
  });

  test("refuses ranks and quantiles that there are not", () => {
    expect(() => randn(3).kthvalue(4)).toThrow(/k from 1 to 3/);
    expect(() => randn(3).topk(4)).toThrow(/k from 0 to 3/);
    expect(() => zeros(0).median(0)).toThrow(/expected elements/);
    expect(() => zeros(2, 0).mode()).toThrow(/expected elements/);
    expect(() => randn(3).quantile(1.5)).toThrow(/q from 0 to 1, got 1.5/);
    expect(() => zeros(0).quantile(0.5)).toThrow(/no elements/);
    expect(() => randn(3).quantile(0.5, { interpolation: "cubic" as "linear" })).toThrow(/got "cubic"/);
  });
});
