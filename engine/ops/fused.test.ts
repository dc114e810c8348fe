/** @file A rule that runs fused gives what it gives on tensors, to the last bit. */

import { autograd, manualSeed, noGrad, rand, randn, type Tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { toFlatArray } from "../tensor/creation.ts";
import { emptyLike } from "../tensor/tensor.ts";
import { Fused } from "./fused.ts";

/** The gradients of `f`, from fused rules (the pass is not recorded) and from rules on tensors (it is). */
function both(
  f: (...xs: Tensor[]) => Tensor,
  inputs: Tensor[],
): { fused: Float64Array[]; plain: Float64Array[] } {
  const xs = inputs.map(x => x.detach().clone().requiresGrad_());
  const y = f(...xs);
  const gradOutputs = randn(y.shape);
  const grads = (createGraph: boolean): Float64Array[] =>
    autograd.grad(y, xs, { gradOutputs, createGraph, retainGraph: true }).map(g => toFlatArray(g.detach()));
  return { fused: grads(false), plain: grads(true) };
}

const away = (...shape: number[]): Tensor =>
  rand(...shape)
    .mul(0.8)
    .add(0.1);

const CASES: Record<string, [(...xs: Tensor[]) => Tensor, ...Tensor[][]]> = {
  unary: [
    x => x.tanh().sin().sigmoid().sqrt().log().exp().atan().square().reciprocal(),
    [away(1)],
    [away(5, 5)],
    [away()],
  ],
  "more than a block": [x => x.tanh().cosh().acos(), [away(1000).mul(0.3)], [away(256)], [away(257)]],
  binary: [
    (x, y) => x.mul(y).div(x.add(y)).pow(y).sub(x),
    [away(3), away(3)],
    [away(3, 1), away(4)],
    [away(), away(2)],
  ],
  numbers: [x => x.mul(2).add(3).div(7).sub(1).pow(2).mul(0.5), [away(4)]],
  strided: [x => x.t().exp().mul(x.t()), [away(3, 4)]],
  kinks: [x => x.abs().relu().clamp(-1, 1).sign().mul(x), [randn(6)]],
};

manualSeed(11);
describe.each(Object.entries(CASES))("%s", (_, [f, ...inputs]) => {
  test.each(inputs.map((xs, i) => [i, xs] as const))("%i", (_i, xs) => {
    const { fused, plain } = both(f, xs);
    expect(fused).toEqual(plain);
  });
});

describe("Fused", () => {
  const x = randn(2, 2);
  const run = (rule: (...gxy: Tensor[]) => Tensor, like = x): Tensor | null =>
    noGrad(() => new Fused(rule).run(x, [x], x, like));

  test("runs rules of elementwise operations", () => {
    expect(run((g, a) => g.mul(a.cos()))?.tolist()).toEqual(x.mul(x.cos()).tolist());
  });

  test("leaves all others alone", () => {
    expect(run(g => g.matmul(g))).toBeNull();
    expect(run(g => g)).toBeNull();
    expect(run(g => g.mul(randn(2, 2)))).toBeNull();
    expect(run(g => g.detach().mul(2))).toBeNull();
    expect(run((g, a) => (a.sum().item() > 0 ? g.neg() : g.abs()))).toBeNull();
    expect(run((g, a) => g.mul(a.cos()), emptyLike(randn(3)))).toBeNull();
    expect(new Fused(g => g.neg()).run(x, [x], x, x)).toBeNull();
  });
});
