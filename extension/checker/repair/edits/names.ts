/** @file Names: one tensor for another, saved ones unpacked in another order, another one saved. */

import ts from "typescript";
import type { Candidate } from "../candidate.ts";
import { isSavedTensors, type Method } from "../ground.ts";
import { savedNames } from "./saved-names.ts";
import { called, candidate, changed, type Edit, replaced, type Spot } from "./spot.ts";

export const otherName: Edit = (node, spot) => {
  const text = node.getText();
  if (!spot.method.tensors.includes(text)) return [];
  const others = spot.method.tensors.filter(name => name !== text).slice(0, 12);
  return others.map(name =>
    candidate(`Use ${name} instead of ${text}`, replaced(spot, node, name), { surcharge: 1 }),
  );
};

/** A piece of `ctx.needsInputGrad[0]` or `ctx.savedTensors[0]`. */
export const otherIndex: Edit = (node, spot) => {
  if (!ts.isElementAccessExpression(node)) return [];
  const { argumentExpression: index } = node;
  if (!ts.isNumericLiteral(index)) return [];
  return ["0", "1", "2"]
    .filter(other => other !== index.text)
    .map(other => candidate(`Use ${other} instead of ${index.text}`, replaced(spot, node, other, index)));
};

/** `const [y, x] = ctx.savedTensors`: two names exchanged, or all moved on by one. */
export function unpacking(spot: Spot): Candidate[] {
  const { method, ground } = spot;
  const found: Candidate[] = [];
  const saved = savedNames(ground);
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isArrayBindingPattern(node.name) && node.initializer)
      if (isSavedTensors(node.initializer, method.ctx)) found.push(...unpacked(node.name, node.initializer));
    ts.forEachChild(node, visit);
  };
  const unpacked = (pattern: ts.ArrayBindingPattern, initializer: ts.Expression): Candidate[] => {
    const { elements } = pattern;
    const list = elements.map((_, i) => i);
    const read = (order: readonly (number | string)[]): string =>
      `(saved => [${order.map(i => `saved[${i}]`).join(", ")}])(${initializer.getText()})`;
    // A tensor that has forward's name is the one that it is called.
    const isRight = (i: number): boolean => elements[i]!.getText() === saved[i];
    const pairs = list
      .flatMap(i => list.slice(i + 1).map(j => [i, j] as const))
      .filter(([i, j]) => !isRight(i) && !isRight(j));
    const swaps = pairs.map(([i, j]): Candidate => {
      const [a, b] = [elements[i]!, elements[j]!];
      const order = list.map(k => (k === i ? j : k === j ? i : k));
      const length = a.getText().length + b.getText().length;
      return {
        title: `Swap ${called(a)} and ${called(b)}`,
        changes: [
          {
            node: initializer,
            alternative: read(order),
            edits: [
              { start: a.getStart(), end: a.end, newText: b.getText() },
              { start: b.getStart(), end: b.end, newText: a.getText() },
            ],
          },
        ],
        surcharge: 4 - 2 * length,
      };
    });
    const first = elements[0]?.getStart() ?? pattern.end - 1;
    const start = { start: first, end: first };
    const shift: Candidate = {
      title: "Skip the first saved tensor",
      changes: [
        { node: initializer, alternative: read(list.map(i => i + 1)), edits: [{ ...start, newText: ", " }] },
      ],
    };
    const holes = list.filter(i => ts.isOmittedExpression(elements[i]!));
    const filled = holes.map((i): Candidate => {
      const next = elements.slice(i).find(element => !ts.isOmittedExpression(element))!;
      const order = list.map(k => (k > i ? k - 1 : k));
      const from = elements[i]!.pos;
      const to = elements[i + 1]!.getStart();
      const text = ground.text.slice(from, to);
      const comma = from + text.indexOf(",");
      const end = comma + 1 + (ground.text[comma + 1] === " " ? 1 : 0);
      return {
        title: `Take ${called(next)} from the place before`,
        changes: [
          { node: initializer, alternative: read(order), edits: [{ start: comma, end, newText: "" }] },
        ],
      };
    });
    return list.some(isRight) ? swaps : [...swaps, shift, ...filled];
  };
  visit(method.body);
  return found;
}

/** One tensor more, behind the others. */
function savingMore({ arguments: saved, parent }: ts.CallExpression, spot: Spot): Candidate[] {
  const last = saved.at(-1);
  if (last === undefined || !ts.isExpressionStatement(parent)) return [];
  const others = spot.method.tensors.filter(name => saved.every(argument => argument.getText() !== name));
  return others.map(name =>
    candidate(
      `Save ${name}, too`,
      changed(spot, parent, [{ start: last.end, end: last.end, newText: `, ${name}` }]),
    ),
  );
}

/** What forward keeps: another of its tensors. */
export function saving(spot: Spot): Candidate[] {
  const found: Candidate[] = [];
  const other = (node: ts.Expression, method: Method): void => {
    const text = node.getText();
    for (const name of method.tensors) {
      if (name === text) continue;
      found.push(
        candidate(`Save ${name} instead of ${called(node)}`, replaced(spot, node, name), { surcharge: 1 }),
      );
    }
  };
  const { ctx, body } = spot.method;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === `${ctx}.saveForBackward`) {
      for (const argument of node.arguments) other(argument, spot.method);
      found.push(...savingMore(node, spot));
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
      if (node.left.getText().startsWith(`${ctx}.`)) other(node.right, spot.method);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}
