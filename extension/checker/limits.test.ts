import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { DEFAULT_LIMITS, DEFAULT_SEED } from "./limits.ts";

it("are the defaults of the settings", () => {
  const { properties } = manifest.contributes.configuration;
  expect(properties["gradientLens.timeLimit"].default * 1000).toBe(DEFAULT_LIMITS.timeMs);
  expect(properties["gradientLens.memoryLimit"].default).toBe(DEFAULT_LIMITS.memoryMb);
  expect(properties["gradientLens.seed"].default).toBe(DEFAULT_SEED);
});
