/** @file Losses: derivatives, reductions, what is ignored, and torch's choices at kinks. */

import { autograd, nn, rand, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives, positive } from "../../test/derivatives.ts";

const F = nn.functional;
const classes = (...values: number[]): Tensor => tensor(values, { dtype: "int64" });
const probability = (...shape: number[]): Tensor => rand(shape).mul(0.9).add(0.05);
const sign = tensor([1, -1, -1, 1]);

checkDerivatives({
  mseLoss: [(x, y) => F.mseLoss(x, y), () => [randn(2, 3), randn(2, 3)]],
  "mseLoss, weighted": [(x, y, w) => F.mseLoss(x, y, { weight: w }), () => [randn(3), randn(3), positive(3)]],
  l1Loss: [(x, y) => F.l1Loss(x, y, { reduction: "none" }), () => [randn(4), randn(4)]],
  huberLoss: [(x, y) => F.huberLoss(x, y, { delta: 0.7 }), () => [randn(6), randn(6)]],
  smoothL1Loss: [(x, y) => F.smoothL1Loss(x, y, { beta: 0.7, reduction: "sum" }), () => [randn(6), randn(6)]],
  klDiv: [(x, y) => F.klDiv(x, y, { reduction: "batchmean" }), () => [randn(2, 3), probability(2, 3)]],
  "klDiv, log target": [(x, y) => F.klDiv(x, y, { logTarget: true }), () => [randn(2, 3), randn(2, 3)]],
  poissonNllLoss: [
    (x, y) => F.poissonNllLoss(x, y, { full: true }),
    () => [randn(4), tensor([0.5, 3, 2, 7])],
  ],
  "poissonNllLoss of rates": [(x, y) => F.poissonNllLoss(x, y, false), () => [positive(4), positive(4)]],
  gaussianNllLoss: [
    (x, y, v) => F.gaussianNllLoss(x, y, v, { full: true }),
    () => [randn(2, 3), randn(2, 3), positive(2, 3)],
    () => [randn(2, 3), randn(2, 3), positive(2)],
  ],
  nllLoss: [
    x => F.nllLoss(x, classes(0, 2), { weight: tensor([1, 2, 3]) }),
    () => [randn(2, 3)],
    () => [randn(2, 3)],
  ],
  "nllLoss, ignoring": [x => F.nllLoss(x, classes(1, 0, 1), { ignoreIndex: 0 }), () => [randn(3, 2)]],
  "nllLoss of one": [x => F.nllLoss(x, tensor(1, { dtype: "int64" })), () => [randn(3)]],
  crossEntropy: [
    x => F.crossEntropy(x, classes(2, 0), { labelSmoothing: 0.2, weight: tensor([1, 2, 3]) }),
    () => [randn(2, 3)],
  ],
  "crossEntropy of probabilities": [
    (x, y) => F.crossEntropy(x, y, { weight: tensor([1, 2, 3]), labelSmoothing: 0.1 }),
    () => [randn(2, 3), randn(2, 3).softmax(1).detach()],
    () => [randn(3), randn(3).softmax(0).detach()],
  ],
  binaryCrossEntropy: [(x, y) => F.binaryCrossEntropy(x, y), () => [probability(4), probability(4)]],
  binaryCrossEntropyWithLogits: [
    (x, y, w) => F.binaryCrossEntropyWithLogits(x, y, { posWeight: w }),
    () => [randn(2, 3).mul(3), probability(2, 3), positive(3)],
  ],
  softMarginLoss: [x => F.softMarginLoss(x, sign), () => [randn(4)]],
  hingeEmbeddingLoss: [x => F.hingeEmbeddingLoss(x, sign), () => [randn(4)]],
  marginRankingLoss: [(x, y) => F.marginRankingLoss(x, y, sign, 0.3), () => [randn(4), randn(4)]],
  cosineEmbeddingLoss: [
    (x, y) => F.cosineEmbeddingLoss(x, y, sign, { margin: -0.5 }),
    () => [randn(4, 3), randn(4, 3)],
  ],
  tripletMarginLoss: [
    (a, p, n) => F.tripletMarginLoss(a, p, n, { swap: true, p: 3 }),
    () => [randn(4, 3), randn(4, 3), randn(4, 3)],
  ],
  multiMarginLoss: [
    x => F.multiMarginLoss(x, classes(0, 2), { p: 2, weight: tensor([1, 2, 3]) }),
    () => [randn(2, 3)],
  ],
  multilabelSoftMarginLoss: [
    (x, y) => F.multilabelSoftMarginLoss(x, y),
    () => [randn(2, 3), probability(2, 3)],
  ],
});

describe("reductions", () => {
  const [x, y] = [tensor([1, 2, 4]), tensor([0, 0, 0])];

  test("none, sum, mean; the older flags say the same", () => {
    expect(F.mseLoss(x, y, { reduction: "none" }).tolist()).toEqual([1, 4, 16]);
    expect(F.mseLoss(x, y, { reduction: "sum" }).item()).toBe(21);
    expect(F.mseLoss(x, y).item()).toBe(7);
    expect(F.mseLoss(x, y, false).item()).toBe(21);
    expect(F.mseLoss(x, y, true, false).tolist()).toEqual([1, 4, 16]);
    expect(() => F.mseLoss(x, y, { reduction: "average" as never })).toThrow(/"mean" or "sum", got average/);
  });

  test("a weighted mean divides by the weights, but huberLoss's by the number", () => {
    const weight = tensor([1, 1, 2]);
    expect(F.mseLoss(x, y, { weight }).item()).toBe(37 / 4);
    expect(F.l1Loss(x, y, { weight }).item()).toBe(11 / 4);
    expect(F.huberLoss(x, y, { weight }).item()).toBe((0.5 + 1.5 + 2 * 3.5) / 3);
  });

  test("batchmean divides by the batch", () => {
    const p = tensor([[0.5, 0.5]]).log();
    expect(F.klDiv(p, tensor([[0, 1]]), { reduction: "batchmean" }).item()).toBeCloseTo(Math.LN2, 14);
  });
});

describe("classes", () => {
  const logits = randn(4, 3);
  const target = classes(2, 0, 1, 0);

  test("cross entropy of class numbers is that of their one-hot probabilities", () => {
    const same = F.crossEntropy(logits, F.oneHot(target, 3).double());
    expect(F.crossEntropy(logits, target).item()).toBeCloseTo(same.item(), 13);
  });

  test("label smoothing mixes in all classes evenly", () => {
    const smoothed = F.oneHot(target, 3).mul(0.7).add(0.1);
    const weight = tensor([1, 2, 3]);
    const by = (reduction: "sum" | "none"): Tensor =>
      F.crossEntropy(logits, target, { labelSmoothing: 0.3, weight, reduction });
    const same = F.crossEntropy(logits, smoothed, { weight, reduction: "none" });
    expect(by("none").allclose(same)).toBe(true);
    expect(by("sum").item()).toBeCloseTo(same.sum().item(), 12);
    const mean = F.crossEntropy(logits, target, { labelSmoothing: 0.3, weight }).item();
    expect(mean).toBeCloseTo(same.sum().item() / (3 + 1 + 2 + 1), 12);
  });

  test("ignored targets count nothing, whatever their scores; of nothing else the mean is NaN", () => {
    const x = tensor([
      [-Infinity, 1],
      [2, 3],
    ]).requiresGrad_();
    const loss = F.nllLoss(x, classes(0, 1), { ignoreIndex: 0 });
    expect(loss.item()).toBe(-3);
    expect(autograd.grad(loss, [x])[0]!.tolist()).toEqual([
      [0, 0],
      [0, -1],
    ]);
    expect(F.nllLoss(x, classes(-100, -100)).item()).toBeNaN();
    expect(F.nllLoss(x, classes(-100, -100), { reduction: "sum" }).item()).toBe(0);
    expect(F.crossEntropy(x, classes(-100, -100), { labelSmoothing: 0.5 }).item()).toBeNaN();
  });

  test("refuse numbers that are none of them, and shapes that do not fit", () => {
    expect(() => F.nllLoss(logits, classes(0, 1, 2, 3))).toThrow(/indices from 0 to 2, got 3/);
    expect(() => F.nllLoss(logits, classes(0, 1, 2, -1))).toThrow(/indices from 0 to 2, got -1/);
    expect(() => F.nllLoss(logits, tensor([0, 1, 2, 0]))).toThrow(/int64, got float64/);
    expect(() => F.crossEntropy(logits, classes(0, 1))).toThrow(/got \(4, 3\) and \(2,\)/);
    expect(() => F.nllLoss(logits, target, tensor([1, 2]))).toThrow(/each of 3 classes/);
  });
});

function slope(f: (x: Tensor) => Tensor, at: number): number {
  const x = tensor(at, { requiresGrad: true });
  return autograd.grad(f(x).sum(), [x])[0]!.item();
}

describe("kinks and ends", () => {
  const zero = tensor(0);

  test("l1Loss is flat at 0, huberLoss has slope delta at delta", () => {
    expect(slope(x => F.l1Loss(x, zero), 0)).toBe(0);
    expect(slope(x => F.smoothL1Loss(x, zero, { beta: 0 }), 0)).toBe(0);
    expect(slope(x => F.huberLoss(x, zero, { delta: 2 }), 2)).toBe(2);
    expect(slope(x => F.huberLoss(x, zero), Infinity)).toBe(1);
    expect(slope(x => F.smoothL1Loss(x, zero), -Infinity)).toBe(-1);
  });

  test("binaryCrossEntropy is at most 100 a side; logits do not overflow", () => {
    expect(F.binaryCrossEntropy(tensor(0), tensor(1)).item()).toBe(100);
    expect(F.binaryCrossEntropy(tensor(1), tensor(1)).item()).toBe(0);
    expect(() => F.binaryCrossEntropy(tensor(1.5), tensor(1))).toThrow(/from 0 to 1, got 1.5/);
    expect(F.binaryCrossEntropyWithLogits(tensor(1000), tensor(0)).item()).toBe(1000);
    expect(slope(x => F.binaryCrossEntropyWithLogits(x, zero), -1000)).toBe(0);
    expect(F.softMarginLoss(tensor(-1000), tensor(1)).item()).toBe(1000);
  });

  test("multiMarginLoss is flat where the margin is just kept, the other margins are not", () => {
    expect(slope(x => F.multiMarginLoss(x.mul(tensor([1, 0])), tensor(0, { dtype: "int64" })), 1)).toBe(0);
    expect(slope(x => F.hingeEmbeddingLoss(x, tensor(-1)), 1)).toBe(-1);
  });

  test("klDiv takes 0 log 0 for 0, poissonNllLoss approximates no factorial up to 1", () => {
    expect(F.klDiv(tensor([-1, -2]), tensor([0, 0])).item()).toBe(0);
    expect(F.poissonNllLoss(zero, tensor([0, 1]), { full: true, reduction: "none" }).tolist()).toEqual([
      1, 1,
    ]);
    const y = tensor([0, 1], { requiresGrad: true });
    expect(
      autograd.grad(F.poissonNllLoss(zero, y, { full: true, reduction: "sum" }), [y])[0]!.tolist(),
    ).toEqual([0, 0]);
  });

  test("gaussianNllLoss floors variances, takes one number for all, and refuses negative ones", () => {
    expect(F.gaussianNllLoss(tensor([1, 1]), tensor([0, 0]), 1).item()).toBe(0.5);
    expect(F.gaussianNllLoss(tensor([1]), tensor([1]), tensor([0]), { eps: 0.5 }).item()).toBe(
      Math.log(0.5) / 2,
    );
    expect(() => F.gaussianNllLoss(zero, zero, tensor(-1))).toThrow(/0 or more, got -1/);
    expect(() => F.gaussianNllLoss(randn(2, 3), randn(2, 3), randn(3).abs())).toThrow(/shape \(2, 3\)/);
  });
});

test("sizes: marginRankingLoss, cosineEmbeddingLoss and multiMarginLoss without a batch", () => {
  const v = randn(3);
  expect(F.marginRankingLoss(tensor(1), tensor(2), tensor(1)).item()).toBe(1);
  expect(F.cosineEmbeddingLoss(v, v, tensor(1)).item()).toBeCloseTo(0, 10);
  expect(F.multiMarginLoss(v, tensor(0, { dtype: "int64" }), { reduction: "none" }).shape).toEqual([]);
  expect(F.multiMarginLoss(v, classes(0), { reduction: "none" }).shape).toEqual([1]);
});
