/** @file The free names in an expression, and expressions with some of them replaced. */

import ts from "typescript";

interface Token {
  readonly start: number;
  readonly text: string;
}

/** Names that an expression looks up: not those of properties and of an object's keys. */
function identifiersIn(expression: string): Token[] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, expression);
  const found: Token[] = [];
  let before = ts.SyntaxKind.Unknown;
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const isProperty = before === ts.SyntaxKind.DotToken || before === ts.SyntaxKind.QuestionDotToken;
    const isKey = /^\s*:/.test(expression.slice(scanner.getTokenEnd()));
    if (kind === ts.SyntaxKind.Identifier && !isProperty && !isKey)
      found.push({ start: scanner.getTokenStart(), text: scanner.getTokenText() });
    before = kind;
  }
  return found;
}

export function namesIn(expression: string): Set<string> {
  return new Set(identifiersIn(expression).map(({ text }) => text));
}

/** @param by what stands for each name; the others stay */
export function renamed(expression: string, by: ReadonlyMap<string, string>): string {
  let result = "";
  let at = 0;
  for (const { start, text } of identifiersIn(expression)) {
    const other = by.get(text);
    if (other === undefined) continue;
    result += expression.slice(at, start) + other;
    at = start + text.length;
  }
  return result + expression.slice(at);
}

/** Double quotes are what formulas come with. */
export function quoted(expression: string, quote: string): string {
  return quote === '"' ? expression : expression.replaceAll('"', quote);
}

/** `name`, or the first of `name2`, `name3` … that is not taken; it is then. */
export function fresh(name: string, taken: Set<string>): string {
  let found = name;
  for (let i = 2; taken.has(found); i++) found = `${name}${i}`;
  taken.add(found);
  return found;
}

/** Every name that is written anywhere in a node. */
export function allNames(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at)) names.add(at.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
}

/** Names that a node's variables and parameters have. */
export function declaredNames(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    const declares =
      ts.isVariableDeclaration(at) ||
      ts.isParameter(at) ||
      ts.isBindingElement(at) ||
      ts.isFunctionDeclaration(at) ||
      ts.isClassDeclaration(at);
    if (declares && at.name && ts.isIdentifier(at.name)) names.add(at.name.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
}
