/**
 * @file VS Code without a desktop: its server, which npm carries as `code-server` (about 600 MB with what it depends on).
 * No install script is run: its native parts (log, terminal) are then missing, and not needed.
 */

import { join } from "node:path";
import { cachedPackage, npmInstall } from "./npm-install.ts";

/** Holds VS Code 1.139.1; its own lock files pin what it depends on. */
const version = "4.139.1";

/** The folder of VS Code's server, installed when it is not there yet. */
export async function installServer(): Promise<string> {
  const server = join("lib", "vscode");
  const codeServer = await cachedPackage("code-server", version, async folder => {
    await npmInstall(join(folder, server), "--omit=dev");
    await npmInstall(join(folder, server, "extensions"), "--omit=dev");
  });
  return join(codeServer, server);
}
