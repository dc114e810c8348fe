/** @file Looks for a program the way a shell does. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of the first of these programs that PATH leads to. */
export function onPath(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.flatMap(folder => names.map(name => join(folder, name))).find(existsSync);
}
