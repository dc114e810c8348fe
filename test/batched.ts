/** @file What `vmap` owes to a loop: the same values, entry by entry. */

import { func, manualSeed, stack, type Tensor } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import type { Cases } from "./derivatives.ts";

export function checkBatched(cases: Cases): void {
  const each = Object.entries(cases).flatMap(([name, [operation, ...inputs]]) =>
    inputs.map((make, i) => ({ name: `${name} ${i + 1}`, operation, make })),
  );

  test.each(each)("$name of a batch", ({ operation, make }) => {
    manualSeed(5);
    const entries = [make(), make()];
    const batches = entries[0]!.map((_, i) => stack(entries.map(inputs => inputs[i]!)));
    const batched = func.vmap(operation)(...batches) as Tensor;
    const looped = stack(entries.map(inputs => operation(...inputs)));
    expect(batched.shape).toEqual(looped.shape);
    const found = batched.reshape(-1).tolist() as number[];
    const wanted = looped.reshape(-1).tolist() as number[];
    found.forEach((x, i) => {
      expect(x).toBeCloseTo(wanted[i]!, 9);
    });
  });
}
