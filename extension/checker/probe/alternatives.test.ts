/** @file Versions of one Function: which are right, and what is known when the time is over. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import { PLAIN_NOTATION } from "../notation.ts";
import type { Trial } from "../sandbox/job.ts";
import { tryCombinations } from "./alternatives.ts";

const factors = [2, 3, 4, 5];
let factor = 1;

class Square extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[0]!).mul(factor);
  }
}

const job: Trial = {
  task: "try",
  script: "",
  name: "Square",
  parameters: [{ name: "x", type: "Tensor", optional: false, initializer: null, rest: false }],
  gradOutputs: ["g"],
  notation: PLAIN_NOTATION,
  seed: 0,
  combinations: factors.map((_, number) => [number]),
  budgetMs: 1000,
};

const choose = ([number]: readonly number[]): void => {
  factor = number === undefined ? 1 : factors[number]!;
};

test("the version that is right is found among those that are not", () => {
  expect(tryCombinations(Square, job, choose, () => false)).toEqual({
    tried: [{ combination: 0, right: "everywhere", arguments: [0] }],
    complete: true,
  });
});

test("what was found before the time was over counts", () => {
  let left = 2;
  const found = tryCombinations(Square, job, choose, () => left-- === 0);
  expect(found).toEqual({
    tried: [{ combination: 0, right: "everywhere", arguments: [0] }],
    complete: false,
  });
});

test("nothing is known when the time is over before the first", () => {
  expect(tryCombinations(Square, job, choose, () => true)).toEqual({ tried: [], complete: false });
});
