/** @file The parameter ctx: its name, which is given where the code had no use for it, and the fields that its type tells. */

import ts from "typescript";
import { bare } from "../source/names.ts";
import type { Change } from "./changes.ts";
import { allNames } from "./identifiers.ts";

export interface ContextParameter {
  /** What it is to be called from now on, and was called before. */
  readonly name: string;
  readonly before: string;
  readonly changes: readonly Change[];
}

/** An unused `_ctx` becomes `ctx`. */
export function contextOf(node: ts.SignatureDeclaration, body: ts.Node): ContextParameter {
  const [parameter] = node.parameters;
  if (parameter === undefined || !ts.isIdentifier(parameter.name))
    return { name: "ctx", before: "ctx", changes: [] };
  const { text } = parameter.name;
  return { before: text, ...used(parameter.name, text, body) };
}

/** A parameter that the code was to leave unused, and does not any more, loses its underscore. */
export function used(name: ts.Identifier, text: string, body: ts.Node): { name: string; changes: Change[] } {
  const names = allNames(body);
  const plain = text.replace(/^_+/, "") || "ctx";
  if (plain === text || names.has(text) || names.has(plain)) return { name: text, changes: [] };
  return { name: plain, changes: [{ start: name.getStart(), end: name.end, newText: plain }] };
}

/** A field more in `Context<{ dim: number }>`; a plain `Context` takes any. */
export function withField(node: ts.SignatureDeclaration, field: { name: string; type: string }): Change[] {
  const type = node.parameters[0]?.type;
  if (type === undefined || !ts.isTypeReferenceNode(type)) return [];
  const [fields] = type.typeArguments ?? [];
  if (fields === undefined || !ts.isTypeLiteralNode(fields)) return [];
  const known = fields.members.some(({ name }) => name?.getText() === field.name);
  if (known) return [];
  const last = fields.members.at(-1);
  const start = last?.end ?? fields.getStart() + 1;
  const ended = last === undefined || /[;,]$/.test(last.getText());
  return [
    {
      start,
      end: start,
      newText: `${ended ? "" : ";"} ${field.name}: ${field.type}${last === undefined ? " " : ""}`,
    },
  ];
}

/** The field and its value in `ctx.field = value`. */
export function fieldGiven(
  expression: ts.Expression,
  ctx: string,
): { field: string; value: ts.Expression } | null {
  if (!ts.isBinaryExpression(expression)) return null;
  const { left, right, operatorToken } = expression;
  if (operatorToken.kind !== ts.SyntaxKind.EqualsToken || !ts.isPropertyAccessExpression(left)) return null;
  return left.expression.getText() === ctx ? { field: left.name.text, value: bare(right) } : null;
}

/** The type that a parameter's text shows to be no tensor's; null for a tensor. */
export function plainTypeOf(parameter: ts.ParameterDeclaration): string | null {
  const { type, initializer } = parameter;
  if (type !== undefined) {
    const text = type.getText();
    return /\bTensor\b/.test(text) || !/\b(number|boolean|string|bigint)\b|\{|\[\]/.test(text) ? null : text;
  }
  const value = initializer && bare(initializer);
  if (value === undefined) return null;
  if (ts.isNumericLiteral(value) || ts.isPrefixUnaryExpression(value)) return "number";
  if (ts.isStringLiteralLike(value)) return "string";
  return value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword
    ? "boolean"
    : null;
}
