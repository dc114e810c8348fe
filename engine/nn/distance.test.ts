/** @file Distances, likeness and unit vectors: derivatives, and torch's edge cases. */

import { autograd, nn, ones, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  cosineSimilarity: [
    (x, y) => F.cosineSimilarity(x, y, { dim: -1 }),
    () => [randn(2, 3), randn(2, 3)],
    () => [randn(1, 2, 3), randn(2, 1, 3)],
  ],
  pairwiseDistance: [
    (x, y) => F.pairwiseDistance(x, y, { p: 3, keepdim: true }),
    () => [randn(2, 3), randn(2, 3)],
    () => [randn(3), randn(2, 3)],
  ],
  pdist: [x => F.pdist(x, 1.5), () => [randn(4, 3)]],
  normalize: [x => F.normalize(x, { p: 1.5, dim: 0 }), () => [randn(2, 3)]],
  "normalize over two dimensions": [x => F.normalize(x, 2, [0, 1]), () => [randn(2, 3)]],
});

function gradient(f: (x: Tensor) => Tensor, x: Tensor): unknown {
  const leaf = x.detach().clone().requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
}

describe("distances", () => {
  test("cosineSimilarity is finite for a vector of zeros, and whatever the lengths", () => {
    expect(F.cosineSimilarity(zeros(1, 2), ones(1, 2)).item()).toBe(0);
    expect(
      F.cosineSimilarity(tensor([[3e-200, 4e-200]]), tensor([[3e200, 4e200]]), { eps: 0 }).item(),
    ).toBeCloseTo(1, 14);
    expect(F.cosineSimilarity(tensor([3, 4]), tensor([4, 3]), 0).item()).toBeCloseTo(0.96, 14);
    expect(F.cosineSimilarity(tensor(2), tensor(-5), { dim: 0 }).item()).toBe(-1);
    expect(F.cosineSimilarity(randn(2, 1, 3), randn(1, 4, 3), 2).shape).toEqual([2, 4]);
    expect(F.cosineSimilarity(randn(0, 3), randn(0, 3)).shape).toEqual([0]);
    expect(() =>
      F.cosineSimilarity(tensor([1], { dtype: "int64" }), tensor([1], { dtype: "int64" }), 0),
    ).toThrow(/floating-point/);
  });

  test("a norm below eps is taken for eps, but differentiated as itself", () => {
    const at = tensor([0.3, 0.4]);
    const other = tensor([1, 0]);
    // x / 2 with a slope of the length: g/2 − (x·g/4) x/‖x‖ for g = (1, 0).
    expect(F.cosineSimilarity(at, other, { dim: 0, eps: 2 }).item()).toBeCloseTo(0.3 / 4, 15);
    const [dx, dy] = gradient(x => F.cosineSimilarity(x, other, { dim: 0, eps: 2 }), at) as number[];
    expect([dx, dy]).toEqual([
      expect.closeTo(0.25 - (0.3 / 8) * 0.6, 14),
      expect.closeTo((-0.3 / 8) * 0.8, 14),
    ]);
  });

  test("pairwiseDistance adds eps to the difference, over the last dimension of the broadcast inputs", () => {
    expect(F.pairwiseDistance(tensor([1, 2]), tensor([1, 2])).item()).toBeCloseTo(1e-6 * Math.SQRT2, 18);
    expect(F.pairwiseDistance(tensor([[3, 0]]), tensor([0, 4]), { eps: 0 }).tolist()).toEqual([5]);
    expect(F.pairwiseDistance(randn(2, 3, 4), randn(4), 1, 0, true).shape).toEqual([2, 3, 1]);
    expect(F.pairwiseDistance(randn(0, 4), randn(0, 4)).shape).toEqual([0]);
  });

  test("pdist goes through pairs i < j, and is flat where rows are equal", () => {
    const x = tensor([
      [0, 0],
      [3, 4],
      [0, 0],
    ]);
    expect(F.pdist(x).tolist()).toEqual([5, 0, 5]);
    expect(F.pdist(x, 0).tolist()).toEqual([2, 0, 2]);
    expect(F.pdist(x, Infinity).tolist()).toEqual([4, 0, 4]);
    expect(gradient(t => F.pdist(t).slice(0, 1, 2), x)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect([
      F.pdist(zeros(1, 3)).shape,
      F.pdist(zeros(0, 3)).shape,
      F.pdist(zeros(3, 0), Infinity).tolist(),
    ]).toEqual([[0], [0], [0, 0, 0]]);
  });

  test("normalize leaves zeros", () => {
    expect(
      F.normalize(
        tensor([
          [0, 0],
          [3, 4],
        ]),
      ).tolist(),
    ).toEqual([
      [0, 0],
      [0.6, 0.8],
    ]);
  });
});
