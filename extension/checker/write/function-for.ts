/** @file A plain function of tensors as a custom Function: a class after it, with the function's code as forward, and a backward. */

import ts from "typescript";
import type { TensorFunctionSite } from "../checker.ts";
import type { Derivation } from "../derivation.ts";
import type { Range, TextEdit } from "../finding.ts";
import { LineIndex } from "../source/line-index.ts";
import { moduleOf } from "../source/module.ts";
import { hasModifier } from "../source/names.ts";
import { backwardChanges } from "./backward.ts";
import { applied, asTextEdits, type Change, NotWritten, type Unwritable, written } from "./changes.ts";
import { allNames, fresh } from "./identifiers.ts";
import { EngineNames } from "./imports.ts";
import { indentAt, layoutOf, lineEnd } from "./layout.ts";
import { type Code, functionAt } from "./plain-function.ts";
import { targetOf } from "./target.ts";

/** The edits, and what the new class is called; calls of the function are left as they are. */
export interface FunctionFor {
  readonly edits: TextEdit[];
  readonly name: string;
}

export function functionFor(
  file: string,
  text: string,
  site: Pick<TensorFunctionSite, "name" | "range">,
  derivation: Derivation,
): FunctionFor | Unwritable {
  let name = "";
  const edits = written(() => {
    const module = moduleOf(file, text);
    const layout = layoutOf(module);
    const found = functionAt(module.source, new LineIndex(text).offsetAt(site.range.start), site.name);
    if (found === undefined) throw new NotWritten(`${site.name} is no longer where it was.`);
    const { node, statement } = found;
    const taken = allNames(module.source);
    const base = baseName(module.source, taken);
    const engine = new EngineNames(module, layout);
    const baseLocal = engine.value(base);
    const context = engine.type("Context");
    name = classNameFor(site.name, taken);

    const { unit, newline, semicolon } = layout;
    const indent = indentAt(text, statement.getStart());
    const typed = engine.typed && node.parameters.some(({ type }) => type !== undefined);
    const parameters = node.parameters.map(parameter => parameter.getText()).join(", ");
    const generics = node.typeParameters
      ? `<${node.typeParameters.map(each => each.getText()).join(", ")}>`
      : "";
    const type = node.type ? `: ${node.type.getText()}` : "";
    const exported = hasModifier(statement, ts.SyntaxKind.ExportKeyword) ? "export " : "";
    const own = `${indent}${unit}`;
    const skeleton = [
      `${indent}${exported}class ${name} extends ${baseLocal} {`,
      `${own}static forward${generics}(_ctx${typed ? `: ${context}` : ""}, ${parameters})${type} ${bodyText(node, own, unit, newline, semicolon)}`,
      `${indent}}`,
    ].join(newline);

    const at =
      text.endsWith("\n") || lineEnd(text, statement.end) < text.length
        ? lineEnd(text, statement.end)
        : text.length;
    const lead = at > 0 && text[at - 1] === "\n" ? newline : newline + newline;
    const follows = /^[ \t]*\S/.test(text.slice(at)) ? newline : "";
    const inserted = `${lead}${skeleton}${newline}${follows}`;
    const whole = text.slice(0, at) + inserted + text.slice(at);
    const start = at + inserted.indexOf(skeleton) + indent.length;
    const end = start + skeleton.length - indent.length;
    const range = rangeOfClass(file, whole, start, end);
    const target = targetOf(file, whole, { name, range });
    target.engine.value(base);
    target.engine.type("Context");
    const changes = backwardChanges(target, derivation);
    return asTextEdits(text, [...outside(changes, at, inserted.length), within(changes, at, inserted)]);
  });
  return "unwritable" in edits ? edits : { edits, name };
}

function rangeOfClass(file: string, whole: string, start: number, end: number): Range {
  const { source } = moduleOf(file, whole);
  const node = source.statements.find(statement => statement.getStart() === start && statement.end === end);
  if (node === undefined) throw new NotWritten("The function's code cannot be put into a class as it is.");
  return new LineIndex(whole).rangeOf(start, end);
}

/** Changes of the text before and after what is inserted. */
function outside(changes: readonly Change[], at: number, length: number): Change[] {
  return changes
    .filter(({ start, end }) => end <= at || start >= at + length)
    .map(change =>
      change.end <= at ? change : { ...change, start: change.start - length, end: change.end - length },
    );
}

/** The inserted text with its own changes. */
function within(changes: readonly Change[], at: number, inserted: string): Change {
  const own = changes.filter(({ start, end }) => start >= at && end <= at + inserted.length && end > at);
  const moved = own.map(change => ({ ...change, start: change.start - at, end: change.end - at }));
  return { start: at, end: at, newText: applied(inserted, moved) };
}

/** The function's block as the method's, one level deeper; an arrow's expression is returned. */
function bodyText(node: Code, indent: string, unit: string, newline: string, semicolon: string): string {
  const { body } = node;
  if (body === undefined) throw new NotWritten("The function has no body.");
  if (!ts.isBlock(body)) {
    const value = ts.isParenthesizedExpression(body) ? body.expression : body;
    return `{${newline}${indent}${unit}return ${deeper(value.getText(), unit)}${semicolon}${newline}${indent}}`;
  }
  const text = body.getText();
  if (!text.includes("\n")) {
    const inner = text.slice(1, -1).trim();
    return `{${newline}${indent}${unit}${inner}${newline}${indent}}`;
  }
  return deeper(text, unit);
}

/** Every line but the first one level deeper. */
function deeper(text: string, unit: string): string {
  return text.replace(/\n(?=[^\r\n])/g, `\n${unit}`);
}

/** `Function`, unless the file means the language's own by it. */
function baseName(source: ts.SourceFile, names: ReadonlySet<string>): string {
  const imported = source.statements.some(
    statement =>
      ts.isImportDeclaration(statement) && /\bFunction\b/.test(statement.importClause?.getText() ?? ""),
  );
  return names.has("Function") && !imported ? "AutogradFunction" : "Function";
}

/** `matrix_square` and `matrixSquare` become `MatrixSquare`. */
function classNameFor(name: string, taken: Set<string>): string {
  const words = name.split(/[_$]+/).filter(word => word !== "");
  const pascal = words.map(word => word[0]!.toUpperCase() + word.slice(1)).join("") || "Generated";
  return taken.has(pascal) ? fresh(`${pascal}Function`, taken) : pascal;
}
