/** @file Einstein sums: values against the sum written out, derivatives, broadcasting, nothing, refusals. */

import { einsum, randn, type Tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const EQUATIONS: [equation: string, ...shapes: number[][]][] = [
  ["i->", [3]],
  ["i,j->ij", [3], [4]],
  ["ij->i", [2, 3]],
  ["ij,kj->ik", [2, 3], [1, 3]],
  ["ij,Ab->ijAb", [2, 3], [2, 2]],
  ["aij,jk->aik", [1, 3, 2], [2, 2]],
  ["ijk,ik->j", [1, 2, 3], [1, 3]],
  ["iji->j", [2, 3, 2]],
  ["ii", [3, 3]],
  ["ii->i", [3, 3]],
  ["ba,b", [2, 3], [2]],
  ["ij, ij", [1, 3], [2, 3]],
  [",->", [], []],
  ["ij,jk,kl->il", [2, 3], [3, 2], [2, 2]],
  ["ij,jk->ik", [0, 3], [3, 2]],
  ["ij,jk->ik", [2, 0], [0, 2]],
  ["ij,ij->ij", [1, 3], [0, 3]],
];
const WITH_ELLIPSIS: typeof EQUATIONS = [
  ["...", [2, 3]],
  ["i...->...", [3, 3]],
  ["...ik, ...j -> ij", [1, 2, 3], [3]],
  ["i...,i...->...", [3, 2], [3]],
  ["b...i,b...j->b...ij", [2, 3, 2], [2, 1, 4]],
];

const CASES: Cases = Object.fromEntries(
  [...EQUATIONS, ...WITH_ELLIPSIS].map(([equation, ...shapes]) => [
    `${equation} of ${JSON.stringify(shapes)}`,
    [(...operands: Tensor[]) => einsum(equation, operands), () => shapes.map(shape => randn(shape))],
  ]),
);
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

/** Σ over every assignment of the labels, one product at a time. */
function writtenOut(equation: string, operands: readonly Tensor[]): Map<string, number> {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const letters = [...terms.join("")];
  const output =
    right ??
    letters
      .filter(l => letters.indexOf(l) === letters.lastIndexOf(l))
      .sort()
      .join("");
  const sizes = new Map<string, number>();
  terms.forEach((term, k) => {
    [...term].forEach((label, d) => {
      if ((sizes.get(label) ?? 1) === 1) sizes.set(label, operands[k]!.size(d));
    });
  });
  let assignments: Record<string, number>[] = [{}];
  for (const [label, size] of sizes) {
    assignments = assignments.flatMap(a => Array.from({ length: size }, (_, i) => ({ ...a, [label]: i })));
  }
  const sums = new Map<string, number>();
  for (const at of assignments) {
    const factors = terms.map((term, k) => {
      const x = operands[k]!;
      return x.index(...[...term].map((label, d) => (x.size(d) === 1 ? 0 : at[label]!))).item();
    });
    const place = [...output].map(label => at[label]).join();
    sums.set(place, (sums.get(place) ?? 0) + factors.reduce((a, b) => a * b, 1));
  }
  return sums;
}

test.each(EQUATIONS.map(([equation, ...shapes]) => ({ equation, shapes })))(
  "$equation is the sum written out",
  ({ equation, shapes }) => {
    const operands = shapes.map(shape => randn(shape));
    const result = einsum(equation, ...operands);
    const expected = writtenOut(equation, operands);
    expect(result.numel()).toBe(expected.size === 0 ? result.numel() : expected.size);
    for (const [place, value] of expected) {
      const at = place === "" ? [] : place.split(",").map(Number);
      expect(result.index(...at).item()).toBeCloseTo(value, 12);
    }
  },
);

describe("einsum", () => {
  test("sums what an ellipsis hides unless the output has it", () => {
    const [A, x] = [randn(2, 2, 3), randn(3)];
    const sum = A.sum([0, 2]).unsqueeze(1).mul(x);
    expect(einsum("...ik,...j->ij", A, x).sub(sum).abs().amax().item()).toBeLessThan(1e-13);
  });

  test("takes labels as numbers beside their operands", () => {
    const [A, B] = [randn(2, 3), randn(4, 2, 3)];
    const same = (x: Tensor, equation: string): void => {
      expect(x.tolist()).toEqual(einsum(equation, A, B).tolist());
    };
    same(einsum(A, [0, 27], B, [7, 0, 27], [7]), "ij,bij->b");
    same(einsum(A, [1, 0], B, [2, 1, 0]), "ba,cba->c");
    same(einsum(A, [3, 0], B, ["...", 0], ["...", 3]), "ij,...j->...i");
    expect(() => einsum(A, [0, 1], B)).toThrow(/followed by a list of its labels/);
    expect(() => einsum(A, [0, 52])).toThrow(/0 to 51/);
  });

  test("of nothing is 0", () => {
    expect(einsum("ij,jk->ik", zeros(2, 0), zeros(0, 1)).tolist()).toEqual([[0], [0]]);
    expect(einsum("ij->", zeros(0, 3)).item()).toBe(0);
  });

  test("refuses what does not fit", () => {
    expect(() => einsum("i,j->ij", randn(2))).toThrow(/names 2 operands, got 1/);
    expect(() => einsum("ij->i", randn(2))).toThrow(/names 2 dimensions of an operand of shape \(2,\)/);
    expect(() => einsum("ii->i", randn(2, 3))).toThrow(/sizes 2 and 3/);
    expect(() => einsum("i->j", randn(2))).toThrow(/label j is in no operand/);
    expect(() => einsum("ij,jk->ik", randn(2, 3), randn(2, 2))).toThrow(/\b3\b.*\b2\b|\b2\b.*\b3\b/);
  });
});
