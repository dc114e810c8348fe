/** @file Numbers that come of sizes are told from those of the code, and written as sizes. */

import { expect, test } from "vitest";
import { type Context, Function, randn, type Tensor } from "../index.ts";
import { derive } from "../symbolic.ts";

function derivedAt(compute: (x: Tensor) => Tensor, here: Tensor, elsewhere: Tensor) {
  class Computed extends Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return compute(x);
    }
  }
  const backward = derive(Computed, [here], { inputs: ["x"] }, { elsewhere: [elsewhere] });
  if ("untraceable" in backward) throw new Error(backward.untraceable);
  return backward;
}

test("the number of elements of a mean", () => {
  const { formulas, saved, anySize } = derivedAt(x => x.square().mean(), randn(2, 3), randn(4, 5));
  expect(formulas[0]).toMatchObject({
    maths: "2·grad_out·x / numel(x)",
    typescript: "gradOutput.mul(x).mul(2 / x.numel())",
  });
  expect(anySize).toBe(true);
  expect(saved.map(({ name }) => name)).toEqual(["x"]);
});

test("the size of one dimension, beside a number of the code", () => {
  const { formulas } = derivedAt(x => x.mul(3).mean(0), randn(2, 3), randn(5, 4));
  expect(formulas[0]!.maths).toBe("3·grad_out / size(x, 0)");
});

test("the root of a size", () => {
  const scaled = (x: Tensor) => x.div(Math.sqrt(x.size(1)));
  const { formulas, anySize } = derivedAt(scaled, randn(2, 4), randn(5, 7));
  expect(formulas[0]).toMatchObject({
    maths: "grad_out / √(size(x, 1))",
    typescript: "gradOutput.div(Math.sqrt(x.size(1)))",
  });
  expect(anySize).toBe(true);
});

test("what is rolled is rolled back by as much, whatever the size", () => {
  for (const shift of [1, -1]) {
    const { formulas, anySize } = derivedAt(x => x.roll(shift, 0), randn(3), randn(5));
    expect(formulas[0]!.typescript).toBe(`gradOutput.roll(${-shift}, 0)`);
    expect(anySize).toBe(true);
  }
});

test("a number of the code that happens to be a size stays", () => {
  expect(derivedAt(x => x.mul(3), randn(2, 3), randn(5, 4)).formulas[0]!.maths).toBe("3·grad_out");
});

test("a formula that differs with the size is no formula for any size", () => {
  expect(derivedAt(x => x.narrow(0, 0, x.size(0) - 1), randn(3), randn(5)).anySize).toBe(false);
  expect(derivedAt(x => x.narrow(0, 1, 2), randn(3), randn(5)).anySize).toBe(true);
});
