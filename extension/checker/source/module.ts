/** @file One module of the workspace, parsed: its syntax tree, and where each name in it is declared. */

import ts from "typescript";
import { refuseEndlessParse } from "./nesting.ts";
import { scriptLanguage } from "./script-language.ts";

export class Module {
  readonly file: string;
  readonly text: string;
  readonly source: ts.SourceFile;
  #checker: ts.TypeChecker | undefined;

  /** @throws RangeError for code that is nested too deep to be parsed */
  constructor(file: string, text: string) {
    refuseEndlessParse(text);
    const kind = scriptLanguage(file)?.kind ?? ts.ScriptKind.TS;
    this.file = file;
    this.text = text;
    this.source = ts.createSourceFile(NAME[kind] ?? "module.ts", text, ts.ScriptTarget.Latest, true, kind);
  }

  /** Where the name that `identifier` refers to is declared, in this module; empty for globals and unknown names. */
  declarationsOf(identifier: ts.Identifier): readonly ts.Declaration[] {
    return this.#symbolOf(identifier)?.declarations?.filter(isBinding) ?? [];
  }

  /** Whether a name means the same thing at another place of the module as where it stands. */
  meansSameAt(identifier: ts.Identifier, place: ts.Node): boolean {
    const [here] = this.#symbolOf(identifier)?.declarations ?? [];
    return this.#checker!.getSymbolsInScope(place, ts.SymbolFlags.Value | ts.SymbolFlags.Alias)
      .filter(({ name }) => name === identifier.text)
      .every(({ declarations }) => declarations?.[0] === here);
  }

  #symbolOf(identifier: ts.Identifier): ts.Symbol | undefined {
    this.#checker ??= bind(this.source);
    const { parent } = identifier;
    if (ts.isShorthandPropertyAssignment(parent) && parent.name === identifier) {
      return this.#checker.getShorthandAssignmentValueSymbol(parent);
    }
    if (ts.isExportSpecifier(parent)) return this.#checker.getExportSpecifierLocalTargetSymbol(parent);
    return this.#checker.getSymbolAtLocation(identifier);
  }
}

/**
 * In JavaScript the checker also counts assignments (`X.y = 1`, `exports.y = 1`) as declarations, of `X` and `exports`
 * too.
 */
function isBinding(declaration: ts.Declaration): boolean {
  if (ts.isSourceFile(declaration)) return false;
  return (
    !ts.isExpression(declaration) || ts.isClassExpression(declaration) || ts.isFunctionExpression(declaration)
  );
}

/** Parses a module, or recalls it: one text is asked for by the outline of its file and by each of its checks. */
export function moduleOf(file: string, text: string): Module {
  const recalled = recent.get(file);
  const module = recalled?.text === text ? recalled : new Module(file, text);
  recent.delete(file);
  recent.set(file, module);
  if (recent.size > RECALLED) recent.delete(recent.keys().next().value!);
  return module;
}

/** Least recently used first. */
const recent = new Map<string, Module>();
const RECALLED = 128;

/** What follows from a module alone, made when it is first asked for and kept as long as the module is. */
export function oncePerModule<Made extends object>(make: (module: Module) => Made): (module: Module) => Made {
  const known = new WeakMap<Module, Made>();
  return module => {
    const made = known.get(module) ?? make(module);
    known.set(module, made);
    return made;
  };
}

/** The checker takes the language from the file's name. */
const NAME: { [kind in ts.ScriptKind]?: string } = {
  [ts.ScriptKind.TS]: "module.ts",
  [ts.ScriptKind.TSX]: "module.tsx",
  [ts.ScriptKind.JS]: "module.js",
  [ts.ScriptKind.JSX]: "module.jsx",
};

/**
 * TypeScript's checker over one file, without its imports and without a library: used for the scopes of names alone,
 * never for types.
 */
function bind(source: ts.SourceFile): ts.TypeChecker {
  const host: ts.CompilerHost = {
    getSourceFile: name => (name === source.fileName ? source : undefined),
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => "",
    getCanonicalFileName: name => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: () => false,
    directoryExists: () => false,
    readFile: () => undefined,
    writeFile: () => {},
  };
  const options: ts.CompilerOptions = {
    allowJs: true,
    jsx: ts.JsxEmit.Preserve,
    module: ts.ModuleKind.ESNext,
    noLib: true,
    noResolve: true,
    target: ts.ScriptTarget.ESNext,
    types: [],
  };
  return ts.createProgram({ rootNames: [source.fileName], options, host }).getTypeChecker();
}
