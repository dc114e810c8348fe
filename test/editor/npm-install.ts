/** @file Installs an npm package into the project's cache, apart from the project's own packages. */

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { inCache, inProject } from "../../scripts/project.ts";

/**
 * The folder of `name@version` in the cache, installed when it is not there yet. `finish` may complete it; a folder
 * appears in its place only when all is done, so that a broken install is never taken for a whole one.
 */
export async function cachedPackage(
  name: string,
  version: string,
  finish: (folder: string) => Promise<void> = async () => {},
): Promise<string> {
  const home = inCache("npm", `${name.replace("/", "-")}-${version}`);
  const folder = join("node_modules", name);
  if (existsSync(home)) return join(home, folder);

  console.log(`Installing ${name} ${version} from npm into the cache …`);
  const unfinished = `${home}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "package.json"), '{ "private": true }\n');
  await npmInstall(unfinished, `${name}@${version}`);
  await finish(join(unfinished, folder));
  renameSync(unfinished, home);
  return join(home, folder);
}

/** `npm install` in a folder, without any install script. Throws with npm's own message. */
export async function npmInstall(folder: string, ...args: string[]): Promise<void> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const PATH = `${inProject("node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}`;
  try {
    await promisify(execFile)("npm", ["install", ...args, ...quiet], {
      cwd: folder,
      env: { ...process.env, PATH },
      shell: process.platform === "win32",
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`npm install ${args.join(" ")} failed: ${stderr?.trim() || error}`);
  }
}
