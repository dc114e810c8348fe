/** @file Where the check reads its texts: the editor's unsaved buffers first, the files behind them. */

import { readFile, stat } from "node:fs/promises";
import type { ReadText } from "./checker.ts";

/** Buffers that may differ from their files, by absolute path. Plain data: it travels to the worker with each request. */
export type Buffers = Readonly<Record<string, string>>;

/** The file as it is on disk, without its byte-order mark, as editors count; undefined where there is none to read. */
export const readFromDisk: ReadText = async path => {
  try {
    if (!(await isReadable(path))) return undefined;
    const text = await readFile(path, "utf8");
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  } catch {
    return undefined;
  }
};

/** No program is as long. */
const LARGEST_BYTES = 64 * 2 ** 20;

/** Whether a path leads to a file that ends: not to a pipe or a device, which a link can do. */
export async function isReadable(path: string): Promise<boolean> {
  const stats = await stat(path);
  return stats.isFile() && stats.size <= LARGEST_BYTES;
}

export function withBuffers(buffers: Buffers, behind: ReadText): ReadText {
  return async path => (Object.hasOwn(buffers, path) ? buffers[path] : behind(path));
}
