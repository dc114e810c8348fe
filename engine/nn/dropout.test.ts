/** @file Dropout: what is kept, and what stays the same on average. */

import { manualSeed, nn, ones, randn, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives, inside } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  dropout: [
    x => {
      manualSeed(5);
      return F.dropout(x, 0.4);
    },
    () => [inside(2, 5)],
  ],
});

describe("dropout", () => {
  test("keeps about 1 − p of the entries, scaled so that the mean stays; manualSeed repeats it", () => {
    const x = ones(100, 100);
    manualSeed(1);
    const y = F.dropout(x, 0.25);
    expect(new Set(y.flatten().tolist() as number[])).toEqual(new Set([0, 1 / 0.75]));
    expect(Math.abs(y.mean().item() - 1)).toBeLessThan(0.02);
    manualSeed(1);
    expect(F.dropout(x, 0.25).equal(y)).toBe(true);
  });

  test("is the input itself when it does not train, zeros for p = 1", () => {
    const x = randn(3);
    expect(F.dropout(x, 0.5, false)).toBe(x);
    expect(F.dropout(x, 1).equal(zeros(3))).toBe(true);
    expect(() => F.dropout(x, 1.5)).toThrow(/a probability p, got 1.5/);
  });

  test("drops whole channels, in place if wanted", () => {
    const x = ones(8, 16, 3, 3);
    const sums = F.dropout2d(x, { p: 0.5, inplace: true }).sum([2, 3]).flatten().tolist() as number[];
    expect(new Set(sums)).toEqual(new Set([0, 18]));
    expect(x.sum([2, 3]).flatten().tolist()).toEqual(sums);
  });

  test("alphaDropout keeps mean 0 and variance 1", () => {
    manualSeed(2);
    const y = F.alphaDropout(randn(200, 200), 0.3, true);
    expect(Math.abs(y.mean().item())).toBeLessThan(0.02);
    expect(Math.abs(y.var().item() - 1)).toBeLessThan(0.03);
  });
});
