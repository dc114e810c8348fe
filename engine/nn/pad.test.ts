/** @file Padding and resizing: derivatives, and entries where torch puts them. */

import { arange, nn, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  "pad, constant": [x => F.pad(x, [1, -1, 0, 2], "constant", 3), () => [randn(2, 3)], () => [randn(2, 2, 3)]],
  "pad, reflect": [x => F.pad(x, [2, 1], { mode: "reflect" }), () => [randn(2, 3)]],
  "pad, replicate": [x => F.pad(x, [1, 4, -1, 2], "replicate"), () => [randn(1, 3, 3)]],
  "pad, circular": [x => F.pad(x, [3, 1, -1, 1], "circular"), () => [randn(1, 1, 3, 3)]],
  "interpolate, nearest": [x => F.interpolate(x, { scaleFactor: 1.7 }), () => [randn(1, 2, 3, 2)]],
  "interpolate, linear": [x => F.interpolate(x, 5, { mode: "linear" }), () => [randn(1, 2, 3)]],
  "interpolate, bilinear": [
    x => F.interpolate(x, [5, 2], { mode: "bilinear", alignCorners: true }),
    () => [randn(1, 1, 3, 4)],
  ],
  "interpolate, bicubic": [x => F.interpolate(x, [5, 2], { mode: "bicubic" }), () => [randn(1, 1, 3, 4)]],
  "interpolate, antialiased": [
    x => F.interpolate(x, 2, { mode: "bicubic", antialias: true }),
    () => [randn(1, 1, 5, 4)],
  ],
  "interpolate, trilinear": [x => F.interpolate(x, 3, { mode: "trilinear" }), () => [randn(1, 1, 2, 2, 2)]],
  "interpolate, area": [x => F.interpolate(x, 2, { mode: "area" }), () => [randn(1, 1, 3)]],
});

const row = (...values: number[]): Tensor => tensor([values]);

describe("pad", () => {
  const x = row(1, 2, 3, 4);

  test.each<["constant" | "reflect" | "replicate" | "circular", number[], number[]]>([
    ["constant", [1, 2], [0, 1, 2, 3, 4, 0, 0]],
    ["constant", [-1, 1], [2, 3, 4, 0]],
    ["constant", [-3, -1], []],
    ["reflect", [3, 1], [4, 3, 2, 1, 2, 3, 4, 3]],
    ["reflect", [-1, 1], [2, 3, 4, 3]],
    ["replicate", [2, 1], [1, 1, 1, 2, 3, 4, 4]],
    ["circular", [2, 3], [3, 4, 1, 2, 3, 4, 1, 2, 3]],
    ["circular", [-1, 1], [2, 3, 4, 2]],
  ])("%s %j", (mode, ends, padded) => {
    expect(F.pad(x, ends, mode).tolist()).toEqual([padded]);
  });

  test("pairs are for the last dimensions, innermost first; the value is any number", () => {
    expect(F.pad(row(1), [0, 1, 1, 0], "constant", -Infinity).tolist()).toEqual([
      [-Infinity, -Infinity],
      [1, -Infinity],
    ]);
    expect(F.pad(tensor([true]), [0, 1], { value: 1 }).tolist()).toEqual([1, 1]);
    expect(F.pad(tensor(5), []).item()).toBe(5);
    expect(F.pad(randn(0, 2, 3), [1, 1], "reflect").shape).toEqual([0, 2, 5]);
  });

  test("refuses what the mode cannot do", () => {
    expect(() => F.pad(x, [4, 0], "reflect")).toThrow(/at most 3 entries/);
    expect(() => F.pad(x, [5, 0], "circular")).toThrow(/at most 4 entries/);
    expect(() => F.pad(x, [-3, -2])).toThrow(/more than there is/);
    expect(() => F.pad(x, [1])).toThrow(/pairs of integers/);
    expect(() => F.pad(x, [1, 1, 1, 1], "reflect")).toThrow(/2 pairs for \(1, 4\)/);
    expect(() => F.pad(x, [1, 1], "mirror" as never)).toThrow(/"replicate" or "circular", got mirror/);
  });
});

describe("interpolate", () => {
  const x = tensor([[[1, 2, 3, 4]]]);

  test("aligns corners, or edges", () => {
    expect(F.interpolate(x, 7, { mode: "linear", alignCorners: true }).tolist()).toEqual([
      [[1, 1.5, 2, 2.5, 3, 3.5, 4]],
    ]);
    expect(F.interpolate(x, 8, { mode: "linear" }).tolist()).toEqual([
      [[1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]],
    ]);
    expect(F.interpolate(x, 1, { mode: "linear", alignCorners: true }).item()).toBe(1);
    expect(F.interpolate(x, 1, { mode: "linear" }).item()).toBe(2.5);
  });

  test("uses a scale factor as it is, or recomputes it from the sizes", () => {
    const linear = { scaleFactor: 1.9, mode: "linear" } as const;
    const kept = F.interpolate(x, linear);
    const again = F.interpolate(x, { ...linear, recomputeScaleFactor: true });
    expect(again.equal(F.interpolate(x, 7, { mode: "linear" }))).toBe(true);
    expect(kept.shape).toEqual(again.shape);
    expect(kept.equal(again)).toBe(false);
  });

  test("nearest takes the entry that a position falls into, nearest-exact the one whose centre is nearest", () => {
    expect(F.interpolate(x, 3).tolist()).toEqual([[[1, 2, 3]]]);
    expect(F.interpolate(x, 3, { mode: "nearest-exact" }).tolist()).toEqual([[[1, 3, 4]]]);
    expect(F.interpolate(x, { scaleFactor: 2 }).tolist()).toEqual([[[1, 1, 2, 2, 3, 3, 4, 4]]]);
  });

  test("bicubic and bilinear keep planes; antialiasing averages over what it skips", () => {
    const ramp = arange(64).double().reshape(1, 1, 8, 8);
    const shrunk = F.interpolate(ramp, [4, 4], { mode: "bilinear", antialias: true });
    expect(shrunk.sum().item()).toBeCloseTo(ramp.mean().item() * 16, 10);
    const corners = { mode: "bicubic", alignCorners: true } as const;
    const grown = F.interpolate(ramp, [15, 15], corners).slice(2, 4, -4).slice(3, 4, -4);
    const plane = F.interpolate(ramp, [15, 15], { ...corners, mode: "bilinear" })
      .slice(2, 4, -4)
      .slice(3, 4, -4);
    expect(grown.allclose(plane)).toBe(true);
    expect(F.interpolate(ramp, [8, 8], corners).allclose(ramp)).toBe(true);
  });

  test("refuses contradictions", () => {
    expect(() => F.interpolate(x)).toThrow(/either size or scaleFactor/);
    expect(() => F.interpolate(x, 2, 2)).toThrow(/either size or scaleFactor/);
    expect(() => F.interpolate(x, 2, { mode: "bilinear" })).toThrow(/2 more dimensions/);
    expect(() => F.interpolate(x, 2, { alignCorners: true })).toThrow(/linear and cubic modes only/);
    expect(() => F.interpolate(x, 2, { mode: "linear", antialias: true })).toThrow(/antialias for/);
    expect(() => F.interpolate(x, { size: 2, recomputeScaleFactor: true })).toThrow(
      /with a scaleFactor only/,
    );
  });
});
