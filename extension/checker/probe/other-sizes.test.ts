/** @file The same kinds of inputs with other sizes: what a backward with a size written into it is caught by. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import { examine } from "./examine.ts";

function verdict(scale: (x: Tensor) => number, sizes: "usual" | "other", guard = (_x: Tensor) => true) {
  class Scaled extends Function {
    static forward(ctx: Context, x: Tensor) {
      if (!guard(x)) throw new RangeError("not of this size");
      ctx.saveForBackward(x);
      return x.div(x.size(1));
    }
    static backward(ctx: Context, g: Tensor) {
      return g.mul(scale(ctx.savedTensors[0]));
    }
  }
  const parameter = { name: "x", type: "Tensor", optional: false, initializer: null, rest: false };
  return examine(Scaled, { name: "Scaled", parameters: [parameter], seed: 1, sizes });
}

test("a size that is asked of a tensor is right at all", () => {
  const asked = (x: Tensor): number => 1 / x.size(1);
  expect(verdict(asked, "usual").verdict).toBe("correct");
  expect(verdict(asked, "other").verdict).toBe("correct");
});

test("one that is written as a number is right at one", () => {
  let usual = 0;
  verdict(x => {
    usual ||= x.size(1);
    return 1;
  }, "usual");
  expect(
    verdict(
      () => 1 / usual,
      "other",
      x => x.ndim === 2,
    ).verdict,
  ).toBe("wrong");
});

test("a size that forward insists on stays", () => {
  const ofThree = (x: Tensor): boolean => x.ndim === 2 && x.size(1) === 3;
  expect(verdict(() => 1 / 3, "other", ofThree).verdict).toBe("correct");
  expect(verdict(() => 1 / 2, "other", ofThree).verdict).toBe("wrong");
});
