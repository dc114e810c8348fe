/** @file How a file is laid out: its indentation, quotes, semicolons and line ends, as most of it has them. */

import ts from "typescript";
import type { Module } from "../source/module.ts";

export interface Layout {
  /** One level of indentation. */
  readonly unit: string;
  readonly quote: "'" | '"';
  readonly semicolon: ";" | "";
  readonly newline: "\n" | "\r\n";
}

/** Longest line that is written, where it can be broken. */
export const LINE_CHARS = 100;

export function layoutOf({ text, source }: Module): Layout {
  const quotes = stringQuotes(source);
  return {
    unit: unitOf(text),
    quote: quotes.single > quotes.double ? "'" : '"',
    semicolon: endsWithSemicolons(source) ? ";" : "",
    newline: text.includes("\r\n") ? "\r\n" : "\n",
  };
}

/** The smallest step from one line to a deeper one; a tab where lines begin with tabs. */
function unitOf(text: string): string {
  if (/^\t/m.test(text)) return "\t";
  let before = 0;
  const steps = new Map<number, number>();
  for (const [, spaces, mark] of text.matchAll(/^( *)(\S)/gm)) {
    // Lines of a comment stand one space in.
    if (mark === "*") continue;
    const step = spaces!.length - before;
    if (step > 1) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = spaces!.length;
  }
  const [size] = [...steps].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [2];
  return " ".repeat(size);
}

function stringQuotes(source: ts.SourceFile): { single: number; double: number } {
  const found = { single: 0, double: 0 };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) {
      if (source.text[node.getStart()] === "'") found.single++;
      else found.double++;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function endsWithSemicolons(source: ts.SourceFile): boolean {
  let [ended, open] = [0, 0];
  const visit = (node: ts.Node): void => {
    const takesOne =
      ts.isExpressionStatement(node) ||
      ts.isVariableStatement(node) ||
      ts.isReturnStatement(node) ||
      ts.isImportDeclaration(node);
    if (takesOne) {
      if (source.text[node.end - 1] === ";") ended++;
      else open++;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return ended >= open;
}

/** The whitespace that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))![0];
}

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the line of an offset ends, its line end included. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}
