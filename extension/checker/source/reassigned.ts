/** @file Whether a name keeps the value that it is declared with, and where it gets another. */

import ts from "typescript";
import type { Module } from "./module.ts";
import { bare, bindings } from "./names.ts";

type Declared = ts.VariableDeclaration | ts.ParameterDeclaration;

/** Whether any of the names that a variable or parameter declares is set again, anywhere in the module. */
export function isReassigned(declared: Declared, module: Module): boolean {
  return changesOf(declared, module).length > 0;
}

/** Where the names that a variable or parameter declares are set again, in the order of the text. */
export function changesOf(declared: Declared, module: Module): ts.Expression[] {
  if (ts.isVariableDeclaration(declared) && declared.parent.flags & ts.NodeFlags.Const) return [];
  const names = new Set([...bindings(declared.name)].map(([name]) => name));
  const isOwn = (target: ts.Node): boolean =>
    ts.isIdentifier(target) &&
    names.has(target.text) &&
    module.declarationsOf(target).some(declaration => isWithin(declaration, declared));
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    const { SyntaxKind } = ts;
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      const assigns = kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment;
      if (assigns && isOwn(bare(node.left))) found.push(node);
    } else if (
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      isOwn(node.operand)
    ) {
      const { operator } = node;
      if (operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken) found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(module.source);
  return found;
}

/** `y = …;` */
export type Assignment = ts.BinaryExpression & { parent: ts.ExpressionStatement };

/**
 * The changes of a variable that have been made where an expression is reached: those before it, one after the other in the
 * variable's own block. Undefined where that is not all: in branches, loops, and functions that are called later.
 */
export function changesBefore(
  place: ts.Expression,
  variable: ts.VariableDeclaration,
  changes: readonly ts.Expression[],
): Assignment[] | undefined {
  const block = variable.parent.parent.parent;
  const isStraight = (change: ts.Expression): change is Assignment =>
    ts.isBinaryExpression(change) &&
    change.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isExpressionStatement(change.parent) &&
    change.parent.parent === block;
  const isInside = ts.findAncestor(place, node => node === block || ts.isFunctionLike(node)) === block;
  if (!isInside || !changes.every(isStraight)) return undefined;
  return changes.filter(change => change.end <= place.getStart());
}

export function isWithin(node: ts.Node, whole: ts.Node): boolean {
  return node.pos >= whole.pos && node.end <= whole.end;
}
