/** @file Where programs without an editor keep what they can make again: the system's place for it, each person's own. */

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const NAME = "gradient-lens";

/** Absolute path, or null where the person has no such place. */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: () => string = homedir,
): string | null {
  const place = platform === "win32" ? env.LOCALAPPDATA : env.XDG_CACHE_HOME;
  // A relative one would lie in whatever folder is checked.
  if (place && isAbsolute(place)) return join(place, NAME);
  try {
    const folder = home();
    if (!isAbsolute(folder)) return null;
    return join(folder, ...(platform === "darwin" ? ["Library", "Caches"] : [".cache"]), NAME);
  } catch {
    return null;
  }
}
