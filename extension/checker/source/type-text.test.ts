import ts from "typescript";
import { expect, it } from "vitest";
import { typeText } from "./type-text.ts";

it.each([
  ["number | null", "", "number | null"],
  [
    "Options",
    "type Options = { eps?: number; mode: Mode }; type Mode = 'a' | 'b';",
    "({ eps?: number; mode: ('a' | 'b') })",
  ],
  ["Options[]", "interface Options { readonly eps?: number; run(): void }", "{ eps?: number }[]"],
  ["Norm", "enum Norm { L1, L2 = 5, LInf }", "(0 | 5 | 6)"],
  ["Norm", `export const enum Norm { L1 = "l1", L2 = 'l2' }`, `("l1" | 'l2')`],
  ["Norm", "enum Norm { L1 = 1 << 2 }", "Norm"],
  ["A", "type A = B | 1; type B = A;", "((((A) | 1)) | 1)"],
  ["Box<number>", "type Box<T> = T[];", "Box<number>"],
  ["Elsewhere", `import type { Elsewhere } from "./b";`, "Elsewhere"],
])("%s, where %s", (type, declarations, text) => {
  const source = ts.createSourceFile(
    "a.ts",
    `${declarations}\nlet x: ${type};`,
    ts.ScriptTarget.Latest,
    true,
  );
  const statement = source.statements.at(-1) as ts.VariableStatement;
  expect(typeText(statement.declarationList.declarations[0]!.type!)).toBe(text);
});
