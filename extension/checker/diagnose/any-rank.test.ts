/** @file Formulas for two dimensions and for three, and what is right for both. */

import { ones } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import type { Derivation } from "../derivation.ts";
import { type DerivedAt, forAnyRank } from "./any-rank.ts";

function at(gradients: (string | null)[], ...shapes: number[][]): DerivedAt {
  const derivation: Derivation = {
    gradients: gradients.map(text => (text === null ? null : { maths: "", latex: "", typescript: text })),
    parts: [],
    statements: [],
    imports: [],
    saved: [{ name: "weight", role: "input", formula: null, parts: [], place: null }],
    steps: null,
  };
  return { derivation, args: shapes.map(shape => ones(shape)) };
}

const NAMES = ["x", "weight", "bias"];

function texts({ gradients }: Derivation): (string | null)[] {
  return gradients.map(gradient => gradient?.typescript ?? null);
}

describe("a derivation for any rank", () => {
  test("counts dimensions from the back", () => {
    const here = at(["y.mul(g.sub(g.mul(y).sum(1, true))).div(y.size(1))"], [3, 4]);
    const there = at(["y.mul(g.sub(g.mul(y).sum(2, true))).div(y.size(2))"], [3, 4, 2]);
    expect(texts(forAnyRank(here, there, NAMES))).toEqual([
      "y.mul(g.sub(g.mul(y).sum(-1, true))).div(y.size(-1))",
    ]);
  });

  test("sums to the size of what was broadcast", () => {
    const here = at(["g.mul(weight)", "g.mul(x).sum(0)", "g.sum(0)"], [3, 4], [4], [4]);
    const there = at(["g.mul(weight)", "g.mul(x).sum([0, 1])", "g.sum([0, 1])"], [3, 2, 4], [4], [4]);
    expect(texts(forAnyRank(here, there, NAMES))).toEqual([
      "g.mul(weight)",
      "g.mul(x).sumToSize(weight.shape)",
      "g.sumToSize(weight.shape)",
    ]);
  });

  test("transposes matrices in batches", () => {
    const methods = forAnyRank(at(["g.matmul(x.t())"], [3, 4]), at(["g.matmul(x.mT)"], [2, 3, 4]), NAMES);
    expect(texts(methods)).toEqual(["g.matmul(x.mT)"]);
    const here = at(["matmul(t(add(x, t(g))), g)"], [3, 3]);
    const there = at(["matmul(add(x, g.mT).mT, g)"], [2, 3, 3]);
    expect(texts(forAnyRank(here, there, NAMES))).toEqual(["matmul(add(x, g.mT).mT, g)"]);
  });

  test.each<[string, DerivedAt]>([
    ["of the same rank", at(["g.sum(2)"], [3, 4])],
    ["that read otherwise", at(["g.mul(2).sum(2)"], [3, 4, 2])],
    ["in which another number differs", at(["g.sum(3)"], [3, 4, 2])],
  ])("is the first one's where there are formulas %s", (_, there) => {
    expect(texts(forAnyRank(at(["g.sum(1)"], [3, 4]), there, NAMES))).toEqual(["g.sum(1)"]);
  });
});
