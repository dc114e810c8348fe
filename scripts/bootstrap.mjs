/**
 * @file The first command on a fresh clone: installs what package-lock.json states, when it is not there yet, then
 * runs a script of this folder on the project's own Node (the npm package `node`, which strips types).
 * Plain JavaScript for any Node from 18 on, and nothing imported that an install would have to bring.
 *
 *     node scripts/bootstrap.mjs SCRIPT.ts [arguments]
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const executables = join(root, "node_modules", ".bin");
const nodeExecutable = join(
  root,
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

const [script, ...args] = process.argv.slice(2);
if (!script || !existsSync(join(root, "scripts", script))) {
  fail(`expected the name of a script in scripts/, got ${script ? `"${script}"` : "nothing"}`);
}
if (!isInstalled()) install();
run();

/**
 * Whether node_modules holds what the lock file asks for. npm keeps its own record of what it put there; the two are
 * compared package by package, so that neither a checkout's file times nor a hand-made `npm install` mislead.
 */
function isInstalled() {
  if (!existsSync(nodeExecutable)) return false;
  const wanted = lockedPackages(join(root, "package-lock.json"));
  const present = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(
    ([path, { version, link, optional }]) =>
      !path.startsWith("node_modules/") ||
      link ||
      (present[path] ? present[path].version === version : optional),
  );
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

function install() {
  console.log("Installing the project's packages (npm ci) …");
  const npm = npmCommand();
  const options = ["ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const { status, error, stdout, stderr } = spawnSync(npm.command, [...npm.args, ...options], {
    cwd: root,
    encoding: "utf8",
    shell: npm.shell,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error) fail(`npm could not be started (${error.message}); install npm, which comes with Node`);
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    fail(`"npm ci" failed with exit code ${status}; its messages are above`);
  }
  if (!existsSync(nodeExecutable)) {
    fail(
      '"npm ci" brought no Node: the npm package "node" needs its install script, so allow scripts and try again',
    );
  }
}

/** The npm that called us, when one did: it is the one the user chose. */
function npmCommand() {
  const caller = process.env.npm_execpath;
  if (caller?.endsWith("npm-cli.js")) return { command: process.execPath, args: [caller], shell: false };
  return { command: "npm", args: [], shell: process.platform === "win32" };
}

function run() {
  // When this process is gone, however it went, the script ends too.
  const endWithParent = new URL("end-with-parent.mjs", import.meta.url);
  const child = spawn(nodeExecutable, [`--import=${endWithParent}`, join(root, "scripts", script), ...args], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: `${executables}${delimiter}${process.env.PATH ?? ""}` },
  });
  // Ctrl-C reaches the script directly as well; a second signal does no harm.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  child.on("error", error => fail(`scripts/${script} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}

/** Who ends npm by its id ends only npm and its shell: seen from here, the parent is another one then. */
function endWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const look = () => process.ppid === shell || child.kill("SIGTERM");
  setInterval(look, 500).unref();
}

function fail(message) {
  console.error(`bootstrap: ${message}`);
  process.exit(1);
}
