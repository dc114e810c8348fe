/** @file Names that a change needs from the engine, added to the file's import. */

import { EngineNames } from "../write/imports.ts";
import { layoutOf } from "../write/layout.ts";
import type { TextChange } from "./candidate.ts";
import type { Ground } from "./ground.ts";

/** Null where the file can have one of them under another name only. */
export function importing({ module, imported }: Ground, names: readonly string[]): TextChange[] | null {
  const missing = [...new Set(names)].filter(name => !imported.has(name));
  if (missing.length === 0) return [];
  const engine = new EngineNames(module, layoutOf(module));
  return missing.every(name => engine.value(name) === name) ? engine.changes() : null;
}
