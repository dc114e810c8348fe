/** @file Whether what is reduced may be a product of something with itself, as far as the text tells: spares the sandbox the rest. */

import ts from "typescript";
import type { FreeExpression } from "../source/free-expression.ts";
import type { Module } from "../source/module.ts";
import { accessedName, bare, rootOf } from "../source/names.ts";
import { PRODUCTS } from "./may-hold.ts";

/** What can come between a product and its reduction, so that it is still the product that is reduced. */
const PASSING = new Set(
  "matmul mm bmm multiDot baddbmm addmm inner einsum tensordot linear t mT transpose swapaxes swapdims permute view reshape flatten ravel squeeze unsqueeze contiguous clone detach neg add sub mul div to double float".split(
    " ",
  ),
);

export function isCandidate(operand: ts.Expression, free: FreeExpression, module: Module): boolean {
  if (!mayBeProduct(operand, free, module)) return false;
  const seen = new Map<ts.Node, number>();
  const read = new Set<ts.Node>();
  let hasProduct = false;
  let isRepeated = false;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      hasProduct ||= PRODUCTS.test(node.text);
      for (const declaration of module.declarationsOf(node)) {
        if (isImport(declaration)) continue;
        const count = (seen.get(declaration) ?? 0) + 1;
        seen.set(declaration, count);
        isRepeated ||= count > 1 && !("name" in node.parent && node.parent.name === node);
        if (!read.has(declaration) && isDefinition(declaration)) {
          read.add(declaration);
          visit(declaration);
          for (const value of free.valuesOf(node).slice(1)) visit(value);
        }
      }
    }
    if (node.kind === ts.SyntaxKind.ThisKeyword) isRepeated = true;
    // What other modules compute, their text must tell.
    if (ts.isCallExpression(node) && isOfOtherModule(node.expression, module)) hasProduct = isRepeated = true;
    ts.forEachChild(node, visit);
  };
  visit(operand);
  return hasProduct && isRepeated;
}

/** False where the last step to an expression is one that makes something else of every product. */
function mayBeProduct(expression: ts.Expression, free: FreeExpression, module: Module): boolean {
  const inner = bare(expression);
  if (ts.isIdentifier(inner)) {
    const value = free.valuesOf(inner).at(-1);
    return value !== undefined && bare(value) !== inner && mayBeProduct(value, free, module);
  }
  if (ts.isPropertyAccessExpression(inner)) return inner.name.text === "T" || inner.name.text === "mT";
  if (!ts.isCallExpression(inner)) return false;
  const { expression: callee } = inner;
  // A function of the file, or one of the engine: its name.
  if (ts.isIdentifier(callee)) return true;
  const name = accessedName(callee);
  return name !== undefined && (name === "apply" || PASSING.has(name) || isOfOtherModule(callee, module));
}

function isImport(declaration: ts.Declaration): boolean {
  return (
    ts.isImportSpecifier(declaration) || ts.isNamespaceImport(declaration) || ts.isImportClause(declaration)
  );
}

function isDefinition(declaration: ts.Declaration): boolean {
  return (
    ts.isFunctionDeclaration(declaration) ||
    ts.isVariableDeclaration(declaration) ||
    ts.isClassDeclaration(declaration)
  );
}

/** `gram`, `helpers.gram`, `Gram.apply` that another module of the workspace exports. */
function isOfOtherModule(callee: ts.Expression, module: Module): boolean {
  const root = rootOf(callee);
  return (
    root !== undefined &&
    module.declarationsOf(root).some(declaration => {
      const specifier = ts.findAncestor(declaration, ts.isImportDeclaration)?.moduleSpecifier;
      return specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith(".");
    })
  );
}
