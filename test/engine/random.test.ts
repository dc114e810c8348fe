/** @file Random numbers, against the ones that torch drew. */

import { readFileSync } from "node:fs";
import { type DType, manualSeed, rand, randint, randn, randperm, type Tensor } from "@gradient-lens/engine";
import { Generator } from "@gradient-lens/engine/judge";
import { describe, expect, test } from "vitest";

interface Case {
  seed: number;
  calls: { fn: "rand" | "randn" | "randint" | "randperm"; args: (number | number[])[]; dtype?: DType }[];
  out: { dtype?: DType; shape: number[]; data: number[]; approx?: boolean }[];
}

const { cases, mt19937_first_uint32 }: { cases: Case[]; mt19937_first_uint32: Record<string, number[]> } =
  JSON.parse(readFileSync(new URL("reference/rng.json", import.meta.url), "utf8"));

function draw({ fn, args, dtype }: Case["calls"][number]): Tensor {
  const options = dtype === undefined ? {} : { dtype };
  if (fn === "rand") return rand(args.flat(), options);
  if (fn === "randn") return randn(args.flat(), options);
  if (fn === "randperm") return randperm(args[0] as number);
  return randint(...(args as [number, number, number[]]));
}

function tolerance({ fn, dtype }: Case["calls"][number], length: number): number {
  if (fn !== "randn") return 0;
  // Torch's own float32 values depend on the CPU there; see reference/rng.json's "approx".
  if (dtype === "float32") return length >= 16 ? 2e-6 : 1e-7;
  return 1e-14;
}

describe("random numbers", () => {
  test.each(Object.entries(mt19937_first_uint32))("MT19937 seeded with %s", (seed, expected) => {
    const generator = new Generator(Number(seed));
    expect(expected.map(() => generator.uint32())).toEqual(expected);
  });

  test.each(
    cases.map(
      (c, i) => [i, c.seed, c.calls.map(call => `${call.fn} ${call.dtype ?? ""}`).join(", "), c] as const,
    ),
  )("case %i: seed %i: %s", (_i, seed, _calls, { calls, out }) => {
    manualSeed(seed);
    calls.forEach((call, i) => {
      const drawn = draw(call);
      const expected = out[i]!;
      expect(drawn.shape).toEqual(expected.shape);
      const values = [drawn.tolist()].flat(9) as number[];
      const bound = tolerance(call, values.length);
      values.forEach((value, k) => {
        const error = Math.abs(value - expected.data[k]!);
        expect(error).toBeLessThanOrEqual(bound * Math.max(1, Math.abs(expected.data[k]!)));
      });
    });
  });

  test("a range of 2²⁸ or more draws 64 bits", () => {
    manualSeed(3);
    const wide = randint(2 ** 40, [200]).tolist() as number[];
    expect(wide.some(value => value > 2 ** 32)).toBe(true);
    expect(wide.every(value => Number.isInteger(value) && value >= 0 && value < 2 ** 40)).toBe(true);
  });
});
