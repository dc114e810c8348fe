/**
 * @file The engine against PyTorch's own samples, those in vectors/: outputs, gradients, jvp and hvp of every one.
 * What differs from torch on purpose is listed here and explained in docs/CONFORMANCE.md.
 */

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runOp } from "./op.ts";
import { nameOf, readVectors } from "./vectors.ts";

/** Numbers of the samples that differ on purpose, by op. */
const EXCEPTIONS: Record<string, readonly number[]> = { "nn.functional.celu": [4] };

const all = readVectors(join(import.meta.dirname, "vectors"));

describe.each(all.map(vectors => ({ name: nameOf(vectors), vectors })))("$name", ({ name, vectors }) => {
  const { missing, samples } = runOp(vectors);

  test("exists", () => {
    expect(missing).toBe(false);
  });

  if (samples.length > 0) {
    test(`${samples.length} samples`, () => {
      const failing = samples.filter(({ failures }) => failures.length > 0);
      const unexpected = failing.filter(({ sample }) => !EXCEPTIONS[name]?.includes(sample.i));
      expect(unexpected.map(({ sample, failures }) => `sample ${sample.i}: ${failures.join("; ")}`)).toEqual(
        [],
      );
      expect(failing.length).toBe(EXCEPTIONS[name]?.length ?? 0);
    });
  }
});
