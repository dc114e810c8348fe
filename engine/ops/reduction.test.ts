/** @file Reductions: derivatives over one dimension, several and all; ties, zeros, NaN, infinity, numbers and nothing. */

import * as gl from "@gradient-lens/engine";
import { autograd, randn, stack, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const FILLED = [
  () => [randn(4)],
  () => [randn(2, 3)],
  () => [randn(3, 1)],
  () => [randn(2, 3, 2)],
  () => [randn([])],
];
const SHAPES = [...FILLED, () => [randn(0)], () => [randn(0, 3)], () => [randn(2, 0, 3)]];
const ZEROS = [
  () => [tensor([2, 0, 3])],
  () => [zeros(2, 3)],
  () => [
    tensor([
      [0, 2, 0],
      [1, 0, 5],
    ]),
  ],
];
const holes = (x: Tensor): Tensor => gl.where(tensor([true, false, true]), x, Number.NaN);

const CASES: Cases = {
  sum: [x => x.sum(), ...SHAPES],
  "sum, dim": [x => x.sum(-1), ...SHAPES],
  "sum, dims": [x => gl.sum(x, { dim: [0, -1], keepdim: true }), () => [randn(2, 3)], () => [randn(2, 0, 3)]],
  "sum of no dimension in particular": [x => x.sum([]), () => [randn(2, 3)]],
  mean: [x => x.mean(), ...FILLED],
  "mean, dim": [x => x.mean(-1, true), ...FILLED],
  prod: [x => x.prod(), ...SHAPES, ...ZEROS],
  "prod, dim": [x => x.prod(-1), ...SHAPES, ...ZEROS],
  "prod, keepdim": [x => gl.prod(x, { dim: 0, keepdim: true }), ...SHAPES, ...ZEROS],
  nansum: [x => holes(x).nansum(-1), () => [randn(3)], () => [randn(2, 3)], () => [randn(1, 3)]],
  "nansum of all": [x => gl.nansum(holes(x)), () => [randn(2, 3)]],
  nanmean: [x => holes(x).nanmean(-1), () => [randn(3)], () => [randn(2, 2, 3)]],
  "nanmean of all": [x => gl.nanmean(holes(x), { keepdim: true }), () => [randn(2, 3)]],
  logsumexp: [x => x.logsumexp(-1), ...SHAPES, () => [randn(3).mul(500)]],
  "logsumexp, dims": [x => gl.logsumexp(x, [0, 1], { keepdim: true }), () => [randn(2, 3, 2)]],
  amax: [x => x.amax(), ...FILLED],
  "amax, dims": [x => gl.amax(x, [0, -1]), () => [randn(2, 3)], () => [randn(2, 3, 2)]],
  amin: [x => x.amin(-1, true), ...FILLED],
  aminmax: [x => stack(Object.values(gl.aminmax(x))), ...FILLED],
  "aminmax, dim": [x => stack(Object.values(x.aminmax({ dim: 0, keepdim: true }))), ...FILLED],
  max: [x => x.max(), ...FILLED],
  "max, dim": [x => x.max(-1, true).values, ...FILLED],
  min: [x => x.min(), ...FILLED],
  "min, dim": [x => gl.min(x, { dim: 0 }).values, ...FILLED],
  sumToSize: [x => x.sumToSize(1, 3), () => [randn(2, 3)], () => [randn(4, 2, 3)]],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

const slope = (f: (x: Tensor) => Tensor, ...x: number[]): unknown => {
  const leaf = tensor(x).requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
};

describe("of nothing", () => {
  test.each<[string, () => Tensor, number]>([
    ["the sum is 0", () => zeros(0).sum(), 0],
    ["the product is 1", () => zeros(0).prod(), 1],
    ["the mean is not a number", () => zeros(0).mean(), Number.NaN],
    ["the mean is not a number either without NaN", () => tensor([Number.NaN]).nanmean(), Number.NaN],
    ["the log of a sum is −∞", () => zeros(0).logsumexp(0), -Infinity],
  ])("%s", (_, f, expected) => {
    expect(f().item()).toBe(expected);
  });

  test.each<[string, (x: Tensor) => unknown]>([
    ["amax", gl.amax],
    ["amin", gl.amin],
    ["aminmax", gl.aminmax],
    ["max", gl.max],
    ["min", x => x.min(1)],
  ])("%s refuses", (_, f) => {
    expect(() => f(zeros(2, 0))).toThrow(/no elements/);
  });

  test("there are no extremes to be had, where there are no rows", () => {
    expect(gl.amax(zeros(0, 2), 1).shape).toEqual([0]);
  });
});

describe("equal extremes", () => {
  test("share the gradient of amax, amin, and of max and min of all", () => {
    expect(slope(x => x.amax(), 2, 1, 2)).toEqual([0.5, 0, 0.5]);
    expect(slope(x => x.amin(0), 1, 1, 2)).toEqual([0.5, 0.5, 0]);
    expect(slope(x => x.max(), 2, 1, 2)).toEqual([0.5, 0, 0.5]);
    expect(slope(x => gl.aminmax(x).max, 2, 1, 2)).toEqual([0.5, 0, 0.5]);
  });

  test("along a dimension the first is meant, and gets it", () => {
    expect(tensor([1, 2, 2]).max(0).indices.item()).toBe(1);
    expect(slope(x => x.max(0).values, 1, 2, 2)).toEqual([0, 1, 0]);
  });
});

describe("beyond numbers", () => {
  test("NaN is an extreme, and a hole for nansum", () => {
    const x = tensor([1, Number.NaN, 3]);
    expect(x.amax().item()).toBeNaN();
    expect(x.max(0).indices.item()).toBe(1);
    expect(x.nansum().item()).toBe(4);
    expect(slope(y => y.nansum(), 1, Number.NaN)).toEqual([1, 0]);
    expect(slope(y => y.nanmean(), 1, Number.NaN, 3)).toEqual([0.5, 0, 0.5]);
  });

  test("logarithms of sums of infinities", () => {
    expect(tensor([-Infinity, -Infinity]).logsumexp(0).item()).toBe(-Infinity);
    expect(tensor([Infinity, 1]).logsumexp(0).item()).toBe(Infinity);
    expect(slope(x => x.logsumexp(0), -Infinity, 0)).toEqual([0, 1]);
    expect(slope(x => x.logsumexp(0), -Infinity, -Infinity)).toEqual([0, 0]);
    expect(slope(x => x.logsumexp(0), Infinity, 0)).toEqual([Number.NaN, 0]);
  });

  test("integers add up to int64, or to the dtype asked for", () => {
    expect(tensor([true, true]).sum().dtype).toBe("int64");
    expect(tensor([1, 2], { dtype: "int32" }).prod().dtype).toBe("int64");
    expect(tensor([0, 0], { dtype: "int64" }).logsumexp(0).item()).toBe(Math.log(2));
    expect(tensor([1, 2], { dtype: "int64" }).mean({ dtype: "float64" }).item()).toBe(1.5);
    expect(() => tensor([1, 2], { dtype: "int64" }).mean()).toThrow(/floating-point/);
  });
});
