/** @file What a reduction could be written as, so that it takes each row with itself alone. Which of them do, the sandbox finds out. */

import ts from "typescript";
import { isReference } from "../bundle/references.ts";
import type { Fix } from "../finding.ts";
import type { LineIndex } from "../source/line-index.ts";
import type { Module } from "../source/module.ts";
import { isReassigned, isWithin } from "../source/reassigned.ts";
import { type Equation, equationsFor } from "./einsum.ts";
import { EngineNames, type Spelling } from "./engine-names.ts";
import type { Reduction } from "./reductions.ts";

export interface Rewrite {
  /** Of several of a kind the first that holds is offered. */
  kind: "diagonal" | "einsum";
  fix: Fix;
  /** What to write, in a few words: `.diagonal().sum()`. */
  short: string;
  /** The new expression as the script has it. */
  script: string;
}

/** The name under which a script has einsum where its file has not. */
export const SCRIPT_EINSUM = "gradientLensEinsum";

export function rewritesOf(reduction: Reduction, module: Module, lines: LineIndex): Rewrite[] {
  return [...diagonals(reduction, module, lines), ...einsums(reduction, module, lines)];
}

/** Those of the last two dimensions are the same, and the only ones for a stack of matrices. */
const DIAGONALS = [".diagonal()", ".diagonal(0, -2, -1)"];

function diagonals(reduction: Reduction, module: Module, lines: LineIndex): Rewrite[] {
  const { expression, operand, callee, name, einsum, free } = reduction;
  if (einsum?.output === "") return [];
  return DIAGONALS.map((diagonal): Rewrite => {
    const rewritten = (operandText: string): string => {
      const taken = `${isPrimary(operand) ? operandText : `(${operandText})`}${diagonal}`;
      return callee === null ? `${taken}.${name}()` : `${callee}(${taken})`;
    };
    const place = isPlain(reduction)
      ? {
          range: lines.rangeOf(operand.end, operand.end),
          newText: `${breakAfter(operand, module)}${diagonal}`,
        }
      : {
          range: lines.rangeOf(expression.getStart(), expression.end),
          newText: rewritten(operand.getText()),
        };
    const title = `Reduce the diagonal alone, each row with itself: ${diagonal}.${name}()`;
    return {
      kind: "diagonal",
      fix: { title, edits: [place], verified: false },
      short: `${diagonal}.${name}()`,
      script: rewritten(free.textOf(operand)),
    };
  });
}

/** One reduction over everything, to which `.diagonal()` needs only be put in. */
function isPlain({ expression, operand }: Reduction): boolean {
  if (!ts.isCallExpression(expression) || !isPrimary(operand)) return false;
  const { expression: callee, arguments: given } = expression;
  if (given.length === 1) return given[0] === operand;
  return given.length === 0 && ts.isPropertyAccessExpression(callee) && callee.expression === operand;
}

function isPrimary(expression: ts.Expression): boolean {
  return (
    ts.isCallExpression(expression) ||
    ts.isIdentifier(expression) ||
    ts.isPropertyAccessExpression(expression)
  );
}

/** The line break and indentation that a chain has before its next call. */
function breakAfter({ end }: ts.Expression, { text }: Module): string {
  return /^\s*(?=\.)/.exec(text.slice(end))?.[0] ?? "";
}

function einsums(reduction: Reduction, module: Module, lines: LineIndex): Rewrite[] {
  const { expression, operand, einsum, name, free } = reduction;
  const names = new EngineNames(module);
  const spelling = names.spelling("einsum");
  if (!spelling) return [];
  const equations = equationsFor(operand, einsum, free, names).filter(({ operands }) =>
    operands.every(operand => isSameAt(operand, expression, module)),
  );
  return equations.map((equation): Rewrite => {
    const written = (textOf: (node: ts.Node) => string, einsumName: string): string => {
      const output = name === "sum" ? "" : equation.rows;
      const call = `${einsumName}(${[`"${equation.input}->${output}"`, ...equation.operands.map(textOf)].join(", ")})`;
      return name === "sum" ? call : `${call}.mean()`;
    };
    const newText = written(node => node.getText(), spelling.text);
    const edit = { range: lines.rangeOf(expression.getStart(), expression.end), newText };
    const inScript = spelling.edits.length > 0 ? SCRIPT_EINSUM : spelling.text;
    return {
      kind: "einsum",
      fix: { title: titleOf(equation, spelling), edits: [...spelling.edits, edit], verified: false },
      short: newText,
      script: written(node => free.textOf(node), inScript),
    };
  });
}

/** Whether an expression that stands elsewhere, in the definition of a name, would be the same in the place of another. */
function isSameAt(operand: ts.Expression, place: ts.Expression, module: Module): boolean {
  if (isWithin(operand, place)) return true;
  const isSame = (node: ts.Node): boolean => {
    if (ts.isIdentifier(node) && isReference(node)) {
      const declared = module.declarationsOf(node);
      return module.meansSameAt(node, place) && !declared.some(one => isChanged(one, module));
    }
    return !ts.forEachChild(node, child => !isSame(child));
  };
  return isSame(operand);
}

function isChanged(declaration: ts.Declaration, module: Module): boolean {
  const declared = ts.findAncestor(
    declaration,
    (node): node is ts.VariableDeclaration | ts.ParameterDeclaration =>
      ts.isVariableDeclaration(node) || ts.isParameter(node),
  );
  return declared !== undefined && isReassigned(declared, module);
}

function titleOf({ input, rows }: Equation, { text }: Spelling): string {
  return `Name the row ${rows.at(-1)} once: ${text}("${input}->", …)`;
}
