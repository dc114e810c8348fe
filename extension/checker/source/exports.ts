/** @file What a module exports: each exported name, and the nodes that give it its value. */

import ts from "typescript";
import type { Module } from "./module.ts";
import { accessedName, bare, bindings, hasModifier, propertyName } from "./names.ts";

/**
 * Exported name → declarations, export specifiers, or (CommonJS) assignments and properties of `module.exports`.
 * Under `*` stands what matters to every import, whatever its name: `export =`, `module.exports = …`.
 */
export type Exports = Map<string, ts.Node[]>;

/** A module without a line of `import` or `export`, or one that ends in `export =`. */
export function isCommonJs(module: Module): boolean {
  return !module.source.statements.some(
    statement =>
      ts.isImportDeclaration(statement) ||
      ts.isExportDeclaration(statement) ||
      (ts.isExportAssignment(statement) && !statement.isExportEquals) ||
      hasModifier(statement, ts.SyntaxKind.ExportKeyword),
  );
}

export function exportsOf(module: Module): Exports {
  const exports: Exports = new Map();
  const add = (name: string | undefined, node: ts.Node) => {
    if (name === undefined) return;
    const nodes = exports.get(name);
    if (nodes) nodes.push(node);
    else exports.set(name, [node]);
  };
  const commonJs = isCommonJs(module);
  for (const statement of module.source.statements) {
    for (const [name, node] of exportedBy(statement)) add(name, node);
    if (commonJs) for (const [name, node] of assignedBy(statement, module)) add(name, node);
  }
  return exports;
}

function* exportedBy(statement: ts.Statement): Generator<[string | undefined, ts.Node]> {
  if (ts.isExportAssignment(statement)) yield [statement.isExportEquals ? "*" : "default", statement];
  else if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    if (clause && ts.isNamespaceExport(clause)) yield [propertyName(clause.name), statement];
    if (clause && ts.isNamedExports(clause)) {
      for (const specifier of clause.elements) yield [propertyName(specifier.name), specifier];
    }
  } else if (hasModifier(statement, ts.SyntaxKind.ExportKeyword)) {
    if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) yield ["default", statement];
    else yield* declaredBy(statement);
  }
}

/** The names that a statement declares, with the node of each. */
export function* declaredBy(statement: ts.Statement): Generator<[string, ts.Declaration]> {
  if (ts.isVariableStatement(statement)) {
    for (const declaration of statement.declarationList.declarations) yield* bindings(declaration.name);
  } else if (
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement)
  ) {
    if (statement.name?.text) yield [statement.name.text, statement];
  }
}

function* assignedBy(statement: ts.Statement, module: Module): Generator<[string, ts.Node]> {
  if (isDeclaration(statement)) return;
  const named = ts.isExpressionStatement(statement)
    ? [...namedExports(bare(statement.expression), module)]
    : [];
  if (named.length > 0) yield* named;
  else if (mentionsExports(statement, module)) yield ["*", statement];
}

function* namedExports(expression: ts.Expression, module: Module): Generator<[string, ts.Node]> {
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const value = bare(expression.right);
    const name = exportTarget(expression.left, module);
    if (name === "*" && ts.isObjectLiteralExpression(value) && !value.properties.some(isOpen)) {
      for (const property of value.properties) yield [propertyName(property.name)!, property];
    } else if (name !== undefined) yield [name, expression];
    yield* namedExports(value, module);
    return;
  }
  // TypeScript compiles re-exports to getters, and marks the module by `__esModule`, which every importer reads.
  if (
    ts.isCallExpression(expression) &&
    /^Object\s*\.\s*defineProperty$/.test(expression.expression.getText())
  ) {
    const [target, name] = expression.arguments;
    if (target && name && ts.isStringLiteralLike(name) && exportTarget(target, module) === "*") {
      yield [name.text === "__esModule" ? "*" : name.text, expression];
    }
  }
}

/** `X` for `exports.X` and `module.exports.X`; `*` for all that is exported. */
export function exportTarget(node: ts.Node, module: Module): string | undefined {
  if (isGlobal(node, "exports", module)) return "*";
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return undefined;
  const name = accessedName(node);
  if (isGlobal(node.expression, "module", module)) return name === "exports" ? "*" : undefined;
  return exportTarget(node.expression, module) === "*" ? name : undefined;
}

/** Whether `node` is CommonJS's own `exports`, `module` or `require`, not a variable of that name. */
export function isGlobal(node: ts.Node, name: string, module: Module): boolean {
  return ts.isIdentifier(node) && node.text === name && module.declarationsOf(node).length === 0;
}

function mentionsExports(node: ts.Node, module: Module): boolean {
  if (isGlobal(node, "exports", module) || isGlobal(node, "module", module)) return true;
  return ts.forEachChild(node, child => mentionsExports(child, module)) ?? false;
}

/** A property whose name the text does not show: a spread or a computed one. */
function isOpen(property: ts.ObjectLiteralElementLike): boolean {
  return propertyName(property.name) === undefined;
}

function isDeclaration(statement: ts.Statement): boolean {
  return (
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isImportDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement)
  );
}
