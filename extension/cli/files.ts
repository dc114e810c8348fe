/** @file From the paths on the command line to the files that are read. */

import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CODE_EXTENSIONS, canHoldFunctions, isSkippedFolder } from "../checker/file-types.ts";

/** A path that cannot be checked, in one line. */
export class PathError extends Error {
  override readonly name = "PathError";
}

/**
 * Absolute paths of all files to read, in the order of the arguments and by name within a folder, each once. What is
 * named is read wherever it lies; a folder's contents are searched but for those of others and of builds.
 */
export async function expandPaths(paths: readonly string[], cwd: string): Promise<string[]> {
  const files = new Set<string>();
  for (const path of paths) {
    const absolute = resolve(cwd, path);
    const entry = await stat(absolute).catch((error: NodeJS.ErrnoException) => {
      throw new PathError(reading(path, error));
    });
    if (entry.isDirectory()) {
      for await (const file of codeFilesIn(absolute)) files.add(file);
    } else if (canHoldFunctions(absolute)) {
      files.add(absolute);
    } else {
      const expected = CODE_EXTENSIONS.map(extension => `.${extension}`).join(" ");
      throw new PathError(`cannot check ${path}: expected a folder or a file that ends in ${expected}`);
    }
  }
  return [...files];
}

async function* codeFilesIn(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new PathError(reading(folder, error));
  });
  for (const entry of entries.sort(byName)) {
    const path = join(entry.parentPath, entry.name);
    // A symbolic link is neither: to follow those to folders could go round in circles.
    if (entry.isDirectory() && !isSkippedFolder(entry.name)) yield* codeFilesIn(path);
    else if (entry.isFile() && canHoldFunctions(path)) yield path;
  }
}

/** By code units: the same order on every machine. */
function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

function reading(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") return `no such file or folder: ${path}`;
  return `cannot read ${path}: ${message}`;
}
