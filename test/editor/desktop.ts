/**
 * @file VS Code on the desktop, where it can be had: named by VSCODE_EXECUTABLE, or downloaded. It is the first choice
 * for the suite in the extension host; the server is the second.
 */

import { existsSync, readFileSync } from "node:fs";
import { downloadAndUnzipVSCode, SilentReporter } from "@vscode/test-electron";
import { inCache, inProject } from "../../scripts/project.ts";

/** The program, or why there is none. */
export type Desktop = { executable: string } | { missing: string };

/** Where test-electron downloads from. Without network it refuses at once; a network that swallows is given up on. */
const downloads = "https://update.code.visualstudio.com/api/releases/stable";
const patienceMs = 4000;

export async function findDesktop(): Promise<Desktop> {
  const named = process.env.VSCODE_EXECUTABLE;
  if (named) {
    if (existsSync(named)) return { executable: named };
    throw new Error(`VSCODE_EXECUTABLE names a program that does not exist: ${named}`);
  }
  try {
    await fetch(downloads, { method: "HEAD", signal: AbortSignal.timeout(patienceMs) });
  } catch {
    return { missing: "VS Code for the desktop cannot be downloaded here" };
  }
  try {
    const version = oldestSupported();
    const cachePath = inCache("vscode-desktop");
    return {
      executable: await downloadAndUnzipVSCode({ version, cachePath, reporter: new SilentReporter() }),
    };
  } catch (error) {
    return { missing: `the download of VS Code for the desktop failed (${error})` };
  }
}

/** The oldest VS Code that the extension claims to run in; the server is a recent one. */
function oldestSupported(): string {
  const { engines } = JSON.parse(readFileSync(inProject("package.json"), "utf8")) as {
    engines: { vscode: string };
  };
  return engines.vscode.replace(/^\D+/, "");
}
