/**
 * @file One text that holds many versions of itself: at each place that can be changed it asks which alternative is to be used. So
 * hundreds of versions are bundled and evaluated once.
 */

import ts from "typescript";
import type { Candidate, Change } from "./candidate.ts";

/** What the sandbox gives the script: whether the alternative of a number is used. */
const ASK = "gradientLensAlternative";

interface Place {
  readonly node: ts.Expression | ts.Statement;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly alternatives: { readonly number: number; readonly text: string }[];
}

/** @param candidates the n-th one's changes are used where alternative n is */
export function withSwitches(text: string, candidates: readonly Candidate[]): string {
  const places = new Map<ts.Node, Place>();
  candidates.forEach(({ changes }, number) => {
    for (const change of changes)
      placeOf(places, change).alternatives.push({ number, text: change.alternative });
  });
  const ordered = [...places.values()].sort(
    (a, b) => a.start - b.start || b.end - a.end || a.depth - b.depth,
  );
  let next = 0;

  /** The text of a stretch, with the places within it as switches. */
  function written(from: number, to: number): string {
    let result = "";
    let at = from;
    while (next < ordered.length && ordered[next]!.start < to) {
      const place = ordered[next++]!;
      result += text.slice(at, place.start) + switched(place, written(place.start, place.end));
      at = place.end;
    }
    return result + text.slice(at, to);
  }

  return written(0, text.length);
}

function placeOf(places: Map<ts.Node, Place>, { node }: Change): Place {
  let place = places.get(node);
  if (place === undefined) {
    place = { node, start: node.getStart(), end: node.end, depth: depthOf(node), alternatives: [] };
    places.set(node, place);
  }
  return place;
}

function depthOf(node: ts.Node): number {
  let depth = 0;
  for (let { parent } = node; parent; { parent } = parent) depth++;
  return depth;
}

function switched({ node, alternatives }: Place, original: string): string {
  if (isStatement(node)) {
    return alternatives.reduceRight(
      (rest, { number, text }) => `if (${ASK}(${number})) { ${text} } else { ${rest} }`,
      original,
    );
  }
  const chosen = alternatives.map(({ number, text }) => `${ASK}(${number}) ? (${text}) : `).join("");
  const value = `(${chosen}(${original}))`;
  // Where a statement begins with it and the one before has no semicolon, the two would be a call.
  return startsStatement(node) ? `;${value}` : value;
}

function isStatement(node: ts.Node): node is ts.Statement {
  return ts.isExpressionStatement(node) || ts.isReturnStatement(node) || ts.isVariableStatement(node);
}

function startsStatement(node: ts.Node): boolean {
  const start = node.getStart();
  const statement = ts.findAncestor(node, ts.isExpressionStatement);
  if (statement === undefined || statement.getStart() !== start) return false;
  return ts.isBlock(statement.parent) || ts.isSourceFile(statement.parent);
}

/** Whether something else can stand in an expression's place: it is used for its value, by nothing that looks at its form. */
export function isSwitchable(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isSpreadElement(node) || ts.isOmittedExpression(node)) return false;
  if (node.kind === ts.SyntaxKind.SuperKeyword || node.kind === ts.SyntaxKind.ImportKeyword) return false;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isCallOrNewExpression(parent) && parent.expression === node) return false;
  if (ts.isTaggedTemplateExpression(parent) || ts.isDeleteExpression(parent)) return false;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) {
    const { operator } = parent;
    if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) return false;
  }
  if (isWritten(node)) return false;
  if (node.flags & ts.NodeFlags.OptionalChain && ts.isOptionalChain(parent)) return false;
  if ("name" in parent && parent.name === node) return false;
  if (ts.isShorthandPropertyAssignment(parent) || ts.isBindingElement(parent)) return false;
  return (
    !ts.isForInStatement(parent) && !ts.isForOfStatement(parent) && !ts.isExpressionWithTypeArguments(parent)
  );
}

/** Whether it is what is assigned to, or part of a pattern that is. */
function isWritten(node: ts.Node): boolean {
  for (
    let [child, parent] = [node, node.parent];
    ts.isExpression(parent);
    [child, parent] = [parent, parent.parent]
  ) {
    if (ts.isBinaryExpression(parent)) {
      const { kind } = parent.operatorToken;
      const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
      return assigns && parent.left === child;
    }
    if (!ts.isArrayLiteralExpression(parent) && !ts.isObjectLiteralExpression(parent)) return false;
  }
  return false;
}
