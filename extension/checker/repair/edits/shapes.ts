/** @file Shapes: a sum over the broadcast axis, another axis, a dimension put in or kept, an order reversed. */

import ts from "typescript";
import type { Candidate } from "../candidate.ts";
import {
  appended,
  called,
  candidate,
  changed,
  type Edit,
  mayBeTensor,
  operationOf,
  replaced,
} from "./spot.ts";

const ALONG =
  /^(sum|mean|prod|amax|amin|logsumexp|softmax|logSoftmax|cumsum|cumprod|std|var|norm|flip|unsqueeze|squeeze|select|size|diff|all|any|roll|sort|argmax|argmin|cat|stack|gather|indexSelect)$/;
const REDUCTIONS = /^(sum|mean|prod|amax|amin|logsumexp|std|var|norm)$/;
const DIMS = [0, 1, -1, -2];
const REORDERED = /\b(cumsum|cumprod|flip|roll|logcumsumexp)\b/;

export const sums: Edit = (node, spot) => {
  if (!mayBeTensor(node, spot)) return [];
  const what = called(node);
  const append = (title: string, call: string, surcharge = 0): Candidate =>
    candidate(title, appended(spot, node, call), { surcharge });
  const isResult =
    ts.isReturnStatement(node.parent) ||
    ts.isArrayLiteralExpression(node.parent) ||
    ts.isVariableDeclaration(node.parent);
  const found = [
    append(`Sum ${what} over dimension 0`, ".sum(0)"),
    append(`Sum ${what} over dimension 1`, ".sum(1)"),
    append(`Sum ${what} over the last dimension`, ".sum(-1)"),
    append(`Sum ${what} over the last dimension`, ".sum(-1, true)"),
    append(`Sum ${what} over dimension 0`, ".sum(0, true)"),
    append(`Sum ${what} over dimension 1`, ".sum(1, true)"),
    append(`Sum ${what}`, ".sum()", 1),
    append(`Give ${what} a dimension`, ".unsqueeze(-1)"),
    append(`Give ${what} a dimension`, ".unsqueeze(0)"),
    append(`Give ${what} a dimension`, ".unsqueeze(1)"),
  ];
  if (!isResult) return found;
  const lists = ["[0, 1]", "[0, 2]", "[1, 2]", "[0, 2, 3]", "[-1, -2]"];
  found.push(...lists.map(dims => append(`Sum ${what} over dimensions ${dims}`, `.sum(${dims})`)));
  for (const name of spot.method.tensors.slice(0, 10)) {
    if (name === node.getText()) continue;
    found.push(
      append(`Spread ${what} over ${name}`, `.expandAs(${name})`),
      append(`Sum ${what} to the shape of ${name}`, `.sumToSize(${name}.shape)`, 2),
      append(`Give ${what} the shape of ${name}`, `.reshape(${name}.shape)`, 2),
    );
  }
  return found;
};

export const dimensions: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  if (operation === null || !ALONG.test(operation.name)) return [];
  const { call, name, operands, isMethod } = operation;
  const found: Candidate[] = [];
  for (const operand of operands.slice(1)) {
    const text = operand.getText();
    if (/^-?\d+$/.test(text)) {
      for (const dim of DIMS.filter(other => String(other) !== text))
        found.push(candidate(`Use dimension ${dim} in ${name}`, replaced(spot, call, String(dim), operand)));
    } else if (text === "true" || text === "false") {
      const other = text === "true" ? "false" : "true";
      found.push(candidate(`Set keepdim of ${name} to ${other}`, replaced(spot, call, other, operand)));
    }
  }
  const [, dim, keep] = operands;
  if (!REDUCTIONS.test(name)) return found;
  const last = operands.at(-1)!;
  if (dim !== undefined && keep === undefined && !ts.isObjectLiteralExpression(dim))
    found.push(
      candidate(
        `Keep the dimension of ${name}`,
        changed(spot, call, [{ start: last.end, end: last.end, newText: ", true" }]),
      ),
    );
  if (keep !== undefined)
    found.push(
      candidate(
        `Do not keep the dimension of ${name}`,
        changed(spot, call, [{ start: dim!.end, end: keep.end, newText: "" }]),
      ),
    );
  if (dim !== undefined && isMethod)
    found.push(
      candidate(
        `Use all entries in ${name}`,
        changed(spot, call, [{ start: dim.getStart(), end: last.end, newText: "" }]),
      ),
    );
  return found;
};

/** The reverse of a running sum runs the other way. */
export const orders: Edit = (node, spot) => {
  const { forward } = spot.ground.inherited;
  const { backward } = spot.ground.methods;
  if (!REORDERED.test(`${forward?.body.getText()} ${backward?.body.getText()}`)) return [];
  const operation = operationOf(node, spot);
  if (operation === null) return [];
  const { name, operands } = operation;
  const [x, dim] = operands;
  const found: Candidate[] = [];
  if (/^(cumsum|cumprod|logcumsumexp)$/.test(name) && dim !== undefined) {
    const flip = `.flip(${dim.getText()})`;
    found.push(
      candidate(
        `Run ${name} the other way`,
        changed(spot, node, [
          { start: x!.end, end: x!.end, newText: flip },
          { start: node.end, end: node.end, newText: flip },
        ]),
      ),
    );
  }
  if (name === "roll" && dim !== undefined) {
    const text = dim.getText();
    const start = dim.getStart();
    const edit = text.startsWith("-")
      ? { start, end: start + 1, newText: "" }
      : { start, end: start, newText: "-" };
    found.push(candidate("Roll the other way", changed(spot, node, [edit])));
  }
  for (const along of DIMS.slice(0, 3))
    found.push(
      candidate(`Reverse ${called(node)}`, appended(spot, node, `.flip(${along})`), { surcharge: 2 }),
    );
  return found;
};
