/** @file What a file has of the engine, under which names; and what it must import beside, in its own way of importing. */

import ts from "typescript";
import type { Module } from "../source/module.ts";
import { requiredModule } from "../source/names.ts";
import { ENGINE, isEngine } from "../source/outline.ts";
import { scriptLanguage } from "../source/script-language.ts";
import type { Change } from "./changes.ts";
import { declaredNames, fresh } from "./identifiers.ts";
import { type Layout, lineEnd } from "./layout.ts";

/** A list of names in braces that more can be put into. */
interface List {
  readonly node: ts.NamedImports | ts.ObjectBindingPattern;
  readonly typesOnly: boolean;
  readonly names: readonly string[];
}

/** The engine's names as a file says them. Those that are asked for and are not there yet are imported by {@link changes}. */
export class EngineNames {
  readonly #module: Module;
  readonly #layout: Layout;
  readonly #locals = new Map<string, string>();
  readonly #lists: List[] = [];
  readonly #wanted = new Map<string, { local: string; type: boolean }>();
  readonly #taken: Set<string>;
  readonly #typed: boolean;
  #namespace: string | undefined;
  #last: ts.Statement | undefined;

  constructor(module: Module, layout: Layout) {
    this.#module = module;
    this.#layout = layout;
    this.#typed = scriptLanguage(module.file)?.loader !== "jsx";
    this.#taken = declaredNames(module.source);
    for (const statement of module.source.statements) this.#read(statement);
    for (const local of this.#locals.values()) this.#taken.add(local);
  }

  /** The file's expression for a name of the engine's entry. */
  value(name: string): string {
    return this.#named(name, false);
  }

  /** The file's name for a type of the engine's. */
  type(name: string): string {
    return this.#named(name, true);
  }

  /** What the file calls the engine as a whole; null where it does not. */
  get namespace(): string | null {
    return this.#namespace ?? null;
  }

  get typed(): boolean {
    return this.#typed;
  }

  changes(): Change[] {
    const types = [...this.#wanted].filter(([, { type }]) => type);
    const values = [...this.#wanted].filter(([, { type }]) => !type);
    const forTypes = this.#lists.find(({ typesOnly }) => typesOnly);
    const forValues = this.#lists.find(({ typesOnly }) => !typesOnly);
    const inTypes = forTypes === undefined ? [] : types;
    const inValues = forTypes === undefined ? [...types, ...values] : values;
    return [
      ...this.#extended(
        forTypes,
        inTypes.map(([name, { local }]) => specifier(name, local, ":")),
      ),
      ...this.#extended(
        forValues,
        inValues.map(
          ([name, { local, type }]) =>
            `${type && this.#typed ? "type " : ""}${specifier(name, local, forValues && ts.isObjectBindingPattern(forValues.node) ? ":" : " as")}`,
        ),
      ),
    ];
  }

  #named(name: string, type: boolean): string {
    const local = this.#locals.get(name);
    if (local !== undefined) return local;
    if (this.#namespace !== undefined) return `${this.#namespace}.${name}`;
    const known = this.#wanted.get(name);
    if (known !== undefined) {
      if (!type) this.#wanted.set(name, { ...known, type: false });
      return known.local;
    }
    const found = this.#taken.has(name)
      ? fresh(`engine${name[0]!.toUpperCase()}${name.slice(1)}`, this.#taken)
      : name;
    this.#taken.add(found);
    this.#wanted.set(name, { local: found, type });
    return found;
  }

  #read(statement: ts.Statement): void {
    if (ts.isImportDeclaration(statement)) {
      this.#last = statement;
      const { moduleSpecifier, importClause } = statement;
      if (!ts.isStringLiteral(moduleSpecifier) || !isEngine(moduleSpecifier.text) || !importClause) return;
      if (importClause.name) this.#namespace = importClause.name.text;
      const bindings = importClause.namedBindings;
      if (bindings === undefined) return;
      if (ts.isNamespaceImport(bindings)) {
        if (!importClause.isTypeOnly) this.#namespace = bindings.name.text;
        return;
      }
      const names = bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
      bindings.elements.forEach(({ name }, i) => void this.#locals.set(names[i]!, name.text));
      this.#lists.push({ node: bindings, typesOnly: importClause.isTypeOnly, names });
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations)
        this.#readRequire(declaration, statement);
    }
  }

  /** `const { Function } = require("…")`, `const gl = require("…")` and `const { linalg } = gl`. */
  #readRequire({ name, initializer }: ts.VariableDeclaration, statement: ts.Statement): void {
    const specifier = initializer && requiredModule(initializer);
    const ofNamespace = initializer && ts.isIdentifier(initializer) && initializer.text === this.#namespace;
    if (!ofNamespace && (specifier === undefined || !isEngine(specifier))) return;
    this.#last = statement;
    if (ts.isIdentifier(name)) {
      this.#namespace = name.text;
      return;
    }
    if (!ts.isObjectBindingPattern(name)) return;
    const names = name.elements.map(element => (element.propertyName ?? element.name).getText());
    name.elements.forEach((element, i) => void this.#locals.set(names[i]!, element.name.getText()));
    if (!ofNamespace) this.#lists.push({ node: name, typesOnly: false, names });
  }

  #extended(list: List | undefined, specifiers: readonly string[]): Change[] {
    if (specifiers.length === 0) return [];
    if (list === undefined) return [this.#newImport(specifiers)];
    const { node, names } = list;
    const last = node.elements.at(-1);
    const { text } = this.#module;
    if (last === undefined) {
      return [{ start: node.getStart() + 1, end: node.end - 1, newText: ` ${specifiers.join(", ")} ` }];
    }
    const broken = text.slice(node.elements[0]!.getStart(), last.end).includes("\n");
    const isSorted = names.every((name, i) => i === 0 || compared(names[i - 1]!, name) <= 0);
    return [...specifiers]
      .sort((a, b) => compared(bareName(a), bareName(b)))
      .map((specifier): Change => {
        const at = isSorted ? names.findIndex(name => compared(name, bareName(specifier)) > 0) : -1;
        const next = node.elements[at];
        const indent = broken ? `${this.#layout.newline}${indentOf(text, last.getStart())}` : " ";
        if (next !== undefined) {
          return { start: next.getStart(), end: next.getStart(), newText: `${specifier},${indent}` };
        }
        return { start: last.end, end: last.end, newText: `,${indent}${specifier}` };
      });
  }

  #newImport(specifiers: readonly string[]): Change {
    const { quote, semicolon, newline } = this.#layout;
    const line = `import { ${specifiers.join(", ")} } from ${quote}${ENGINE}${quote}${semicolon}${newline}`;
    const start = this.#last === undefined ? 0 : lineEnd(this.#module.text, this.#last.end);
    return { start, end: start, newText: line };
  }
}

function specifier(name: string, local: string, as: ":" | " as"): string {
  return name === local ? name : `${name}${as} ${local}`;
}

/** As formatters sort them: by the name, whatever its case. */
function compared(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : a.toLowerCase() > b.toLowerCase() ? 1 : 0;
}

function bareName(specifier: string): string {
  return specifier.replace(/^type /, "").replace(/(:| as).*$/, "");
}

function indentOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1))![0];
}
