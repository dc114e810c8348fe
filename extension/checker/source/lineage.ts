/**
 * @file Which classes descend from the engine's `Function`: names are followed through aliases, namespaces, `require`,
 * functions that make classes, and across the workspace's modules.
 */

import ts from "typescript";
import type { ReadText } from "../checker.ts";
import { declaredBy, exportsOf, isCommonJs, isGlobal } from "./exports.ts";
import { type Module, moduleOf } from "./module.ts";
import { isRelative, readImport } from "./module-path.ts";
import { accessedName, bare, hasModifier, propertyName, requiredModule } from "./names.ts";
import { type ImportedName, isEngine, type Outline, outlineOf } from "./outline.ts";
import { scriptLanguage } from "./script-language.ts";
import { returnedExpressions } from "./signature.ts";

/** A class, and the module it is written in. */
export interface ClassSource {
  module: Module;
  node: ts.ClassLikeDeclaration;
}

/** What an expression stands for, as far as it matters here. */
type Value =
  | { kind: "engine"; path: string[] }
  | { kind: "module"; module: Module }
  | { kind: "class"; module: Module; node: ts.ClassLikeDeclaration }
  | { kind: "function"; module: Module; node: ts.FunctionLikeDeclaration }
  | { kind: "members"; module: Module; node: ts.ObjectLiteralExpression | ts.ModuleDeclaration };

/**
 * What the declarations, exports and functions stand for that one expression's resolution has passed, so that each is asked
 * once; undefined of those it is still within, so that circular aliases and imports end.
 */
type Trail = Map<ts.Node | string, Value | undefined>;

export class Lineage {
  readonly #readText: ReadText;
  readonly #outlines = new Map<Module, Promise<Outline>>();

  constructor(readText: ReadText) {
    this.#readText = readText;
  }

  /** The class and the bases it inherits from, up to the engine's Function; undefined if it does not descend from it. */
  async of(module: Module, node: ts.ClassLikeDeclaration): Promise<ClassSource[] | undefined> {
    const descent: ClassSource[] = [];
    for (let current: ClassSource = { module, node }; ; ) {
      const base = baseOf(current.node);
      if (base === undefined || descent.some(passed => passed.node === current.node)) return undefined;
      descent.push(current);
      const value = await this.#valueOf(current.module, base, new Map());
      if (value?.kind === "engine" && isFunction(value.path)) return descent;
      if (value?.kind !== "class") return undefined;
      current = value;
    }
  }

  /**
   * Of the class that a call makes anew, `relu` in `const relu = makeActivation(…)`: what `of` says of the class within the
   * function. Undefined where it makes none, and where it hands on a class that stands elsewhere.
   */
  async ofMade(module: Module, call: ts.CallExpression): Promise<ClassSource[] | undefined> {
    const value = await this.#valueOf(module, call, new Map());
    if (value?.kind !== "class" || !ts.findAncestor(value.node, ts.isFunctionLike)) return undefined;
    return this.of(value.module, value.node);
  }

  async #valueOf(module: Module, node: ts.Node, trail: Trail): Promise<Value | undefined> {
    if (ts.isExpression(node)) node = bare(node);
    if (ts.isIdentifier(node)) {
      for (const declaration of module.declarationsOf(node)) {
        const value = await this.#declared(module, declaration, trail);
        if (value) return value;
      }
      return undefined;
    }
    if (ts.isClassLike(node)) return { kind: "class", module, node };
    if (ts.isObjectLiteralExpression(node)) return { kind: "members", module, node };
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return { kind: "function", module, node };
    if (ts.isQualifiedName(node))
      return this.#member(await this.#valueOf(module, node.left, trail), node.right.text, trail);
    const name = accessedName(node);
    if (name !== undefined) {
      return this.#member(
        await this.#valueOf(module, (node as ts.AccessExpression).expression, trail),
        name,
        trail,
      );
    }
    if (ts.isBinaryExpression(node)) return this.#valueOf(module, node.right, trail);
    if (ts.isAwaitExpression(node)) return this.#valueOf(module, node.expression, trail);
    if (ts.isCallExpression(node)) return this.#called(module, node, trail);
    return undefined;
  }

  /**
   * A module for `require` and `import`; for other calls a class among the arguments, `extends logged(Function)`, else the
   * class that the function returns.
   */
  async #called(module: Module, call: ts.CallExpression, trail: Trail): Promise<Value | undefined> {
    const [first] = call.arguments;
    const required = isGlobal(call.expression, "require", module) ? requiredModule(call) : undefined;
    const from =
      call.expression.kind === ts.SyntaxKind.ImportKeyword && first && ts.isStringLiteralLike(first)
        ? first.text
        : required;
    if (from !== undefined) return this.#imported(module, { from, name: "*" }, trail);
    for (const argument of call.arguments) {
      const value = await this.#valueOf(module, argument, trail);
      if (value?.kind === "class" || (value?.kind === "engine" && isFunction(value.path))) return value;
    }
    const callee = await this.#valueOf(module, call.expression, trail);
    return callee?.kind === "function" ? this.#returned(callee.module, callee.node, trail) : undefined;
  }

  #returned(module: Module, node: ts.FunctionLikeDeclaration, trail: Trail): Promise<Value | undefined> {
    return once(node.body!, trail, async () => {
      for (const expression of returnedExpressions(node)) {
        const value = await this.#valueOf(module, expression, trail);
        if (value?.kind === "class") return value;
      }
      return undefined;
    });
  }

  #declared(module: Module, node: ts.Node, trail: Trail): Promise<Value | undefined> {
    return once(node, trail, () => this.#valueOfDeclaration(module, node, trail));
  }

  async #valueOfDeclaration(module: Module, node: ts.Node, trail: Trail): Promise<Value | undefined> {
    if (ts.isClassLike(node)) return { kind: "class", module, node };
    if (ts.isModuleDeclaration(node)) return { kind: "members", module, node };
    if (ts.isFunctionDeclaration(node)) return node.body && { kind: "function", module, node };
    if (ts.isVariableDeclaration(node))
      return node.initializer && this.#valueOf(module, node.initializer, trail);
    if (ts.isBindingElement(node)) {
      const name = propertyName(node.propertyName ?? (node.name as ts.Identifier));
      const whole = await this.#declared(module, node.parent.parent, trail);
      return name === undefined ? undefined : this.#member(whole, name, trail);
    }
    if (ts.isImportEqualsDeclaration(node) && !ts.isExternalModuleReference(node.moduleReference)) {
      return this.#valueOf(module, node.moduleReference, trail);
    }
    if (isImport(node)) {
      const imported = node.name && (await this.#outline(module)).imports.get(node.name.text);
      return imported && this.#imported(module, imported, trail);
    }
    return undefined;
  }

  async #imported(module: Module, { from, name }: ImportedName, trail: Trail): Promise<Value | undefined> {
    if (isEngine(from)) return { kind: "engine", path: name === "*" ? [] : [name] };
    if (!isRelative(from)) return undefined;
    const target = await readImport(module.file, from, this.#readText);
    if (target === undefined || scriptLanguage(target.file) === undefined) return undefined;
    const value: Value = { kind: "module", module: moduleOf(target.file, target.text) };
    return name === "*" ? value : this.#member(value, name, trail);
  }

  async #member(value: Value | undefined, name: string, trail: Trail): Promise<Value | undefined> {
    if (value === undefined) return undefined;
    const { kind } = value;
    if (kind === "engine") return { kind, path: [...value.path, name] };
    if (kind === "module") return this.#exported(value.module, name, trail);
    if (kind === "function") return undefined;
    const node = kind === "class" ? staticMember(value.node, name) : memberNode(value.node, name);
    return node && this.#valueOrDeclared(value.module, node, trail);
  }

  #exported(module: Module, name: string, trail: Trail): Promise<Value | undefined> {
    return once(`${module.file}\n${name}`, trail, () => this.#valueOfExport(module, name, trail));
  }

  async #valueOfExport(module: Module, name: string, trail: Trail): Promise<Value | undefined> {
    const { reexports, stars } = await this.#outline(module);
    const reexported = reexports.get(name);
    if (reexported) return this.#imported(module, reexported, trail);

    const exports = exportsOf(module);
    for (const node of exports.get(name) ?? []) {
      const value = await this.#valueOrDeclared(module, node, trail);
      if (value) return value;
    }
    for (const from of name === "default" ? [] : stars) {
      const handedOn = await this.#imported(module, { from, name }, trail);
      // Whether the engine has the name is not asked: only `Function` matters, and that it has.
      if (handedOn && (handedOn.kind !== "engine" || isFunction(handedOn.path))) return handedOn;
    }
    for (const node of exports.get("*") ?? []) {
      const whole = await this.#valueOrDeclared(module, node, trail);
      const value = name === "default" ? whole : await this.#member(whole, name, trail);
      if (value) return value;
    }
    // `import x from` a CommonJS module is its `module.exports`.
    return name === "default" && isCommonJs(module) ? { kind: "module", module } : undefined;
  }

  async #valueOrDeclared(module: Module, node: ts.Node, trail: Trail): Promise<Value | undefined> {
    if (ts.isExportSpecifier(node)) return this.#valueOf(module, node.propertyName ?? node.name, trail);
    if (ts.isShorthandPropertyAssignment(node)) return this.#valueOf(module, node.name, trail);
    if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node)) {
      return node.initializer && this.#valueOf(module, node.initializer, trail);
    }
    if (ts.isExportAssignment(node)) return this.#valueOf(module, node.expression, trail);
    return ts.isExpression(node) ? this.#valueOf(module, node, trail) : this.#declared(module, node, trail);
  }

  #outline(module: Module): Promise<Outline> {
    let outline = this.#outlines.get(module);
    if (outline === undefined) {
      outline = outlineOf(module);
      this.#outlines.set(module, outline);
    }
    return outline;
  }
}

async function once(
  step: ts.Node | string,
  trail: Trail,
  find: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  if (trail.has(step)) return trail.get(step);
  trail.set(step, undefined);
  const value = await find();
  trail.set(step, value);
  return value;
}

export function baseOf(node: ts.ClassLikeDeclaration): ts.Expression | undefined {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  return clause?.types[0]?.expression;
}

function isImport(node: ts.Node) {
  return (
    ts.isImportClause(node) ||
    ts.isImportSpecifier(node) ||
    ts.isNamespaceImport(node) ||
    ts.isImportEqualsDeclaration(node)
  );
}

/** `Function`, `AutogradFunction` and `autograd.Function` of the engine, whose default export is the engine itself. */
function isFunction(path: string[]): boolean {
  const name = path.filter(step => step !== "default" && step !== "autograd").join(".");
  return name === "Function" || name === "AutogradFunction";
}

function staticMember(node: ts.ClassLikeDeclaration, name: string): ts.Node | undefined {
  return node.members.find(
    member =>
      hasModifier(member, ts.SyntaxKind.StaticKeyword) &&
      propertyName(member.name as ts.PropertyName) === name,
  );
}

function memberNode(
  node: ts.ObjectLiteralExpression | ts.ModuleDeclaration,
  name: string,
): ts.Node | undefined {
  if (ts.isObjectLiteralExpression(node))
    return node.properties.find(property => propertyName(property.name) === name);
  return namespaceMember(node, name);
}

function namespaceMember(node: ts.ModuleDeclaration, name: string): ts.Node | undefined {
  const { body } = node;
  if (body === undefined || ts.isIdentifier(body)) return undefined;
  // `namespace a.b { }` is a namespace within a namespace.
  if (ts.isModuleDeclaration(body)) return body.name.text === name ? body : undefined;
  for (const statement of body.statements) {
    if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) continue;
    for (const [declared, declaration] of declaredBy(statement)) if (declared === name) return declaration;
  }
  return undefined;
}
