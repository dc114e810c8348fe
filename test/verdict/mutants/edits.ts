/**
 * @file Mutants by editing: one place of backward's text changed, as people get it wrong. The edits know the syntax and
 * no types: what does not run, or changes nothing, is sorted out afterwards.
 */

import ts from "typescript";
import { LineIndex } from "../../../extension/checker/source/line-index.ts";
import { moduleOf } from "../../../extension/checker/source/module.ts";
import { bare } from "../../../extension/checker/source/names.ts";
import { staticMethod } from "../../../extension/checker/source/signature.ts";
import type { Mutant } from "./mutant.ts";
import type { Rule } from "./rules.ts";

/** What an expression could be by mistake, as texts. */
type Mistake = (node: ts.Expression) => string[];

/** `x.add(y)`, or `add(x, y)`: the name, and its operands. */
interface Operation {
  readonly name: string;
  /** Receiver first, where there is one. */
  readonly operands: readonly ts.Expression[];
  /** The same with another name, or other operands. */
  with(name: string, operands: readonly ts.Expression[]): string;
}

const PRODUCTS = new Set(["matmul", "mm", "bmm", "mv", "dot", "outer", "multiDot", "kron"]);
const TRANSPOSES = new Set([
  "t",
  "transpose",
  "mT",
  "T",
  "mH",
  "H",
  "permute",
  "swapaxes",
  "swapdims",
  "adjoint",
]);
const REDUCTIONS = new Set(
  "sum mean prod amax amin max min argmax argmin logsumexp softmax logSoftmax cumsum cumprod std var norm flip all any unsqueeze squeeze diagonal".split(
    " ",
  ),
);
const DIMS = [0, 1, -1, -2];

export const MISTAKES: Readonly<Record<string, Mistake>> = {
  "dropped-term": node => [
    ...operations(node, ["add", "sub", "subtract", "rsub"]).flatMap(({ name, operands: [a, b] }) =>
      name === "add" ? [atom(a!), atom(b!)] : [atom(a!), `${atom(b!)}.neg()`],
    ),
    ...binary(node, ["+", "-"]).flatMap(({ left, right, operator }) =>
      operator === "+" ? [atom(left), atom(right)] : [atom(left), `(-${atom(right)})`],
    ),
  ],
  "dropped-factor": node => [
    ...operations(node, ["mul", "multiply", ...PRODUCTS]).flatMap(({ operands: [a, b] }) => [
      atom(a!),
      atom(b!),
    ]),
    ...operations(node, ["div", "divide", "pow"]).map(({ operands: [a] }) => atom(a!)),
    ...operations(node, ["square", "sqrt", "reciprocal", "rsqrt"], 1).map(({ operands: [a] }) => atom(a!)),
    ...binary(node, ["*"]).flatMap(({ left, right }) => [atom(left), atom(right)]),
    ...binary(node, ["/", "**"]).map(({ left }) => atom(left)),
  ],
  "dropped-transpose": node => {
    if (ts.isPropertyAccessExpression(node) && !isCallee(node) && TRANSPOSES.has(node.name.text))
      return [atom(node.expression)];
    return operations(node, TRANSPOSES, 1).map(({ operands: [a] }) => atom(a!));
  },
  "swapped-operands": node => [
    ...operations(node, PRODUCTS).map(({ name, operands: [a, b, ...rest], with: rewrite }) =>
      rewrite(name, [b!, a!, ...rest]),
    ),
    ...operations(node, ["div"]).map(({ name, operands: [a, b, ...rest], with: rewrite }) =>
      rewrite(name, [b!, a!, ...rest]),
    ),
  ],
  "sum-to-mean": node =>
    operations(node, ["sum"], 1).map(({ operands, with: rewrite }) => rewrite("mean", operands)),
  "mean-to-sum": node =>
    operations(node, ["mean"], 1).map(({ operands, with: rewrite }) => rewrite("sum", operands)),
  "missing-sum": node => operations(node, ["sum", "mean"], 1).map(({ operands: [a] }) => atom(a!)),
  "other-dim": node => {
    const value = wholeNumber(node);
    if (value === null || !isDim(node)) return [];
    return DIMS.filter(dim => dim !== value).map(String);
  },
  "mul-to-matmul": node =>
    operations(node, ["mul"]).map(({ operands, with: rewrite }) => rewrite("matmul", operands)),
  "matmul-to-mul": node =>
    operations(node, ["matmul", "mm", "bmm"]).map(({ operands, with: rewrite }) => rewrite("mul", operands)),
  "sub-to-add": node => [
    ...operations(node, ["sub"]).map(({ operands, with: rewrite }) => rewrite("add", operands)),
    ...binary(node, ["-"]).map(({ left, right }) => `(${atom(left)} + ${atom(right)})`),
  ],
  "add-to-sub": node => [
    ...operations(node, ["add"]).map(({ operands, with: rewrite }) => rewrite("sub", operands)),
    ...binary(node, ["+"]).map(({ left, right }) => `(${atom(left)} - ${atom(right)})`),
  ],
  "dropped-neg": node => {
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken && !isDim(node))
      return [atom(node.operand)];
    return operations(node, ["neg", "negative"], 1).map(({ operands: [a] }) => atom(a!));
  },
  "other-constant": node => {
    if (!ts.isNumericLiteral(node) || isDim(node) || isNegated(node)) return [];
    const value = Number(node.text);
    return [String(Number.isInteger(value) ? value + 1 : value * 2)];
  },
};

/** A place of a text, and what stands there instead. */
export interface Edit {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** Every mutant of a rule's own backward, in the order of the text. */
export function edited({ file, text, site }: Pick<Rule, "file" | "text" | "site">): Mutant[] {
  const lines = new LineIndex(text);
  const names = new Map<string, number>();
  return editsOf(file, text, lines.offsetAt(site.range.start)).map(({ kind, start, end, newText }) => {
    const { line, character } = lines.positionAt(start);
    const name = `${kind} ${line + 1}:${character + 1} ${short(text.slice(start, end))} → ${short(newText)}`;
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    return {
      kind,
      name: times === 1 ? name : `${name} (${times})`,
      text: text.slice(0, start) + newText + text.slice(end),
      className: site.name,
    };
  });
}

/** @param classStart where in the text the class begins */
export function editsOf(file: string, text: string, classStart: number): Edit[] {
  const module = moduleOf(file, text);
  const node = classAt(module.source, classStart);
  const body = node && staticMethod({ module, node }, "backward")?.body;
  if (body === undefined || !("body" in body) || body.body === undefined) return [];
  const edits = new Map<string, Edit>();
  const visit = (part: ts.Node): void => {
    if (ts.isTypeNode(part)) return;
    // A loop that ends when something is small enough, or has been counted to, may else not end at all.
    if (ts.isWhileStatement(part) || ts.isDoStatement(part)) return;
    if (ts.isForStatement(part)) {
      visit(part.statement);
      return;
    }
    if (ts.isExpression(part)) {
      for (const [kind, mistake] of Object.entries(MISTAKES)) {
        for (const newText of mistake(part)) {
          const [start, end] = [part.getStart(), part.end];
          edits.set(`${start} ${end} ${newText}`, { kind, start, end, newText });
        }
      }
    }
    ts.forEachChild(part, visit);
  };
  visit(body.body);
  return [...edits.values()];
}

function classAt(source: ts.SourceFile, start: number): ts.ClassLikeDeclaration | undefined {
  let found: ts.ClassLikeDeclaration | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) && node.getStart() === start) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * The readings of a call as one of these operations, of at least `arity` operands: `x.add(y)`, `add(x, y)`, and
 * `torch.add(x, y)`, which looks like the first with one argument more.
 */
function operations(node: ts.Expression, names: Iterable<string>, arity = 2): Operation[] {
  if (!ts.isCallExpression(node)) return [];
  const { expression: callee, arguments: args } = node;
  const wanted = new Set(names);
  const list = (operands: readonly ts.Expression[]): string => operands.map(o => o.getText()).join(", ");
  const readings: Operation[] = [];
  if (ts.isPropertyAccessExpression(callee) && wanted.has(callee.name.text)) {
    const receiver = callee.expression;
    const [name, namespace] = [callee.name.text, receiver.getText()];
    readings.push({
      name,
      operands: [receiver, ...args],
      with: (other, [first, ...rest]) => `${atom(first!)}.${other}(${list(rest)})`,
    });
    if (ts.isIdentifier(receiver))
      readings.push({
        name,
        operands: args,
        with: (other, operands) => `${namespace}.${other}(${list(operands)})`,
      });
  } else if (ts.isIdentifier(callee) && wanted.has(callee.text)) {
    const rewrite = (other: string, [first, ...rest]: readonly ts.Expression[]): string =>
      // By the method, as the function of the other name may not be imported.
      other === callee.text
        ? `${other}(${list([first!, ...rest])})`
        : `${atom(first!)}.${other}(${list(rest)})`;
    readings.push({ name: callee.text, operands: args, with: rewrite });
  }
  return readings.filter(({ operands }) => operands.length >= arity && !operands.some(ts.isSpreadElement));
}

function binary(
  node: ts.Expression,
  operators: readonly string[],
): { left: ts.Expression; right: ts.Expression; operator: string }[] {
  if (!ts.isBinaryExpression(node)) return [];
  const operator = node.operatorToken.getText();
  return operators.includes(operator) ? [{ left: node.left, right: node.right, operator }] : [];
}

/** `2`, `-1`; null for any other expression. */
function wholeNumber(node: ts.Expression): number | null {
  if (isNegated(node)) return null;
  const text = node.getText();
  return /^-?\d+$/.test(text) ? Number(text) : null;
}

function isNegated({ parent }: ts.Expression): boolean {
  return ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.MinusToken;
}

/** Whether a number says which dimension: a first argument of a reduction, one of a list there, or `{ dim: … }`. */
function isDim(node: ts.Expression): boolean {
  let place: ts.Node = isNegated(node) ? node.parent : node;
  if (ts.isArrayLiteralExpression(place.parent)) place = place.parent;
  const { parent } = place;
  if (ts.isPropertyAssignment(parent)) return /^dims?$/.test(parent.name.getText());
  if (!ts.isCallExpression(parent) || !parent.arguments.includes(place as ts.Expression)) return false;
  const { expression: callee } = parent;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
  return REDUCTIONS.has(name) && parent.arguments.indexOf(place as ts.Expression) <= 1;
}

function isCallee(node: ts.Expression): boolean {
  return ts.isCallExpression(node.parent) && node.parent.expression === node;
}

/** The text of an expression, so that anything can stand before and after it. */
function atom(expression: ts.Expression): string {
  const inner = bare(expression);
  const stands =
    ts.isIdentifier(inner) ||
    ts.isCallExpression(inner) ||
    ts.isPropertyAccessExpression(inner) ||
    ts.isElementAccessExpression(inner);
  return stands ? inner.getText() : `(${inner.getText()})`;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 48 ? `${line.slice(0, 47)}…` : line;
}
