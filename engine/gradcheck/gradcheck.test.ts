/** @file gradcheck takes what is right, at kinks, in float32 and near the edge of a domain too, and refuses what is a little wrong. */

import { type Context, Function, manualSeed, rand, randn, type Tensor, tensor } from "@gradient-lens/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GradcheckError, gradcheck, gradgradcheck } from "./gradcheck.ts";

class Scaled extends Function {
  static forward(ctx: Context, x: Tensor, factor: number) {
    ctx.saveForBackward(x);
    ctx.factor = factor;
    return x.mul(x).mul(x);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    return [
      g
        .mul(x)
        .mul(x)
        .mul(3 * ctx.factor),
      null,
    ];
  }
}

/** The first derivative is right, but what it was computed from is cut off. */
class CutOff extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.exp();
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    return g.mul(x.detach().exp());
  }
}

const leaf = (...shape: number[]): Tensor => randn(...shape).requiresGrad_();

describe("gradcheck", () => {
  test("takes right rules of several inputs and outputs", () => {
    manualSeed(1);
    expect(gradcheck((x, A) => [x.matmul(A), x.sum(), A.t()], [leaf(2, 3), leaf(3, 3)])).toBe(true);
    expect(gradcheck(x => Scaled.apply(x, 1), leaf(4))).toBe(true);
  });

  test.each([0, -1, 0.5, 1.001, 1.00001])("refuses a rule that is off by the factor %s", factor => {
    manualSeed(2);
    const x = leaf(3);
    expect(gradcheck(y => Scaled.apply(y, factor), x, { raiseException: false })).toBe(false);
    expect(() => gradcheck(y => Scaled.apply(y, factor), x)).toThrow(GradcheckError);
  });

  test("refuses any factor that its tolerance can tell from 1", () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.integer(), (factor, seed) => {
        manualSeed(seed);
        const right = gradcheck(y => Scaled.apply(y, factor), leaf(2).detach().add(3).requiresGrad_(), {
          raiseException: false,
        });
        if (Math.abs(factor - 1) > 1e-5) expect(right).toBe(false);
        if (Math.abs(factor - 1) < 1e-8) expect(right).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test("names the output, the input and both entries", () => {
    expect(() =>
      gradcheck(
        (x, y) => [x.add(y), Scaled.apply(y, 2)],
        [tensor([1]).requiresGrad_(), tensor([[1, 0]]).requiresGrad_()],
      ),
    ).toThrow(/output 1 at \[0,0\] with respect to input 1 at \[0,0\]: numerical (2\.99|3).*, analytical 6/);
  });

  test("leaves the inputs and their gradients as they are, strided ones too", () => {
    manualSeed(3);
    const base = randn(3, 2);
    const x = base.t().requiresGrad_();
    const before = base.tolist();
    expect(gradcheck(y => y.matmul(y.t()).sin(), x)).toBe(true);
    expect(base.tolist()).toEqual(before);
    expect(x.grad).toBeNull();
  });

  test("takes outputs that share their elements with the input", () => {
    expect(gradcheck(x => [x, x.t(), x.view(-1)], leaf(2, 2))).toBe(true);
  });

  test("takes steep functions near the edge of their domain", () => {
    expect(gradcheck(x => x.log(), tensor([1e-3, 1e-2, 5]).requiresGrad_())).toBe(true);
    expect(gradcheck(x => x.sqrt(), tensor([1e-4, 2]).requiresGrad_())).toBe(true);
  });

  test("does not judge at a kink", () => {
    expect(gradcheck(x => x.relu(), tensor([0, 1, -1]).requiresGrad_())).toBe(true);
  });

  test("judges float32 at its own tolerance", () => {
    manualSeed(4);
    const x = rand(3, 3, { dtype: "float32" }).add(0.5).detach().requiresGrad_();
    expect(gradcheck(y => y.matmul(y).sin(), x)).toBe(true);
    expect(gradcheck(y => Scaled.apply(y, 1.01), x, { raiseException: false })).toBe(false);
  });

  test("says what it needs", () => {
    expect(() => gradcheck(x => x, randn(2))).toThrow(/at least one input that requires gradients/);
    expect(() => gradcheck(x => x, [1] as never)).toThrow(/expected a tensor or an array of tensors/);
  });
});

describe("what torch's gradcheck does not see", () => {
  const cubeWith = (rule: (g: Tensor) => Tensor) =>
    class Cube extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return x.pow(3);
      }
      static backward(ctx: Context, g: Tensor) {
        return rule(g).mul(ctx.savedTensors[0].square().mul(3));
      }
      static jvp(ctx: Context, t: Tensor) {
        return t.mul(ctx.savedTensors[0].square().mul(3));
      }
    };
  test.each<[string, (g: Tensor) => Tensor]>([
    ["|g|", g => g.abs()],
    ["relu(g)", g => g.relu()],
    ["a clamped g", g => g.clamp(-1, 1)],
    ["g²", g => g.square()],
    ["ones", g => g.mul(0).add(1)],
    ["a factor 1.0005", g => g.mul(1.0005)],
  ])("%s", (_, rule) => {
    manualSeed(8);
    expect(gradcheck(x => cubeWith(rule).apply(x), leaf(3), { raiseException: false })).toBe(false);
  });

  test("the reason is said", () => {
    manualSeed(8);
    expect(() => gradcheck(x => cubeWith(g => g.square()).apply(x), leaf(3))).toThrow(
      /not linear in its cotangent/,
    );
    expect(() => gradcheck(x => cubeWith(g => g.mul(0).add(1)).apply(x), leaf(3))).toThrow(
      /the same whatever its cotangent is/,
    );
  });
});

describe("options", () => {
  class Halved extends Function {
    static forward(ctx: Context, x: Tensor) {
      ctx.saveForBackward(x);
      return x.square();
    }
    static backward(ctx: Context, g: Tensor) {
      return g.mul(ctx.savedTensors[0]).mul(2);
    }
    static jvp(ctx: Context, t: Tensor) {
      return t.mul(ctx.savedTensors[0]);
    }
  }
  const halved = (x: Tensor): Tensor => Halved.apply(x);

  test("checkForwardAd asks for the jvp, too", () => {
    manualSeed(9);
    expect(gradcheck(halved, leaf(3))).toBe(true);
    expect(() => gradcheck(halved, leaf(3), { checkForwardAd: true })).toThrow(
      /Forward mode: mismatch for output 0/,
    );
    expect(gradcheck(x => x.sin().matmul(x), leaf(3, 3), { checkForwardAd: true })).toBe(true);
    expect(gradcheck(halved, leaf(3), { checkBackwardAd: false })).toBe(true);
  });

  test("checkBatchedGrad runs backward under vmap", () => {
    manualSeed(10);
    expect(
      gradcheck((x, y) => [x.matmul(y), x.exp()], [leaf(2, 3), leaf(3, 2)], { checkBatchedGrad: true }),
    ).toBe(true);
    class ReadsNumbers extends Halved {
      static override backward(ctx: Context, g: Tensor) {
        return tensor(g.tolist() as number[])
          .mul(ctx.savedTensors[0])
          .mul(2);
      }
    }
    const f = (x: Tensor): Tensor => ReadsNumbers.apply(x);
    expect(gradcheck(f, leaf(3))).toBe(true);
    expect(() => gradcheck(f, leaf(3), { checkBatchedGrad: true })).toThrow();
  });

  test("nondetTol is how far two runs may differ", () => {
    class Noisy extends Halved {
      static override backward(ctx: Context, g: Tensor) {
        return g.mul(ctx.savedTensors[0]).mul(2).add(randn(g.shape).mul(1e-12));
      }
    }
    const f = (x: Tensor): Tensor => Noisy.apply(x);
    expect(() => gradcheck(f, leaf(3))).toThrow(/not deterministic/);
    expect(gradcheck(f, leaf(3), { nondetTol: 1e-9 })).toBe(true);
  });

  test("fastMode looks at one entry of each output, eps sets the step", () => {
    manualSeed(12);
    expect(gradcheck(x => x.matmul(x), leaf(6, 6), { fastMode: true })).toBe(true);
    expect(gradcheck(x => Scaled.apply(x, 2), leaf(6), { fastMode: true, raiseException: false })).toBe(
      false,
    );
    expect(gradcheck(x => x.sin(), leaf(3), { eps: 1e-4, atol: 1e-5, rtol: 1e-3 })).toBe(true);
  });
});

describe("gradgradcheck", () => {
  test("takes what can be differentiated twice", () => {
    manualSeed(5);
    expect(gradgradcheck((x, y) => [x.mul(y).sin(), x.exp()], [leaf(2), leaf(2)])).toBe(true);
    expect(gradgradcheck(x => Scaled.apply(x, 1), leaf(3), randn(3))).toBe(true);
  });

  test("refuses a backward that is no function of the inputs to autograd", () => {
    manualSeed(6);
    expect(gradcheck(x => CutOff.apply(x), leaf(2))).toBe(true);
    expect(gradgradcheck(x => CutOff.apply(x), leaf(2), null, { raiseException: false })).toBe(false);
  });
});
