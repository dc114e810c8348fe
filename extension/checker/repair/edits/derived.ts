/**
 * @file What was derived from forward, in the place of one gradient or of all: where backward has, under whatever names, every tensor that the
 * formula needs.
 */

import ts from "typescript";
import type { Derivation } from "../../derivation.ts";
import { tangentName } from "../../write/jvp.ts";
import type { Candidate, TextChange } from "../candidate.ts";
import { type Ground, isSavedTensors, type Method } from "../ground.ts";
import type { Spot } from "./spot.ts";

/** Of changes of one length, what is known to be right. */
const KNOWN_TO_BE_RIGHT = -1;

export function derivedGradients(spot: Spot, derivation: Derivation): Candidate[] {
  return namings(spot, derivation).flatMap(names => gradientsUnder(names, spot, derivation));
}

function gradientsUnder(
  names: ReadonlyMap<string, string>,
  { ground, method }: Spot,
  derivation: Derivation,
): Candidate[] {
  const written = derivation.gradients.map(gradient =>
    gradient === null ? "null" : gradient.typescript === null ? null : renamed(gradient.typescript, names),
  );
  const statements = (derivation.statements ?? []).map(statement => renamed(statement, names));
  if (derivation.statements === null || statements.includes(null)) return [];
  const imports = derivation.imports.filter(name => !ground.imported.has(name));
  const found: Candidate[] = [];
  const last = method.returns.at(-1);
  if (last === undefined) return [];
  const put = (title: string, at: ts.Expression, text: string): void => {
    const needed = neededBy(text, statements as string[]);
    const edits: TextChange[] = [difference(ground.text, at.getStart(), at.end, text)];
    if (needed.length > 0) {
      const place = insertionBefore(at, ground, needed);
      if (place === null) return;
      edits.unshift(place);
    }
    const body = needed.length === 0 ? text : `(() => { ${needed.join(" ")} return ${text}; })()`;
    found.push({
      title,
      changes: [{ node: at, alternative: body, edits }],
      imports,
      surcharge: KNOWN_TO_BE_RIGHT,
    });
  };
  const elements = ts.isArrayLiteralExpression(last) ? last.elements : null;
  const parameters = ground.inherited.forward?.parameters ?? [];
  written.forEach((text, i) => {
    const at = elements === null ? (written.length === 1 ? last : undefined) : elements[i];
    if (text === null || at === undefined || ts.isSpreadElement(at)) return;
    const maths = inMaths(derivation.gradients[i]?.maths ?? "null", derivation, names);
    const whose = method.role === "jvp" ? "" : ` for ${parameters[i] ?? `argument ${i}`}`;
    put(`Return ${maths}${whose}`, at, text);
  });
  if (written.length > 1 && !written.includes(null))
    put("Return the gradients derived from forward", last, `[${written.join(", ")}]`);
  return found;
}

/** A stretch of the text becomes another: without what both begin and end with, in whole words. */
function difference(text: string, start: number, end: number, newText: string): TextChange {
  const words = (code: string): string[] => code.match(/[\w$]+|\s+|[^\w$\s]/gu) ?? [];
  const [before, after] = [words(text.slice(start, end)), words(newText)];
  const most = Math.min(before.length, after.length);
  let first = 0;
  while (first < most && before[first] === after[first]) first++;
  let last = 0;
  while (last < most - first && before.at(-1 - last) === after.at(-1 - last)) last++;
  const lengthOf = (list: readonly string[]): number => list.join("").length;
  return {
    start: start + lengthOf(before.slice(0, first)),
    end: end - lengthOf(before.slice(before.length - last)),
    newText: after.slice(first, after.length - last).join(""),
  };
}

/** Saved tensors that the text names in no way, for each of which a tensor of backward's is taken in turn. */
const MOST_UNNAMED = 2;
const MOST_NAMES = 8;

/** What the formulas' names may be called in backward: what forward computes on the way is known there by its value only. */
function namings({ ground, method }: Spot, { saved }: Derivation): Map<string, string>[] {
  const known = namesInScope(ground, method);
  const unnamed = saved.filter(({ name, role }) => role === "saved" && !known.has(name));
  if (unnamed.length > MOST_UNNAMED) return [known];
  const tensors = method.tensors.filter(text => !method.parameters.includes(text)).slice(0, MOST_NAMES);
  return unnamed.reduce<Map<string, string>[]>(
    (all, { name }) => all.flatMap(names => tensors.map(text => new Map([...names, [name, text]]))),
    [known],
  );
}

/** A formula for people, in backward's names where those are not the formula's own. */
function inMaths(maths: string, { saved }: Derivation, names: ReadonlyMap<string, string>): string {
  const others = saved.filter(({ role }) => role === "saved").map(({ name }) => name);
  return maths.replace(/[\p{L}_][\p{L}\d_]*/gu, name =>
    others.includes(name) ? (names.get(name) ?? name) : name,
  );
}

/** What the formulas' names are called in backward; null for one that backward does not have. */
function namesInScope(ground: Ground, method: Method): Map<string, string> {
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

/** A formula in backward's own names; null where it needs a tensor that backward has not got. */
function renamed(code: string, names: ReadonlyMap<string, string>): string | null {
  let complete = true;
  const text = code.replace(/(?<![\w$.'"])[A-Za-z_$][\w$]*(?![\w$(])/g, (name, at: number) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const isPart =
      /^t\d*$/.test(name) || /^(true|false|null|const|dim|keepdim|Math|linalg|special|nn)$/.test(name);
    const isKey = /^\s*:/.test(code.slice(at + name.length));
    if (!isPart && !isKey) complete = false;
    return name;
  });
  return complete ? text : null;
}

/** The statements of the parts that a formula names, those included that they need themselves. */
function neededBy(text: string, statements: readonly string[]): string[] {
  const mentions = (code: string, name: string): boolean =>
    new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(code);
  const needed = new Set<string>();
  let codes = [text];
  while (codes.length > 0) {
    const found = statements.filter(statement => {
      const name = /^const (\w+) =/.exec(statement)?.[1];
      return name !== undefined && !needed.has(statement) && codes.some(code => mentions(code, name));
    });
    for (const statement of found) needed.add(statement);
    codes = found;
  }
  return statements.filter(statement => needed.has(statement));
}

/** Statements before the one that an expression is in; null where there is no room for any. */
function insertionBefore(at: ts.Node, { text }: Ground, statements: readonly string[]): TextChange | null {
  const statement = ts.findAncestor(at, ts.isStatement);
  if (statement === undefined || !ts.isBlock(statement.parent)) return null;
  const start = statement.getStart();
  const indent = /[ \t]*$/.exec(text.slice(0, start))![0];
  return { start, end: start, newText: statements.map(line => `${line}\n${indent}`).join("") };
}
