import { expect, it } from "vitest";
import { CODE_EXTENSIONS, canHoldFunctions, isSkippedFolder } from "./file-types.ts";
import { SCRIPT_EXTENSIONS, scriptLanguage } from "./source/script-language.ts";

it("names the files that the source reader can read", () => {
  expect(CODE_EXTENSIONS.map(extension => `.${extension}`).sort()).toEqual([...SCRIPT_EXTENSIONS].sort());
  for (const file of ["a.ts", "a.tsx", "a.d.ts", "a.d.mts", "a.json", "a.ts.txt", "a.cjs", "d.ts"]) {
    expect(canHoldFunctions(file), file).toBe(scriptLanguage(file) !== undefined);
  }
});

it("skips the folders of others, of builds, and hidden ones", () => {
  expect(["node_modules", "dist", ".git", ".cache"].every(isSkippedFolder)).toBe(true);
  expect(["src", "distance", "node"].some(isSkippedFolder)).toBe(false);
});
