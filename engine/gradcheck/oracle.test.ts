/** @file The right gradients as numbers: from the tape, and measured where numbers are read out. */

import { describe, expect, test } from "vitest";
import { type Context, Function, randn, type Tensor, tensor } from "../index.ts";
import { manualSeed } from "../tensor/random.ts";
import { oracleAt } from "./oracle.ts";

class Product extends Function {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    ctx.saveForBackward(a, b);
    return a.matmul(b);
  }
  static backward(ctx: Context, g: Tensor) {
    const [a] = ctx.savedTensors;
    return [g.mul(2), a.t().matmul(g)];
  }
}

class ReadOut extends Product {
  static override forward(ctx: Context, a: Tensor, b: Tensor) {
    const read = (t: Tensor): Tensor => tensor(t.tolist() as number[][]);
    return Product.forward(ctx, read(a), read(b));
  }
}

describe.each([
  ["with a tape", Product],
  ["measured", ReadOut],
])("%s", (_, definition) => {
  test("what is returned, and what should be", () => {
    manualSeed(1);
    const [a, b, g] = [randn(3, 3), randn(3, 3), randn(3, 3)];
    const flat = (t: Tensor): number[] => t.reshape(-1).tolist() as number[];
    const oracle = oracleAt(definition, [a, b])!;
    const cotangent = Float64Array.from(flat(g));
    expect([oracle.shapes, oracle.total]).toEqual([[[3, 3]], 9]);
    expect([...oracle.returned(cotangent)![0]!]).toEqual(flat(g.mul(2)));
    const [ga, gb] = oracle.expected(cotangent)!;
    flat(g.matmul(b.t())).forEach((value, k) => {
      expect(ga![k]).toBeCloseTo(value, 8);
    });
    flat(a.t().matmul(g)).forEach((value, k) => {
      expect(gb![k]).toBeCloseTo(value, 8);
    });
  });
});

test("none where forward does not take the arguments; nothing is returned where the shapes are wrong", () => {
  expect(oracleAt(Product, [randn(2, 3), randn(2, 3)])).toBeNull();
  const oracle = oracleAt(Product, [randn(2, 3), randn(3, 4)])!;
  expect(oracle.returned(new Float64Array(8).fill(1))).toBeNull();
  expect(oracle.expected(new Float64Array(8).fill(1))).not.toBeNull();
});
