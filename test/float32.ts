/** @file What float32 owes to float64: the same values and gradients, up to its own rounding, and its own dtype. */

import { autograd, manualSeed, randn, type Tensor } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import type { Cases } from "./derivatives.ts";

/** Of the largest element wanted: some hundred roundings, which products and sums of a few dozen elements stay below. */
const TOLERANCE = 2 ** -23 * 200;

export function checkFloat32(cases: Cases): void {
  const each = Object.entries(cases).flatMap(([name, [operation, ...inputs]]) =>
    inputs.map((make, i) => ({ name: `${name} ${i + 1}`, operation, make })),
  );

  test.each(each)("$name in float32", ({ operation, make }) => {
    manualSeed(11);
    const single = make().map(x => x.to("float32"));
    const double = single.map(x => x.to("float64"));
    const [y, exact] = [operation(...single), operation(...double)];
    expect(y.dtype).toBe("float32");
    expectClose(y, exact);
    const cotangent = randn(exact.shape).to("float32");
    const gradients = (xs: readonly Tensor[]): (Tensor | null)[] => {
      const leaves = xs.map(x => x.clone().requiresGrad_());
      const z = operation(...leaves);
      if (!z.requiresGrad) return [];
      return autograd.grad(z, leaves, { gradOutputs: cotangent.to(z.dtype), allowUnused: true });
    };
    const wanted = gradients(double);
    gradients(single).forEach((g, i) => {
      expect(g?.dtype).toBe(wanted[i] === null ? undefined : "float32");
      if (g !== null) expectClose(g, wanted[i]!);
    });
  });
}

function expectClose(got: Tensor, want: Tensor): void {
  expect(got.shape).toEqual(want.shape);
  const [found, wanted] = [got, want].map(x => x.detach().reshape(-1).tolist() as number[]) as [
    number[],
    number[],
  ];
  const size = wanted.filter(Number.isFinite).reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
  found.forEach((x, i) => {
    const y = wanted[i]!;
    if (Number.isFinite(y)) expect(Math.abs(x - y)).toBeLessThanOrEqual(TOLERANCE * size);
    else expect(x).toBe(y);
  });
}
