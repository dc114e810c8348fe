/** @file Starts the VS Code server on a free port of this machine only, and says where to open it. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { inProject, nodeExecutable } from "../../scripts/project.ts";
import { installServer } from "./server-install.ts";

export interface ServerOptions {
  /** Folder for everything the server keeps: settings, state, installed extensions. */
  profile: string;
  /** User settings on top of {@link calmSettings}; an existing settings file is left as it is. */
  settings?: Record<string, unknown>;
  /** Whether every folder is trusted, or none before a person says so. Default: true. */
  trusted?: boolean;
  /** Default: any free port. */
  port?: number;
  /** Environment of the server and of its extension hosts, on top of this process's own. */
  env?: Record<string, string>;
}

export interface Server {
  readonly port: number;
  /** Address that opens a folder, with an extension under development and its tests where given. */
  address(page: Page): string;
  /** What the server has printed so far: goes into the message of a failure. */
  log(): string;
  /** Resolves when the server has ended, by `stop` or by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Absolute paths. */
export interface Page {
  workspace: string;
  /** Extension to load from its folder, as F5 does. */
  extension?: string;
  /** Script whose `run()` is called in the extension host. */
  tests?: string;
}

/** No welcome page, no chat, no telemetry, no updates: what is on the screen is the code and the extension. */
export const calmSettings = {
  "chat.disableAIFeatures": true,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "git.enabled": false,
  // As on the desktop; in a browser VS Code would save by itself.
  "files.autoSave": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
};

const startSeconds = 60;

export async function startServer(options: ServerOptions): Promise<Server> {
  const folder = await installServer();
  writeSettings(join(options.profile, "user"), { ...calmSettings, ...options.settings });
  const child = spawn(nodeExecutable, serverArguments(folder, options), {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...options.env },
  });
  let log = "";
  child.stdout?.on("data", chunk => (log += chunk));
  child.stderr?.on("data", chunk => (log += chunk));
  const ended = new Promise<void>(resolve => child.once("exit", () => resolve()));
  const port = await boundPort(child, () => log).catch(async error => {
    await stop(child, ended);
    throw error;
  });
  return {
    port,
    address: page => address(port, page),
    log: () => log,
    ended,
    stop: () => stop(child, ended),
  };
}

/** Installs a packaged extension into a profile, as "Install from VSIX…" does. */
export async function installExtension(vsix: string, profile: string): Promise<void> {
  const folder = await installServer();
  const main = join(folder, "out", "server-main.js");
  await promisify(execFile)(nodeExecutable, [
    main,
    "--install-extension",
    vsix,
    "--force",
    ...profileArguments(profile),
  ]);
}

function serverArguments(folder: string, { profile, port = 0, trusted = true }: ServerOptions): string[] {
  return [
    `--import=${pathToFileURL(inProject("scripts", "end-with-parent.mjs"))}`,
    join(folder, "out", "server-main.js"),
    "--host=127.0.0.1",
    `--port=${port}`,
    "--without-connection-token",
    "--accept-server-license-terms",
    "--telemetry-level=off",
    // A built VS Code takes an extension under development from the address only with this.
    "--enable-smoke-test-driver",
    ...(trusted ? ["--disable-workspace-trust"] : []),
    ...profileArguments(profile),
  ];
}

const profileArguments = (profile: string): string[] => [
  `--user-data-dir=${join(profile, "user")}`,
  `--server-data-dir=${join(profile, "server")}`,
  `--extensions-dir=${join(profile, "extensions")}`,
];

/** Writes the user settings of a user-data folder; those that are there already stay. */
export function writeSettings(userData: string, settings: Record<string, unknown>): void {
  const file = join(userData, "User", "settings.json");
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(settings, null, 2));
}

function address(port: number, { workspace, extension, tests }: Page): string {
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ...(extension ? [["extensionDevelopmentPath", remote(extension)]] : []),
    ...(tests ? [["extensionTestsPath", remote(tests)]] : []),
    ["skipWelcome", "true"],
  ];
  const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
  return `http://127.0.0.1:${port}/?${query}`;
}

function boundPort(child: ChildProcess, log: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void =>
      reject(new Error(`the VS Code server ${what}; it said:\n${log().trim()}`));
    const timer = setTimeout(() => fail(`did not start within ${startSeconds} s`), startSeconds * 1000);
    child.on("error", reject);
    child.on("exit", code => fail(`ended with code ${code}`));
    child.stdout?.on("data", () => {
      const bound = /Extension host agent listening on (\d+)/.exec(log());
      if (!bound) return;
      clearTimeout(timer);
      resolve(Number(bound[1]));
    });
  });
}

/** Asks first, then insists: an extension host that is busy would keep the server waiting. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), 3000);
  await ended;
  clearTimeout(insist);
}
