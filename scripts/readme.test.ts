import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inProject } from "./project.ts";
import { withSettings } from "./readme.ts";

const readme = readFileSync(inProject("README.md"), "utf8");
const manifest = readFileSync(inProject("package.json"), "utf8");

test("the README lists the manifest's settings (npm run readme writes them)", () => {
  expect(withSettings(readme, manifest)).toBe(readme);
});

test("a README without the marks is refused", () => {
  expect(() => withSettings("# Gradient Lens", manifest)).toThrow("must hold");
});
