/** @file What flows back along single ways adds up to the gradient; and both backwards as expressions give the numbers that they stand for. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Context, Function, randn, type Tensor } from "../index.ts";
import { manualSeed } from "../tensor/random.ts";
import { evaluate } from "./evaluate.ts";
import { isCalled } from "./expression.ts";
import { Flow } from "./flow.ts";
import { type Workings, workings } from "./workings.ts";

/** Its backward treats the norm as a constant. */
class Normalize extends Function {
  static forward(ctx: Context, x: Tensor, scale: Tensor) {
    const norm = x.square().sum(-1, true).sqrt();
    ctx.saveForBackward(norm, scale, x);
    return x.div(norm).mul(scale);
  }
  static backward(ctx: Context, g: Tensor) {
    const [norm, scale, x] = ctx.savedTensors;
    return [g.mul(scale).div(norm), g.mul(x).div(norm)];
  }
}

const names = { inputs: ["x", "scale"], gradOutputs: ["g"], outputs: ["y"] };

function at(seed: number) {
  manualSeed(seed);
  const [x, scale, g] = [randn(3, 4), randn(3, 4), randn(3, 4)];
  const w = workings(Normalize, [randn(3, 4), randn(3, 4)], names) as Workings;
  const leaves = w.leavesAt([x, scale], [g]);
  const close = (a: Tensor, b: Tensor): boolean => a.sub(b).abs().max().item() < 1e-9;
  const [value, returned] = [w.expected[0]!, w.returned![0]!].map(e => evaluate([e], leaves)[0]!) as [
    Tensor,
    Tensor,
  ];
  return { x, scale, g, w, flow: new Flow(w.outputs, [g], leaves), close, value, returned };
}

const seeds = fc.integer({ min: 0, max: 1000 });

test("the right backward and the one that is there, at other numbers than they were traced with", () => {
  fc.assert(
    fc.property(seeds, seed => {
      const { x, scale, g, close, value, returned } = at(seed);
      const norm = x.square().sum(-1, true).sqrt();
      const y = x.div(norm);
      const gy = g.mul(scale);
      expect(close(value, gy.sub(y.mul(gy.mul(y).sum(-1, true))).div(norm))).toBe(true);
      expect(close(returned, gy.div(norm))).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test("all ways add up; without that through the norm there is what treats it as a constant", () => {
  fc.assert(
    fc.property(seeds, seed => {
      const { w, flow, close, value, returned } = at(seed);
      const [x] = w.inputs;
      expect(close(flow.without(new Set(), x!)!, value)).toBe(true);
      const ends = flow.passages.filter(({ into }) => into === x);
      const sum = ends.map(passage => flow.along(passage, x!)!).reduce((a, b) => a.add(b));
      expect(close(sum, value)).toBe(true);
      const norm = flow.passages.find(({ into }) => isCalled(into, "sqrt"))!;
      expect(close(flow.without(new Set([norm.into]), x!)!, returned)).toBe(true);
      expect(close(returned.add(flow.along(norm, x!)!), value)).toBe(true);
    }),
    { numRuns: 10 },
  );
});
