/** @file Where in a Function an edit is made, how its code is read there, and how changes of it are written. */

import ts from "typescript";
import { bare } from "../../source/names.ts";
import { alternativeOf, type Candidate, type Change, type TextChange } from "../candidate.ts";
import type { Ground, Method } from "../ground.ts";

export interface Spot {
  readonly ground: Ground;
  readonly method: Method;
}

/** What an expression could be meant to be. */
export type Edit = (node: ts.Expression, spot: Spot) => Candidate[];

/** `x.add(y)`, or `add(x, y)`: its name, and its operands with the receiver first. */
export interface Operation {
  readonly call: ts.CallExpression;
  readonly name: string;
  readonly nameNode: ts.Node;
  readonly operands: readonly ts.Expression[];
  readonly isMethod: boolean;
}

/** Methods of a tensor that give no tensor. */
const NO_TENSOR = new Set(
  "size numel dim stride item tolist storageOffset isContiguous isFloatingPoint allclose equal split chunk unbind reshape".split(
    " ",
  ),
);

/** A call as an operation on tensors; null for any other call, of the file's own functions too. */
export function operationOf(node: ts.Node, { ground, method }: Spot): Operation | null {
  if (!ts.isCallExpression(node) || node.arguments.some(ts.isSpreadElement)) return null;
  const { expression: callee, arguments: args } = node;
  if (ts.isPropertyAccessExpression(callee)) {
    const receiver = callee.expression;
    const nameNode = callee.name;
    const name = nameNode.text;
    const root = rootName(receiver);
    const isModule =
      root !== null && !method.tensors.includes(root) && (ground.imported.has(root) || root === "Math");
    if (root === method.ctx && ts.isIdentifier(receiver)) return null;
    return isModule
      ? { call: node, name, nameNode, operands: [...args], isMethod: false }
      : { call: node, name, nameNode, operands: [receiver, ...args], isMethod: true };
  }
  if (!ts.isIdentifier(callee) || args.length === 0 || isOwn(callee, ground)) return null;
  const name = ground.imported.get(callee.text) ?? callee.text;
  return { call: node, name, nameNode: callee, operands: [...args], isMethod: false };
}

/** Whether a name is that of a function that the file itself declares. */
function isOwn(callee: ts.Identifier, { module }: Ground): boolean {
  return module
    .declarationsOf(callee)
    .some(
      declaration =>
        ts.isFunctionDeclaration(declaration) ||
        (ts.isVariableDeclaration(declaration) && ts.isIdentifier(declaration.name)),
    );
}

function rootName(node: ts.Expression): string | null {
  let inner = bare(node);
  while (ts.isPropertyAccessExpression(inner)) inner = bare(inner.expression);
  return ts.isIdentifier(inner) ? inner.text : null;
}

/** Whether an expression may be a tensor, as far as the text tells. */
export function mayBeTensor(node: ts.Expression, spot: Spot): boolean {
  const inner = bare(node);
  if (ts.isCallExpression(inner)) {
    const operation = operationOf(inner, spot);
    if (operation === null) return ts.isIdentifier(inner.expression);
    return !NO_TENSOR.has(operation.name) || operation.name === "reshape";
  }
  return spot.method.tensors.includes(inner.getText());
}

export function isNumber(node: ts.Expression): boolean {
  const inner = bare(node);
  if (ts.isNumericLiteral(inner)) return true;
  if (ts.isPrefixUnaryExpression(inner)) return isNumber(inner.operand);
  if (ts.isBinaryExpression(inner)) return isNumber(inner.left) || isNumber(inner.right);
  if (!ts.isCallExpression(inner) || !ts.isPropertyAccessExpression(inner.expression)) return false;
  return /^(size|numel|item)$/.test(inner.expression.name.text) || /^Math\b/.test(inner.expression.getText());
}

/** A candidate of one change. */
export function candidate(
  title: string,
  change: Change,
  further: Omit<Candidate, "title" | "changes"> = {},
): Candidate {
  return { title, changes: [change], ...further };
}

/** `node` with some of its text changed. */
export function changed(
  { ground }: Spot,
  node: ts.Expression | ts.Statement,
  edits: readonly TextChange[],
): Change {
  return { node, edits, alternative: alternativeOf(ground.text, node, edits) };
}

export function replaced(spot: Spot, node: ts.Expression, newText: string, within: ts.Node = node): Change {
  return changed(spot, node, [{ start: within.getStart(), end: within.end, newText }]);
}

/** `x` as `x.t()`. */
export function appended(spot: Spot, node: ts.Expression, call: string): Change {
  const edits = [{ start: node.end, end: node.end, newText: standsAlone(node) ? call : `)${call}` }];
  if (!standsAlone(node)) edits.unshift({ start: node.getStart(), end: node.getStart(), newText: "(" });
  return changed(spot, node, edits);
}

/** `x` as `f(x)`. */
export function wrapped(spot: Spot, node: ts.Expression, callee: string): Change {
  return changed(spot, node, [
    { start: node.getStart(), end: node.getStart(), newText: `${callee}(` },
    { start: node.end, end: node.end, newText: ")" },
  ]);
}

/** Of `node` only the part `keep`. */
export function reduced(spot: Spot, node: ts.Expression, keep: ts.Expression): Change {
  const open = standsAlone(keep) || !needsAtom(node) ? "" : "(";
  return changed(
    spot,
    node,
    [
      { start: node.getStart(), end: keep.getStart(), newText: open },
      { start: keep.end, end: node.end, newText: open && ")" },
    ].filter(({ start, end, newText }) => end > start || newText !== ""),
  );
}

/** Two parts of `node` in each other's place. */
export function exchanged(spot: Spot, node: ts.Expression, a: ts.Expression, b: ts.Expression): Change {
  const isReceiver = (part: ts.Expression): boolean =>
    ts.isPropertyAccessExpression(part.parent) && part.parent.expression === part;
  const text = (part: ts.Expression, place: ts.Expression): string =>
    isReceiver(place) && !standsAlone(part) ? `(${part.getText()})` : part.getText();
  return changed(spot, node, [
    { start: a.getStart(), end: a.end, newText: text(b, a) },
    { start: b.getStart(), end: b.end, newText: text(a, b) },
  ]);
}

/** Whether anything can stand right behind it. */
export function standsAlone(node: ts.Expression): boolean {
  return (
    ts.isIdentifier(node) ||
    ts.isCallExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isArrayLiteralExpression(node)
  );
}

function needsAtom({ parent }: ts.Node): boolean {
  return !(
    ts.isReturnStatement(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isParenthesizedExpression(parent) ||
    (ts.isCallExpression(parent) && parent.expression !== undefined && !ts.isPropertyAccessExpression(parent))
  );
}

const CALLED_CHARS = 36;

/** For titles: a short text as it is, else what it is the result of. */
export function called(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length <= CALLED_CHARS ? text : `${text.slice(0, CALLED_CHARS - 1)}…`;
}
