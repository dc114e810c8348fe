/** @file Loops that solve equations: the gradient is that of the equation, whatever steps led to its solution. */

import { describe, expect, test } from "vitest";
import { type Context, Function, rand, randn, type Tensor } from "../index.ts";
import { derive } from "../symbolic.ts";

function derivedOf(f: (...args: Tensor[]) => Tensor, args: Tensor[], inputs: string[]) {
  class Solver extends Function {
    static forward(_ctx: Context, ...given: Tensor[]): Tensor {
      return f(...given);
    }
  }
  return derive(Solver, args, { inputs }, { steps: true });
}

const cubeRoot = (a: Tensor): Tensor => {
  let x = a.mul(0).add(1);
  for (let k = 0; k < 40; k++) x = x.sub(x.mul(x).mul(x).sub(a).div(x.mul(x).mul(3)));
  return x;
};

describe("Newton's method", () => {
  test("a step flows back once, at the solution", () => {
    const derived = derivedOf(cubeRoot, [rand(4).add(0.5)], ["a"]);
    expect(derived).toMatchObject({ formulas: [{ maths: "grad_out / (3·output²)" }] });
  });

  test("until it has converged, as a residual tells", () => {
    const root = (a: Tensor): Tensor => {
      let x = a;
      while (x.mul(x).sub(a).abs().max().item() > 1e-12) x = x.sub(x.mul(x).sub(a).div(x.mul(2)));
      return x;
    };
    const derived = derivedOf(root, [rand(4).add(2)], ["a"]);
    expect(derived).toMatchObject({ formulas: [{ maths: "grad_out / (2·output)" }] });
  });

  test("the steps say that an equation is solved", () => {
    const derived = derivedOf(cubeRoot, [rand(4).add(0.5)], ["a"]);
    if ("untraceable" in derived) throw new Error(derived.untraceable);
    expect(derived.steps?.[1]?.title).toBe("The equation that the output solves");
  });
});

test("a fixed point of what acts element by element: a quotient", () => {
  const settled = (a: Tensor): Tensor => {
    let x = a.mul(0);
    for (let k = 0; k < 80; k++) x = x.cos().mul(a);
    return x;
  };
  const derived = derivedOf(settled, [rand(4).mul(0.5).add(0.1)], ["a"]);
  expect(derived).toMatchObject({
    formulas: [{ maths: "grad_out ⊙ cos(output) / (a ⊙ sin(output) + 1)" }],
    steps: null,
  });
});

describe("is no solved equation:", () => {
  test.each<[string, (a: Tensor) => Tensor]>([
    [
      "one that was left before it had settled",
      a => {
        let x = a;
        for (let k = 0; k < 70; k++) x = x.add(a.mul(0.01));
        return x.mul(x.sum().item() > 0 ? 1 : 2);
      },
    ],
    [
      "steps that mix the elements",
      a => {
        let x = a.mul(0);
        for (let k = 0; k < 80; k++) x = x.cumsum(0).cos().mul(a);
        return x.mul(x.sum().item() > -1e9 ? 1 : 2);
      },
    ],
  ])("%s", (_, f) => {
    const derived = derivedOf(f, [randn(4).mul(0.1).add(0.2)], ["a"]);
    expect("untraceable" in derived).toBe(true);
  });
});
