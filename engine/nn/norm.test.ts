/** @file Normalisations: derivatives, mean and variance of what comes out, running statistics. */

import { nn, ones, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives, positive } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  layerNorm: [(x, w, b) => F.layerNorm(x, [2, 3], w, b), () => [randn(2, 2, 3), randn(2, 3), randn(2, 3)]],
  rmsNorm: [(x, w) => F.rmsNorm(x, [3], w, { eps: 0.1 }), () => [randn(2, 3), randn(3)]],
  groupNorm: [(x, w, b) => F.groupNorm(x, 2, w, b), () => [randn(2, 4, 3), randn(4), randn(4)]],
  "batchNorm in training": [
    (x, w, b) => F.batchNorm(x, null, null, w, b, { training: true }),
    () => [randn(4, 2), randn(2), randn(2)],
    () => [randn(2, 2, 3), randn(2), randn(2)],
  ],
  batchNorm: [
    (x, w) => F.batchNorm(x, tensor([0.5, -1]), tensor([2, 0.3]), w),
    () => [randn(2, 2, 3), randn(2)],
  ],
  instanceNorm: [
    (x, w, b) => F.instanceNorm(x, { weight: w, bias: b }),
    () => [randn(2, 2, 4), randn(2), randn(2)],
  ],
  "instanceNorm by running statistics": [
    x => F.instanceNorm(x, zeros(2), tensor([1, 3]), { useInputStats: false }),
    () => [randn(2, 2, 4)],
  ],
});

/** Mean 0 and variance 1 over the given dimensions. */
function expectStandard(y: Tensor, dims: number[]): void {
  expect(y.mean(dims).abs().max().item()).toBeLessThan(1e-12);
  expect(y.var(dims, { correction: 0 }).sub(1).abs().max().item()).toBeLessThan(1e-12);
}

test("what is normalised has mean 0 and variance 1", () => {
  const x = randn(4, 6, 5).mul(3).add(7);
  expectStandard(F.layerNorm(x, [6, 5], { eps: 0 }), [1, 2]);
  expectStandard(F.batchNorm(x, null, null, { training: true, eps: 0 }), [0, 2]);
  expectStandard(F.instanceNorm(x, { eps: 0 }), [2]);
  expectStandard(F.groupNorm(x, 3, { eps: 0 }).reshape(4, 3, 10), [2]);
  expect(F.rmsNorm(x, [5], { eps: 0 }).square().mean(-1).sub(1).abs().max().item()).toBeLessThan(1e-12);
});

test("a mean far from 0 does not cost the variance its digits", () => {
  const x = randn(8, 3);
  const far = F.layerNorm(x.add(1e6), [3]);
  expect(far.allclose(F.layerNorm(x.add(1e6).sub(1e6), [3]), 0, 1e-8)).toBe(true);
});

describe("batchNorm", () => {
  test("moves the running statistics in place, the variance unbiased, and only in training", () => {
    const x = tensor([
      [1, 10],
      [3, 30],
    ]);
    const [mean, variance] = [tensor([1, 1]), tensor([2, 2])];
    F.batchNorm(x, mean, variance, { training: true, momentum: 0.5 });
    expect(mean.tolist()).toEqual([1.5, 10.5]);
    expect(variance.tolist()).toEqual([2, 101]);
    F.batchNorm(x, mean, variance);
    expect(mean.tolist()).toEqual([1.5, 10.5]);
  });

  test("keeps the running statistics out of the graph", () => {
    const x = randn(4, 2, { requiresGrad: true });
    const [mean, variance] = [zeros(2), ones(2)];
    F.batchNorm(x, mean, variance, { training: true }).sum().backward();
    expect([mean.requiresGrad, variance.requiresGrad]).toEqual([false, false]);
    expect(mean.version).toBe(1);
  });

  test("takes a batch of none", () => {
    const w = randn(3, { requiresGrad: true });
    F.batchNorm(randn(0, 3), null, null, w, null, true).sum().backward();
    expect(w.grad!.tolist()).toEqual([0, 0, 0]);
  });

  test("refuses one value per channel, missing statistics, and wrong sizes", () => {
    expect(() => F.batchNorm(randn(1, 3), null, null, { training: true })).toThrow(/more than one value/);
    expect(() => F.batchNorm(randn(2, 3), null, null)).toThrow(/runningMean and runningVar/);
    expect(() => F.batchNorm(randn(2, 3), zeros(2), ones(2))).toThrow(/runningMean of shape \(3,\)/);
    expect(() => F.batchNorm(randn(2, 3), zeros(2), ones(2), { training: true })).toThrow(/shape \(3,\)/);
    expect(() => F.instanceNorm(randn(2, 3, 1))).toThrow(/more than one value/);
    expect(() => F.layerNorm(randn(2, 3), [2])).toThrow(/\(…, 2\), got \(2, 3\)/);
    expect(() => F.groupNorm(randn(2, 3), 2)).toThrow(/multiple of numGroups/);
  });
});

test("instanceNorm's running statistics are the batch's averages", () => {
  const x = tensor([[[1, 3]], [[5, 11]]]);
  const [mean, variance] = [zeros(1), zeros(1)];
  F.instanceNorm(x, { runningMean: mean, runningVar: variance, momentum: 1 });
  expect([mean.item(), variance.item()]).toEqual([5, 10]);
});

test("float32 stays float32", () => {
  const x = randn(4, 6).float();
  const w = positive(6).float();
  for (const y of [F.layerNorm(x, [6], w), F.batchNorm(x, null, null, w, null, true), F.rmsNorm(x, [6], w)]) {
    expect(y.dtype).toBe("float32");
  }
});
