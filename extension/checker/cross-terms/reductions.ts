/** @file The reductions in a text that may mix the samples of a batch: a product is reduced to one number. What it is decides the sandbox. */

import ts from "typescript";
import { FreeExpression } from "../source/free-expression.ts";
import type { Module } from "../source/module.ts";
import { bare } from "../source/names.ts";
import { parsedEinsum, rowLetters, type WrittenEinsum } from "./einsum.ts";
import { EngineNames } from "./engine-names.ts";
import { PRODUCTS } from "./may-hold.ts";

export interface Reduction {
  /** `x.matmul(x.t()).sum()` */
  expression: ts.Expression;
  /** What is reduced: `x.matmul(x.t())`; an einsum that sums it all itself. */
  operand: ts.Expression;
  /** The einsum that the operand is, if it is one. */
  einsum: WrittenEinsum | undefined;
  name: "sum" | "mean";
  /** `sum` or `gl.sum`, where it is called as a function; null for a method. */
  callee: string | null;
  free: FreeExpression;
}

/** What can come between a product and its reduction, so that it is still the product that is reduced. */
const PASSING = new Set(
  "matmul mm bmm baddbmm addmm inner einsum tensordot linear t mT transpose swapaxes swapdims permute view reshape flatten ravel squeeze unsqueeze contiguous clone detach neg add sub mul div to double float".split(
    " ",
  ),
);

/** Methods that compute a derivative, no loss. */
const DERIVATIVES = new Set(["backward", "jvp", "vjp"]);

/** `// gradient-lens-ignore cross-terms`, other rules beside it. */
const IGNORED = /(\/\/|\/\*).*\bgradient-lens-ignore\b[\s:]+([\w-]+[,\s]+)*cross-terms\b/;

/** In the order of the text. */
export function reductionsIn(module: Module): Reduction[] {
  const names = new EngineNames(module);
  const lines = module.text.split(/\r\n|\r|\n/);
  const found: Reduction[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node) && DERIVATIVES.has(node.name.getText())) return;
    const read = ts.isCallExpression(node) ? readReduction(node, names) : undefined;
    if (read) {
      const { expression } = read;
      if (!isIgnored(expression, module, lines)) {
        const free = new FreeExpression(expression, module, names.isFromEngine);
        if (free.isFree && isCandidate(read.operand, free, module)) found.push({ ...read, free });
      }
      // What is within a reduction of a reduction belongs to the outer one.
      ts.forEachChild(read.operand, visit);
    } else ts.forEachChild(node, visit);
  };
  visit(module.source);
  return found;
}

function readReduction(call: ts.CallExpression, names: EngineNames): Omit<Reduction, "free"> | undefined {
  const written = parsedEinsum(call, names);
  if (written?.output === "") {
    if (!rowLetters(written)) return undefined;
    return { expression: call, operand: call, einsum: written, name: "sum", callee: null };
  }
  const own = reducedBy(call, names);
  if (own === undefined) return undefined;
  const inner = ts.isCallExpression(own.operand) ? readReduction(own.operand, names) : undefined;
  if (inner && inner.einsum?.output !== "") {
    const name = inner.name === "mean" ? "mean" : own.name;
    return { ...inner, expression: call, name, callee: own.callee };
  }
  const einsum = ts.isCallExpression(own.operand) ? parsedEinsum(own.operand, names) : undefined;
  return { expression: call, ...own, einsum };
}

function reducedBy(
  call: ts.CallExpression,
  names: EngineNames,
): Pick<Reduction, "operand" | "name" | "callee"> | undefined {
  const { expression: callee } = call;
  const [argument] = call.arguments;
  const imported = names.calleeName(callee);
  if (imported !== undefined) {
    const isOne = (imported === "sum" || imported === "mean") && argument !== undefined;
    return isOne ? { operand: bare(argument), name: imported, callee: callee.getText() } : undefined;
  }
  if (!ts.isPropertyAccessExpression(callee)) return undefined;
  const { text } = callee.name;
  return text === "sum" || text === "mean"
    ? { operand: bare(callee.expression), name: text, callee: null }
    : undefined;
}

/** Whether a product is reduced in which something occurs twice, as far as the text tells. */
function isCandidate(operand: ts.Expression, free: FreeExpression, module: Module): boolean {
  if (!mayBeProduct(operand, free)) return false;
  const seen = new Map<ts.Node, number>();
  const read = new Set<ts.Node>();
  let hasProduct = false;
  let isRepeated = false;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      hasProduct ||= PRODUCTS.test(node.text);
      for (const declaration of module.declarationsOf(node)) {
        if (ts.isImportSpecifier(declaration) || ts.isNamespaceImport(declaration)) continue;
        const count = (seen.get(declaration) ?? 0) + 1;
        seen.set(declaration, count);
        isRepeated ||= count > 1 && !("name" in node.parent && node.parent.name === node);
        if (
          !read.has(declaration) &&
          (ts.isFunctionDeclaration(declaration) || ts.isVariableDeclaration(declaration))
        ) {
          read.add(declaration);
          visit(declaration);
        }
      }
    }
    if (node.kind === ts.SyntaxKind.ThisKeyword) isRepeated = true;
    ts.forEachChild(node, visit);
  };
  visit(operand);
  return hasProduct && isRepeated;
}

/** False where the last step to an expression is one that makes something else of every product. */
function mayBeProduct(expression: ts.Expression, free: FreeExpression): boolean {
  const inner = bare(expression);
  if (ts.isIdentifier(inner)) {
    const definition = free.definitionOf(inner);
    return definition !== undefined && mayBeProduct(definition, free);
  }
  if (ts.isPropertyAccessExpression(inner)) return inner.name.text === "T" || inner.name.text === "mT";
  if (!ts.isCallExpression(inner)) return false;
  const { expression: callee } = inner;
  // A function of the file, or one of the engine: its name.
  if (ts.isPropertyAccessExpression(callee)) return PASSING.has(callee.name.text);
  return ts.isIdentifier(callee);
}

function isIgnored(expression: ts.Expression, { source }: Module, lines: readonly string[]): boolean {
  const lineOf = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
  const first = lineOf(expression.getStart());
  const statement = ts.findAncestor(expression, ts.isStatement);
  const before = statement ? lineOf(statement.getStart()) - 1 : first - 1;
  const own = lines.slice(first, lineOf(expression.end) + 1);
  return [lines[before], lines[first - 1], ...own].some(line => line !== undefined && IGNORED.test(line));
}
