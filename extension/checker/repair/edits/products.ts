/** @file Products: a transpose too few or too many, operands in the wrong order, one product taken for another. */

import ts from "typescript";
import { isSwitchable } from "../switches.ts";
import {
  appended,
  called,
  candidate,
  type Edit,
  exchanged,
  mayBeTensor,
  operationOf,
  reduced,
  replaced,
} from "./spot.ts";

export const PRODUCTS = new Set(["matmul", "mm", "bmm", "mv", "dot", "outer", "inner", "kron", "solve"]);
const TRANSPOSES = /^(t|mT|T|mH|H|transpose|swapaxes|swapdims|adjoint)$/;
const TRANSPOSED = /\.(?:t\(\)|mT\b|T\b|transpose\([^()]*\))/g;

/** Other operations that people take for one another, by name. */
const TAKEN_FOR: Readonly<Record<string, readonly string[]>> = {
  mul: ["matmul", "div", "add"],
  multiply: ["matmul"],
  matmul: ["mul"],
  mm: ["mul"],
  bmm: ["mul"],
  div: ["mul"],
  add: ["sub", "mul"],
  sub: ["add", "rsub"],
  sum: ["mean"],
  mean: ["sum"],
  sin: ["cos"],
  cos: ["sin"],
  sinh: ["cosh"],
  cosh: ["sinh"],
  exp: ["log"],
  log: ["exp"],
  amax: ["amin"],
  amin: ["amax"],
  gt: ["lt", "ge", "le"],
  ge: ["gt", "lt", "le"],
  lt: ["gt", "le", "ge"],
  le: ["lt", "ge", "gt"],
  eq: ["ne"],
  ne: ["eq"],
  tril: ["triu"],
  triu: ["tril"],
  scatter: ["scatterAdd"],
  scatter_: ["scatterAdd_"],
  indexCopy: ["indexAdd"],
  indexCopy_: ["indexAdd_"],
  sqrt: ["square"],
  square: ["sqrt"],
  expm1: ["exp"],
  log1p: ["log"],
};

export const transposes: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  if (ts.isPropertyAccessExpression(node) && TRANSPOSES.test(node.name.text) && isSwitchable(node))
    return [candidate(`Do not transpose ${called(node.expression)}`, reduced(spot, node, node.expression))];
  if (operation && TRANSPOSES.test(operation.name)) {
    const [operand] = operation.operands;
    return [candidate(`Do not transpose ${called(operand!)}`, reduced(spot, node, operand!))];
  }
  if (!mayBeTensor(node, spot)) return [];
  const own = [...new Set(spot.ground.text.match(TRANSPOSED) ?? [])].slice(0, 3);
  const forms = [...new Set([...own, ".t()", ".mT"])];
  return forms.map(form =>
    candidate(`Transpose ${called(node)}`, appended(spot, node, form), {
      // Length should not speak for a form that the file does not use.
      surcharge: (own.includes(form) ? 0 : 2) + Math.max(0, 4 - form.length),
    }),
  );
};

export const operands: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  if (operation === null) return [];
  const { name, operands } = operation;
  const [a, b, c] = operands;
  if (name === "where" && c !== undefined)
    return [candidate("Swap the branches of where", exchanged(spot, node, b!, c), { surcharge: -8 })];
  if (b === undefined || !(PRODUCTS.has(name) || /^(div|sub|atan2|pow)$/.test(name))) return [];
  const length = a!.getText().length + b.getText().length;
  // To people it is one exchange, however long the two are.
  return [
    candidate(`Swap the operands of ${name}`, exchanged(spot, node, a!, b), {
      surcharge: 6 - 2 * length,
    }),
  ];
};

export const otherOperation: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  if (operation === null) return [];
  const { call, name, nameNode } = operation;
  const isFree = call.expression === nameNode;
  return (TAKEN_FOR[name] ?? []).map(other => {
    const change = replaced(spot, call, other, nameNode);
    // A free function's other name may have to be imported; the script has the engine under its own name.
    return candidate(
      `Use ${other} instead of ${name}`,
      isFree ? { ...change, alternative: `engine.${change.alternative}` } : change,
      { imports: isFree ? [other] : [] },
    );
  });
};

/** `x * y` on numbers. */
export const arithmetic: Edit = (node, spot) => {
  if (!ts.isBinaryExpression(node)) return [];
  const { left, right, operatorToken } = node;
  const others = { "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"] }[operatorToken.getText()];
  if (others === undefined) return [];
  return [
    ...others.map(other =>
      candidate(
        `Use ${other} instead of ${operatorToken.getText()}`,
        replaced(spot, node, other, operatorToken),
      ),
    ),
    candidate(`Drop ${called(right)}`, reduced(spot, node, left)),
    candidate(`Drop ${called(left)}`, reduced(spot, node, right)),
  ];
};

/** `T.mul(2)` where the two terms of a product rule differ by a transpose: `T.add(…)`. */
export const bothTerms: Edit = (node, spot) => {
  const operation = operationOf(node, spot);
  if (operation === null || operation.name !== "mul" || !operation.isMethod) return [];
  const [term, factor] = operation.operands;
  if (factor?.getText() !== "2") return [];
  const text = spot.ground.text;
  const candidates: ReturnType<Edit> = [];
  const visit = (part: ts.Node): void => {
    if (ts.isExpression(part) && isSwitchable(part)) {
      for (const { changes } of [...transposes(part, spot), ...operands(part, spot)]) {
        const [{ edits } = { edits: [] }] = changes;
        let other = "";
        let at = term!.getStart();
        for (const { start, end, newText } of edits) {
          other += text.slice(at, start) + newText;
          at = end;
        }
        other += text.slice(at, term!.end);
        const call = `add(${other})`;
        const nameStart = operation.nameNode.getStart();
        const edit = { start: nameStart, end: node.end, newText: call };
        candidates.push(
          candidate("Both terms of the product rule", {
            node,
            edits: [edit],
            alternative: text.slice(node.getStart(), nameStart) + call,
          }),
        );
      }
    }
    ts.forEachChild(part, visit);
  };
  visit(term!);
  return candidates;
};
