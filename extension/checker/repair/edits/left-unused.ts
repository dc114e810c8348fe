/** @file Constants that nothing needs any more once something else is returned: they go with what needed them. */

import ts from "typescript";
import { bindings } from "../../source/names.ts";
import type { TextChange } from "../candidate.ts";
import type { Ground, Method } from "../ground.ts";

/**
 * @param at what is replaced
 * @param newText by what
 */
export function leftUnused(at: ts.Node, newText: string, { text }: Ground, { body }: Method): TextChange[] {
  if (!ts.isBlock(body)) return [];
  const gone = new Set<ts.Node>([at]);
  const isUsed = (name: string, own: ts.Node): boolean => {
    if (new RegExp(`(?<![\\w$.])${name.replace(/\$/g, "\\$")}(?![\\w$])`).test(newText)) return true;
    let used = false;
    const visit = (node: ts.Node): void => {
      if (gone.has(node) || node === own) return;
      used ||= ts.isIdentifier(node) && node.text === name;
      ts.forEachChild(node, visit);
    };
    visit(body);
    return used;
  };
  const before = usedConstants(body);
  for (const statement of [...before].reverse()) {
    const names = statement.declarationList.declarations.flatMap(({ name }) =>
      [...bindings(name)].map(([own]) => own),
    );
    if (!names.some(name => isUsed(name, statement))) gone.add(statement);
  }
  return before.filter(statement => gone.has(statement)).map(statement => lineOf(statement, text));
}

function usedConstants(body: ts.Block): ts.VariableStatement[] {
  return body.statements.filter(
    (statement): statement is ts.VariableStatement =>
      ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) !== 0,
  );
}

/** With its line end, where nothing else stands on its lines. */
function lineOf(statement: ts.Statement, text: string): TextChange {
  const start = text.lastIndexOf("\n", statement.getStart()) + 1;
  const newline = text.indexOf("\n", statement.end);
  const end = newline < 0 ? text.length : newline + 1;
  return text.slice(start, end).trim() === statement.getText()
    ? { start, end, newText: "" }
    : { start: statement.getStart(), end: statement.end, newText: "" };
}
