/** @file Names that a change needs from the engine, added to the file's import. */

import ts from "typescript";
import type { TextChange } from "./candidate.ts";
import { engineImports, type Ground } from "./ground.ts";

/** Null where the file imports the engine in no way that a name can be added to. */
export function importing({ module, imported }: Ground, names: readonly string[]): TextChange[] | null {
  const missing = [...new Set(names)].filter(name => !imported.has(name));
  if (missing.length === 0) return [];
  const named = engineImports(module.source)
    .map(clause => clause.namedBindings)
    .find(bindings => bindings !== undefined && ts.isNamedImports(bindings));
  if (named === undefined || !ts.isNamedImports(named)) return null;
  const last = named.elements.at(-1);
  if (last === undefined) return null;
  return [{ start: last.end, end: last.end, newText: missing.map(name => `, ${name}`).join("") }];
}
