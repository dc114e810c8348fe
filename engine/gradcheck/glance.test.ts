/** @file What a glance lets pass, and what it does not. */

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Context, Function, type Tensor, tensor } from "../index.ts";
import { quotient } from "./finite-differences.ts";
import { glanceAt } from "./glance.ts";
import type { JudgedFunction } from "./ruling.ts";

const NONE: ReadonlySet<number> = new Set();

type Forward = (x: Tensor) => Tensor;
type Backward = (x: Tensor, g: Tensor) => Tensor;

function rule(forward: Forward, backward: Backward): JudgedFunction {
  return class extends Function {
    static forward(ctx: Context, x: Tensor) {
      ctx.saveForBackward(x);
      return forward(x);
    }
    static backward(ctx: Context, g: Tensor) {
      return backward(ctx.savedTensors[0]!, g);
    }
  };
}

const glance = (forward: Forward, backward: Backward, values: readonly number[], seed = 1) =>
  glanceAt(rule(forward, backward), [tensor([...values])], seed, NONE);

const someValues = fc
  .array(fc.double({ min: 0.2, max: 3, noNaN: true }), { minLength: 1, maxLength: 6 })
  .map(values => values.map((value, i) => (i % 2 === 0 ? value : -value)));
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe("a glance", () => {
  const cube: Forward = x => x.mul(x).mul(x);
  const right: Backward = (x, g) => g.mul(x).mul(x).mul(3);

  it("lets a right backward pass by its tape", () => {
    fc.assert(
      fc.property(someValues, seeds, (values, seed) => {
        expect(glance(cube, right, values, seed)?.by).toBe("tape");
      }),
    );
  });

  it("lets none pass that is off by a hundred thousandth, or not linear", () => {
    const wrong: readonly Backward[] = [
      (x, g) => right(x, g).mul(1.00001),
      (x, g) => right(x, g.abs()),
      (x, g) => right(x, g.clamp(-1, 1)),
      (x, g) => right(x, g.mul(g)),
    ];
    // Of one entry, the sign may be that of |g| by chance.
    const some = someValues.filter(values => values.length > 3);
    fc.assert(
      fc.property(some, fc.constantFrom(...wrong), (values, backward) => {
        expect(glance(cube, backward, values, 1)).toBe(null);
      }),
    );
  });

  it("does not believe a tape that is cut, were it in a small term", () => {
    for (const share of [1, 1e-2, 1e-4]) {
      const cut: Forward = x => x.mul(x).add(cube(x.detach()).mul(share));
      expect(
        glance(cut, (x, g) => g.mul(x).mul(2), [0.7, -1.3, 1.9]),
        `${share}`,
      ).toBe(null);
      const whole: Backward = (x, g) => g.mul(x).mul(2).add(right(x, g).mul(share));
      expect(glance(cut, whole, [0.7, -1.3, 1.9])?.by, `${share}`).toBe("line");
    }
  });

  it("says which elements mattered", () => {
    const max = glance(
      x => x.max(),
      (x, g) => x.eq(x.max()).to("float64").mul(g),
      [0.3, 1.7, -0.9],
    );
    expect(max?.active).toEqual([[false, true, false]]);
  });

  it("asks nothing of arguments that are constant", () => {
    const fn = rule(cube, (_, g) => g.mul(Number.NaN));
    expect(glanceAt(fn, [tensor([1, 2])], 1, NONE)).toBe(null);
    expect(glanceAt(fn, [tensor([1, 2])], 1, new Set([0]))?.active).toEqual([null]);
  });
});

test("a quotient confirms what is smooth to a millionth, and is none where f is not defined", () => {
  const at = fc.double({ min: 0.3, max: 3, noNaN: true });
  fc.assert(
    fc.property(at, x => {
      const [slope] = quotient(h => Float64Array.of(Math.exp(x + h)), x)!;
      expect(Math.abs(slope! / Math.exp(x) - 1)).toBeLessThan(1e-6);
    }),
  );
  expect(quotient(() => null, 1)).toBe(null);
  expect(quotient(h => Float64Array.of(h, Math.sqrt(h)), 1)).toBe(null);
  expect(quotient(h => (h < 0 ? null : Float64Array.of(h)), 1)).toBe(null);
});
