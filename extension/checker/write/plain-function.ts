/** @file A plain function in the syntax tree, by where its statement begins. */

import ts from "typescript";
import { bare } from "../source/names.ts";

export type Code = ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression;

export interface PlainFunction {
  readonly node: Code;
  readonly statement: ts.Statement;
}

/** Undefined where it is not there any more. */
export function functionAt(source: ts.SourceFile, start: number, name: string): PlainFunction | undefined {
  const statement = source.statements.find(statement => statement.getStart() === start);
  if (statement !== undefined && ts.isFunctionDeclaration(statement)) return { node: statement, statement };
  if (statement !== undefined && ts.isVariableStatement(statement)) {
    for (const declaration of statement.declarationList.declarations) {
      const value = declaration.initializer && bare(declaration.initializer);
      if (declaration.name.getText() !== name || value === undefined) continue;
      if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return { node: value, statement };
    }
  }
  return undefined;
}
