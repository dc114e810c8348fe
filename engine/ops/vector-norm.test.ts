/** @file p-norms: derivatives, sizes that powers would lose, and torch's choices at 0, at ties and at infinity. */

import { autograd, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";
import { vectorNorm } from "./vector-norm.ts";

checkDerivatives({
  ...Object.fromEntries(
    [0, 0.5, 1, 1.7, 2, 3, 10, -1.5, Infinity, -Infinity].map(p => [
      `vectorNorm, p = ${p}`,
      [(x: Tensor) => vectorNorm(x, p, 1), () => [randn(3, 4)]] as [(x: Tensor) => Tensor, () => Tensor[]],
    ]),
  ),
});

function gradient(f: (x: Tensor) => Tensor, x: Tensor): unknown {
  const leaf = x.detach().clone().requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
}

describe("vectorNorm", () => {
  test("neither overflows nor underflows", () => {
    for (const p of [0.5, 1.5, 3, 7]) {
      for (const size of [1e-200, 1e200]) {
        expect(vectorNorm(tensor([size, size]), p).item() / (size * 2 ** (1 / p))).toBeCloseTo(1, 13);
      }
    }
  });

  test.each<[number, number[], number, number[]]>([
    [0, [0, -3, 2], 2, [0, 0, 0]],
    [1, [0, -3, 2], 5, [0, -1, 1]],
    [0.5, [0, -4, 1], 9, [0, -1.5, 3]],
    [3, [0, 0, 0], 0, [0, 0, 0]],
    [1.5, [0, 0], 0, [0, 0]],
    [Infinity, [3, -3, 1], 3, [0.5, -0.5, 0]],
    [-Infinity, [3, -1, 2], 1, [0, -1, 0]],
    [-1, [0, 2], 0, [0, 0]],
    [3, [Infinity, 1], Infinity, [Number.NaN, 0]],
    [1.5, [Number.NaN, 1], Number.NaN, [Number.NaN, Number.NaN]],
  ])("p = %d of %j is %d, with derivative %j", (p, x, value, slope) => {
    expect(vectorNorm(tensor(x), p).item()).toBe(value);
    expect(gradient(t => vectorNorm(t, p), tensor(x))).toEqual(slope);
  });

  test("of nothing is 0, and has no extreme", () => {
    expect(vectorNorm(zeros(2, 0), 3, 1).tolist()).toEqual([0, 0]);
    expect(() => vectorNorm(zeros(0), Infinity)).toThrow(/no elements/);
    expect(vectorNorm(tensor(-2), 3, 0, true).shape).toEqual([]);
  });
});
