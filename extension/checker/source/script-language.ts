/** @file The languages a Function can be written in, by the name of its file. */

import { extname } from "node:path";
import ts from "typescript";

export interface ScriptLanguage {
  kind: ts.ScriptKind;
  /** esbuild's name for it. TypeScript reads JSX in `.js` files, so esbuild is told to. */
  loader: "ts" | "tsx" | "jsx";
}

const LANGUAGES: Record<string, ScriptLanguage> = {
  ".ts": { kind: ts.ScriptKind.TS, loader: "ts" },
  ".tsx": { kind: ts.ScriptKind.TSX, loader: "tsx" },
  ".mts": { kind: ts.ScriptKind.TS, loader: "ts" },
  ".cts": { kind: ts.ScriptKind.TS, loader: "ts" },
  ".js": { kind: ts.ScriptKind.JS, loader: "jsx" },
  ".jsx": { kind: ts.ScriptKind.JSX, loader: "jsx" },
  ".mjs": { kind: ts.ScriptKind.JS, loader: "jsx" },
  ".cjs": { kind: ts.ScriptKind.JS, loader: "jsx" },
};

/** In the order in which an import without an extension tries them. */
export const SCRIPT_EXTENSIONS = Object.keys(LANGUAGES);

/** None for other files and for declarations (`.d.ts`), which hold no code. */
export function scriptLanguage(file: string): ScriptLanguage | undefined {
  if (/\.d\.[cm]?ts$/.test(file)) return undefined;
  return LANGUAGES[extname(file).toLowerCase()];
}
