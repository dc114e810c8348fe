/** @file Special functions as operations: their derivatives, dtypes, and the names that torch has for them. */

import * as gl from "@gradient-lens/engine";
import { randn, special, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives, inside, positive } from "../../test/derivatives.ts";

const probability = (...shape: number[]): Tensor =>
  inside(...shape)
    .mul(0.5)
    .add(0.5);
/** Away from poles at 0, −1, −2 …, on both sides of 0. */
const betweenPoles = (...shape: number[]): Tensor =>
  randn(shape)
    .round()
    .add(inside(...shape).mul(0.3))
    .add(0.5);

checkDerivatives({
  erf: [x => x.erf(), () => [randn(2, 3)]],
  erfc: [x => x.erfc(), () => [randn(3)]],
  erfinv: [x => x.erfinv(), () => [inside(3)], () => [inside()]],
  erfcx: [x => special.erfcx(x), () => [randn(4)]],
  ndtr: [x => special.ndtr(x), () => [randn(4)]],
  logNdtr: [x => special.logNdtr(x), () => [randn(4).mul(3)]],
  ndtri: [x => special.ndtri(x), () => [probability(4)]],
  lgamma: [x => x.lgamma(), () => [positive(3)], () => [betweenPoles(4)]],
  digamma: [x => x.digamma(), () => [positive(3)], () => [betweenPoles(4)]],
  polygamma: [x => x.polygamma(2), () => [positive(3).add(0.5)], () => [betweenPoles(3)]],
  mvlgamma: [x => x.mvlgamma(3), () => [positive(2, 2).add(1)]],
  zeta: [x => special.zeta(tensor([1.5, 2, 3.5]), x), () => [positive(2, 3).add(0.5)]],
  i0: [x => x.i0(), () => [randn(4)], () => [randn(2).mul(9)]],
  i0e: [x => special.i0e(x), () => [randn(4)], () => [randn(3).mul(9)]],
  i1: [x => special.i1(x), () => [randn(4)], () => [gl.zeros(1)]],
  i1e: [x => special.i1e(x), () => [randn(4)], () => [randn(3).mul(9)]],
  modifiedBesselK0: [x => special.modifiedBesselK0(x), () => [positive(4)]],
  modifiedBesselK1: [x => special.modifiedBesselK1(x), () => [positive(4)]],
  scaledModifiedBesselK0: [x => special.scaledModifiedBesselK0(x), () => [positive(4).mul(3)]],
  scaledModifiedBesselK1: [x => special.scaledModifiedBesselK1(x), () => [positive(4).mul(3)]],
  besselJ0: [x => special.besselJ0(x), () => [randn(4).mul(6)]],
  besselJ1: [x => special.besselJ1(x), () => [randn(4).mul(6)], () => [gl.zeros(1)]],
  besselY0: [x => special.besselY0(x), () => [positive(4).mul(6)]],
  besselY1: [x => special.besselY1(x), () => [positive(4).mul(6)]],
  sinc: [x => x.sinc(), () => [randn(4)], () => [gl.zeros(2)], () => [tensor([1e-6, 0.3, 2])]],
  sphericalBesselJ0: [x => special.sphericalBesselJ0(x), () => [randn(4).mul(3)]],
  entr: [x => special.entr(x), () => [positive(3)]],
  logit: [x => x.logit(), () => [probability(4)]],
  "logit with eps": [x => x.logit({ eps: 0.2 }), () => [probability(6)]],
  xlogy: [(x, y) => x.xlogy(y), () => [randn(2, 3), positive(3)]],
  xlog1py: [(x, y) => special.xlog1py(x, y), () => [randn(2, 1), positive(3)]],
  logaddexp: [(x, y) => x.logaddexp(y), () => [randn(2, 3), randn(3)]],
  logaddexp2: [(x, y) => x.logaddexp2(y), () => [randn(2, 3), randn(3)]],
});

describe("beside the derivatives", () => {
  test("integers become floating-point, float32 stays", () => {
    const whole = tensor([1, 2], { dtype: "int64" });
    expect(whole.lgamma().dtype).toBe("float64");
    expect(whole.xlogy(whole).dtype).toBe("float64");
    const single = tensor([0.3, 0.7], { dtype: "float32" });
    expect(single.erf().dtype).toBe("float32");
    expect(single.erf().tolist()).toEqual(single.double().erf().float().tolist());
    expect(single.digamma().tolist()).toEqual(single.double().digamma().float().tolist());
  });

  test("torch's aliases are the same functions", () => {
    expect(special.expit).toBe(gl.sigmoid);
    expect(special.gammaln).toBe(gl.lgamma);
    expect(special.psi).toBe(gl.digamma);
    expect(special.multigammaln).toBe(gl.mvlgamma);
    expect(special.modifiedBesselI0).toBe(gl.i0);
  });

  test("in place, and an empty tensor", () => {
    const x = tensor([0.2, 0.5]);
    const expected = x.erfinv().tolist();
    expect(x.erfinv_()).toBe(x);
    expect(x.tolist()).toEqual(expected);
    expect(gl.zeros(1, 0, 3).digamma().shape).toEqual([1, 0, 3]);
  });

  test("conventions of xlogy and entr at 0", () => {
    const [zero, y] = [tensor([0, 0, 0, 0], { requiresGrad: true }), tensor([2, 0, -1, NaN])];
    const value = gl.xlogy(zero, y);
    expect(value.tolist()).toEqual([0, 0, 0, NaN]);
    value.sum().backward();
    expect(zero.grad!.tolist()).toEqual([Math.log(2), 0, 0, NaN]);
    expect(special.entr(tensor([0, -1, NaN])).tolist()).toEqual([0, -Infinity, NaN]);
  });

  test("the derivative of logNdtr does not underflow", () => {
    const x = tensor([-1e10], { requiresGrad: true });
    special.logNdtr(x).sum().backward();
    expect(x.grad!.item()).toBeCloseTo(1e10, 0);
  });

  test("zeta says that it has no derivative in its first argument", () => {
    const s = tensor([2, 3], { requiresGrad: true });
    expect(() => special.zeta(s, 1).sum().backward()).toThrow("no derivative in its first argument");
  });

  test("orders and dimensions that there are none of", () => {
    expect(() => gl.polygamma(-1, tensor([1]))).toThrow("order n ≥ 0, got -1");
    expect(() => gl.mvlgamma(tensor([1]), 0)).toThrow("dimension p ≥ 1, got 0");
  });
});
