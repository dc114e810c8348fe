/** @file Activations: their derivatives, at the kinks too, their variants in place, and settings that are refused. */

import * as gl from "@gradient-lens/engine";
import { nn, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives, positive } from "../../test/derivatives.ts";

const F = nn.functional;

checkDerivatives({
  relu6: [x => F.relu6(x.mul(4)), () => [randn(6)]],
  hardtanh: [x => F.hardtanh(x, -0.5, 0.7), () => [randn(6)]],
  leakyRelu: [x => F.leakyRelu(x, 0.2), () => [randn(2, 3)]],
  rrelu: [x => F.rrelu(x), () => [randn(5)]],
  "prelu, one weight": [(x, w) => F.prelu(x, w), () => [randn(4), randn(1)], () => [randn([]), randn([])]],
  "prelu, a weight a channel": [(x, w) => F.prelu(x, w), () => [randn(2, 3, 2), randn(3)]],
  threshold: [x => F.threshold(x, 0.1, -9), () => [randn(5)]],
  hardsigmoid: [x => F.hardsigmoid(x.mul(3)), () => [randn(5)]],
  hardswish: [x => F.hardswish(x.mul(3)), () => [randn(5)]],
  hardshrink: [x => F.hardshrink(x), () => [randn(5)]],
  softshrink: [x => F.softshrink(x, { lambd: 0.3 }), () => [randn(5)]],
  elu: [x => F.elu(x, 0.7), () => [randn(5)]],
  celu: [x => F.celu(x, { alpha: 0.5 }), () => [randn(5)]],
  selu: [x => F.selu(x), () => [randn(5)]],
  softplus: [x => F.softplus(x, 2, 3), () => [randn(5).mul(2)]],
  logsigmoid: [x => F.logsigmoid(x), () => [randn(5).mul(3)]],
  silu: [x => F.silu(x), () => [randn(5)]],
  mish: [x => F.mish(x), () => [randn(5)]],
  gelu: [x => F.gelu(x), () => [randn(5)]],
  "gelu by tanh": [x => F.gelu(x, { approximate: "tanh" }), () => [randn(5)]],
  softsign: [x => F.softsign(x), () => [randn(5)]],
  tanhshrink: [x => F.tanhshrink(x), () => [randn(5)]],
  glu: [x => F.glu(x), () => [randn(3, 4)], () => [randn(2)]],
  "glu along 0": [x => F.glu(x, { dim: 0 }), () => [randn(4, 3)]],
  softmin: [x => F.softmin(x, 1), () => [randn(2, 3)]],
});

function gradient(f: (x: Tensor) => Tensor, data: number[]): unknown {
  const x = tensor(data, { requiresGrad: true });
  return gl.autograd.grad(f(x).sum(), [x])[0]!.tolist();
}

describe("kinks have torch's derivatives", () => {
  test.each([
    ["relu6", F.relu6, [0, 6, 3], [0, 0, 1]],
    ["hardtanh", (x: Tensor) => F.hardtanh(x), [-1, 1, 0], [0, 0, 1]],
    ["leakyRelu", (x: Tensor) => F.leakyRelu(x, 0.5), [0, NaN], [0.5, 0.5]],
    ["hardswish", F.hardswish, [-3, 3, -4, 4], [0, 1, 0, 1]],
    ["hardsigmoid", F.hardsigmoid, [-3, 3], [0, 0]],
    ["hardshrink", (x: Tensor) => F.hardshrink(x), [-0.5, 0.5, 0.6], [0, 0, 1]],
    ["softshrink", (x: Tensor) => F.softshrink(x), [-0.5, 0.5, 0.6], [0, 0, 1]],
    ["threshold", (x: Tensor) => F.threshold(x, 1, 5), [1, 2], [0, 1]],
    ["elu", (x: Tensor) => F.elu(x, 0.5), [0, 1], [0.5, 1]],
  ] as const)("%s", (_name, f, data, expected) => {
    expect(gradient(f, [...data])).toEqual(expected);
  });

  test("prelu at 0", () => {
    const [x, w] = [tensor([0, -2, 3], { requiresGrad: true }), tensor([0.25], { requiresGrad: true })];
    F.prelu(x, w).sum().backward();
    expect([x.grad!.tolist(), w.grad!.tolist()]).toEqual([[0.25, 0.25, 1], [-2]]);
  });
});

test("first and second derivatives are numbers wherever the function is", () => {
  const far = [-1e5, -800, -100, -30, 30, 100, 800, 1e5];
  const smooth = [F.elu, F.celu, F.selu, F.softplus, F.logsigmoid, F.silu, F.mish, F.gelu, F.softsign] as ((
    x: Tensor,
  ) => Tensor)[];
  for (const f of [...smooth, (x: Tensor) => F.gelu(x, "tanh")]) {
    const x = tensor(far, { requiresGrad: true });
    const [first] = gl.autograd.grad(f(x).sum(), [x], { createGraph: true });
    const [second] = gl.autograd.grad(first!.sum(), [x]);
    expect(f(x).isfinite().all().item()).toBe(1);
    expect(first!.isfinite().all().item()).toBe(1);
    expect(second!.isfinite().all().item()).toBe(1);
  }
});

describe("settings", () => {
  test("in place, by keyword or underscore", () => {
    const x = tensor([-1, 2]);
    expect(F.relu(x, { inplace: true })).toBe(x);
    expect(x.tolist()).toEqual([0, 2]);
    const y = tensor([-1, 2]);
    expect(F.leakyRelu_(y, 0.5)).toBe(y);
    expect(y.tolist()).toEqual([-0.5, 2]);
    expect(F.elu(tensor([1]), { alpha: 2, inplace: true }).tolist()).toEqual([1]);
  });

  test("rrelu draws slopes while training", () => {
    gl.manualSeed(0);
    const ratios = F.rrelu(gl.full([100], -1), 0.2, 0.4, true).neg();
    expect(ratios.ge(0.2).all().item()).toBe(1);
    expect(ratios.le(0.4).all().item()).toBe(1);
    expect(ratios.std().item()).toBeGreaterThan(0.03);
  });

  test("softmax by name, in another dtype, and with torch's implied dimension", () => {
    const x = randn(2, 3);
    const expected = gl.softmax(x, 1).tolist();
    expect(gl.softmax(x, { dim: -1 }).tolist()).toEqual(expected);
    expect(F.softmax(x).tolist()).toEqual(expected);
    expect(gl.logSoftmax(x, 1, { dtype: "float32" }).dtype).toBe("float32");
    expect(gl.special.softmax(tensor([1, 1], { dtype: "int64" }), 0, "float64").tolist()).toEqual([0.5, 0.5]);
    expect(
      gl.func
        .vmap((row: Tensor) => F.softmax(row, 0))(x)
        .tolist(),
    ).toEqual(expected);
  });

  test.each<[string, () => unknown, string]>([
    ["an odd size to halve", () => F.glu(positive(3)), "even size to halve along dimension 0, got 3"],
    [
      "a weight of the wrong size",
      () => F.prelu(randn(2, 3), randn(2)),
      "of 3 for the channels of (2, 3); got (2,)",
    ],
    ["another approximation", () => F.gelu(randn(2), "fast" as "tanh"), '"none" or "tanh", got fast'],
    ["a negative lambd", () => F.softshrink(randn(2), -1), "lambd ≥ 0, got -1"],
    ["bounds the wrong way round", () => F.hardtanh(randn(2), 1, -1), "minVal ≤ maxVal"],
    ["an unknown name", () => F.elu(randn(2), { beta: 1 } as object), "unexpected keyword 'beta'"],
    ["integers", () => F.silu(tensor([1], { dtype: "int64" })), "floating-point tensor, got int64"],
  ])("%s", (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
