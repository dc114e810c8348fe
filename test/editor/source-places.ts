/** @file Puts the places of a stack trace back into the sources: VS Code's extension host does not, even when asked to. */

import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, relative } from "node:path";
import { root } from "../../scripts/project.ts";

/** Replaces each `bundle.cjs:line:column` whose source map lies beside it by the place in the source. */
export function inSources(stack: string): string {
  return stack.replace(
    /(?<=[( ])([^\s()]+\.cjs):(\d+):(\d+)/g,
    (place, file: string, line: string, column: string) => {
      const bundle = join(root, relative(root, file));
      if (!existsSync(`${bundle}.map`)) return place;
      const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, "utf8")));
      const origin = map.findOrigin(Number(line), Number(column));
      if (!("fileName" in origin)) return place;
      return `${relative(root, join(dirname(bundle), origin.fileName))}:${origin.lineNumber}:${origin.columnNumber}`;
    },
  );
}
