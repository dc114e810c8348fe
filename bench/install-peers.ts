/**
 * @file Installs the peers beside the benchmark, on its first run: they are nobody else's, so the project's own install
 * leaves them out.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "./package.json" with { type: "json" };

const folder = import.meta.dirname;

/** As the lock file says, leaving it and what is there already alone. No peer needs an install script on the CPU. */
const OPTIONS = [
  "--no-save",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-progress",
  "--loglevel=error",
];

/** @returns why some are not there, in words; what is there can be used all the same */
export function installPeers(): string | undefined {
  if (missing().length === 0) return undefined;
  console.error("Installing the peers (npm install in bench/) …");
  const caller = process.env.npm_execpath;
  const [command, ...args] = caller?.endsWith("npm-cli.js") ? [process.execPath, caller] : ["npm"];
  const { status, error, stderr } = spawnSync(command, [...args, "install", ...OPTIONS], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    shell: process.platform === "win32",
  });
  const left = missing();
  if (left.length === 0) return undefined;
  const cause = error?.message ?? (status === 0 ? "npm left them out" : stderr.trim().split("\n")[0]);
  return `not installed: ${left.join(", ")} (${cause})`;
}

/** The peers that are not there in the version that package.json pins. */
function missing(): string[] {
  return Object.entries(manifest.optionalDependencies).flatMap(([name, wanted]) => {
    const file = join(folder, "node_modules", name, "package.json");
    if (!existsSync(file)) return [name];
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    return version === wanted ? [] : [name];
  });
}
