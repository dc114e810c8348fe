/** @file Rules keep the value at inputs other than those they were tried at; what they give is as simple again, and no dearer than allowed. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { manualSeed, rand, randn, type Tensor } from "../index.ts";
import { costOf, evaluate } from "./evaluate.ts";
import { asMaths } from "./maths.ts";
import { simplify } from "./simplify.ts";
import { Trace } from "./trace.ts";

const SIZE = 3;
const positive = (): Tensor => rand(SIZE, SIZE).add(0.5);

/** Functions of square matrices whose values stay positive and of moderate size, so that powers and logarithms go. */
const UNARY: readonly ((x: Tensor) => Tensor)[] = [
  x => x.t(),
  x => x.mul(2),
  x => x.div(3),
  x => x.mul(-1).neg(),
  x => x.square(),
  x => x.sqrt(),
  x => x.reciprocal(),
  x => x.pow(1.5),
  x => x.exp().log(),
  x => x.log1p().add(1),
  x => x.sum(0, true).expand(SIZE, SIZE),
  x => x.sum(1, true).expandAs(x).div(SIZE),
  x => x.mean().expand(SIZE, SIZE),
  x => x.mul(x.sum(1, true)),
  x => x.div(x.sum(0)),
  x => x.softmax(1),
  x =>
    x
      .sub(x.amax(1, true))
      .exp()
      .div(x.sub(x.amax(1, true)).exp().sum(1, true)),
  x => x.reshape(-1).reshape(SIZE, SIZE),
  x => x.select(0, 1).unsqueeze(1).matmul(x.select(1, 0).unsqueeze(0)),
  x => x.diagonal().unsqueeze(1).mul(x),
  x => x.narrow(0, 0, 1).expand(SIZE, SIZE),
  x => x.tril().add(x.triu(1)),
];
const BINARY: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.mul(2).sub(y.neg()),
  (x, y) => x.mul(y),
  (x, y) => x.div(y),
  (x, y) => x.matmul(y),
  (x, y) => x.matmul(y.t()).t(),
  (x, y) => x.mul(y).add(x.mul(y.square())),
  (x, y) => x.matmul(y).add(x.matmul(y.t())),
  (x, y) => x.sum(1, true).mul(y).matmul(x),
  (x, y) => x.select(0, 0).unsqueeze(0).matmul(y).squeeze(0).add(y),
  (x, y) => x.where(x.gt(y), y),
];

/** A program on a stack of tensors: numbers choose what is done to which of those that are there. */
function runProgram(steps: readonly (readonly [number, number, number])[], a: Tensor, b: Tensor): Tensor {
  const values = [a, b];
  for (const [op, i, j] of steps) {
    const x = values[i % values.length]!;
    const y = values[j % values.length]!;
    const f = op % (UNARY.length + BINARY.length);
    values.push(f < UNARY.length ? UNARY[f]!(x) : BINARY[f - UNARY.length]!(x, y));
  }
  return values.at(-1)!;
}

const programs = fc.array(fc.tuple(fc.nat(999), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: 9 });

test("any expression keeps its value at other inputs", () => {
  fc.assert(
    fc.property(programs, fc.nat(9999), (steps, seed) => {
      manualSeed(seed);
      const trace = new Trace();
      const root = trace.expressionOf(
        runProgram(steps, trace.leaf("a", "input", positive()), trace.leaf("b", "gradOutput", positive())),
      );
      const [simple] = simplify(trace, [root]);
      for (const draw of [positive, () => randn(SIZE, SIZE)]) {
        const others = { a: draw(), b: draw() };
        const [before] = evaluate([root], others);
        const [after] = evaluate([simple!], others);
        expect(after!.shape).toEqual(before!.shape);
        // Where there was no number there may be one now: (√x)² is x.
        const defined = before!.isfinite();
        const [is, was] = [after!.where(defined, 0), before!.where(defined, 0)];
        expect(is.allclose(was, 1e-7, 1e-9)).toBe(true);
      }
    }),
    { numRuns: 400, seed: 1 },
  );
});

test("what is simple stays as it is, and is not much dearer than before", () => {
  fc.assert(
    fc.property(programs, steps => {
      manualSeed(1);
      const trace = new Trace();
      const root = trace.expressionOf(
        runProgram(steps, trace.leaf("a", "input", positive()), trace.leaf("b", "gradOutput", positive())),
      );
      const [simple] = simplify(trace, [root]);
      const [again] = simplify(trace, [simple!]);
      expect(costOf([simple!])).toBeLessThanOrEqual(1.25 * costOf([root]));
      expect(costOf([again!])).toBeLessThanOrEqual(costOf([simple!]) * 1.25);
    }),
    { numRuns: 200, seed: 2 },
  );
});

test.each<[string, (x: Tensor, g: Tensor) => Tensor, string]>([
  ["transposes cancel", x => x.t().t(), "x"],
  ["a transposed product turns around", (x, g) => g.matmul(x.t()).t(), "x @ gᵀ"],
  ["equal terms are collected", (x, g) => g.mul(x).add(g.mul(x)), "2·g ⊙ x"],
  ["opposite terms vanish", (x, g) => g.add(x).sub(g), "x"],
  ["a common factor goes in front", (x, g) => g.mul(x).add(g.mul(x.square())), "g ⊙ x ⊙ (x + 1)"],
  ["a common matrix goes in front", (x, g) => g.matmul(x).add(g.matmul(x.t())), "g @ (x + xᵀ)"],
  ["powers of one base join", (x, g) => g.mul(x).mul(x).div(x.pow(3)), "g / x"],
  ["signs meet", (x, g) => g.neg().mul(x.neg()).neg(), "−g ⊙ x"],
  ["ones and zeros go", (x, g) => g.mul(1).add(x.mul(0)), "g"],
  ["a sum of what was repeated is a multiple", (_, g) => g.sum(1, true).expand(3, 3).sum(1), "3·Σ₁(g)"],
  ["softmax is known by its form", x => x.exp().div(x.exp().sum(1, true)), "softmax₁(x)"],
  [
    "so is log Σ exp, whatever is taken out first",
    x => x.sub(x.amax(1, true)).exp().sum(1, true).log().add(x.amax(1, true)),
    "logsumexp₁(x)",
  ],
  ["a root of a square is no identity", x => x.square().sqrt(), "√(x²)"],
])("%s", (_, f, expected) => {
  const trace = new Trace();
  const root = trace.expressionOf(
    f(trace.leaf("x", "input", positive()), trace.leaf("g", "gradOutput", positive())),
  );
  expect(asMaths(simplify(trace, [root])[0]!)).toBe(expected);
});

test("a chain of products is multiplied in the cheapest order", () => {
  const trace = new Trace();
  const A = trace.leaf("A", "input", rand(2, 9));
  const B = trace.leaf("B", "input", rand(9, 8));
  const v = trace.leaf("v", "input", rand(8, 1));
  const [simple] = simplify(trace, [trace.expressionOf(A.matmul(B).matmul(v))]);
  expect(asMaths(simple!)).toBe("A @ (B @ v)");
});
