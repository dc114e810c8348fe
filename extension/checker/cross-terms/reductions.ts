/** @file The reductions in a text that may mix the samples of a batch: a product is reduced to one number. What it is decides the sandbox. */

import ts from "typescript";
import { FreeExpression } from "../source/free-expression.ts";
import type { Module } from "../source/module.ts";
import { bare } from "../source/names.ts";
import { isCandidate } from "./candidate.ts";
import { parsedEinsum, rowLetters, type WrittenEinsum } from "./einsum.ts";
import { EngineNames } from "./engine-names.ts";

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
    if (isDerivative(node)) return;
    const read = ts.isCallExpression(node) ? readReduction(node, names) : undefined;
    if (read) {
      const { expression } = read;
      if (!isPartial(read, names) && !isIgnored(expression, module, lines)) {
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

function isDerivative(node: ts.Node): boolean {
  const isMember = ts.isMethodDeclaration(node) || ts.isPropertyDeclaration(node);
  return isMember && DERIVATIVES.has(node.name.getText());
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

/** Whether it leaves rows or columns: `x.matmul(x.t()).sum(1)`. */
function isPartial({ expression, operand }: Omit<Reduction, "free">, names: EngineNames): boolean {
  if (!ts.isCallExpression(expression) || reducedBy(expression, names)?.operand !== operand) return false;
  const dim = expression.arguments.find(given => bare(given) !== operand);
  return dim !== undefined && (ts.isNumericLiteral(dim) || ts.isPrefixUnaryExpression(dim));
}

function isIgnored(expression: ts.Expression, { source }: Module, lines: readonly string[]): boolean {
  const lineOf = (at: number): number => source.getLineAndCharacterOfPosition(at).line;
  const first = lineOf(expression.getStart());
  const statement = ts.findAncestor(expression, ts.isStatement);
  const before = statement ? lineOf(statement.getStart()) - 1 : first - 1;
  const own = lines.slice(first, lineOf(expression.end) + 1);
  return [lines[before], lines[first - 1], ...own].some(line => line !== undefined && IGNORED.test(line));
}
