/** @file Pooling, windows as columns, and shuffled pixels: derivatives, and torch's rules at edges and ties. */

import { arange, func, nn, ones, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  maxPool1d: [x => F.maxPool1d(x, 3, { stride: 2, padding: 1 }), () => [randn(2, 2, 7)], () => [randn(2, 6)]],
  "maxPool2d, dilated": [x => F.maxPool2d(x, [2, 3], { stride: 1, dilation: 2 }), () => [randn(1, 2, 5, 6)]],
  maxPool3d: [x => F.maxPool3d(x, 2, { ceilMode: true }), () => [randn(1, 1, 3, 2, 3)]],
  adaptiveMaxPool2d: [x => F.adaptiveMaxPool2d(x, [2, null]), () => [randn(1, 2, 5, 3)]],
  avgPool1d: [x => F.avgPool1d(x, 3, { padding: 1, ceilMode: true }), () => [randn(1, 2, 6)]],
  avgPool2d: [
    x => F.avgPool2d(x, [3, 2], { stride: [2, 1], padding: 1, countIncludePad: false }),
    () => [randn(1, 2, 5, 4)],
  ],
  "avgPool3d with a divisor": [x => F.avgPool3d(x, 2, { divisorOverride: 3 }), () => [randn(1, 1, 2, 4, 3)]],
  adaptiveAvgPool1d: [x => F.adaptiveAvgPool1d(x, 3), () => [randn(2, 5)]],
  adaptiveAvgPool3d: [x => F.adaptiveAvgPool3d(x, [1, 2, null]), () => [randn(1, 1, 2, 3, 2)]],
  unfold: [x => F.unfold(x, [2, 1], { stride: 2, padding: [1, 0], dilation: 2 }), () => [randn(2, 2, 5, 4)]],
  fold: [x => F.fold(x, [4, 3], 2, { padding: 1 }), () => [randn(1, 8, 20)]],
  pixelShuffle: [x => F.pixelShuffle(x, 2), () => [randn(1, 8, 2, 3)]],
  pixelUnshuffle: [x => F.pixelUnshuffle(x, 2), () => [randn(2, 4, 6)]],
});

const row = (...values: number[]): Tensor => tensor([values]);

describe("maxPool", () => {
  test("returns positions in the image, of 2-d images row-major", () => {
    const x = tensor([
      [
        [1, 5, 2],
        [7, 3, 9],
        [4, 8, 6],
      ],
    ]);
    const { output, indices } = F.maxPool2d(x, 2, { stride: 1, returnIndices: true });
    expect(output.tolist()).toEqual([
      [
        [7, 9],
        [8, 9],
      ],
    ]);
    expect(indices.tolist()).toEqual([
      [
        [3, 5],
        [7, 5],
      ],
    ]);
    expect(indices.dtype).toBe("int64");
  });

  test("gives the gradient to the first of equals", () => {
    const x = row(2, 2, 1, 2).requiresGrad_();
    F.maxPool1d(x, 4).sum().backward();
    expect(x.grad!.tolist()).toEqual([[1, 0, 0, 0]]);
  });

  test("takes NaN for the largest, the last one's index, and −∞ for a value", () => {
    const { output, indices } = F.maxPool1d(row(NaN, 1, NaN, 9), 4, { returnIndices: true });
    expect([output.item(), indices.item()]).toEqual([NaN, 2]);
    expect(F.maxPool1d(row(-Infinity, -Infinity), 2, { padding: 1 }).tolist()).toEqual([
      [-Infinity, -Infinity],
    ]);
  });

  test("in ceilMode has a last window only if it begins before the padding's end", () => {
    const x = row(1, 2, 3, 4, 5);
    expect(F.maxPool1d(x, 2).tolist()).toEqual([[2, 4]]);
    expect(F.maxPool1d(x, 2, { ceilMode: true }).tolist()).toEqual([[2, 4, 5]]);
    expect(F.maxPool1d(x, 2, { stride: 3, padding: 1, ceilMode: true }).tolist()).toEqual([[1, 4]]);
  });

  test("keeps integers, and a batch of none", () => {
    expect(F.maxPool1d(tensor([[3, 1, 2]], { dtype: "int64" }), 2, 1).dtype).toBe("int64");
    expect(F.maxPool2d(randn(0, 2, 4, 4), 2).shape).toEqual([0, 2, 2, 2]);
  });

  test("under vmap equals a loop", () => {
    const xs = randn(3, 2, 5, 5);
    const all = func.vmap((x: Tensor) => F.maxPool2d(x, 2))(xs);
    for (let i = 0; i < 3; i++) expect(all.select(0, i).equal(F.maxPool2d(xs.select(0, i), 2))).toBe(true);
  });

  test("refuses padding beyond half a window, and windows that do not fit", () => {
    expect(() => F.maxPool1d(row(1, 2, 3), 3, { padding: 2 })).toThrow(/at most half a window/);
    expect(() => F.maxPool1d(row(1, 2), 3)).toThrow(/windows that fit/);
    expect(() => F.maxPool1d(row(1), 2, { padding: 2, dilation: 4 })).toThrow(/wholly in the padding/);
  });
});

describe("avgPool", () => {
  test("counts padding or not, but never what lies beyond it", () => {
    const x = row(6, 6, 6, 6);
    expect(F.avgPool1d(x, 3, 2, 1).tolist()).toEqual([[4, 6]]);
    expect(F.avgPool1d(x, 3, 2, 1, false, false).tolist()).toEqual([[6, 6]]);
    // The last window [3, 6) reaches one entry beyond the padding: 6 / 2, not 6 / 3.
    expect(F.avgPool1d(x, 3, 2, 1, true).tolist()).toEqual([[4, 6, 3]]);
    expect(F.avgPool2d(x.unsqueeze(0), [1, 2], { divisorOverride: -3 }).tolist()).toEqual([[[-4, -4]]]);
    expect(() => F.avgPool2d(x.unsqueeze(0), 1, { divisorOverride: 0 })).toThrow(/other than 0/);
  });

  test("divides sums once, so that whole averages are whole", () => {
    const x = arange(1, 10).double().reshape(1, 3, 3);
    expect(F.avgPool2d(x, 3).item()).toBe(5);
    expect(F.adaptiveAvgPool2d(x, 1).item()).toBe(5);
    expect(F.adaptiveAvgPool2d(x.float(), 2).dtype).toBe("float32");
  });

  test("adapts: windows cover the input evenly and overlap where they must", () => {
    expect(F.adaptiveAvgPool1d(row(1, 2, 3, 4, 5), 3).tolist()).toEqual([[1.5, 3, 4.5]]);
    expect(F.adaptiveMaxPool1d(row(1, 2, 3, 4, 5), 3, true).indices.tolist()).toEqual([[1, 3, 4]]);
    expect(F.adaptiveAvgPool2d(randn(2, 3, 4, 5), [null, 2]).shape).toEqual([2, 3, 4, 2]);
    expect(F.adaptiveAvgPool1d(row(1, 2), 5).tolist()).toEqual([[1, 1, 1.5, 2, 2]]);
  });
});

describe("unfold", () => {
  test("followed by fold multiplies each pixel by the windows that see it", () => {
    const x = randn(2, 3, 6, 5);
    const how = { padding: 1, stride: 2 };
    const seen = F.fold(F.unfold(ones(2, 3, 6, 5), 3, how), [6, 5], 3, how);
    expect(F.fold(F.unfold(x, 3, how), [6, 5], 3, how).allclose(x.mul(seen))).toBe(true);
  });

  test("makes a convolution a matrix product", () => {
    const [x, w] = [randn(2, 3, 6, 5), randn(4, 3, 3, 2)];
    const product = w.reshape(4, -1).matmul(F.unfold(x, [3, 2]));
    expect(F.conv2d(x, w).flatten(2).allclose(product)).toBe(true);
    expect(() => F.fold(randn(1, 7, 4), 3, 2)).toThrow(/multiple of 4 kernel elements/);
  });
});

test("pixelShuffle goes through channels first, and back", () => {
  const x = arange(4).double().reshape(4, 1, 1);
  expect(F.pixelShuffle(x, 2).tolist()).toEqual([
    [
      [0, 1],
      [2, 3],
    ],
  ]);
  const y = randn(2, 18, 2, 3);
  expect(F.pixelUnshuffle(F.pixelShuffle(y, 3), 3).equal(y)).toBe(true);
  expect(() => F.pixelShuffle(x, 3)).toThrow(/multiple of 9 channels/);
});
