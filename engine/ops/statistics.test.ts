/** @file Variances, standard deviations, covariances: derivatives, corrections, weights, too few observations. */

import * as gl from "@gradient-lens/engine";
import { autograd, randn, stack, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives, positive } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const SHAPES = [() => [randn(4)], () => [randn(2, 3)], () => [randn(3, 2, 2)], () => [randn(2, 0, 3)]];
const MATRICES = [() => [randn(2, 4)], () => [randn(3, 5)], () => [randn(4)]];
const counts = tensor([1, 3, 0, 2], { dtype: "int64" });

const CASES: Cases = {
  var: [x => x.var(), ...SHAPES.slice(0, 3)],
  "var, dim": [x => x.var(-1), ...SHAPES],
  "var, correction": [x => gl.var(x, { dim: [-1], correction: 0.5, keepdim: true }), ...SHAPES],
  "var, biased": [x => x.var(-1, false, true), ...SHAPES],
  std: [x => x.std(), ...SHAPES.slice(0, 3)],
  "std, dim": [x => x.std(-1, true), ...SHAPES],
  "std, correction": [x => x.std({ dim: [0, -1], correction: 0 }), ...SHAPES.slice(1, 3)],
  varMean: [x => stack([...gl.varMean(x, -1)]), ...SHAPES],
  "varMean, correction": [x => stack([...gl.varMean(x, { correction: 0 })]), ...SHAPES.slice(0, 3)],
  stdMean: [x => stack([...gl.stdMean(x, { dim: -1, keepdim: true })]), ...SHAPES],
  cov: [x => x.cov(), ...MATRICES],
  "cov, correction": [x => gl.cov(x, { correction: 0 }), ...MATRICES],
  "cov, counted": [x => x.cov({ fweights: counts }), () => [randn(2, 4)]],
  "cov, weighted": [(x, w) => x.cov({ aweights: w }), () => [randn(2, 4), positive(4)]],
  "cov, counted and weighted": [
    (x, w) => x.cov({ fweights: counts, aweights: w, correction: 2 }),
    () => [randn(3, 4), positive(4)],
  ],
  corrcoef: [x => x.corrcoef(), () => [randn(2, 4)], () => [randn(3, 5)]],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("deviations", () => {
  test.each<[string, Tensor, unknown]>([
    ["around the mean", tensor([1, 2, 3, 4]).var(), 5 / 3],
    ["of all observations there are", tensor([1, 2, 3, 4]).var(false), 1.25],
    ["with a correction", tensor([1, 2, 3, 4]).var({ correction: 2 }), 2.5],
    ["of one observation", tensor([1]).var(), Number.NaN],
    ["of one, uncorrected", tensor([1]).var({ correction: 0 }), 0],
    ["of a number", tensor(1).std(), Number.NaN],
    ["of nothing", zeros(0).var(), Number.NaN],
    ["corrected beyond what there is", tensor([1, 3]).var({ correction: 3 }), Infinity],
    ["of infinity", tensor([1, Infinity]).var(), Number.NaN],
    ["beside a large mean", tensor([1e9, 1e9 + 1, 1e9 + 2]).var(), 1],
  ])("%s", (_, got, want) => {
    expect(got.item()).toBe(want);
  });

  test("that are 0 do not move", () => {
    const x = tensor([2, 2, 2]).requiresGrad_();
    expect(autograd.grad(x.std(), [x])[0]!.tolist()).toEqual([0, 0, 0]);
  });

  test("take unbiased or correction, not both", () => {
    expect(() => randn(3).var(0, { unbiased: true, correction: 1 })).toThrow(/either unbiased or correction/);
    expect(() => gl.std(tensor([1, 2], { dtype: "int64" }))).toThrow(/floating-point/);
  });
});

describe("covariances", () => {
  const x = tensor([
    [0, 1, 2],
    [2, 1, 0],
  ]);

  test("and correlations", () => {
    expect(x.cov().tolist()).toEqual([
      [1, -1],
      [-1, 1],
    ]);
    expect(x.corrcoef().tolist()).toEqual([
      [1, -1],
      [-1, 1],
    ]);
    expect(tensor([1, 2, 3]).cov().shape).toEqual([]);
    expect(tensor([1, 2, 3]).corrcoef().item()).toBe(1);
    expect(
      tensor([[1, 2]], { dtype: "int64" })
        .cov()
        .item(),
    ).toBe(0.5);
  });

  test("counted: as if each were there as often", () => {
    const repeated = x.index({}, [0, 1, 1, 2, 2, 2]).cov();
    const counted = x.cov({ fweights: tensor([1, 2, 3], { dtype: "int64" }) });
    expect(counted.sub(repeated).abs().amax().item()).toBeLessThan(1e-15);
  });

  test("refuse weights that do not fit", () => {
    expect(() => x.cov({ fweights: tensor([1, 2, 3]) })).toThrow(/fweights that are integers/);
    expect(() => x.cov({ aweights: tensor([1, 2]) })).toThrow(/each of 3 observations/);
    expect(() => randn(2, 2, 2).cov()).toThrow(/a matrix or a vector/);
  });
});
