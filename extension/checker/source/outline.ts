/**
 * @file What a module imports, under which names, and what it hands on. `typescript-parser` reads it; no other file
 * knows of that library, and what it leaves out or trips over is put right here.
 */

import ts from "typescript";
import { TypescriptParser } from "typescript-parser/TypescriptParser.js";
import type { Module } from "./module.ts";

export const ENGINE = "@gradient-lens/engine";

/** Something in another module: one of its exports, or `*` for the module as a whole. */
export interface ImportedName {
  from: string;
  name: string;
}

export interface Outline {
  /** Local name → what it stands for. */
  imports: Map<string, ImportedName>;
  /** Exported name → what it stands for, for `export { x as y } from` and `export * as ns from`. */
  reexports: Map<string, ImportedName>;
  /** Modules of which everything is handed on: `export * from`. */
  stars: string[];
}

export function isEngine(specifier: string): boolean {
  return specifier === ENGINE || specifier.startsWith(`${ENGINE}/`);
}

/** The local names of what a module has from the engine. */
export function engineNames(outline: Outline): string[] {
  return [...outline.imports].filter(([, { from }]) => isEngine(from)).map(([local]) => local);
}

/**
 * Whether a Function can be declared here: the engine must come in, directly or by way of a base class in another
 * module. `require` and `import()` are no imports to `typescript-parser`: their mere mention counts.
 */
export function mayDeclareFunctions(text: string, outline: Outline): boolean {
  if (engineNames(outline).length > 0 || /\brequire\b|\bimport\s*\(/.test(text)) return true;
  return [...outline.imports.values()].some(({ from }) => from.startsWith("."));
}

export async function outlineOf(module: Module): Promise<Outline> {
  const outline: Outline = { imports: new Map(), reexports: new Map(), stars: [] };
  for (const declaration of importsAndExports(module)) {
    const parsed = await parse(declaration);
    for (const { libraryName: from, alias, defaultAlias, specifiers = [] } of parsed?.imports ?? []) {
      if (!from) continue;
      if (alias) outline.imports.set(alias, { from, name: "*" });
      if (defaultAlias) outline.imports.set(defaultAlias, { from, name: "default" });
      for (const { specifier, alias } of specifiers) {
        outline.imports.set(alias ?? specifier, { from, name: specifier });
      }
      // Of `import a, * as b from` the parser gives `b` only.
      const beside = /^import\s+([\w$]+)\s*,\s*\*/.exec(declaration)?.[1];
      if (beside) outline.imports.set(beside, { from, name: "default" });
    }
    for (const { from, specifiers } of parsed?.exports ?? []) {
      if (!from) continue;
      // `export * as ns from` is `export * from` to the parser.
      const namespace = /^export\s*\*\s*as\s+([\w$]+)/.exec(declaration)?.[1];
      if (namespace) outline.reexports.set(namespace, { from, name: "*" });
      else if (specifiers === undefined) outline.stars.push(from);
      for (const { specifier, alias } of specifiers ?? []) {
        outline.reexports.set(alias ?? specifier, { from, name: specifier });
      }
    }
  }
  return outline;
}

/** The library's imports and exports, as far as they are used here. Its own types are classes of a dozen files. */
interface Parsed {
  imports: { libraryName?: string; alias?: string; defaultAlias?: string; specifiers?: Specifier[] }[];
  exports: { from?: string; specifiers?: Specifier[] }[];
}

interface Specifier {
  specifier: string;
  alias: string | undefined;
}

/** None for a half-typed declaration that the parser fails at. */
async function parse(declaration: string): Promise<Parsed | undefined> {
  try {
    return (await new TypescriptParser().parseSource(declaration)) as unknown as Parsed;
  } catch {
    return undefined;
  }
}

/**
 * The import and export declarations of a module that name another one, without comments. The parser gets no more than
 * one of them at a time, because it stumbles over more: a comment in braces makes `export { … } from` an `export *`, a
 * half-typed declaration an exception for the whole file, and so does a data literal longer than the stack is deep.
 */
function importsAndExports({ source }: Module): string[] {
  const declarations = source.statements.filter(
    statement =>
      ((ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) &&
        statement.moduleSpecifier) ||
      (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)),
  );
  return declarations.map(declaration => declaration.getText().replace(COMMENT_OR_STRING, keepString));
}

const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"|'[^'\n]*'/g;

function keepString(match: string): string {
  return match.startsWith("/") ? " " : match;
}
