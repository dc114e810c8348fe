/**
 * @file What forward computes on its way: the expressions of its text that run once in every call, numbered. A script in which each
 * tells its value lets the sandbox find out which of them are results that backward needs.
 */

import ts from "typescript";
import { bare, bindings } from "./names.ts";

/** An expression that forward evaluates, or a variable that it takes out of one. */
export interface Intermediate {
  readonly node: ts.CallExpression | ts.Identifier;
  /** Of the constant that holds it; null where there is none. */
  readonly name: string | null;
}

/** What the sandbox gives the script: `(place, value, name)` gives the value back; called without any, forward begins anew. */
export const TELL = "gradientLensIntermediate";

/** In the order of the text, so that code that was moved has the same numbers. */
export function intermediatesIn(body: ts.ConciseBody): Intermediate[] {
  const found: Intermediate[] = [];
  const visit = (node: ts.Node, name: string | null): void => {
    if (ts.isCallExpression(node) && !isPartOfChain(node)) found.push({ node, name });
    // What stands in brackets or under a type is still what the variable holds.
    const isSame = ts.isExpression(node) && bare(node) !== node;
    forEachEvaluated(node, child => visit(child, isSame ? name : null));
  };
  if (!ts.isBlock(body)) {
    visit(body, null);
    return found;
  }
  for (const statement of body.statements) {
    if (ts.isVariableStatement(statement)) {
      const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer === undefined) continue;
        visit(initializer, isConst && ts.isIdentifier(name) ? name.text : null);
        if (!isConst || ts.isIdentifier(name)) continue;
        for (const [own, declaration] of bindings(name)) {
          if (ts.isBindingElement(declaration) && ts.isIdentifier(declaration.name))
            found.push({ node: declaration.name, name: own });
        }
      }
    } else if (ts.isExpressionStatement(statement)) visit(statement.expression, null);
    else if (ts.isReturnStatement(statement) && statement.expression) visit(statement.expression, null);
  }
  return found;
}

/** The children that are evaluated whenever the node is, once. */
function forEachEvaluated(node: ts.Node, visit: (child: ts.Node) => void): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isTypeNode(node)) return;
  if (node.flags & ts.NodeFlags.OptionalChain) return;
  if (ts.isConditionalExpression(node)) visit(node.condition);
  else if (ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind)) visit(node.left);
  else ts.forEachChild(node, visit);
}

function isShortCircuit(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

/** `a?.b()`: in another place it would mean something else. */
function isPartOfChain(node: ts.CallExpression): boolean {
  return (
    (node.flags & ts.NodeFlags.OptionalChain) !== 0 ||
    node.expression.kind === ts.SyntaxKind.SuperKeyword ||
    node.expression.kind === ts.SyntaxKind.ImportKeyword
  );
}

/**
 * The text with each of them telling its value.
 * @param body of a function in it
 * @param all whether they do; else it is told only that there are none to be had
 */
export function tellingIntermediates(text: string, body: ts.ConciseBody, all: boolean): string {
  const inserted: { at: number; order: number; text: string }[] = [];
  const insert = (at: number, order: number, text: string): void => {
    inserted.push({ at, order, text });
  };
  if (ts.isBlock(body)) insert(body.getStart() + 1, 0, ` ${TELL}();`);
  else {
    insert(body.getStart(), -Infinity, `(${TELL}(), `);
    insert(body.end, Infinity, ")");
  }
  (all ? intermediatesIn(body) : []).forEach(({ node, name }, place) => {
    const called = JSON.stringify(name);
    if (ts.isIdentifier(node)) {
      const statement = ts.findAncestor(node, ts.isStatement)!;
      insert(statement.end, 1, `; ${TELL}(${place}, ${node.text}, ${called});`);
      return;
    }
    // Of two that begin at one place the longer is outside; of two that end at one place, too.
    insert(node.getStart(), -node.end, `${TELL}(${place}, `);
    insert(node.end, -node.getStart(), `, ${called})`);
  });
  inserted.sort((a, b) => a.at - b.at || a.order - b.order);
  let result = "";
  let at = 0;
  for (const { at: next, text: more } of inserted) {
    result += text.slice(at, next) + more;
    at = next;
  }
  return result + text.slice(at);
}
