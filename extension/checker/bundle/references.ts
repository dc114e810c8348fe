/** @file What a name in the syntax tree refers to: a binding, a member of a module, or (types, property names) nothing that runs. */

import ts from "typescript";
import { isGlobal } from "../source/exports.ts";
import type { Module } from "../source/module.ts";
import { accessedName, requiredModule } from "../source/names.ts";

/** The module that a declaration is another name for: `import * as m`, `import m = require(…)`, `const m = require(…)`. */
export function moduleHeldBy(declaration: ts.Node, module: Module): ts.Expression | undefined {
  if (ts.isNamespaceImport(declaration)) return importOf(declaration);
  if (
    ts.isImportEqualsDeclaration(declaration) &&
    ts.isExternalModuleReference(declaration.moduleReference)
  ) {
    return declaration.moduleReference.expression;
  }
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
  const call = declaration.initializer;
  if (call === undefined || requiredModule(call) === undefined) return undefined;
  const {
    expression,
    arguments: [specifier],
  } = call as ts.CallExpression;
  return isGlobal(expression, "require", module) ? specifier : undefined;
}

export function importOf(node: ts.Node): ts.Expression | undefined {
  return ts.findAncestor(node, ts.isImportDeclaration)?.moduleSpecifier;
}

/** `x` in `m.x`. */
export function memberRead(identifier: ts.Identifier): string | undefined {
  const { parent } = identifier;
  if (ts.isQualifiedName(parent)) return parent.right.text;
  const isAccess = ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent);
  return isAccess && parent.expression === identifier ? accessedName(parent) : undefined;
}

export function isTarget(node: ts.Node): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) &&
    parent.left === node &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}

/** Types, which leave no code behind. */
export function isErased(node: ts.Node): boolean {
  if (ts.isHeritageClause(node)) return node.token === ts.SyntaxKind.ImplementsKeyword;
  if (ts.isExpressionWithTypeArguments(node)) return false;
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

/** Syntax whose meaning tsconfig.json can change: fields (`useDefineForClassFields`), decorators and JSX. */
export function isConfigured(node: ts.Node): boolean {
  if (ts.isPropertyDeclaration(node) || ts.isDecorator(node)) return true;
  if (ts.isParameter(node)) return ts.isParameterPropertyDeclaration(node, node.parent);
  return ts.isJsxOpeningLikeElement(node) || ts.isJsxOpeningFragment(node);
}

/** Whether an identifier refers to a binding; names of properties and of declarations themselves, and labels, do not. */
export function isReference(identifier: ts.Identifier): boolean {
  const { parent } = identifier;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isQualifiedName(parent)) return parent.left === identifier;
  if (ts.isBindingElement(parent) && parent.propertyName === identifier) return false;
  if (ts.isJsxOpeningLikeElement(parent) || ts.isJsxClosingElement(parent))
    return /^[^a-z]/.test(identifier.text);
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  return !("name" in parent) || parent.name !== identifier;
}
