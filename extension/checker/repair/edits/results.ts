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

/** A body that ends in an expression nobody returns. */
function missingReturn(spot: Spot): Candidate[] {
  const { body } = spot.method;
  if (!ts.isBlock(body)) return [];
  const last = body.statements.at(-1);
  if (last === undefined || !ts.isExpressionStatement(last)) return [];
  const start = last.getStart();
  const { node, edits, alternative } = changed(spot, last, [{ start, end: start, newText: "return " }]);
  return [{ title: "Return it", changes: [{ node, edits, alternative }] }];
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
