/**
 * @file What a piece of code changes when it runs: the names whose declaration is not complete without it, such as
 * `table` in `for (…) table[i] = …` and `X` in `X.sampleInputs = …`.
 */

import ts from "typescript";
import { isGlobal } from "../source/exports.ts";
import type { Module } from "../source/module.ts";
import { bare, hasModifier, rootOf } from "../source/names.ts";

/** The names that `node` changes when it runs; `isOutside` marks what within it does not count. */
export function changedBy(
  node: ts.Node,
  module: Module,
  isOutside: (node: ts.Node) => boolean,
): Generator<ts.Identifier> {
  return changes(node, { module, isOutside, called: new Set() });
}

interface Run {
  module: Module;
  isOutside: (node: ts.Node) => boolean;
  /** Functions already followed into. */
  called: Set<ts.Node>;
}

function* changes(node: ts.Node, run: Run): Generator<ts.Identifier> {
  yield* directChanges(node, run);
  for (const child of executed(node)) if (!run.isOutside(child)) yield* changes(child, run);
}

function* directChanges(node: ts.Node, run: Run): Generator<ts.Identifier> {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) yield* targets(node.left);
  else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const { operator } = node;
    if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken)
      yield* targets(node.operand);
  } else if (ts.isDeleteExpression(node)) yield* targets(node.expression);
  else if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    if (!ts.isVariableDeclarationList(node.initializer)) yield* targets(node.initializer);
  } else if (ts.isCallExpression(node)) yield* changesByCall(node, run);
}

/** The roots of an assignment's target: several for `[a, b.c] = …` and `({ a, b: c } = …)`. */
function* targets(target: ts.Expression): Generator<ts.Identifier> {
  const inner = bare(target);
  if (ts.isArrayLiteralExpression(inner)) for (const element of inner.elements) yield* targets(element);
  else if (ts.isSpreadElement(inner)) yield* targets(inner.expression);
  else if (ts.isBinaryExpression(inner)) yield* targets(inner.left);
  else if (ts.isObjectLiteralExpression(inner)) {
    for (const property of inner.properties) {
      if (ts.isShorthandPropertyAssignment(property)) yield property.name;
      else if (ts.isPropertyAssignment(property)) yield* targets(property.initializer);
      else if (ts.isSpreadAssignment(property)) yield* targets(property.expression);
    }
  } else {
    const root = rootOf(inner);
    if (root) yield root;
  }
}

/**
 * A call may change anything. Counted is what the text lets one see: `Object.assign(X, …)`; `list.push(…)`; and, as a
 * statement of its own, `fill(table)` with a table that starts empty, or `init()` where `init` here assigns to a name.
 */
function* changesByCall(call: ts.CallExpression, run: Run): Generator<ts.Identifier> {
  const { module, called } = run;
  const callee = bare(call.expression);
  if (ts.isPropertyAccessExpression(callee)) {
    const receiver = rootOf(callee.expression);
    if (receiver === undefined) return;
    const method = callee.name.text;
    if (OBJECT_CHANGES.has(`${receiver.text}.${method}`) && isGlobal(receiver, receiver.text, module)) {
      const root = call.arguments[0] && rootOf(call.arguments[0]);
      if (root) yield root;
    } else if (LIST_CHANGES.has(method)) yield receiver;
    else if (CONTAINER_CHANGES.has(method) && declaredAs(receiver, isContainer, module)) yield receiver;
  } else if (ts.isIdentifier(callee) && ts.isExpressionStatement(call.parent)) {
    for (const argument of call.arguments) {
      if (ts.isIdentifier(argument) && declaredAs(argument, isEmptyContainer, module)) yield argument;
    }
    for (const declaration of module.declarationsOf(callee)) {
      const body = bodyOf(declaration);
      if (body === undefined || called.has(body)) continue;
      called.add(body);
      yield* changes(body, { ...run, isOutside: () => false });
    }
  }
}

const OBJECT_CHANGES = new Set([
  "Object.assign",
  "Object.defineProperties",
  "Object.defineProperty",
  "Object.setPrototypeOf",
  "Reflect.defineProperty",
  "Reflect.set",
  "Reflect.setPrototypeOf",
]);
/** Methods that only lists have. */
const LIST_CHANGES = new Set(["copyWithin", "pop", "push", "shift", "splice", "unshift"]);
/** Methods of lists, maps and sets that other things have too, a tensor's `add` for one. */
const CONTAINER_CHANGES = new Set(["add", "clear", "delete", "fill", "reverse", "set", "sort"]);

function declaredAs(name: ts.Identifier, is: (value: ts.Expression) => boolean, module: Module): boolean {
  return module
    .declarationsOf(name)
    .some(
      declaration =>
        ts.isVariableDeclaration(declaration) &&
        declaration.initializer !== undefined &&
        is(bare(declaration.initializer)),
    );
}

/** A list, typed array, map or set, by the look of it. */
function isContainer(value: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(value)) return true;
  if (!ts.isNewExpression(value) && !ts.isCallExpression(value)) return false;
  return /^(\w*Array(\.from|\.of)?|(Weak)?(Map|Set))$/.test(value.expression.getText());
}

function isEmptyContainer(value: ts.Expression): boolean {
  if (ts.isObjectLiteralExpression(value)) return value.properties.length === 0;
  if (ts.isArrayLiteralExpression(value)) return value.elements.length === 0;
  if (!isContainer(value) || /\.(from|of)$/.test((value as ts.NewExpression).expression.getText()))
    return false;
  const [size] = (value as ts.NewExpression).arguments ?? [];
  return size === undefined || !ts.isArrayLiteralExpression(bare(size));
}

function bodyOf(declaration: ts.Declaration): ts.Node | undefined {
  const callable =
    ts.isVariableDeclaration(declaration) && declaration.initializer
      ? bare(declaration.initializer)
      : declaration;
  const isCallable =
    ts.isFunctionDeclaration(callable) || ts.isFunctionExpression(callable) || ts.isArrowFunction(callable);
  // An async function goes on after the module is complete.
  return isCallable && !hasModifier(callable, ts.SyntaxKind.AsyncKeyword) ? callable.body : undefined;
}

/** The children of `node` that run with it: not the bodies of functions, unless called on the spot. */
function executed(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  if (ts.isFunctionLike(node) || ts.isTypeNode(node)) return children;
  if (ts.isPropertyDeclaration(node) && !hasModifier(node, ts.SyntaxKind.StaticKeyword)) return children;
  ts.forEachChild(node, child => void children.push(child));
  if (ts.isCallExpression(node)) {
    const callee = bare(node.expression);
    if (ts.isFunctionExpression(callee) || ts.isArrowFunction(callee)) {
      const body = bodyOf(callee as unknown as ts.Declaration);
      if (body) children.push(body);
    }
  }
  return children;
}

function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}
