/** @file How a text refers to what the engine exports: which expression is `engine.sum`, and how to write `einsum`. */

import ts from "typescript";
import type { TextEdit } from "../finding.ts";
import { LineIndex } from "../source/line-index.ts";
import type { Module } from "../source/module.ts";
import { accessedName, propertyName } from "../source/names.ts";
import { ENGINE, isEngine } from "../source/outline.ts";

/** A way to write one of the engine's names in a text, with what must be imported for it. */
export interface Spelling {
  text: string;
  edits: TextEdit[];
}

export class EngineNames {
  readonly #module: Module;
  readonly #imports: ts.ImportDeclaration[];

  constructor(module: Module) {
    this.#module = module;
    this.#imports = module.source.statements
      .filter(ts.isImportDeclaration)
      .filter(({ moduleSpecifier }) => ts.isStringLiteral(moduleSpecifier) && isEngine(moduleSpecifier.text));
  }

  /** Whether an identifier is the engine, or a name from it. */
  readonly isFromEngine = (identifier: ts.Identifier): boolean =>
    this.#module.declarationsOf(identifier).some(declaration => {
      const from = ts.findAncestor(declaration, ts.isImportDeclaration);
      if (from) return this.#imports.includes(from);
      const variable = ts.findAncestor(declaration, ts.isVariableDeclaration);
      return variable?.initializer !== undefined && requiresEngine(variable.initializer);
    });

  /** The name that the engine has for what a callee is: `sum` of `sum`, `total` imported as such, `gl.sum`. */
  calleeName(callee: ts.Expression): string | undefined {
    if (ts.isPropertyAccessExpression(callee)) {
      const { expression } = callee;
      const isNamespace =
        ts.isIdentifier(expression) && this.isFromEngine(expression) && this.#isWhole(expression);
      return isNamespace ? accessedName(callee) : undefined;
    }
    if (!ts.isIdentifier(callee) || !this.isFromEngine(callee) || this.#isWhole(callee)) return undefined;
    const [declaration] = this.#module.declarationsOf(callee);
    const named = declaration && (ts.isImportSpecifier(declaration) || ts.isBindingElement(declaration));
    const original = named ? declaration.propertyName : undefined;
    return original && !ts.isObjectBindingPattern(original)
      ? propertyName(original as ts.PropertyName)
      : callee.text;
  }

  /** How to call one of the engine's functions here; undefined where its name is taken. */
  spelling(name: string): Spelling | undefined {
    const clauses = this.#imports.flatMap(({ importClause }) =>
      importClause && !importClause.isTypeOnly ? [importClause] : [],
    );
    const named = clauses.flatMap(({ namedBindings }) =>
      namedBindings && ts.isNamedImports(namedBindings) ? [...namedBindings.elements] : [],
    );
    const known = named.find(
      element => !element.isTypeOnly && propertyName(element.propertyName ?? element.name) === name,
    );
    if (known) return { text: known.name.text, edits: [] };
    for (const { name: whole, namedBindings } of clauses) {
      if (whole) return { text: `${whole.text}.${name}`, edits: [] };
      if (namedBindings && ts.isNamespaceImport(namedBindings))
        return { text: `${namedBindings.name.text}.${name}`, edits: [] };
    }
    return this.#isTaken(name) ? undefined : this.#imported(name);
  }

  #imported(name: string): Spelling | undefined {
    const lines = new LineIndex(this.#module.text);
    const inserted = (at: number, newText: string): Spelling => ({
      text: name,
      edits: [{ range: lines.rangeOf(at, at), newText }],
    });
    for (const { importClause } of this.#imports) {
      const bindings = importClause?.namedBindings;
      if (importClause?.isTypeOnly || !bindings || !ts.isNamedImports(bindings)) continue;
      // Where the order of the alphabet has it, if the list is in that order.
      const next = bindings.elements.find(({ name: other }) => other.text.toLowerCase() > name.toLowerCase());
      if (next) return inserted(next.getStart(), `${name}, `);
      const last = bindings.elements.at(-1);
      if (last) return inserted(last.end, `, ${name}`);
    }
    const [first] = this.#imports;
    return first && inserted(first.getStart(), `import { ${name} } from "${ENGINE}";\n`);
  }

  #isTaken(name: string): boolean {
    const declares = (node: ts.Node): boolean => {
      if (ts.isIdentifier(node) && node.text === name && "name" in node.parent && node.parent.name === node) {
        return !ts.isPropertyAccessExpression(node.parent) && !ts.isPropertyAssignment(node.parent);
      }
      return ts.forEachChild(node, declares) ?? false;
    };
    return declares(this.#module.source);
  }

  /** Whether a name stands for the engine as a whole. */
  #isWhole(identifier: ts.Identifier): boolean {
    return this.#module
      .declarationsOf(identifier)
      .some(
        declaration =>
          ts.isNamespaceImport(declaration) ||
          ts.isImportClause(declaration) ||
          ts.isVariableDeclaration(declaration),
      );
  }
}

function requiresEngine(initializer: ts.Expression): boolean {
  if (!ts.isCallExpression(initializer) || !ts.isIdentifier(initializer.expression)) return false;
  const [specifier] = initializer.arguments;
  return (
    initializer.expression.text === "require" &&
    specifier !== undefined &&
    ts.isStringLiteral(specifier) &&
    isEngine(specifier.text)
  );
}
