import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expandPaths } from "./files.ts";

describe("paths", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gradient-lens-files-"));
    for (const file of [
      "b.ts",
      "a.mjs",
      "types.d.ts",
      "notes.md",
      "sub/c.tsx",
      "sub/deeper/d.cts",
      "node_modules/p/e.ts",
      "dist/f.js",
      ".hidden/g.ts",
      "z/h.js",
    ]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), "");
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const expanded = async (...paths: string[]) =>
    (await expandPaths(paths, folder)).map(file => relative(folder, file).replaceAll("\\", "/"));

  it("search folders by name, but for those of others, of builds, and hidden ones", async () => {
    expect(await expanded(".")).toEqual(["a.mjs", "b.ts", "sub/c.tsx", "sub/deeper/d.cts", "z/h.js"]);
  });

  it("take what is named wherever it lies, in that order, each once", async () => {
    expect(await expanded("z", "b.ts", ".hidden", "dist/f.js", "z/h.js")).toEqual([
      "z/h.js",
      "b.ts",
      ".hidden/g.ts",
      "dist/f.js",
    ]);
  });

  it("do not go round in circles", async () => {
    symlinkSync(folder, join(folder, "sub", "up"), "junction");
    expect(await expanded("sub")).toEqual(["sub/c.tsx", "sub/deeper/d.cts"]);
  });

  it("refuse what is missing or no script, by the name it was given", async () => {
    await expect(expanded("b.ts", "gone/x.ts")).rejects.toThrow("no such file or folder: gone/x.ts");
    await expect(expanded("b.ts/x")).rejects.toThrow("no such file or folder: b.ts/x");
    await expect(expanded("notes.md")).rejects.toThrow(
      /cannot check notes\.md: expected a folder or a file that ends in \.ts /,
    );
    await expect(expanded("types.d.ts")).rejects.toThrow(/cannot check types\.d\.ts/);
  });
});
