/** @file From an import's relative specifier to the text it means: unsaved buffers count, so the reader is asked, not the disk. */

import { dirname, extname, resolve } from "node:path";
import type { ReadText } from "../checker.ts";
import { SCRIPT_EXTENSIONS } from "./script-language.ts";

/** What TypeScript lets an import call a file that it will compile to. */
const WRITTEN_AS: Record<string, string[]> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** In the order in which an import without an extension tries them. */
export const IMPORT_EXTENSIONS = [...SCRIPT_EXTENSIONS, ".json"];

export function isRelative(specifier: string): boolean {
  return /^\.\.?(\/|$)/.test(specifier);
}

/** The file that `specifier`, relative or absolute, means in the file `importer`, and its text. */
export async function readImport(
  importer: string,
  specifier: string,
  readText: ReadText,
): Promise<{ file: string; text: string } | undefined> {
  for (const file of candidates(resolve(dirname(importer), specifier), specifier)) {
    const text = await readText(file);
    if (text !== undefined) return { file, text };
  }
  return undefined;
}

function* candidates(path: string, specifier: string): Generator<string> {
  const isFolder = /(^|\/)\.{0,2}$/.test(specifier);
  if (!isFolder) {
    yield path;
    for (const extension of IMPORT_EXTENSIONS) yield path + extension;
    const written = extname(path);
    for (const extension of WRITTEN_AS[written] ?? []) yield path.slice(0, -written.length) + extension;
  }
  for (const extension of IMPORT_EXTENSIONS) yield resolve(path, `index${extension}`);
}
