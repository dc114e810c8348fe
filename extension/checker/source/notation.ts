/** @file What the text of a Function says about how formulas in it are written. */

import ts from "typescript";
import type { Notation } from "../notation.ts";
import { bare, rootOf } from "./names.ts";
import { returnedExpressions } from "./signature.ts";

type Body = ts.SignatureDeclaration | undefined;

/** @param backward whose first parameter is ctx, or none */
export function notationOf(forward: Body, backward: Body): Notation {
  return {
    style: styleOf([backward, forward]),
    outputs: outputNames(forward),
  };
}

/** Methods, unless the most telling of the bodies calls free functions and next to no methods of tensors. */
function styleOf(bodies: readonly Body[]): Notation["style"] {
  for (const body of bodies) {
    const { methods, free } = body === undefined ? { methods: 0, free: 0 } : callsIn(body);
    if (methods + free > 0) return free > methods ? "functions" : "methods";
  }
  return "methods";
}

/** Names of free functions that have no method of their own, or are no operations. */
const NEITHER =
  /^(zeros|ones|full|eye|tensor|where|zerosLike|onesLike|cat|stack|noGrad|Number|String|Boolean)$/;

function callsIn(body: ts.Node): { methods: number; free: number } {
  const found = { methods: 0, free: 0 };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const called = bare(node.expression);
      if (ts.isIdentifier(called)) {
        if (!NEITHER.test(called.text)) found.free++;
      } else if (ts.isPropertyAccessExpression(called) && !isContext(called)) {
        // `gl.mul(x, y)` by a namespace counts as free; which it is shows by what the name is declared as.
        if (isNamespace(called.expression)) {
          if (!NEITHER.test(called.name.text)) found.free++;
        } else found.methods++;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

function isContext(access: ts.PropertyAccessExpression): boolean {
  return /^(saveForBackward|saveForForward|markDirty|markNonDifferentiable|setMaterializeGrads|size|numel)$/.test(
    access.name.text,
  );
}

/** Whether an expression starts from a name that an import gives to a whole module. */
function isNamespace(expression: ts.Expression): boolean {
  const root = rootOf(expression);
  return root !== undefined && namespacesOf(root.getSourceFile()).has(root.text) && !isCall(expression);
}

function isCall(expression: ts.Expression): boolean {
  return ts.isCallExpression(bare(expression));
}

const known = new WeakMap<ts.SourceFile, ReadonlySet<string>>();

/** `* as gl`, and namespaces of the engine that are imported by name: `linalg`, `nn`. */
function namespacesOf(source: ts.SourceFile): ReadonlySet<string> {
  const before = known.get(source);
  if (before !== undefined) return before;
  const names = new Set<string>();
  for (const statement of source.statements) {
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    if (clause?.name) names.add(clause.name.text);
    if (clause?.namedBindings && ts.isNamespaceImport(clause.namedBindings)) {
      names.add(clause.namedBindings.name.text);
    }
  }
  known.set(source, names);
  return names;
}

function parameterNames(body: Body): string[] {
  const names = (body?.parameters ?? []).filter(({ name }) => !ts.isIdentifier(name) || name.text !== "this");
  const end = names.findIndex(({ name, dotDotDotToken }) => !ts.isIdentifier(name) || dotDotDotToken);
  return (end < 0 ? names : names.slice(0, end)).map(({ name }) => (name as ts.Identifier).text);
}

/** The names that forward's only `return` has for tensors; none where it returns expressions. */
function outputNames(forward: Body): string[] {
  const returned = returnedExpressions(forward);
  if (returned.length !== 1) return [];
  const value = bare(returned[0]!);
  const elements = ts.isArrayLiteralExpression(value) ? [...value.elements] : [value];
  const names = elements.map(element => {
    const inner = bare(element);
    return ts.isIdentifier(inner) ? inner.text : undefined;
  });
  const parameters = new Set(parameterNames(forward));
  return names.every(name => name !== undefined && !parameters.has(name)) ? (names as string[]) : [];
}
