/** @file Factors, signs and terms: one too many, one too few, one of another size. */

import ts from "typescript";
import type { Candidate, Change } from "../candidate.ts";
import {
  appended,
  called,
  candidate,
  changed,
  type Edit,
  isNumber,
  mayBeTensor,
  operationOf,
  reduced,
  replaced,
  type Spot,
  wrapped,
} from "./spot.ts";

/** Functions of one tensor that a derivative is full of, beside those that forward uses. */
const UNARY = ["square", "exp", "sign", "reciprocal"];
const UNARIES =
  /\.(exp|log|sqrt|square|sin|cos|tan|tanh|sigmoid|abs|relu|reciprocal|log1p|expm1|sinh|cosh|erf|sign|logicalNot|logSoftmax|softmax)\(/g;
const MEANS = /\b(mean|numel|size|var|std|softmax|mseLoss|crossEntropy)\b/;
const MASKS = /\b(relu|clamp|clampMin|clampMax|max|maximum|minimum|where|gt|lt|abs|threshold)\b/;
const COMPARES = /\b(maskedFill|where|gt|lt|ge|le|eq|ne|mask)\b/;
const EXTREMES = /\b(amax|amin|max|min)\(/;

/** Calls of a chain that are dropped together. */
const LONGEST_CHAIN = 3;

/** Leaves out what is done to an operand, or the operand to which it is done. */
export const dropped: Edit = (node, spot) => {
  if (ts.isConditionalExpression(node)) {
    const { whenTrue, whenFalse } = node;
    return [whenTrue, whenFalse].map(branch =>
      candidate(`Always ${called(branch)}`, reduced(spot, node, branch)),
    );
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken)
    return ts.isNumericLiteral(node.operand)
      ? []
      : [candidate(`Do not negate ${called(node.operand)}`, reduced(spot, node, node.operand))];
  const operation = operationOf(node, spot);
  if (operation === null) return arrayCall(node, spot);
  const { name, operands, isMethod } = operation;
  const [first, second] = operands;
  if (first === undefined || !mayBeTensor(node, spot)) return [];
  const what = isMethod ? `.${name}(${operands.slice(1).map(called).join(", ")})` : name;
  const found = [candidate(`Drop ${what}`, reduced(spot, node, first))];
  // A chain of them, as one change.
  let inner = first;
  for (let length = 2; length <= LONGEST_CHAIN && isMethod; length++) {
    const before = operationOf(inner, spot);
    if (before === null || !before.isMethod) break;
    inner = before.operands[0]!;
    found.push(candidate(`Keep ${called(inner)} only`, reduced(spot, node, inner)));
  }
  if (second !== undefined && (mayBeTensor(second, spot) || /^(copy_|add|sub|mul)$/.test(name)))
    found.push(candidate(`Keep ${called(second)} only`, reduced(spot, node, second)));
  return found;
};

/** `[a, b].map(f)` */
function arrayCall(node: ts.Expression, spot: Spot): Candidate[] {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const { expression: receiver, name } = node.expression;
  if (!ts.isArrayLiteralExpression(receiver)) return [];
  return [candidate(`Drop .${name.text}(…)`, reduced(spot, node, receiver))];
}

export const signs: Edit = (node, spot) => {
  if (!mayBeTensor(node, spot)) return [];
  return [candidate(`Negate ${called(node)}`, appended(spot, node, ".neg()"))];
};

/** `x` as `x.mul(2)`, `x.square()`, `x.mul(y)` and the like. */
export const further: Edit = (node, spot) => {
  if (!mayBeTensor(node, spot)) return [];
  const { ground, method } = spot;
  const forward = (ground.inherited.forward?.body ?? ground.node).getText();
  const append = (title: string, call: string, surcharge = 0): Candidate =>
    candidate(title, appended(spot, node, call), { surcharge });
  const what = called(node);
  const found = [
    append(`Multiply ${what} by 2`, ".mul(2)"),
    append(`Halve ${what}`, ".div(2)"),
    append(`Add 1 to ${what}`, ".add(1)", 2),
    append(`Subtract 1 from ${what}`, ".sub(1)", 2),
  ];
  const unary = new Set([...UNARY, ...[...forward.matchAll(UNARIES)].map(([, name]) => name!)]);
  if (COMPARES.test(forward)) unary.add("logicalNot");
  for (const name of unary) found.push(append(`Take ${name} of ${what}`, `.${name}()`, 2));
  for (const name of matrixFunctions(forward, ground.text))
    found.push(candidate(`Take ${name} of ${what}`, inverted(spot, node, name)));
  const names = method.tensors.filter(name => name !== node.getText()).slice(0, 10);
  for (const name of names) {
    found.push(
      append(`Multiply ${what} by ${name}`, `.mul(${name})`),
      append(`Divide ${what} by ${name}`, `.div(${name})`, 1),
      append(`Add ${name} to ${what}`, `.add(${name})`, 1),
      append(`Subtract ${name} from ${what}`, `.sub(${name})`, 1),
    );
    if (MASKS.test(forward)) found.push(append(`Only where ${name} > 0`, `.mul(${name}.gt(0))`, 2));
    if (EXTREMES.test(forward)) {
      for (const [, extreme, rest] of forward.matchAll(/\.(amax|amin)\(([^()]*)\)/g))
        found.push(
          append(
            `Only where ${name} is its ${extreme}`,
            `.mul(${name}.eq(${name}.${extreme}(${keepdim(rest!)})))`,
            2,
          ),
        );
    }
    if (MEANS.test(forward)) {
      for (const size of [`${name}.numel()`, `${name}.size(0)`, `${name}.size(-1)`]) {
        found.push(
          append(`Divide ${what} by ${size}`, `.div(${size})`, 2),
          append(`Multiply ${what} by ${size}`, `.mul(${size})`, 4),
        );
      }
    }
  }
  return found;
};

/** The inverse, which is in the derivatives of several functions of a matrix, as the file writes it or would. */
function matrixFunctions(forward: string, file: string): string[] {
  const calls = [
    ...forward.matchAll(/(?<![\w$.])((?:[\w$]+\.)*)(inv|inverse|det|logdet|slogdet|solve|cholesky)\(/g),
  ];
  if (calls.length === 0) return [];
  const own = [...file.matchAll(/(?<![\w$.])((?:[\w$]+\.)*inv(?:erse)?)\(/g)].map(([, callee]) => callee!);
  return [...new Set([...own, ...calls.flatMap(([, path]) => [`${path}inv`, `${path}inverse`])])];
}

/** The script has the engine's own names, whatever the file calls them. */
function inverted(spot: Spot, node: ts.Expression, callee: string): Change {
  const named = callee.endsWith("inverse") ? "engine.inverse" : "engine.linalg.inv";
  return { ...wrapped(spot, node, callee), alternative: wrapped(spot, node, named).alternative };
}

const keepdim = (args: string): string => (args === "" || /true|keepdim/.test(args) ? args : `${args}, true`);

/** Numbers, as written: half as large, of the other sign; sizes by other means. */
export const numbers: Edit = (node, spot) => {
  if (ts.isNumericLiteral(node)) return otherNumbers(node, spot);
  if (!isNumber(node)) return [];
  const found = [candidate(`Subtract 1 from ${called(node)}`, lessOne(spot, node))];
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return found;
  const receiver = node.expression.expression.getText();
  const method = node.expression.name.text;
  for (const other of ["numel()", "size(0)", "size(-1)"]) {
    const text = `${receiver}.${other}`;
    if (/^(numel|size)$/.test(method) && text !== node.getText())
      found.push(
        candidate(`Use ${text} instead of ${called(node)}`, {
          ...replaced(spot, node, other, node),
          ...replacedTail(spot, node, node.expression.name, other),
        }),
      );
  }
  return found;
};

function lessOne(spot: Spot, node: ts.Expression): Change {
  const start = node.getStart();
  return changed(spot, node, [
    { start, end: start, newText: "(" },
    { start: node.end, end: node.end, newText: " - 1)" },
  ]);
}

function replacedTail(spot: Spot, node: ts.Expression, from: ts.Node, newText: string) {
  const edit = { start: from.getStart(), end: node.end, newText };
  const { text } = spot.ground;
  return { node, edits: [edit], alternative: text.slice(node.getStart(), edit.start) + newText };
}

function otherNumbers(node: ts.NumericLiteral, spot: Spot): Candidate[] {
  const value = Number(node.text);
  const negated = ts.isPrefixUnaryExpression(node.parent);
  const others = [value + 1, value - 1, value * 2, value / 2, 1 / value, -value]
    .filter(other => Number.isFinite(other) && other !== value && !(negated && other < 0))
    .map(String);
  const shorter = [...new Set(others)].filter(text => text.length <= 6);
  return shorter.map(text => candidate(`Use ${text} instead of ${node.text}`, replaced(spot, node, text)));
}
