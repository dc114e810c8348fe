/**
 * @file The rules of hard-points.ts are correct: gradcheck agrees where they are easy, and where they are hard the gradient
 * is what pencil and paper say (at a tie, anything between the two slopes).
 */

import { autograd, Function, manualSeed, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import * as hardPoints from "./hard-points.ts";

type Rule = {
  readonly prototype: object;
  apply(...inputs: Tensor[]): Tensor;
  sampleInputs(): Tensor[] | Tensor[][];
};

const positive = (): Tensor[] => [tensor([0.7, 1.3, 2.1])];
const anywhere = (): Tensor[] => [tensor([0.7, -1.3, 2.1])];
const matrix = (): Tensor[] => {
  const A = randn(3, 3);
  return [
    A.matmul(A.mT).add(
      tensor([
        [2, 0.1, 0],
        [0, 2, 0],
        [0.3, 0, 2],
      ]),
    ),
  ];
};
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const unit = ([x]: Tensor[]): number[] => {
  const entries = x!.tolist() as number[];
  return entries.map(entry => entry / Math.hypot(...entries));
};
const each =
  (slope: (x: number) => number) =>
  ([x]: Tensor[]): number[] =>
    (x!.tolist() as number[]).map(slope);

/** Inputs where a rule is easy, and its derivative at its own inputs: of the first of them, null where that is a tie. */
const RULES: Readonly<Record<string, readonly [() => Tensor[], ((inputs: Tensor[]) => number[]) | null]>> = {
  ReluAtZero: [anywhere, null],
  ReluAsClamp: [anywhere, null],
  AbsBySign: [anywhere, null],
  AbsByCases: [anywhere, null],
  MaxShared: [anywhere, null],
  MaxOfFirst: [anywhere, null],
  MaximumOfEquals: [() => [tensor([1, 2]), tensor([2, 1])], null],
  TinySquare: [anywhere, each(x => 2e-9 * x)],
  LogNearZero: [positive, each(x => 1 / x)],
  LogByOutput: [positive, each(x => 1 / x)],
  SqrtNearZero: [positive, each(x => 0.5 / Math.sqrt(x))],
  SqrtAsPower: [positive, each(x => 0.5 / Math.sqrt(x))],
  ReciprocalNearPole: [anywhere, each(x => -1 / x / x)],
  ReciprocalByInput: [anywhere, each(x => -1 / x / x)],
  SteepExp: [() => [tensor([0.1, -0.2])], each(x => 30 * Math.exp(30 * x))],
  FastSine: [() => [tensor([1e-4, -3e-4])], each(x => 1e4 * Math.cos(1e4 * x))],
  AcosNearOne: [() => [tensor([0.3, -0.6])], each(x => -1 / Math.sqrt((1 - x) * (1 + x)))],
  AcosByFactors: [() => [tensor([0.3, -0.6])], each(x => -1 / Math.sqrt((1 - x) * (1 + x)))],
  // I + (1e8 − 1) v vᵀ, v = (2, −1, 2) / 3
  LogdetIllConditioned: [matrix, inverseOfIllConditioned],
  LogdetByCholesky: [matrix, inverseOfIllConditioned],
  NormNearZero: [anywhere, unit],
  ScaledNormNearZero: [anywhere, unit],
  NaiveSoftplus: [anywhere, each(sigmoid)],
  StableSoftplus: [anywhere, each(sigmoid)],
  SoftplusWithThreshold: [anywhere, each(sigmoid)],
  NaiveSigmoid: [anywhere, each(x => sigmoid(x) * sigmoid(-x))],
  StableSigmoid: [anywhere, each(x => sigmoid(x) * sigmoid(-x))],
};

function inverseOfIllConditioned(): number[] {
  const v = [2 / 3, -1 / 3, 2 / 3];
  return v.flatMap((a, i) => v.map((b, j) => (i === j ? 1 : 0) + (1e8 - 1) * a * b));
}

describe.each(Object.entries(hardPoints).map(([name, rule]) => [name, rule as unknown as Rule] as const))(
  "%s",
  (name, rule) => {
    const [easy, slopes] = RULES[name] ?? [null, null];
    const given = rule.sampleInputs();
    const points = (Array.isArray(given[0]) ? given : [given]) as Tensor[][];

    test("is correct where that is easy to see", () => {
      manualSeed(2);
      expect(rule.prototype, name).toBeInstanceOf(Function);
      const leaves = easy!().map(x => x.detach().requiresGrad_());
      expect(autograd.gradcheck((...xs) => rule.apply(...xs), leaves)).toBe(true);
    });

    test.each(points.map(inputs => [inputs] as const))("is correct at its hard point", inputs => {
      const leaves = inputs.map(x => x.detach().requiresGrad_());
      const grads = autograd.grad(rule.apply(...leaves).sum(), leaves).map(grad => grad!.reshape([-1]));
      if (slopes === null) {
        expect(grads.every(grad => grad.abs().le(1).all().item() === 1)).toBe(true);
        return;
      }
      // The naive sigmoid loses digits relative to its gradient, none relative to its output.
      const expected = tensor(slopes(inputs));
      expect(grads[0]!.allclose(expected, 1e-6, 2e-16), `${grads[0]} for ${expected}`).toBe(true);
    });
  },
);

test("a derivative is stated for each rule, and for none besides", () => {
  expect(Object.keys(RULES).sort()).toEqual(Object.keys(hardPoints).sort());
});
