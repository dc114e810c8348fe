/** @file Where the check reads its texts: the editor's unsaved buffers first, the files behind them. */

import { readFile } from "node:fs/promises";
import type { ReadText } from "./checker.ts";

/** Buffers that may differ from their files, by absolute path. Plain data: it travels to the worker with each request. */
export type Buffers = Readonly<Record<string, string>>;

/** The file as it is on disk, without its byte-order mark, as editors count; undefined where there is none to read. */
export const readFromDisk: ReadText = async path => {
  try {
    const text = await readFile(path, "utf8");
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  } catch {
    return undefined;
  }
};

export function withBuffers(buffers: Buffers, behind: ReadText): ReadText {
  return async path => (Object.hasOwn(buffers, path) ? buffers[path] : behind(path));
}
