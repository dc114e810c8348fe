/** @file The edits on small texts: each mistake where it can be made, and nowhere else. */

import { describe, expect, test } from "vitest";
import { findFunctions } from "../../../extension/checker/source/functions.ts";
import { readFromDisk } from "../../../extension/checker/texts.ts";
import { edited, editsOf, MISTAKES } from "./edits.ts";

/** What each edit of a kind makes of the expression that backward returns. */
function mistakes(kind: string, returned: string, before = ""): string[] {
  const text = rule(`${before}return ${returned};`);
  const start = text.indexOf("class");
  const at = text.lastIndexOf(returned);
  return editsOf("rule.ts", text, start)
    .filter(edit => edit.kind === kind)
    .map(edit => {
      const changed = text.slice(0, edit.start) + edit.newText + text.slice(edit.end);
      return changed.slice(at, changed.lastIndexOf(";"));
    });
}

function rule(body: string): string {
  return `import { Function } from "@gradient-lens/engine";
class Rule extends Function {
  static forward(ctx, x) { return x.add(x); }
  static backward(ctx, g) { ${body}; }
}
`.replace(";;", ";");
}

describe("edits of backward", () => {
  const cases: [string, string, string[]][] = [
    ["dropped-term", "a.add(b)", ["a", "b"]],
    ["dropped-term", "a.sub(b)", ["a", "b.neg()"]],
    ["dropped-term", "add(a, f(b))", ["a", "f(b)"]],
    ["dropped-term", "g.mul(n - 1)", ["g.mul(n)", "g.mul((-(1)))"]],
    ["dropped-factor", "g.mul(a.b)", ["g", "a.b"]],
    ["dropped-factor", "g.div(n)", ["g"]],
    ["dropped-factor", "g.matmul(w)", ["g", "w"]],
    ["dropped-factor", "g.mul(2 * n)", ["g", "(2 * n)", "g.mul((2))", "g.mul(n)"]],
    ["dropped-transpose", "x.t().matmul(g)", ["x.matmul(g)"]],
    ["dropped-transpose", "x.mT", ["x"]],
    ["dropped-transpose", "transpose(x, 0, 1)", ["x"]],
    ["swapped-operands", "g.matmul(w.t())", ["w.t().matmul(g)"]],
    ["swapped-operands", "mm(g, w)", ["mm(w, g)"]],
    ["swapped-operands", "g.mul(w)", []],
    ["sum-to-mean", "g.sum(0, true)", ["g.mean(0, true)"]],
    ["sum-to-mean", "sum(g, 0)", ["g.mean(0)"]],
    ["mean-to-sum", "g.mean()", ["g.sum()"]],
    ["missing-sum", "g.mul(x).sum(0)", ["g.mul(x)"]],
    ["other-dim", "g.sum(0)", ["g.sum(1)", "g.sum(-1)", "g.sum(-2)"]],
    ["other-dim", "g.sum({ dim: -1 })", ["g.sum({ dim: 0 })", "g.sum({ dim: 1 })", "g.sum({ dim: -2 })"]],
    ["other-dim", "g.mul(2)", []],
    ["mul-to-matmul", "g.mul(x)", ["g.matmul(x)"]],
    ["matmul-to-mul", "g.mm(x)", ["g.mul(x)"]],
    ["sub-to-add", "g.sub(x)", ["g.add(x)"]],
    ["sub-to-add", "sub(g, x)", ["g.add(x)"]],
    ["add-to-sub", "g.add(x)", ["g.sub(x)"]],
    ["dropped-neg", "g.neg()", ["g"]],
    ["dropped-neg", "g.mul(-0.5)", ["g.mul((0.5))"]],
    ["other-constant", "g.mul(2)", ["g.mul(3)"]],
    ["other-constant", "g.mul(0.5)", ["g.mul(1)"]],
    ["other-constant", "g.sum(1)", []],
  ];
  test.each(cases)("%s of %s", (kind, returned, expected) => {
    expect(mistakes(kind, returned)).toEqual(expected);
  });

  test("every kind has a case", () => {
    expect(new Set(cases.map(([kind]) => kind))).toEqual(new Set(Object.keys(MISTAKES)));
  });

  test("a function of a namespace is read as one, too", () => {
    expect(mistakes("dropped-term", "gl.add(a, b)")).toEqual(expect.arrayContaining(["a", "b"]));
    expect(mistakes("sum-to-mean", "gl.sum(a, 0)")).toContain("gl.mean(a, 0)");
  });

  test("nothing that a loop's end may hang on is changed", () => {
    expect(mistakes("other-constant", "g", "for (let i = 0; i < 2; i += 1) g = g.mul(x); ")).toEqual([]);
    expect(mistakes("dropped-factor", "g", "while (n > 1) n = n / 2; ")).toEqual([]);
  });

  test("only backward is changed, and types are not", () => {
    const text = rule("const y: Sized<2> = g.neg(); return y");
    const edits = editsOf("rule.ts", text, text.indexOf("class"));
    expect(edits.map(({ kind }) => kind)).toEqual(["dropped-neg"]);
  });

  test("names say where, and tell all mutants of a rule apart", async () => {
    const text = rule("return [g.mul(2), g.mul(2).add(g).add(g)]");
    const [site] = await findFunctions("rule.ts", text, readFromDisk);
    const names = edited({ file: "rule.ts", text, site: site! }).map(({ name }) => name);
    expect(names[0]).toBe("dropped-factor 4:37 g.mul(2) → g");
    expect(new Set(names).size).toBe(names.length);
  });
});
