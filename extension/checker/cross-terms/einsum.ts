/** @file Products of matrices as einsum equations, and einsum equations whose rows are to be named once. */

import ts from "typescript";
import type { FreeExpression } from "../source/free-expression.ts";
import { accessedName, bare } from "../source/names.ts";
import type { EngineNames } from "./engine-names.ts";

/** An einsum in the text. */
export interface WrittenEinsum {
  call: ts.CallExpression;
  /** Left and right of the arrow. */
  input: string;
  output: string;
  operands: readonly ts.Expression[];
}

/** An equation with its operands, to be written with whatever names these have. */
export interface Equation {
  input: string;
  /** The letter of the rows; before it that of a stack of matrices. */
  rows: string;
  operands: readonly ts.Expression[];
}

export function parsedEinsum(call: ts.CallExpression, names: EngineNames): WrittenEinsum | undefined {
  if (names.calleeName(call.expression) !== "einsum") return undefined;
  const [equation, ...operands] = call.arguments;
  if (!equation || !ts.isStringLiteralLike(equation)) return undefined;
  const [input, output] = equation.text.replaceAll(" ", "").split("->");
  const [only] = operands;
  const listed = only && ts.isArrayLiteralExpression(only) ? [...only.elements] : operands;
  return input === undefined || output === undefined ? undefined : { call, input, output, operands: listed };
}

/** The two letters that stand once each on the left: those of the matrix that is summed. */
export function rowLetters({ input, output }: WrittenEinsum): [string, string] | undefined {
  const letters = [...input.replace(/[^A-Za-z]/g, "")];
  const once = letters.filter(letter => letters.indexOf(letter) === letters.lastIndexOf(letter));
  if (once.length !== 2 || (output !== "" && once.some(letter => !output.includes(letter)))) return undefined;
  return [once[0]!, once[1]!];
}

/** The equations that a reduction of this product could be, with one letter for its rows. */
export function equationsFor(
  operand: ts.Expression,
  einsum: WrittenEinsum | undefined,
  free: FreeExpression,
  names: EngineNames,
): Equation[] {
  if (einsum) {
    const rows = rowLetters(einsum);
    if (!rows) return [];
    const stack =
      einsum.output.length > 2 ? einsum.output.replace(new RegExp(`[${rows.join("")}]`, "g"), "") : "";
    return [
      { input: einsum.input.replaceAll(rows[1], rows[0]), rows: stack + rows[0], operands: einsum.operands },
    ];
  }
  const factors = factorsOf(operand, false, free, names);
  if (factors.length < 2 || factors.length > INNER.length + 1) return [];
  const letterAt = (place: number): string =>
    place === 0 || place === factors.length ? "n" : INNER[place - 1]!;
  const terms = factors.map(({ transposed }, f) =>
    transposed ? letterAt(f + 1) + letterAt(f) : letterAt(f) + letterAt(f + 1),
  );
  const operands = factors.map(({ expression }) => expression);
  return [
    { input: terms.join(","), rows: "n", operands },
    { input: terms.map(term => `b${term}`).join(","), rows: "bn", operands },
  ];
}

const INNER = "ijklpqrs";

interface Factor {
  expression: ts.Expression;
  transposed: boolean;
}

const MATRIX_PRODUCTS = new Set(["matmul", "mm", "bmm"]);

/** What is multiplied, through the names in between: x, A, xᵀ of `x.matmul(A).matmul(xt)`. */
function factorsOf(
  expression: ts.Expression,
  transposed: boolean,
  free: FreeExpression,
  names: EngineNames,
): Factor[] {
  const inner = bare(expression);
  const whole = [{ expression: inner, transposed }];
  if (ts.isIdentifier(inner)) {
    const definition = free.definitionOf(inner);
    const factors = definition === undefined ? whole : factorsOf(definition, transposed, free, names);
    // A name that stands for something else than a product or a transpose stays.
    return factors.length === 1 && bare(definition ?? inner) === factors[0]!.expression ? whole : factors;
  }
  if (ts.isPropertyAccessExpression(inner)) {
    const isTransposed = inner.name.text === "T" || inner.name.text === "mT";
    return isTransposed ? factorsOf(inner.expression, !transposed, free, names) : whole;
  }
  if (!ts.isCallExpression(inner)) return whole;
  const { callee, operands } = called(inner, names);
  const [a, b, c] = operands;
  if (callee !== undefined && MATRIX_PRODUCTS.has(callee) && a && b) {
    const factors = [factorsOf(a, transposed, free, names), factorsOf(b, transposed, free, names)];
    return (transposed ? factors.reverse() : factors).flat();
  }
  const isTransposed =
    callee === "t" ||
    ((callee === "transpose" || callee === "swapaxes") && isLastTwo(b?.getText(), c?.getText()));
  return a && isTransposed ? factorsOf(a, !transposed, free, names) : whole;
}

function isLastTwo(a = "", b = ""): boolean {
  return ["-2,-1", "-1,-2", "0,1", "1,0", "1,2", "2,1"].includes(`${a},${b}`);
}

/** `matmul` of [a, b], be it `a.matmul(b)` or `matmul(a, b)`. */
function called(
  call: ts.CallExpression,
  names: EngineNames,
): { callee: string | undefined; operands: readonly ts.Expression[] } {
  const imported = names.calleeName(call.expression);
  if (imported !== undefined) return { callee: imported, operands: call.arguments };
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression)) return { callee: undefined, operands: [] };
  return { callee: accessedName(expression), operands: [expression.expression, ...call.arguments] };
}
