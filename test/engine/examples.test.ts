/** @file The examples' own claims, the forum's numbers among them. */

import { readFileSync } from "node:fs";
import { autograd, manualSeed, randn } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { energyGradients } from "../../examples/energy.ts";
import { quadraticForms } from "../../examples/quadratic-form.ts";

interface Value {
  shape: number[];
  data: number[];
}
const seed = JSON.parse(readFileSync(new URL("reference/seed.json", import.meta.url), "utf8"));
const results: Record<string, { "x.grad"?: Value; value: Value; "rows of xi.grad"?: Value }> = seed.results;

function nested({ shape, data }: Value): number[][] {
  return Array.from({ length: shape[0]! }, (_, i) => data.slice(i * shape[1]!, (i + 1) * shape[1]!));
}

describe("quadratic-form.ts", () => {
  const forms = quadraticForms();

  test("draws the forum's x and A", () => {
    expect(forms.x.dtype).toBe("float32");
    expect(forms.x.matmul(forms.A).matmul(forms.x.t()).tolist()).toEqual(nested(results["x@A@x.T"]!.value));
  });

  test("the sum over all pairs has the cross terms in its gradient", () => {
    expect(forms.sum.tolist()).toEqual(nested(results["(x@A@x.T).sum()"]!["x.grad"]!));
    expect(forms.sum.tolist()).toEqual(Array.from({ length: 5 }, () => [68, 74]));
  });

  test("diagonal, loop, einsum, the custom Function and x @ (A + Aᵀ) agree", () => {
    const expected = nested(results["(x@A@x.T).diagonal().sum()"]!["x.grad"]!);
    expect(expected).toEqual([
      [10, 20],
      [18, 14],
      [6, 8],
      [14, 12],
      [20, 20],
    ]);
    for (const way of ["diagonal", "loop", "einsum", "custom", "formula"] as const) {
      expect(forms[way].tolist(), way).toEqual(expected);
    }
  });

  test("gradient with respect to A, and the Jacobian and Hessian of the reference", () => {
    const { x, A } = forms;
    const a = A.detach().requiresGrad_();
    expect(autograd.grad(x.matmul(a).matmul(x.t()).sum(), a)[0]!.tolist()).toEqual([
      [169, 104],
      [104, 64],
    ]);
    const leaf = x.detach().requiresGrad_();
    const diagonal = leaf.matmul(A).matmul(leaf.t()).diagonal();
    const jacobian = diagonal
      .unbind()
      .flatMap(y => autograd.grad(y, leaf, { retainGraph: true })[0]!.tolist() as number[][]);
    const expected =
      results["torch.autograd.functional.jacobian(lambda x: (x@A@x.T).diagonal(), x)"]!.value.data;
    expect(jacobian.flat()).toEqual(expected);
    const row = x.select(0, 0).detach().requiresGrad_();
    const [gradient] = autograd.grad(row.matmul(A).matmul(row), row, { createGraph: true });
    const hessian = gradient!
      .unbind()
      .flatMap(g => autograd.grad(g, row, { retainGraph: true })[0]!.tolist() as number[]);
    expect(hessian).toEqual(results["torch.autograd.functional.hessian(lambda v: v@A@v, x[0])"]!.value.data);
  });
});

describe("energy.ts", () => {
  test("both custom Functions have the gradient that autograd finds", () => {
    manualSeed(7);
    const { matrixSquare, energy, autograd: plain } = energyGradients(randn(4, 4));
    expect(matrixSquare.allclose(plain, { rtol: 1e-12 })).toBe(true);
    expect(energy.allclose(plain, { rtol: 1e-12 })).toBe(true);
  });
});
