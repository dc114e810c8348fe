/**
 * @file Packs the extension into a VSIX for this platform (esbuild's native program ships in it), by the allow-list in
 * .vscodeignore.
 *
 *     npm run package
 */

import { readFileSync, statSync } from "node:fs";
import { createVSIX } from "@vscode/vsce";
import { build } from "./build.ts";
import { inProject, root } from "./project.ts";

/** Packs dist as it stands, and returns the path of the VSIX. */
export async function packDist(): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(inProject("package.json"), "utf8"));
  const target = marketplaceTarget();
  const packagePath = inProject(`${name}-${version}-${target}.vsix`);
  await createVSIX({
    cwd: root,
    packagePath,
    target,
    // The bundles hold all they need; without this, vsce would look for npm packages to take along.
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return packagePath;
}

/** The marketplace's name for this machine: Node's, but for musl's Linux and 32-bit ARM. */
function marketplaceTarget(): string {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const musl = process.platform === "linux" && !report.header.glibcVersionRuntime;
  return `${musl ? "alpine" : process.platform}-${process.arch === "arm" ? "armhf" : process.arch}`;
}

if (import.meta.main) {
  try {
    await build({ production: true });
    const path = await packDist();
    console.log(`Packed ${path} (${(statSync(path).size / 1e6).toFixed(1)} MB)`);
  } catch (error) {
    console.error(`package: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
