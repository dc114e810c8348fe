/** @file Lookups in a table: gradients of its rows, and indices that are refused. */

import { autograd, func, nn, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  embedding: [w => F.embedding(tensor([[0, 2, 2]], { dtype: "int64" }), w), () => [randn(3, 2)]],
});

function gradient(f: (x: Tensor) => Tensor, x: Tensor): unknown {
  const leaf = x.detach().clone().requiresGrad_();
  return autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
}

describe("embedding", () => {
  const at = (...values: number[]): Tensor => tensor(values, { dtype: "int64" });

  test("gives the padding row no gradient, and frequent rows a share", () => {
    const w = randn(3, 1);
    expect(gradient(t => F.embedding(at(0, 1, 1), t), w)).toEqual([[1], [2], [0]]);
    expect(gradient(t => F.embedding(at(0, 1, 1), t, { paddingIdx: -2 }), w)).toEqual([[1], [0], [0]]);
    expect(gradient(t => F.embedding(at(0, 1, 1), t, { scaleGradByFreq: true }), w)).toEqual([[1], [1], [0]]);
  });

  test("shortens the rows that it looks up, in place", () => {
    const w = tensor([
      [3, 4],
      [6, 8],
      [0.1, 0],
    ]);
    const y = F.embedding(at(0, 2), w, { maxNorm: 1 });
    expect(y.select(0, 0).norm().item()).toBeCloseTo(1, 6);
    expect(w.tolist()).toEqual([
      [expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)],
      [6, 8],
      [0.1, 0],
    ]);
  });

  test("of no indices, one, and several under vmap; outside of the table it refuses", () => {
    const w = randn(3, 2);
    expect(F.embedding(at(), w).shape).toEqual([0, 2]);
    expect(F.embedding(tensor(1, { dtype: "int64" }), w).shape).toEqual([2]);
    const table = tensor(
      [
        [0, 1],
        [2, 0],
      ],
      { dtype: "int64" },
    );
    expect(
      func
        .vmap((i: Tensor) => F.embedding(i, w))(table)
        .equal(F.embedding(table, w)),
    ).toBe(true);
    expect(() => F.embedding(at(3), w)).toThrow(/from 0 to 2, got 3/);
    expect(() => F.embedding(at(-1), w)).toThrow(/from 0 to 2, got -1/);
  });

  test("oneHot counts the classes if it is not told", () => {
    expect(F.oneHot(at(0, 2)).tolist()).toEqual([
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(() => F.oneHot(at(2), 2)).toThrow(/from 0 to 1, got 2/);
  });
});
