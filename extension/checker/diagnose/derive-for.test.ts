/** @file What is derived for code whose inputs are found: Functions, plain functions, and what says why nothing can be derived. */

import { type Context, Function, nn, type Tensor, where } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import type { Parameter } from "../sandbox/job.ts";
import { deriveFor } from "./derive-for.ts";

const parameter = (name: string, type = "Tensor"): Parameter => ({
  name,
  type,
  optional: false,
  initializer: null,
  rest: false,
});

const x = parameter("x");
const about = {
  name: "f",
  seed: 4,
  gradOutputs: ["g"],
  notation: { style: "methods" as const, outputs: ["y"] },
};

class Softmax extends Function {
  static forward(_ctx: Context, x: Tensor) {
    return x.exp().div(x.exp().sum(1, true));
  }
}

describe("deriving", () => {
  test("a Function, in the names of the text", () => {
    const { derivation, reason, domain, inputs } = deriveFor(
      Softmax,
      { ...about, parameters: [x] },
      "derive-backward",
    );
    expect(reason).toBeNull();
    expect(derivation!.gradients).toMatchObject([{ typescript: "y.mul(g.sub(g.mul(y).sum(1, true)))" }]);
    expect(derivation!.saved).toMatchObject([{ name: "y", role: "output" }]);
    expect(domain).toMatch(/^x: \(n, m\)/);
    expect(inputs).toMatchObject([{ name: "x", shape: [expect.any(Number), expect.any(Number)] }]);
  });

  test("a plain function, whose own text tells what it takes", () => {
    const loss = (x: Tensor, y: Tensor) => nn.functional.mseLoss(x, y);
    const { derivation } = deriveFor(
      loss,
      { ...about, parameters: [x, parameter("target")] },
      "derive-backward",
    );
    expect(derivation!.statements!.join()).toMatch(/numel\(\)/);
  });

  test("in free functions", () => {
    const notation = { ...about.notation, style: "functions" as const };
    const { derivation } = deriveFor(
      (x: Tensor) => x.sin(),
      { ...about, notation, parameters: [x] },
      "derive-backward",
    );
    expect(derivation).toMatchObject({
      gradients: [{ typescript: "mul(g, cos(x))" }],
      imports: ["cos", "mul"],
    });
  });

  test("a jvp has a tangent for each output", () => {
    const { derivation } = deriveFor(
      (x: Tensor) => [x.sin(), x.exp()],
      { ...about, notation: { ...about.notation, outputs: [] }, parameters: [x] },
      "derive-jvp",
    );
    expect(derivation!.gradients).toMatchObject([
      { typescript: "dx.mul(x.cos())" },
      { typescript: "dx.mul(output1)" },
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ["a loop on numbers", (x: Tensor) => root(x), /depends on the numbers/],
    [
      "a throw",
      () => {
        throw new Error("no such file");
      },
      /no such file/,
    ],
    ["what is no function", 3, /neither a function nor a class/],
  ])("says why not: %s", (_, value, reason) => {
    const derived = deriveFor(value, { ...about, parameters: [x] }, "derive-backward");
    expect(derived.derivation).toBeNull();
    expect(derived.reason).toMatch(reason);
  });
});

/** Bisection of y² = |x|. */
function root(x: Tensor): Tensor {
  let low = x.mul(0);
  let high = x.abs().add(1);
  for (let i = 0; i < 60; i++) {
    const middle = low.add(high).div(2);
    const below = middle.square().lt(x.abs());
    [low, high] = [where(below, middle, low), where(below, high, middle)];
  }
  return low;
}
