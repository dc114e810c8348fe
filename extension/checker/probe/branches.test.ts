/** @file Branches that inputs seldom reach: what a backward that is wrong in one of them is caught by. */

import { type Context, Function, type Tensor, tensor, where } from "@gradient-lens/engine";
import { FAILED, HELD } from "@gradient-lens/engine/judge";
import { expect, test } from "vitest";
import { Branches } from "./branches.ts";
import { examine } from "./examine.ts";

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

function verdicts(fn: unknown, ...names: string[]): string[] {
  const parameters = names.map(name => ({
    name,
    type: "Tensor",
    optional: false,
    initializer: null,
    rest: false,
  }));
  const found = SEEDS.map(seed => examine(fn, { name: "F", parameters, seed, explained: false }).verdict);
  return [...new Set(found)];
}

test("a branch is new where a comparison goes the other way", () => {
  const branches = new Branches();
  expect(branches.areAllSeen).toBe(true);
  branches.note([HELD, FAILED]);
  expect(branches.isNews([HELD, FAILED])).toBe(false);
  expect(branches.isNews([HELD, HELD])).toBe(true);
  expect(branches.isNews([HELD, FAILED, HELD])).toBe(true);
  branches.note([HELD | FAILED, HELD]);
  expect(branches.areAllSeen).toBe(true);
});

/** Steeper beyond the limit, by as much as `slope`; of one size, so that other sizes do not help. */
function steeperBeyond(limit: number, slope: number) {
  return class Steeper extends Function {
    static forward(ctx: Context, x: Tensor) {
      if (x.ndim !== 1 || x.size(0) !== 4) throw new RangeError(`expected (4), got (${x.shape})`);
      ctx.saveForBackward(x);
      return where(x.gt(limit), x.mul(3).sub(2 * limit), x);
    }
    static backward(ctx: Context, g: Tensor) {
      const [x] = ctx.savedTensors;
      return where(x.gt(limit), g.mul(slope), g);
    }
  };
}

test("a mask that usual inputs leave empty is filled", () => {
  expect(verdicts(steeperBeyond(3, 3), "x")).toEqual(["correct"]);
  expect(verdicts(steeperBeyond(3, 1), "x")).toEqual(["wrong"]);
});

/** Twice the entries, up to 4.5, by way of plain numbers. */
function within(isFree: (y: Tensor) => Tensor) {
  return class Within extends Function {
    static forward(ctx: Context, x: Tensor) {
      if (x.ndim !== 1 || x.size(0) !== 4) throw new RangeError(`expected (4), got (${x.shape})`);
      const y = tensor((x.tolist() as number[]).map(value => Math.min(4.5, 2 * value)));
      ctx.saveForBackward(y);
      return y;
    }
    static backward(ctx: Context, g: Tensor) {
      const [y] = ctx.savedTensors;
      return g.mul(2).mul(isFree(y).to(g.dtype));
    }
  };
}

test("where numbers are read out, more points stand for the branches that nobody sees", () => {
  expect(
    verdicts(
      within(y => y.lt(4.5)),
      "x",
    ),
  ).toEqual(["correct"]);
  expect(
    verdicts(
      within(y => y.lt(9)),
      "x",
    ),
  ).toEqual(["wrong"]);
});
