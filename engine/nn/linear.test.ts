/** @file Linear and bilinear maps: derivatives, and every shape that torch takes. */

import { nn, randn, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  linear: [
    (x, w, b) => F.linear(x, w, b),
    () => [randn(2, 3), randn(4, 3), randn(4)],
    () => [randn(3), randn(4, 3), randn(4)],
    () => [randn(2, 2, 3), randn(3), randn([])],
  ],
  bilinear: [
    (x, y, w, b) => F.bilinear(x, y, w, b),
    () => [randn(2, 3), randn(2, 4), randn(2, 3, 4), randn(2)],
    () => [randn(3), randn(4), randn(1, 3, 4), randn(1)],
  ],
});

describe("linear", () => {
  test("takes batches of any shape, of none, and a weight without outputs", () => {
    const w = randn(4, 3);
    expect(F.linear(randn(0, 3), w, randn(4)).shape).toEqual([0, 4]);
    expect(F.linear(randn(2, 5, 3), w).shape).toEqual([2, 5, 4]);
    expect(F.linear(randn(2, 3), randn(3)).shape).toEqual([2]);
    expect(F.linear(randn(3), randn(3), tensor(1)).shape).toEqual([]);
    const leaf = randn(4, 3, { requiresGrad: true });
    F.linear(randn(0, 3), leaf).sum().backward();
    expect(leaf.grad!.equal(zeros(4, 3))).toBe(true);
    expect(() => F.linear(randn(2, 4), w)).toThrow(/\(2, 4\) and \(4, 3\)/);
  });

  test("is x Wᵀ + b", () => {
    const [x, w, b] = [randn(5, 3), randn(4, 3), randn(4)];
    expect(F.linear(x, w, { bias: b }).allclose(x.matmul(w.t()).add(b))).toBe(true);
  });
});
