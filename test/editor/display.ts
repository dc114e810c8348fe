/** @file A display for programs with windows: this machine's, or Xvfb's where it has none. */

import { type ChildProcess, spawn } from "node:child_process";
import { onPath } from "./on-path.ts";

export function hasDisplay(): boolean {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

export function canHaveDisplay(): boolean {
  return hasDisplay() || onPath("Xvfb") !== undefined;
}

/** Calls `use` with the environment of a display that is there for as long as `use` takes. */
export async function withDisplay<T>(use: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const virtual = hasDisplay() ? undefined : onPath("Xvfb");
  if (!virtual) return use({});
  const display = spawn(virtual, ["-displayfd", "1", "-screen", "0", "1280x900x24"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    return await use({ DISPLAY: `:${await displayNumber(display)}` });
  } finally {
    display.kill();
  }
}

function displayNumber(display: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    display.stdout?.once("data", chunk => resolve(String(chunk).trim()));
    display.once("exit", code => reject(new Error(`Xvfb ended with code ${code}`)));
    display.once("error", reject);
  });
}
