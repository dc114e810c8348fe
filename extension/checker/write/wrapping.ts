/** @file Expressions that are too long for a line, over several: chains a call a line, lists an element a line, as formatters do. */

import ts from "typescript";
import { LINE_CHARS } from "./layout.ts";

interface Style {
  readonly unit: string;
  /** What the file calls the engine as a whole; null where it does not. */
  readonly namespace: string | null;
}

/**
 * A statement's lines, indented.
 * @param before what comes before the expression, and `after` what comes after it
 */
export function wrapped(
  before: string,
  expression: string,
  after: string,
  { indent, ...style }: Style & { indent: string },
): string[] {
  const { unit } = style;
  const whole = `${indent}${before}${expression}${after}`;
  if (widthOf(whole, unit) <= LINE_CHARS) return [whole];
  const source = ts.createSourceFile("e.ts", `(${expression})`, ts.ScriptTarget.Latest, true);
  const [statement] = source.statements;
  if (statement === undefined || !ts.isExpressionStatement(statement)) return [whole];
  const node = (statement.expression as ts.ParenthesizedExpression).expression;
  return `${indent}${before}${broken(node, indent, style, before.length, after.length)}${after}`.split("\n");
}

/** A tab is as wide as four spaces. */
function widthOf(line: string, unit: string): number {
  return line.replaceAll("\t", " ".repeat(unit === "\t" ? 4 : 1)).length;
}

/**
 * @param indent of the line that it begins on
 * @param before how much of that line is taken, and `after` how much of the last one
 */
function broken(node: ts.Node, indent: string, style: Style, before: number, after: number): string {
  const { unit } = style;
  const flat = node.getText();
  if (widthOf(indent, unit) + before + flat.length + after <= LINE_CHARS) return flat;
  const deeper = indent + unit;
  const list = (open: string, elements: readonly ts.Node[], close: string): string => {
    const lines = elements.map(element => `${deeper}${broken(element, deeper, style, 0, 1)},`);
    return [open, ...lines, `${indent}${close}`].join("\n");
  };
  if (ts.isConditionalExpression(node)) {
    const { condition, whenTrue, whenFalse } = node;
    const [yes, no] = [whenTrue, whenFalse].map(branch => broken(branch, deeper + unit, style, 2, 1));
    return `${condition.getText()}\n${deeper}? ${yes}\n${deeper}: ${no}`;
  }
  if (ts.isArrayLiteralExpression(node)) return list("[", node.elements, "]");
  if (ts.isPropertyAccessExpression(node))
    return `${broken(node.expression, indent, style, before, after + node.name.text.length + 1)}.${node.name.text}`;
  if (!ts.isCallExpression(node)) return flat;
  const { head, calls } = chainOf(node, style);
  if (calls.length > 1) {
    const lines = calls.map(({ name, call }) => {
      const own = `.${name}(${call.arguments.map(argument => argument.getText()).join(", ")})`;
      if (widthOf(deeper, unit) + own.length + 1 <= LINE_CHARS) return `${deeper}${own}`;
      return `${deeper}${called(`.${name}`, call.arguments, deeper, style)}`;
    });
    return [broken(head, indent, style, before, 0), ...lines].join("\n");
  }
  const [only] = calls;
  const name =
    only === undefined ? node.expression.getText() : `${broken(head, indent, style, before, 0)}.${only.name}`;
  return called(name, node.arguments, indent, style);
}

/** A call with an argument a line; one argument that is a list or a call itself keeps to the bracket. */
function called(
  name: string,
  [only, ...others]: readonly ts.Expression[],
  indent: string,
  style: Style,
): string {
  if (only === undefined) return `${name}()`;
  if (others.length === 0 && ts.isArrayLiteralExpression(only))
    return `${name}(${broken(only, indent, style, LINE_CHARS, 1)})`;
  const deeper = indent + style.unit;
  const lines = [only, ...others].map(argument => `${deeper}${broken(argument, deeper, style, 0, 1)},`);
  return [`${name}(`, ...lines, `${indent})`].join("\n");
}

interface Link {
  readonly name: string;
  readonly call: ts.CallExpression;
}

/** `x.mul(y).sum(1)` as `x` and its calls; properties in between belong to what is before them. */
function chainOf(node: ts.CallExpression, { namespace }: Style): { head: ts.Expression; calls: Link[] } {
  const calls: Link[] = [];
  let head: ts.Expression = node;
  while (ts.isCallExpression(head) && ts.isPropertyAccessExpression(head.expression)) {
    const { name, expression } = head.expression;
    // `nn.functional.softplus(…)`: a function of a namespace.
    if (isNamespace(expression, namespace)) break;
    calls.unshift({ name: name.text, call: head });
    head = expression;
  }
  return { head, calls };
}

function isNamespace(node: ts.Expression, engine: string | null): boolean {
  if (ts.isPropertyAccessExpression(node)) return isNamespace(node.expression, engine);
  return ts.isIdentifier(node) && (node.text === engine || /^(linalg|nn|special|Math)$/.test(node.text));
}
