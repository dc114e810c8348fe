/** @file What forward may do and still be derived, and what is refused, with a reason. */

import { expect, test } from "vitest";
import { type Context, eye, Function, noGrad, rand, randn, type Tensor, where } from "../index.ts";
import { derive } from "../symbolic.ts";

function derivedOf(compute: (...args: Tensor[]) => Tensor, ...args: Tensor[]) {
  class Computed extends Function {
    static forward(_ctx: Context, ...given: Tensor[]): Tensor {
      return compute(...given);
    }
  }
  return derive(Computed, args, { inputs: args.map((_, i) => `x${i}`) });
}

test("a guard that reads elements is no obstacle", () => {
  const guarded = (x: Tensor): Tensor => {
    if (x.amin().item() <= 0) throw new RangeError("positive numbers only");
    return x.log();
  };
  expect(derivedOf(guarded, rand(3).add(0.5))).toMatchObject({ formulas: [{ maths: "grad_out / x0" }] });
});

test("noGrad within forward changes nothing, since forward is what is differentiated", () => {
  expect(derivedOf(x => noGrad(() => x.exp()), randn(3))).toMatchObject({
    formulas: [{ maths: "grad_out ⊙ output" }],
  });
});

test("elements that are computed with are a reason to refuse", () => {
  const refusal = derivedOf(x => x.mul(x.sum().item()), randn(3));
  expect(refusal).toMatchObject({ untraceable: expect.stringContaining("depends on the numbers") });
});

test("a bisection, whose steps say nothing of the derivative of its limit, is refused", () => {
  const root = (c: Tensor): Tensor => {
    let low = c.mul(0);
    let high = c.add(1);
    for (let i = 0; i < 60; i++) {
      const middle = low.add(high).div(2);
      const below = middle.square().lt(c);
      low = where(below, middle, low);
      high = where(below, high, middle);
    }
    return low.add(high).div(2);
  };
  expect(derivedOf(root, rand(3).add(0.5))).toHaveProperty("untraceable");
});

test("a surrogate is what is derived, cut where it is cut", () => {
  class StraightThrough extends Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.round();
    }
    static surrogate(x: Tensor): Tensor {
      return x.add(x.round().sub(x).detach());
    }
  }
  expect(derive(StraightThrough, [randn(3)], { inputs: ["x"] })).toMatchObject({
    formulas: [{ maths: "grad_out" }],
  });
});

test("a surrogate's hooks are what is derived, until they are removed", () => {
  class Guided extends Function {
    static forward(_ctx: Context, x: Tensor): Tensor {
      return x.exp();
    }
    static surrogate(x: Tensor): Tensor {
      const y = x.exp();
      if (y.requiresGrad) y.registerHook(g => g.relu());
      y.registerHook(g => g.mul(5))();
      return y;
    }
  }
  expect(derive(Guided, [randn(3)], { inputs: ["x"] })).toMatchObject({
    formulas: [{ maths: "relu(grad_out) ⊙ exp(x)" }],
  });
});

test("products that are transposes of each other are multiplied once, where that saves much", () => {
  const [U, V] = [randn(4, 4), randn(4, 4)];
  const backward = derivedOf(
    x => {
      const inside = U.mT.matmul(x).matmul(V);
      return inside.sub(inside.mT).mul(inside.add(inside.mT));
    },
    randn(4, 4),
  );
  if ("untraceable" in backward) throw new Error(backward.untraceable);
  const products = backward.statements!.join().match(/matmul/g) ?? [];
  expect(products.length).toBeLessThanOrEqual(4);
});

test("a function of symmetric matrices has its symmetric gradient", () => {
  const A = randn(3, 3);
  const backward = derivedOf(x => x.mul(x.mT), A.add(A.mT).add(eye(3)));
  expect(backward).toMatchObject({ formulas: [{ maths: expect.any(String) }] });
});

test("several outputs, arguments that are no tensors, outputs without derivative", () => {
  class Split extends Function {
    static forward(_ctx: Context, x: Tensor, scale: number): Tensor[] {
      return [x.mul(scale), x.gt(0), x.exp()];
    }
  }
  expect(derive(Split, [randn(3), 4], { inputs: ["x", "scale"] })).toMatchObject({
    formulas: [{ maths: "grad_out2 ⊙ output2 + 4·grad_out0" }, null],
  });
});
