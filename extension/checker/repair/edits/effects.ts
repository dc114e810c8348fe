/** @file What a Function changes or keeps where it should not: operations in place, state outside of ctx. */

import ts from "typescript";
import type { Candidate, Change, TextChange } from "../candidate.ts";
import type { Ground, Method } from "../ground.ts";
import { isSwitchable } from "../switches.ts";
import {
  appended,
  called,
  candidate,
  changed,
  type Edit,
  mayBeTensor,
  operationOf,
  replaced,
  type Spot,
} from "./spot.ts";

/** `x.mul_(y)` as `x.mul(y)`; as a statement of its own, `x = x.mul(y)`. */
export const outOfPlace: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  if (operation === null || !operation.isMethod || !operation.name.endsWith("_")) return [];
  const { call, name, nameNode, operands } = operation;
  const other = name.slice(0, -1);
  const [x] = operands;
  const edit = { start: nameNode.end - 1, end: nameNode.end, newText: "" };
  const title = `Use ${other} instead of ${name}`;
  if (!ts.isExpressionStatement(call.parent) || !ts.isIdentifier(x!)) {
    return [candidate(title, changed(spot, call, [edit])), ...cloned(x!, spot)];
  }
  const start = call.getStart();
  const assigned = changed(spot, call, [{ start, end: start, newText: `${x.text} = ` }, edit]);
  const constant = constantDeclaration(x, spot.ground);
  if (constant === null) return [candidate(title, assigned)];
  // A constant cannot be assigned to: the switched text cannot show it, so the copy is made where it is declared.
  return cloned(constant.initializer!, spot);
};

function cloned(node: ts.Expression, spot: Spot): Candidate[] {
  if (!isSwitchable(node) || !mayBeTensor(node, spot)) return [];
  return [candidate(`Change a copy of ${called(node)}`, appended(spot, node, ".clone()"), { surcharge: 2 })];
}

function constantDeclaration(name: ts.Identifier, { module }: Ground): ts.VariableDeclaration | null {
  const declaration = module.declarationsOf(name).find(ts.isVariableDeclaration);
  const isConstant =
    declaration !== undefined &&
    ts.isVariableDeclarationList(declaration.parent) &&
    (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  return isConstant && declaration.initializer ? declaration : null;
}

/** A result that is a buffer of somebody else's. */
export const freshResult: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  return operation?.name.endsWith("_") ? [candidate("Return a copy", appended(spot, node, ".clone()"))] : [];
};

/** What forward keeps on the class or in the module goes on ctx, and backward reads it there. */
export function stateOnContext(ground: Ground): Candidate[] {
  const { forward, setupContext, backward } = ground.methods;
  const writer = setupContext ?? forward;
  if (writer === undefined || backward === undefined || writer.ctx === null || backward.ctx === null)
    return [];
  const targets = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const key = outside(node.left, ground);
      if (key !== null) targets.set(node.left.getText(), key);
    }
    ts.forEachChild(node, visit);
  };
  visit(writer.body);
  return [...targets].flatMap(([written, key]) => moved(written, key, writer, backward, ground) ?? []);
}

/** The name under which a place outside of the call is known: `X.kept`, `this.kept`, a variable of the module. */
function outside(target: ts.Expression, { module, name }: Ground): string | null {
  if (ts.isPropertyAccessExpression(target)) {
    const owner = target.expression.getText();
    return owner === name || owner === "this" ? target.name.text : null;
  }
  if (!ts.isIdentifier(target)) return null;
  const declaration = module.declarationsOf(target).find(ts.isVariableDeclaration);
  return declaration && ts.isSourceFile(declaration.parent.parent.parent) ? target.text : null;
}

function moved(
  written: string,
  key: string,
  writer: Method,
  reader: Method,
  ground: Ground,
): Candidate | null {
  const changes: Change[] = [];
  const within = (method: Method): void => {
    const field = `${method.ctx}.${key}`;
    const visit = (node: ts.Node): void => {
      if (
        ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
        node.left.getText() === written
      ) {
        changes.push(replaced({ ground, method }, node, field, node.left));
        visit(node.right);
        return;
      }
      if (ts.isExpression(node) && node.getText() === written && isSwitchable(node)) {
        changes.push(replaced({ ground, method }, node, field));
        return;
      }
      ts.forEachChild(node, visit);
    };
    visit(method.body);
  };
  within(writer);
  within(reader);
  const title = `Keep ${key} on ${writer.ctx}`;
  return { title, changes, beside: declarationOf(written, key, changes.length, ground), surcharge: -20 };
}

/** The declaration that nobody needs any more, with its line. */
function declarationOf(written: string, key: string, uses: number, ground: Ground): TextChange[] {
  const { node, module, text } = ground;
  const others =
    text.match(new RegExp(`(?<![\\w$])${written.replace(/[.$]/g, "\\$&")}(?![\\w$])`, "g"))?.length ?? 0;
  const isField = written !== key;
  if (others > uses + (isField ? 0 : 1)) return [];
  const declaration = isField
    ? node.members.find(member => ts.isPropertyDeclaration(member) && member.name.getText() === key)
    : module.source.statements.find(
        statement =>
          ts.isVariableStatement(statement) &&
          statement.declarationList.declarations.length === 1 &&
          statement.declarationList.declarations[0]!.name.getText() === key,
      );
  if (declaration === undefined) return [];
  const start = text.lastIndexOf("\n", declaration.getStart()) + 1;
  const newline = text.indexOf("\n", declaration.end);
  const end = newline < 0 ? text.length : newline + 1;
  return text.slice(start, end).trim() === declaration.getText() ? [{ start, end, newText: "" }] : [];
}
