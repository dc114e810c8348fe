/** @file Elementwise operations: derivatives, torch's choices at ties, kinks and NaN, and arguments that are refused. */

import * as gl from "@gradient-lens/engine";
import { randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkDerivatives, positive } from "../../test/derivatives.ts";

checkDerivatives({
  deg2rad: [x => x.deg2rad(), () => [randn(3)]],
  rad2deg: [x => x.rad2deg(), () => [randn(3)]],
  nanToNum: [x => x.nanToNum(), () => [randn(3)]],
  fmax: [(x, y) => x.fmax(y), () => [randn(2, 3), randn(3)]],
  fmin: [(x, y) => x.fmin(y), () => [randn(2, 3), randn(3)]],
  clampMin: [(x, y) => x.clampMin(y), () => [randn(2, 3), randn(3)]],
  clampMax: [(x, y) => x.clampMax(y), () => [randn(2, 3), randn(3)]],
  "clamp by tensors": [(x, a, b) => x.clamp(a, b), () => [randn(2, 3), randn(3).sub(1), randn(3).add(1)]],
  copysign: [(x, y) => x.copysign(y), () => [randn(2, 3), randn(3)]],
  floatPower: [(x, y) => x.floatPower(y), () => [positive(2, 3), randn(3)]],
  rsub: [(x, y) => x.rsub(y, { alpha: -2 }), () => [randn(2, 3), randn(3)]],
  addcmul: [(x, a, b) => x.addcmul(a, b, { value: 3 }), () => [randn(3), randn(2, 1), randn(3)]],
  addcdiv: [(x, a, b) => x.addcdiv(a, b, { value: -0.5 }), () => [randn(3), randn(2, 1), positive(3)]],
  "dist, p = 2": [(x, y) => x.dist(y), () => [randn(2, 3), randn(3)]],
  "dist, p = 3.5": [(x, y) => x.dist(y, 3.5), () => [randn(2, 3), randn(3)]],
  "dist, p = 1": [(x, y) => x.dist(y, { p: 1 }), () => [randn(4), randn(4)]],
  "dist, p = ∞": [(x, y) => x.dist(y, Infinity), () => [randn(4), randn(4)]],
});

/** Gradients of Σ f with respect to the inputs, as lists. */
function gradients(f: (...inputs: Tensor[]) => Tensor, ...inputs: (number | number[])[]): unknown[] {
  const leaves = inputs.map(data => tensor(data, { requiresGrad: true }));
  return gl.autograd.grad(f(...leaves).sum(), leaves, { allowUnused: true }).map(g => g?.tolist() ?? null);
}

describe("ties, kinks and NaN", () => {
  test("maximum and minimum share a tie; beside NaN both get all of it", () => {
    for (const [f, first, second] of [
      [gl.maximum, [0, 0.5, 1, 1], [1, 0.5, 1, 1]],
      [gl.minimum, [1, 0.5, 1, 1], [0, 0.5, 1, 1]],
    ] as const) {
      expect(gradients(f, [1, 2, NaN, 3], [2, 2, 1, NaN])).toEqual([first, second]);
      expect(f(tensor([NaN, 1]), tensor([1, NaN])).tolist()).toEqual([NaN, NaN]);
    }
  });

  test("fmax and fmin prefer numbers, and the first at a tie", () => {
    expect(gl.fmax(tensor([NaN, 1, NaN]), tensor([1, NaN, NaN])).tolist()).toEqual([1, 1, NaN]);
    expect(gradients(gl.fmax, [1, 2, NaN, 3], [2, 2, 1, NaN])).toEqual([
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ]);
    expect(gradients(gl.fmin, [1, 2, NaN, 3], [2, 2, 1, NaN])).toEqual([
      [1, 1, 0, 1],
      [0, 0, 1, 0],
    ]);
  });

  test("clamp passes the gradient at its bounds, for numbers and tensors", () => {
    const x = [-1, 0, 0.5, 1, 2, NaN];
    expect(gradients(t => t.clamp(0, 1), x)).toEqual([[0, 1, 1, 1, 0, 0]]);
    const [dx, dmin, dmax] = gradients((t, a, b) => t.clamp(a, b), x, 0, 1);
    expect([dx, dmin, dmax]).toEqual([[0, 1, 1, 1, 0, 0], 1, 1]);
    expect(tensor([0, 3]).clamp(2, 1).tolist()).toEqual([1, 1]);
    expect(tensor([1, 5], { dtype: "int64" }).clamp(1.5, 3).dtype).toBe("float64");
    expect(() => tensor([1]).clamp()).toThrow("min, max or both");
  });

  test("sign and sgn are 0 at NaN, and so is the derivative of abs", () => {
    expect(tensor([-2, 0, 3, NaN, Infinity]).sign().tolist()).toEqual([-1, 0, 1, 0, 1]);
    expect(gradients(t => t.abs(), [-2, 0, NaN])).toEqual([[-1, 0, 0]]);
  });

  test("relu lets NaN's gradient pass", () => {
    expect(gradients(t => t.relu(), [-1, 0, 1, NaN])).toEqual([[0, 0, 1, 1]]);
  });

  test("atan2 has derivative 0 at the origin", () => {
    expect(gradients(gl.atan2, [0, 1], [0, 0])).toEqual([
      [0, 0],
      [-0, -1],
    ]);
  });

  test("copysign takes the sign of −0 and has derivative 0 at 0", () => {
    expect(gl.copysign(tensor([1, -2]), tensor([-0, 0])).tolist()).toEqual([-1, 2]);
    expect(gradients(gl.copysign, [3, -3, 0], [-1, -1, 1])).toEqual([
      [-1, 1, 0],
      [0, 0, 0],
    ]);
  });

  test("dist at distance 0, and its other norms", () => {
    for (const p of [1, 2, 3, Infinity])
      expect(gradients((x, y) => x.dist(y, p), [1, 2], [1, 2])[0]).toEqual([0, 0]);
    const [x, y] = [tensor([1, 2, 3]), tensor([1, 4, 0])];
    expect([x.dist(y, 0).item(), x.dist(y, -Infinity).item(), x.dist(y, Infinity).item()]).toEqual([2, 0, 3]);
    expect(
      tensor([1e200, 0])
        .dist(tensor([0, 1e200]), 3)
        .item() / 1e200,
    ).toBeCloseTo(2 ** (1 / 3), 12);
  });
});

describe("rounding", () => {
  test("half to even, with the sign of zero", () => {
    expect(tensor([0.5, 1.5, 2.5, -0.5, -1.5, 4503599627370497, NaN, -0]).round().tolist()).toEqual([
      0,
      2,
      2,
      -0,
      -2,
      4503599627370497,
      NaN,
      -0,
    ]);
  });

  test("to decimals, positional, by name and negative", () => {
    expect(tensor([1.2345, -1.2355]).round(3).tolist()).toEqual([1.234, -1.236]);
    expect(tensor([1250, 1350]).round({ decimals: -2 }).tolist()).toEqual([1200, 1400]);
    expect(gl.special.round(tensor([0.126]), { decimals: 2 }).tolist()).toEqual([0.13]);
    expect(() => tensor([1], { dtype: "int64" }).round(1)).toThrow("floating-point");
  });
});

test("nanToNum replaces by what it is given, or by the dtype's largest", () => {
  const x = tensor([NaN, Infinity, -Infinity, 1]);
  expect(x.nanToNum().tolist()).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE, 1]);
  expect(x.nanToNum({ nan: 7, neginf: -1 }).tolist()).toEqual([7, Number.MAX_VALUE, -1, 1]);
  expect(x.float().nanToNum().tolist()).toEqual([0, 3.4028234663852886e38, -3.4028234663852886e38, 1]);
  expect(gradients(t => t.nanToNum(), [NaN, Infinity, 1])).toEqual([[0, 0, 1]]);
});

describe("no argument is ignored", () => {
  const x = tensor([1, 2]);
  const refused: Record<string, () => unknown> = {
    "a keyword of a function that has none": () =>
      (gl.exp as (...args: unknown[]) => unknown)(x, { decimals: 3 }),
    "a second argument": () => (gl.floor as (...args: unknown[]) => unknown)(x, 3),
    "a third tensor": () => (gl.mul as (...args: unknown[]) => unknown)(x, x, x),
    "a fourth": () => (gl.where as (...args: unknown[]) => unknown)(x, x, x, { out: x }),
    "a method's": () => (x.sin as (...args: unknown[]) => unknown)({ out: x }),
    "one in place": () => (x.clone().sin_ as (...args: unknown[]) => unknown)(3),
  };
  test.each(Object.keys(refused))("%s", name => {
    expect(refused[name]).toThrow(/takes (1|2|3) arguments?, got/);
  });

  test("an unknown name", () => {
    expect(() => gl.div(x, x, { rounding: "floor" } as object)).toThrow("unexpected keyword 'rounding'");
    expect(() => gl.allclose(x, x, { tolerance: 1 } as object)).toThrow("unexpected keyword 'tolerance'");
  });

  test("but functions can be given to map and reduce", () => {
    expect([x, x].map(gl.square).map(t => t.tolist())).toEqual([
      [1, 4],
      [1, 4],
    ]);
    expect([x, x, x].reduce(gl.mul).tolist()).toEqual([1, 8]);
  });
});

test("float_power computes in float64 whatever comes", () => {
  expect(gl.floatPower(tensor([2, 3], { dtype: "int64" }), 2).dtype).toBe("float64");
  expect(gl.floatPower(2, tensor([0.5], { dtype: "float32" })).dtype).toBe("float64");
});
