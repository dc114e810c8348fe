/** @file What backward returns: the order of the gradients, their number, and whether it returns them at all. */

import ts from "typescript";
import type { Candidate } from "../candidate.ts";
import { appended, called, candidate, changed, exchanged, mayBeTensor, type Spot } from "./spot.ts";

export function results(spot: Spot): Candidate[] {
  return [...spot.method.returns.flatMap(result => ofResult(result, spot)), ...missingReturn(spot)];
}

function ofResult(result: ts.Expression, spot: Spot): Candidate[] {
  if (ts.isConditionalExpression(result))
    return [result.whenTrue, result.whenFalse].flatMap(branch => ofResult(branch, spot));
  if (!ts.isArrayLiteralExpression(result)) {
    if (!mayBeTensor(result, spot)) return [];
    const lists = [1, 2, 3].map(nulls => {
      const rest = ", null".repeat(nulls);
      return candidate(
        `Return null for the ${nulls === 1 ? "other argument" : "other arguments"}`,
        changed(spot, result, [
          { start: result.getStart(), end: result.getStart(), newText: "[" },
          { start: result.end, end: result.end, newText: `${rest}]` },
        ]),
      );
    });
    return lists;
  }
  const { elements } = result;
  const found: Candidate[] = [];
  elements.forEach((a, i) => {
    elements.slice(i + 1).forEach(b => {
      const length = a.getText().length + b.getText().length;
      found.push(
        candidate("Swap the two gradients", exchanged(spot, result, a, b), { surcharge: 6 - 2 * length }),
      );
    });
    const next = elements[i + 1];
    const previous = elements[i - 1];
    const stretch = next
      ? { start: a.getStart(), end: next.getStart() }
      : { start: previous?.end ?? a.getStart(), end: a.end };
    found.push(
      candidate(`Do not return ${called(a)}`, changed(spot, result, [{ ...stretch, newText: "" }]), {
        surcharge: Math.min(0, 6 - a.getText().length),
      }),
      candidate(
        "Return null for that argument",
        changed(spot, result, [{ start: a.getStart(), end: a.getStart(), newText: "null, " }]),
      ),
    );
  });
  const last = elements.at(-1);
  for (const nulls of last ? [1, 2] : [])
    found.push(
      candidate(
        "Return null for the other arguments",
        changed(spot, result, [{ start: last!.end, end: last!.end, newText: ", null".repeat(nulls) }]),
      ),
    );
  if (elements.length === 3) {
    const [a, b, c] = elements.map(element => element.getText()) as [string, string, string];
    for (const order of [
      [b, c, a],
      [c, a, b],
    ]) {
      const edits = elements.map((element, i) => ({
        start: element.getStart(),
        end: element.end,
        newText: order[i]!,
      }));
      const length = a.length + b.length + c.length;
      found.push(
        candidate("Return the gradients in the order of the arguments", changed(spot, result, edits), {
          surcharge: 10 - 2 * length,
        }),
      );
    }
  }
  return found;
}

/** A body that ends in an expression or a variable that nobody returns. */
function missingReturn(spot: Spot): Candidate[] {
  const { body, returns } = spot.method;
  if (!ts.isBlock(body) || returns.length > 0) return [];
  const last = body.statements.at(-1);
  if (last !== undefined && ts.isVariableStatement(last)) return returned(last, spot);
  if (last === undefined || !ts.isExpressionStatement(last)) return [];
  const start = last.getStart();
  if (ts.isVoidExpression(last.expression)) {
    const end = last.expression.expression.getStart();
    const what = called(last.expression.expression);
    return [
      { title: `Return ${what}`, changes: [changed(spot, last, [{ start, end, newText: "return " }])] },
    ];
  }
  const { node, edits, alternative } = changed(spot, last, [{ start, end: start, newText: "return " }]);
  return [{ title: "Return it", changes: [{ node, edits, alternative }] }];
}

/** The last variable, after it. */
function returned(statement: ts.VariableStatement, spot: Spot): Candidate[] {
  const name = statement.declarationList.declarations.at(-1)?.name;
  if (name === undefined || !ts.isIdentifier(name)) return [];
  const { text } = spot.ground;
  const lineStart = text.lastIndexOf("\n", statement.getStart()) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart))![0];
  const ended = text[statement.end - 1] === ";" ? ";" : "";
  const newText = `\n${indent}return ${name.text}${ended}`;
  const change = changed(spot, statement, [{ start: statement.end, end: statement.end, newText }]);
  return [{ title: `Return ${name.text}`, changes: [change] }];
}

/** The chain rule's last step, where it is missing: each result times gradOutput. */
export function timesGradOutput(spot: Spot): Candidate[] {
  const { method } = spot;
  const tensors = method.returns
    .flatMap(result => (ts.isArrayLiteralExpression(result) ? [...result.elements] : [result]))
    .filter(result => !ts.isSpreadElement(result) && mayBeTensor(result, spot));
  if (tensors.length < 2) return [];
  return method.parameters.slice(0, 1).map(gradOutput => ({
    title: `Multiply by ${gradOutput}`,
    changes: tensors.map(result => appended(spot, result, `.mul(${gradOutput})`)),
  }));
}
