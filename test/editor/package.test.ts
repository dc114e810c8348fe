/** @file The packed extension: what is in it, and that it works once installed, as it reaches people. */

import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { packDist } from "../../scripts/package.ts";
import { type Scratch, scratchFolder } from "./scratch.ts";
import { installExtension } from "./server.ts";
import { openWorkbench } from "./workbench.ts";

let vsix: string;
let profile: Scratch;

beforeAll(async () => {
  profile = scratchFolder();
  // vsce tells of its work on the console.
  const quiet = [vi.spyOn(console, "info"), vi.spyOn(console, "log")].map(spy => spy.mockReturnValue());
  vsix = await packDist();
  for (const spy of quiet) spy.mockRestore();
});

afterAll(() => profile.remove());

test("holds what is to ship, and nothing else", async () => {
  await installExtension(vsix, profile.folder);
  const extensions = join(profile.folder, "extensions");
  const installed = readdirSync(extensions).find(name => name.startsWith("gradient-lens.gradient-lens-"));
  expect(installed).toBeDefined();
  await expect(listing(join(extensions, installed as string))).toMatchFileSnapshot("package.files.txt");
});

test("checks an example once it is installed", async () => {
  await using editor = await openWorkbench({ files: "examples", vsix });
  await editor.openFile("matrix-square.ts");
  await editor.waitForLens(/wrong/);
  await editor.openFile("matrix-square-fixed.ts");
  await editor.waitForLens(/correct/);
});

/** Every file below a folder, one a line; the name of the platform is left out. */
function listing(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, "/"),
    )
    .map(path => path.replace(/@esbuild\/[^/]+\//, "@esbuild/<platform>/"))
    .sort()
    .map(path => `${path}\n`)
    .join("");
}
