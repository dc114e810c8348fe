/**
 * @file Shows Gradient Lens at work on examples/: checks them in the terminal, then opens VS Code on them with the
 * extension loaded. Where there is no VS Code on a desktop, its server runs until Ctrl-C, to be opened in a browser.
 *
 *     npm start [-- --no-open | --port N]
 */

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { resolveCliPathFromVSCodeExecutablePath } from "@vscode/test-electron";
import { findDesktop } from "../test/editor/desktop.ts";
import { hasDisplay } from "../test/editor/display.ts";
import { onPath } from "../test/editor/on-path.ts";
import { startServer } from "../test/editor/server.ts";
import { build } from "./build.ts";
import { inCache, inProject, nodeExecutable, root } from "./project.ts";

const examples = inProject("examples");

interface Options {
  open: boolean;
  /** Of the server; 0 for any that is free. */
  port: number;
}

try {
  const { open, port } = readOptions();
  await build();
  checkExamples();
  if (open) await openExamples(port);
} catch (error) {
  console.error(`start: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function readOptions(): Options {
  const { values } = parseArgs({
    allowNegative: true,
    options: { open: { type: "boolean", default: true }, port: { type: "string", default: "0" } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--port expects a number from 0 to 65535, got "${values.port}"`);
  }
  return { open: values.open, port };
}

function checkExamples(): void {
  const cli = inProject("dist", "cli.js");
  const { status } = spawnSync(nodeExecutable, [cli, "check", "examples"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  // Some of the examples are wrong on purpose.
  if (status !== 1)
    throw new Error(
      `expected the check to find the errors planted in examples/, but it ended with code ${status}`,
    );
}

async function openExamples(port: number): Promise<void> {
  const code = hasDisplay() ? await desktopCommand() : undefined;
  if (code) openOnDesktop(code);
  else await serve(port);
}

/** The command that opens VS Code on the desktop: the one that is installed, else the one that can be downloaded. */
async function desktopCommand(): Promise<string | undefined> {
  const installed =
    process.env.VSCODE_EXECUTABLE ?? onPath(process.platform === "win32" ? "code.cmd" : "code");
  if (installed) return installed;
  const desktop = await findDesktop();
  return "executable" in desktop ? resolveCliPathFromVSCodeExecutablePath(desktop.executable) : undefined;
}

function openOnDesktop(code: string): void {
  const { status, error } = spawnSync(
    code,
    [`--extensionDevelopmentPath=${root}`, "--new-window", examples],
    {
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    },
  );
  if (error || status !== 0)
    throw new Error(`VS Code could not be opened by ${code}: ${error?.message ?? `code ${status}`}`);
  console.log(`Opened examples/ in VS Code (${code})`);
}

async function serve(port: number): Promise<void> {
  const server = await startServer({ profile: inCache("start"), port });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.stop());
  console.log(`\nOpen ${server.address({ workspace: examples, extension: root })}`);
  console.log("VS Code with Gradient Lens, on examples/. It runs until Ctrl-C.");
  await server.ended;
}
