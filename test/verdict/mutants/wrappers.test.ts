/** @file The wrappers on a rule whose gradients are known: what each makes of them. */

import { join } from "node:path";
import { autograd, type Tensor, tensor } from "@gradient-lens/engine";
import { afterAll, describe, expect, test } from "vitest";
import { dispose, prepare } from "./examination.ts";
import type { RuleClass } from "./points.ts";
import { type Rule, readRules } from "./rules.ts";
import { wrappers } from "./wrappers.ts";

const rules = await readRules([join(import.meta.dirname, "fixtures", "forms")]);
const named = (name: string): Rule => rules.find(({ site }) => site.name === name)!;
afterAll(dispose);

/** The gradients of every mutant of a rule, by name. */
async function gradients(
  name: string,
  hasSetupContext: boolean,
  args: unknown[],
  gradOutputs: Tensor[],
): Promise<Record<string, unknown[]>> {
  const rule = named(name);
  const tensors = args.flatMap((arg, i) => (typeof arg === "number" ? [] : [i]));
  const all: Record<string, unknown[]> = {};
  for (const mutant of wrappers(rule, { tensors, hasSetupContext })) {
    const prepared = await prepare(rule.file, mutant.text, mutant.className);
    if ("refused" in prepared) throw new Error(prepared.refused.message);
    const mutated = prepared.program.evaluate(0) as RuleClass;
    const leaves = args.map(arg => (typeof arg === "number" ? arg : (arg as Tensor).clone().requiresGrad_()));
    const outputs = mutated.apply(...leaves) as Tensor | Tensor[];
    const inputs = tensors.map(i => leaves[i] as Tensor);
    const grads = autograd.grad(outputs, inputs, { gradOutputs });
    expect(all).not.toHaveProperty([mutant.name]);
    all[mutant.name] = grads.map(grad => grad.tolist());
  }
  return all;
}

describe("wrappers", () => {
  test("change what is returned, for all inputs and for each", async () => {
    const [a, b] = [tensor([2, 3]), tensor([5, 7])];
    const all = await gradients("Product", false, [a, b], [tensor([1, 2]), tensor([0, 0])]);
    // As it is: [[5, 14], [2, 6]].
    expect(all).toMatchObject({
      sign: [
        [-5, -14],
        [-2, -6],
      ],
      "sign of b": [
        [5, 14],
        [-2, -6],
      ],
      "factor-2 of a": [
        [10, 28],
        [2, 6],
      ],
      zero: [
        [0, 0],
        [0, 0],
      ],
      "dropped-last-entry": [
        [5, 0],
        [2, 0],
      ],
      "swapped-gradients of a and b": [
        [2, 6],
        [5, 14],
      ],
    });
    expect(all["factor-1.00001"]![0]).toEqual([5 * 1.00001, 14 * 1.00001]);
  });

  test("change what is received", async () => {
    const all = await gradients("Exponential", false, [tensor([0, 0])], [tensor([-3, 0.5])]);
    // As it is: [-3, 0.5].
    expect(all).toMatchObject({
      "abs-of-g": [[3, 0.5]],
      "relu-of-g": [[0, 0.5]],
      "clamp-of-g": [[-1, 0.5]],
      "square-of-g": [[9, 0.25]],
      "ones-for-g": [[1, 1]],
      "sum-of-g": [[-2.5, -2.5]],
      "mean-of-g": [[-1.25, -1.25]],
      "input-for-output": [[-0, 0]],
    });
  });

  test("transpose square gradients", async () => {
    const x = tensor([
      [0, 0],
      [0, 0],
    ]);
    const g = tensor([
      [1, 2],
      [3, 4],
    ]);
    const all = await gradients("Exponential", false, [x], [g]);
    expect(all.transpose).toEqual([
      [
        [1, 3],
        [2, 4],
      ],
    ]);
  });

  test("change what is saved, by forward or setupContext", async () => {
    const power = await gradients("Power", true, [tensor([3]), 2], [tensor([1])]);
    // 2 x, with x² in the place of x.
    expect(power["output-for-input"]).toEqual([[18]]);
    const cube = await gradients("Cube", false, [tensor([2])], [tensor([1])]);
    expect(cube["output-for-input"]).toEqual([[3 * 8 ** 2]]);
  });

  test("keep the parameters of forward as they are written", () => {
    const [, ...mutants] = wrappers(named("Product"), { tensors: [0, 1], hasSetupContext: false });
    const saved = mutants.find(({ kind }) => kind === "output-for-input")!;
    expect(saved.text).toContain("static forward(ctx, a: Tensor, b: Tensor) {");
  });
});
