/** @file Forward's expressions, numbered, and forward made to tell them. */

import ts from "typescript";
import { describe, expect, test } from "vitest";
import { intermediatesIn, TELL, tellingIntermediates } from "./intermediates.ts";

function bodyOf(text: string): ts.ConciseBody {
  const source = ts.createSourceFile("f.ts", text, ts.ScriptTarget.Latest, true);
  const [statement] = source.statements;
  if (statement && ts.isFunctionDeclaration(statement)) return statement.body!;
  const { initializer } = (statement as ts.VariableStatement).declarationList.declarations[0]!;
  return (initializer as ts.ArrowFunction).body;
}

function found(text: string): string[] {
  return intermediatesIn(bodyOf(text)).map(({ node, name }) => `${name ?? "–"}: ${node.getText()}`);
}

describe("intermediates", () => {
  test("are calls and what is taken out of them, in order, with the names of constants", () => {
    const code = `function f(x) {
      const y = (x.exp() as Tensor);
      let z = x.sin();
      const { values, indices: [i] } = x.sort();
      ctx.kept = y.log();
      return [y.mul(z), values];
    }`;
    expect(found(code)).toEqual([
      "y: x.exp()",
      "–: x.sin()",
      "–: x.sort()",
      "values: values",
      "i: i",
      "–: y.log()",
      "–: y.mul(z)",
    ]);
  });

  test("are none of what may run not at all, or more than once", () => {
    const code = `function f(x) {
      if (x.ndim) return x.exp();
      for (const y of g(x)) use(y);
      const later = () => x.cos();
      return flag() ? x.sin() : a?.b() ?? x.tan();
    }`;
    expect(found(code)).toEqual(["–: flag()"]);
  });
});

describe("a text that tells them", () => {
  /** What is told when the code runs. */
  function toldBy(code: string, all = true): unknown[] {
    const told: unknown[] = [];
    const tell = (...args: unknown[]): unknown => {
      told.push(args);
      return args[1];
    };
    const text = tellingIntermediates(code, bodyOf(code), all);
    const result = new Function(TELL, `${text}\nreturn f(3);`)(tell);
    return [...told, result];
  }

  test("computes the same", () => {
    const code = `function f(x) {
      const { a, b } = pair(Math.max(x, 2))
      const c = Math.min(a, b)
      return Math.abs(c)
      function pair(n) { return { a: n, b: n + 1 } }
    }`;
    expect(toldBy(code)).toEqual([
      [],
      [1, 3, null],
      [0, { a: 3, b: 4 }, null],
      [2, 3, "a"],
      [3, 4, "b"],
      [4, 3, "c"],
      [5, 3, null],
      3,
    ]);
  });

  test("of an arrow's expression", () => {
    expect(toldBy("const f = x => (Math.abs(x));")).toEqual([[], [0, 3, null], 3]);
  });

  test("only that a run begins, where there is nothing to be had", () => {
    expect(toldBy("function f(x) { return Math.abs(x); }", false)).toEqual([[], 3]);
  });
});
