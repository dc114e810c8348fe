/** @file Attention: derivatives, its definition, and the ways to mask. */

import { autograd, nn, ones, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  scaledDotProductAttention: [
    (q, k, v) => F.scaledDotProductAttention(q, k, v, { isCausal: true, scale: 0.7 }),
    () => [randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 2)],
  ],
  "scaledDotProductAttention with a mask": [
    (q, k, v, m) => F.scaledDotProductAttention(q, k, v, m),
    () => [randn(2, 3), randn(4, 3), randn(4, 2), randn(2, 4)],
  ],
  "scaledDotProductAttention with shared heads": [
    (q, k, v) => F.scaledDotProductAttention(q, k, v, { enableGqa: true }),
    () => [randn(1, 4, 2, 3), randn(1, 2, 3, 3), randn(1, 2, 3, 2)],
  ],
});

function gradient(f: (x: Tensor) => Tensor, x: Tensor): unknown {
  const leaf = x.detach().clone().requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
}

describe("scaledDotProductAttention", () => {
  const [q, k, v] = [randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 6)];

  test("is softmax(q kᵀ / √E) v", () => {
    const expected = q.matmul(k.mT).div(2).softmax(-1).matmul(v);
    expect(F.scaledDotProductAttention(q, k, v).allclose(expected)).toBe(true);
  });

  test("a bool mask, a mask of −∞, and causality say the same", () => {
    const mask = ones(3, 5).tril().to("bool");
    const causal = F.scaledDotProductAttention(q, k, v, { isCausal: true });
    const added = zeros(3, 5).maskedFill(mask.logicalNot(), -Infinity);
    expect(F.scaledDotProductAttention(q, k, v, mask).allclose(causal)).toBe(true);
    expect(F.scaledDotProductAttention(q, k, v, added).allclose(causal)).toBe(true);
    expect(() => F.scaledDotProductAttention(q, k, v, mask, 0, true)).toThrow(/either attnMask or isCausal/);
  });

  test("a query that sees nothing gets 0, and passes no NaN back", () => {
    const blind = tensor([[true], [false], [true]]).expand(3, 5);
    const y = F.scaledDotProductAttention(q, k, v, blind);
    expect(y.select(1, 1).abs().sum().item()).toBe(0);
    const back = gradient(t => F.scaledDotProductAttention(t, k, v, blind), q) as number[][][];
    expect(back.flat(2).every(Number.isFinite)).toBe(true);
    expect(back[0]![1]).toEqual([0, 0, 0, 0]);
  });

  test("refuses heads that do not divide", () => {
    expect(() =>
      F.scaledDotProductAttention(randn(3, 2, 4), randn(2, 2, 4), randn(2, 2, 4), { enableGqa: true }),
    ).toThrow(/multiple of the 2 heads/);
  });
});
