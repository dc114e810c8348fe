/** @file Finds a Chromium on this machine and starts it without a window. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { cachedPackage } from "./npm-install.ts";
import { onPath } from "./on-path.ts";

/** `--no-sandbox`: as root, as in most containers, Chromium does not start with it. Only our own server is opened. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findChromium(), args: quiet });
}

/** The program named by GRADIENT_LENS_CHROMIUM or CHROME_PATH, else one of this machine, else npm's. */
export async function findChromium(): Promise<string> {
  for (const variable of ["GRADIENT_LENS_CHROMIUM", "CHROME_PATH"]) {
    const named = process.env[variable];
    if (!named) continue;
    if (existsSync(named)) return named;
    throw new Error(`${variable} names a Chromium that does not exist: ${named}`);
  }
  return installedChromium() ?? (await npmChromium());
}

function installedChromium(): string | undefined {
  const candidates = [
    onPath(
      "chromium",
      "chromium-browser",
      "google-chrome",
      "google-chrome-stable",
      "chrome.exe",
      "msedge.exe",
    ),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    join(process.env.PROGRAMFILES ?? "", "Google", "Chrome", "Application", "chrome.exe"),
    chromium.executablePath(),
  ];
  return candidates.find(candidate => candidate && existsSync(candidate));
}

/** A headless Chromium that npm carries, for Linux only; it still needs a few system libraries. */
async function npmChromium(): Promise<string> {
  const advice =
    "install the package chromium (apt-get install chromium) or set CHROME_PATH to a Chrome or Chromium";
  if (process.platform !== "linux") throw new Error(`no Chromium found: ${advice}`);
  try {
    const folder = await cachedPackage("@sparticuz/chromium", "153.0.0");
    const entry = pathToFileURL(join(folder, "build", "index.js")).href;
    const carried: { default: { executablePath(): Promise<string> } } = await import(entry);
    return await carried.default.executablePath();
  } catch (error) {
    throw new Error(`no Chromium found, and none came from npm (${error}): ${advice}`);
  }
}
