/** @file Whether a name keeps the value that it is declared with. */

import ts from "typescript";
import type { Module } from "./module.ts";
import { bare, bindings } from "./names.ts";

/** Whether any of the names that a variable or parameter declares is set again, anywhere in the module. */
export function isReassigned(
  declared: ts.VariableDeclaration | ts.ParameterDeclaration,
  module: Module,
): boolean {
  if (ts.isVariableDeclaration(declared) && declared.parent.flags & ts.NodeFlags.Const) return false;
  const names = new Set([...bindings(declared.name)].map(([name]) => name));
  const isOwn = (target: ts.Node): boolean =>
    ts.isIdentifier(target) &&
    names.has(target.text) &&
    module.declarationsOf(target).some(declaration => isWithin(declaration, declared));
  const changes = (node: ts.Node): boolean => {
    const { SyntaxKind } = ts;
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      const assigns = kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment;
      if (assigns && isOwn(bare(node.left))) return true;
    }
    if ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isOwn(node.operand)) {
      return node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken;
    }
    return ts.forEachChild(node, changes) ?? false;
  };
  return changes(module.source);
}

export function isWithin(node: ts.Node, whole: ts.Node): boolean {
  return node.pos >= whole.pos && node.end <= whole.end;
}
