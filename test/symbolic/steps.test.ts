/** @file Derivations in steps: how they read, that they add up to the gradient, and that each pairing in them is true. */

import { noGrad, randn, type Tensor } from "@gradient-lens/engine";
import { afterAll, describe, expect, test } from "vitest";
import { type Checked, derived } from "../../engine/symbolic/attempts.ts";
import type { Call } from "../../engine/symbolic/expression.ts";
import type { Names } from "../../engine/symbolic/function-trace.ts";
import { chainOf } from "../../engine/symbolic/steps-chain.ts";
import { derive, evaluate, type Traceable } from "../../engine/symbolic.ts";
import { toFlatArray } from "../../engine/tensor/creation.ts";
import { dispose, prepare } from "../verdict/mutants/examination.ts";
import { pointsOf } from "../verdict/mutants/points.ts";
import { readRules } from "../verdict/mutants/rules.ts";
import { textbook } from "./textbook.ts";

afterAll(dispose);

const book = textbook();

/** A derivation as text: a heading a step, a line a formula with its shape. */
function told(
  definition: Traceable,
  args: readonly Tensor[],
  names: Names,
  elsewhere?: readonly Tensor[],
): string {
  const backward = derive(definition, args, names, { steps: true, ...(elsewhere && { elsewhere }) });
  if ("untraceable" in backward) throw new Error(backward.untraceable);
  const steps = backward.steps!.map(({ title, sentence, lines, caution }) =>
    [
      `## ${title}`,
      ...(sentence === "" ? [] : [sentence]),
      ...lines.map(({ kind, maths, shape }) => `    ${kind}: ${maths}${shape === null ? "" : `  ${shape}`}`),
      ...(caution === null ? [] : [`! ${caution}`]),
    ].join("\n"),
  );
  return `${steps.join("\n\n")}\n`;
}

describe("reads as", () => {
  test.each(["matrix square", "quadratic form of rows", "softmax", "affine map", "inverse", "solve"])(
    "%s",
    async name => {
      const { definition, args, inputs } = book.get(name)!;
      await expect(told(definition, args, { inputs })).toMatchFileSnapshot(
        `steps/${name.replaceAll(" ", "-")}.txt`,
      );
    },
  );
});

test("shapes are in letters where other sizes tell which are free", () => {
  const { definition, inputs } = book.get("affine map")!;
  const [here, there] = [4, 5].map(n => [noise(n, 3 * n), noise(2, 3 * n), noise(2)]);
  const text = told(definition, here!, { inputs }, there!);
  expect(text).toContain("operation: t₁ = x @ Wᵀ  (n, 2)");
  expect(text).toContain("pairing: ⟨t̄₁, x @ dWᵀ⟩ = ⟨t̄₁ᵀ @ x, dW⟩  (2, m)");
  expect(told(definition, here!, { inputs })).toContain("operation: t₁ = x @ Wᵀ  (4, 2)");
});

function noise(...shape: number[]): Tensor {
  return randn(shape);
}

describe("adds up to the gradient, and each pairing holds", () => {
  test.each([...book.keys()])("%s", name => {
    const { definition, args, inputs } = book.get(name)!;
    holds(derived(definition, args, { inputs }), { inputs });
  });

  test("of every rule that can be derived", { timeout: 300_000 }, async () => {
    const rules = await readRules([new URL("../verdict/rules", import.meta.url).pathname]);
    let told = 0;
    const failures: string[] = [];
    for (const rule of rules) {
      const prepared = await prepare(rule.file, rule.text, rule.site.name);
      if ("refused" in prepared) continue;
      const [point] = pointsOf(prepared.program);
      if (point === undefined) continue;
      const names = { inputs: point.map((_, i) => `x${i}`) };
      const checked = derived(prepared.program.evaluate(0) as Traceable, point, names);
      if ("untraceable" in checked) continue;
      try {
        holds(checked, names);
        told++;
      } catch (error) {
        failures.push(`${rule.id}: ${(error as Error).message}`);
      }
    }
    expect(failures).toEqual([]);
    expect(told).toBeGreaterThan(0.8 * rules.length);
  });
});

/** Σ⟨what flowed back to a result, how it moves⟩ = ⟨what flows on, the change of the operand⟩, and the flows sum up to the gradient. */
function holds(checked: Checked | { untraceable: string }, names: Names): void {
  if ("untraceable" in checked) throw new Error(checked.untraceable);
  const { links, gradients } = chainOf(checked.forward, names, checked.derivation.gradOutputs);
  noGrad(() => {
    for (const { line, arrivals, movements, flows } of links) {
      flows.forEach(({ place, expression }, f) => {
        const { changes } = movements[f]!;
        // A result that an operation says does not move has nothing to pair.
        if (changes.every(change => change === null)) return;
        const { change } = place.quantity;
        const differences = [change.value, mirrored(change.value)].map(along => {
          const given = { [change.name]: along };
          const moved = evaluate(
            changes.map((e, r) => e ?? line.results[r]!.leaf),
            given,
          );
          const left = moved.map((y, r) =>
            changes[r] == null || arrivals[r] == null ? 0 : inner(arrivals[r].leaf.value, y),
          );
          const right = inner(expression.value, along);
          const scale = size(expression.value) * size(along);
          return Math.abs(left.reduce((a, b) => a + b) - right) / (1 + scale);
        });
        // Where an intermediate has no derivative at this point (√0 in a branch that is not taken), there is nothing to compare.
        if (!differences.every(Number.isFinite) || hasEqualEigenvalues(line.call)) return;
        expect(Math.min(...differences), `${line.call.name} by operand ${place.input}`).toBeLessThanOrEqual(
          1e-8,
        );
      });
    }
    gradients.forEach((gradient, i) => {
      const right = checked.derivation.grads[i] ?? null;
      if (gradient === null || right === null) return;
      const sum = gradient.terms.map(term => term.value).reduce((a, b) => a.add(b));
      expect(sum.shape).toEqual(right.value.shape);
      expect(sum.allclose(right.value, 1e-8, 1e-10), `the gradient for argument ${i}`).toBe(true);
    });
  });
}

const inner = (a: Tensor, b: Tensor): number => a.mul(b).sum().item();
const size = (a: Tensor): number => Math.sqrt(inner(a, a));

/** Functions of symmetric matrices are defined, and move, along symmetric changes alone. */
function mirrored(v: Tensor): Tensor {
  return v.ndim >= 2 && v.size(-1) === v.size(-2) ? v.add(v.mT).mul(0.5) : v;
}

/** Eigenvectors of equal eigenvalues have no derivative; what is computed from them all the same can have one. */
function hasEqualEigenvalues({ name, results }: Call): boolean {
  if (name !== "eigh") return false;
  const values = toFlatArray(results[0]!.value).sort((a, b) => a - b);
  return values.some((value, i) => i > 0 && value - values[i - 1]! < 1e-9);
}
