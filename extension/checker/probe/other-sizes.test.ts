/** @file The same kinds of inputs with other sizes: what a backward with a size written into it is caught by. */

import { type Context, Function, fullLike, type Tensor, where } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import { examine } from "./examine.ts";

const parameter = (name: string) => ({
  name,
  type: "Tensor",
  optional: false,
  initializer: null,
  rest: false,
});

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
  return examine(Scaled, { name: "Scaled", parameters: [parameter("x")], seed: 1, sizes });
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

/** Verdicts at some seeds, at the usual inputs alone and what is looked at beside them. */
function verdicts(fn: unknown, ...names: string[]): string[] {
  return [0, 3, 7].map(
    seed =>
      examine(fn, { name: "F", parameters: names.map(parameter), seed, sizes: "usual", explained: false })
        .verdict,
  );
}

test("the small side of a steep function counts as much as the large", () => {
  class Exp extends Function {
    static forward(ctx: Context, x: Tensor) {
      const y = x.mul(2).exp();
      ctx.saveForBackward(x, y);
      return y;
    }
    static backward(ctx: Context, g: Tensor) {
      const [x, y] = ctx.savedTensors;
      return g.mul(y).mul(where(x.lt(-2), 0, 2));
    }
  }
  expect(verdicts(Exp, "x")).toEqual(["wrong", "wrong", "wrong"]);
});

/** x², of so many dimensions; `factor` for 2 in its gradient. */
function square(ndim: number, factor: (x: Tensor) => Tensor | number) {
  return class Square extends Function {
    static forward(ctx: Context, x: Tensor) {
      if (x.ndim !== ndim) throw new RangeError(`expected ${ndim} dimensions`);
      ctx.saveForBackward(x);
      return x.square();
    }
    static backward(ctx: Context, g: Tensor) {
      const [x] = ctx.savedTensors;
      return g.mul(x).mul(factor(x));
    }
  };
}

test("of many outputs, every entry counts", () => {
  const Square = square(4, x => {
    const factor = fullLike(x, 2);
    if (x.numel() > 600) factor.flatten().narrow(0, 0, 20).zero_();
    return factor;
  });
  expect(verdicts(Square, "x")).toEqual(["wrong", "wrong", "wrong"]);
});

test("a tiny factor at larger sizes is one", () => {
  const Square = square(2, x => (x.size(1) > 4 ? 2 + 16e-6 : 2));
  expect(verdicts(Square, "x")).toEqual(["wrong", "wrong", "wrong"]);
});

test("a backward that throws at other sizes is wrong, whatever other ranks it takes", () => {
  class Double extends Function {
    static forward(_ctx: Context, x: Tensor) {
      return x.mul(2);
    }
    static backward(_ctx: Context, g: Tensor) {
      if (g.ndim === 2 && g.size(1) > 5) throw new RangeError("too wide");
      return g.mul(2);
    }
  }
  expect(verdicts(Double, "x")).toEqual(["wrong", "wrong", "wrong"]);
});

test("where backward does not take matrices, vectors are looked at as closely", () => {
  class Gated extends Function {
    static forward(ctx: Context, x: Tensor) {
      ctx.saveForBackward(x);
      return where(x.gt(0), x, x.exp());
    }
    static backward(ctx: Context, g: Tensor) {
      const [x] = ctx.savedTensors;
      if (x.ndim > 1) throw new RangeError("vectors only");
      return where(x.gt(0), g, g.mul(2));
    }
  }
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  const about = { name: "Gated", parameters: [parameter("x")], explained: false };
  expect(seeds.filter(seed => examine(Gated, { ...about, seed }).verdict !== "wrong")).toEqual([]);
});

test("null for a target is no error beside one that is", () => {
  class MeanSquare extends Function {
    static forward(ctx: Context, input: Tensor, target: Tensor) {
      ctx.saveForBackward(input, target);
      return input.sub(target).square().mean();
    }
    static backward(ctx: Context, g: Tensor) {
      const [input, target] = ctx.savedTensors;
      return [g.mul(target.sub(input)).mul(2 / input.numel()), null];
    }
  }
  const { verdict, inputs } = examine(MeanSquare, {
    name: "MeanSquare",
    parameters: ["input", "target"].map(parameter),
    seed: 0,
  });
  expect(verdict).toBe("wrong");
  expect(inputs.map(input => input.verdict)).toEqual(["wrong", "unchecked"]);
});
