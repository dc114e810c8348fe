/** @file Convolutions against their definition as sums, their derivatives of every order, and batches of them. */

import { func, nn, ones, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  conv1d: [
    (x, w, b) => F.conv1d(x, w, b, { stride: 2, padding: 1, dilation: 2 }),
    () => [randn(2, 2, 7), randn(3, 2, 2), randn(3)],
    () => [randn(2, 7), randn(3, 2, 2), randn(3)],
  ],
  "conv1d in groups": [(x, w) => F.conv1d(x, w, { groups: 2 }), () => [randn(1, 4, 5), randn(2, 2, 3)]],
  conv2d: [
    (x, w, b) => F.conv2d(x, w, b, [2, 1], [0, 1]),
    () => [randn(1, 2, 5, 4), randn(2, 2, 3, 2), randn(2)],
  ],
  'conv2d, padding "same"': [
    (x, w) => F.conv2d(x, w, { padding: "same", dilation: [1, 2] }),
    () => [randn(1, 1, 4, 5), randn(1, 1, 2, 2)],
  ],
  conv3d: [(x, w) => F.conv3d(x, w, { padding: 1 }), () => [randn(1, 1, 2, 3, 2), randn(1, 1, 2, 2, 2)]],
  convTranspose1d: [
    (x, w, b) => F.convTranspose1d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
    () => [randn(2, 2, 3), randn(2, 3, 3), randn(3)],
    () => [randn(2, 3), randn(2, 3, 3), randn(3)],
  ],
  convTranspose2d: [
    (x, w) => F.convTranspose2d(x, w, { stride: [2, 1], groups: 2, dilation: [1, 2] }),
    () => [randn(1, 2, 3, 2), randn(2, 1, 2, 2)],
  ],
  convTranspose3d: [
    (x, w) => F.convTranspose3d(x, w, { stride: 2 }),
    () => [randn(1, 1, 2, 1, 2), randn(1, 2, 2, 2, 1)],
  ],
});

/** The definition: y[n, o, i, j] = Σ w[o, c, k, l] x[n, c, i s + k d − p, j s + l d − p]. */
function directly(x: Tensor, w: Tensor, stride: number, padding: number, dilation: number, groups: number) {
  const [X, W] = [x.tolist(), w.tolist()] as unknown as number[][][][][];
  const [, , height, width] = x.shape as [number, number, number, number];
  const [outputs, channels, kh, kw] = w.shape as [number, number, number, number];
  const out = (n: number, k: number): number =>
    Math.floor((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;
  const grid = Array.from({ length: x.shape[0]! }, (_, n) =>
    Array.from({ length: outputs }, (_, o) =>
      Array.from({ length: out(height, kh) }, (_, i) =>
        Array.from({ length: out(width, kw) }, (_, j) => {
          let sum = 0;
          for (let c = 0; c < channels; c++) {
            const from = Math.floor(o / (outputs / groups)) * channels + c;
            for (let k = 0; k < kh; k++) {
              for (let l = 0; l < kw; l++) {
                const row = X![n]![from]![i * stride + k * dilation - padding];
                sum += W![o]![c]![k]![l]! * (row?.[j * stride + l * dilation - padding] ?? 0);
              }
            }
          }
          return sum;
        }),
      ),
    ),
  );
  return tensor(grid);
}

describe("conv2d", () => {
  test.each([
    [1, 0, 1, 1],
    [2, 1, 1, 1],
    [3, 2, 2, 2],
    [1, 3, 3, 4],
  ])(
    "stride %i, padding %i, dilation %i, groups %i is the sum it is defined by",
    (stride, padding, dilation, groups) => {
      const [x, w] = [randn(2, 4, 7, 8), randn(8, 4 / groups, 3, 2)];
      const y = F.conv2d(x, w, { stride, padding, dilation, groups });
      expect(y.allclose(directly(x, w, stride, padding, dilation, groups), 1e-12, 1e-12)).toBe(true);
    },
  );

  test("is conv1d where images are one pixel high", () => {
    const [x, w] = [randn(2, 3, 8), randn(4, 3, 3)];
    const y = F.conv2d(x.unsqueeze(2), w.unsqueeze(2), { padding: [0, 1], stride: [1, 2] }).squeeze(2);
    expect(y.allclose(F.conv1d(x, w, { padding: 1, stride: 2 }))).toBe(true);
  });

  test('"valid" pads nothing; "same" puts the odd pixel after the image', () => {
    const x = tensor([[[1, 2, 3, 4]]]);
    const w = tensor([[[1, 10]]]);
    expect(F.conv1d(x, w, { padding: "valid" }).tolist()).toEqual([[[21, 32, 43]]]);
    expect(F.conv1d(x, w, { padding: "same" }).tolist()).toEqual([[[21, 32, 43, 4]]]);
  });

  test("takes a batch of no images, and gives weight and bias zero gradients for it", () => {
    const [w, b] = [randn(2, 3, 2, 2, { requiresGrad: true }), randn(2, { requiresGrad: true })];
    const y = F.conv2d(randn(0, 3, 4, 4), w, b);
    expect(y.shape).toEqual([0, 2, 3, 3]);
    y.sum().backward();
    expect(w.grad!.abs().sum().item() + b.grad!.abs().sum().item()).toBe(0);
  });

  test("computes in float32 where both are", () => {
    const [x, w] = [randn(1, 2, 4, 4), randn(3, 2, 3, 3)];
    const y = F.conv2d(x.float(), w.float());
    expect(y.dtype).toBe("float32");
    expect(y.double().allclose(F.conv2d(x, w), 1e-5, 1e-5)).toBe(true);
  });

  test.each<[string, () => Tensor, RegExp]>([
    [
      "channels",
      () => F.conv2d(randn(1, 3, 4, 4), randn(2, 2, 3, 3)),
      /expected 2 channels .* got .*\(1, 3, 4, 4\)/,
    ],
    ["dimensions", () => F.conv2d(randn(4, 4), randn(2, 2, 3, 3)), /3 or 4 dimensions/],
    [
      "a kernel that is too large",
      () => F.conv1d(randn(1, 2), randn(1, 1, 3)),
      /no larger than the padded image/,
    ],
    ["a stride of 0", () => F.conv1d(randn(1, 2), randn(1, 1, 1), { stride: 0 }), /stride .* 1 or more/],
    ["groups", () => F.conv1d(randn(2, 2), randn(3, 1, 1), { groups: 2 }), /groups to divide the 3 kernels/],
    [
      "same with a stride",
      () => F.conv1d(randn(1, 4), randn(1, 1, 1), { padding: "same", stride: 2 }),
      /stride 1/,
    ],
    ["bias", () => F.conv1d(randn(1, 4), randn(2, 1, 1), ones(3)), /bias of shape \(2,\)/],
    [
      "output padding",
      () => F.convTranspose1d(randn(1, 4), randn(1, 1, 2), { outputPadding: 1 }),
      /smaller than/,
    ],
  ])("refuses wrong %s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

test("convTranspose2d is what conv2d's gradient does", () => {
  const [x, w] = [randn(2, 4, 6, 5, { requiresGrad: true }), randn(6, 2, 3, 2)];
  const how = { stride: [2, 1], padding: 1, groups: 2 };
  const y = F.conv2d(x, w, how);
  const g = randn(y.shape);
  y.backward(g);
  const back = F.convTranspose2d(g, w, { ...how, outputPadding: [1, 0] });
  expect(back.allclose(x.grad!)).toBe(true);
});

describe("vmap", () => {
  const loss = (x: Tensor, w: Tensor): Tensor => F.conv2d(x, w, { padding: 1, groups: 2 }).pow(3).sum();
  const [xs, ws] = [randn(3, 2, 4, 3, 3), randn(3, 6, 2, 2, 2)];

  test.each<[string, [0 | null, 0 | null]]>([
    ["images", [0, null]],
    ["kernels", [null, 0]],
    ["both", [0, 0]],
  ])("of gradients over %s equals a loop", (_, inDims) => {
    const perSample = func.grad(loss, [0, 1]);
    const [x, w] = [inDims[0] === null ? xs.select(0, 0) : xs, inDims[1] === null ? ws.select(0, 0) : ws];
    const batched = func.vmap(perSample, { inDims })(x, w);
    for (let i = 0; i < 3; i++) {
      const one = perSample(inDims[0] === null ? x : x.select(0, i), inDims[1] === null ? w : w.select(0, i));
      for (const k of [0, 1]) expect(batched[k]!.select(0, i).allclose(one[k]!)).toBe(true);
    }
  });
});
