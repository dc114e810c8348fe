/** @file What tensors are called: in forward, which saves them, and in backward, which has them by other names or by none. */

import ts from "typescript";
import type { Derivation } from "../../derivation.ts";
import { tangentName } from "../../write/jvp.ts";
import { type Ground, isSavedTensors, type Method } from "../ground.ts";
import type { Spot } from "./spot.ts";

/** Saved tensors that the text names in no way, for each of which a tensor of backward's is taken in turn. */
const MOST_UNNAMED = 2;
const MOST_NAMES = 8;

/** What the formulas' names may be called in backward: what forward computes on the way is known there by its value only. */
export function namings({ ground, method }: Spot, { saved }: Derivation): Map<string, string>[] {
  const known = namesInScope(ground, method);
  const unnamed = saved.filter(({ name, role }) => role === "saved" && !known.has(name));
  if (unnamed.length > MOST_UNNAMED) return [known];
  const tensors = method.tensors.filter(text => !method.parameters.includes(text)).slice(0, MOST_NAMES);
  return unnamed.reduce<Map<string, string>[]>(
    (all, { name }) => all.flatMap(names => tensors.map(text => new Map([...names, [name, text]]))),
    [known],
  );
}

/** What the formulas' names are called in backward; null for one that backward does not have. */
export function namesInScope(ground: Ground, method: Method): Map<string, string> {
  const names = new Map<string, string>();
  const { parameters } = method;
  for (const parameter of parameters) names.set(parameter, parameter);
  const { forward, setupContext } = ground.inherited;
  if (method.role === "jvp")
    forward?.parameters.forEach((parameter, i) => {
      if (parameters[i] !== undefined) names.set(tangentName(parameter), parameters[i]);
    });
  const writer = setupContext ?? forward;
  if (writer === undefined) return names;
  const output = forward?.returns.at(-1)?.getText();
  const name = (text: string, read: string): void => {
    names.set(text, read);
    if (text === output) names.set("output", read);
  };
  const unpacked = unpackedNames(method);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === `${writer.ctx}.saveForBackward`) {
      node.arguments.forEach((argument, i) => {
        name(argument.getText(), unpacked[i] ?? `${method.ctx}.savedTensors[${i}]`);
      });
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const [left, right] = [node.left.getText(), node.right.getText()];
      if (left.startsWith(`${writer.ctx}.`) && ts.isIdentifier(node.right))
        name(right, left.replace(writer.ctx!, method.ctx ?? ""));
    }
    ts.forEachChild(node, visit);
  };
  visit(writer.body);
  return names;
}

/** `x` and `y` of `const [x, y] = ctx.savedTensors`, or of `const x = ctx.savedTensors[0]`. */
function unpackedNames({ body, ctx }: Method): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer) {
      const { name, initializer } = node;
      if (ts.isArrayBindingPattern(name) && isSavedTensors(initializer, ctx))
        name.elements.forEach((element, i) => {
          if (ts.isBindingElement(element) && ts.isIdentifier(element.name)) names[i] = element.name.text;
        });
      else if (ts.isElementAccessExpression(initializer) && isSavedTensors(initializer.expression, ctx))
        names[Number(initializer.argumentExpression.getText())] = name.getText();
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return names;
}

export function unpackingOf({ body, ctx }: Method): ts.ArrayBindingPattern | null {
  let found: ts.ArrayBindingPattern | null = null;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && isSavedTensors(node.initializer, ctx))
      if (ts.isArrayBindingPattern(node.name)) found ??= node.name;
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

/** What the method that saves calls each tensor; undefined where that is no name. */
export function savedNames({ inherited }: Ground): (string | undefined)[] {
  const writer = inherited.setupContext ?? inherited.forward;
  const names: (string | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === `${writer?.ctx}.saveForBackward`)
      node.arguments.forEach((argument, i) => {
        if (ts.isIdentifier(argument)) names[i] = argument.text;
      });
    ts.forEachChild(node, visit);
  };
  if (writer !== undefined) visit(writer.body);
  return names;
}
