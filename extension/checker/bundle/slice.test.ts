import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Module } from "../source/module.ts";
import { Slice } from "./slice.ts";

/** The slice of a text that keeps some exports, or a top-level binding given as `=name`. */
function slice(text: string, wanted: string[], file = "/a.ts"): Slice {
  const sliced = new Slice(new Module(file, text));
  for (const name of wanted) {
    if (name.startsWith("=")) sliced.wantBinding(name.slice(1));
    else sliced.want(name);
  }
  return sliced;
}

/** What is kept, without the blanks. */
function kept(text: string, wanted: string[], file?: string): string {
  const lines = slice(text, wanted, file).text().split("\n");
  return lines
    .map(line => line.replace(/ +/g, " ").trim())
    .filter(line => line !== "" && line !== ";")
    .join("\n");
}

function requests(text: string, wanted: string[], file?: string): string[] {
  return slice(text, wanted, file).requests.map(
    ({ specifier, name, star }) => `${star ? "* " : ""}${name} of ${specifier}`,
  );
}

const TRAINING = `// @jsx h
import d, { Function, randn as r, type Tensor } from "@gradient-lens/engine";
import * as gl from "@gradient-lens/engine";
import { readFileSync } from "node:fs";
import "./polyfill";
const eps = 1, lr = train(), n = 3;
const table: number[] = [];
for (let i = 0; i < n; i++) {
  console.log(i);
  if (i > 2) break;
  table[i] = i * eps;
}
interface Options { eps: number }
export class X extends Function<Options> implements Layer {
  static forward(ctx: Context, x: Tensor) { return gl.exp(x).mul(table[0]); }
}
X.sampleInputs = () => [r(3)];
const data = readFileSync("x");
console.log(X.apply(data));
main();
function main() { return lr; }
`;

describe("a slice", () => {
  it("keeps what a name needs and what completes it; the rest of the file does not run", () => {
    expect(slice(TRAINING, ["=X"]).text()).toBe(`// @jsx h
import    { Function, randn as r              } from "@gradient-lens/engine";
import * as gl from "@gradient-lens/engine";
;${" ".repeat(38)}
;${" ".repeat(19)}
const eps = 1,               n = 3;
const table: number[] = [];
for (let i = 0; i < n; i++) {
  ;${" ".repeat(14)}
  if (i > 2) break;
  table[i] = i * eps;
}
;${" ".repeat(32)}
export class X extends Function<Options> implements Layer {
  static forward(ctx: Context, x: Tensor) { return gl.exp(x).mul(table[0]); }
}
X.sampleInputs = () => [r(3)];
;${" ".repeat(30)}
;${" ".repeat(26)}
;${" ".repeat(6)}
;${" ".repeat(29)}
`);
    expect(requests(TRAINING, ["=X"])).toEqual([
      "Function of @gradient-lens/engine",
      "exp of @gradient-lens/engine",
      "randn of @gradient-lens/engine",
    ]);
  });

  it("has every character that it keeps where it was", () => {
    const texts = [
      TRAINING,
      TRAINING.replaceAll("\n", "\r\n"),
      `const a = "😀", b = run("😀\u2028"); export { a };\n// é`,
    ];
    const names = ["=X", "=main", "=eps", "=table", "=a", "=b", "=data"];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.subarray(names), (text, wanted) => {
        const sliced = slice(text, wanted).text();
        expect(sliced).toHaveLength(text.length);
        for (let i = 0; i < text.length; i++) {
          if (/[\r\n\u2028]/.test(text[i]!)) expect(sliced[i]).toBe(text[i]);
          else expect([text[i], " ", ";"]).toContain(sliced[i]);
        }
      }),
    );
  });

  it("never throws on half-typed code", () => {
    fc.assert(
      fc.property(
        fc.nat(TRAINING.length),
        fc.nat(10),
        fc.constantFrom("", "{", "}", "(", "`", "=", "export {"),
        (at, cut, added) => {
          const text = TRAINING.slice(0, at) + added + TRAINING.slice(at + cut);
          expect(slice(text, ["=X", "*"]).text()).toHaveLength(text.length);
        },
      ),
    );
  });

  it("drops what the compiler had to skip over", () => {
    expect(kept("} )\nconst a = 1;\n)) ?\nconst b = a;\n}", ["=b"])).toBe("const a = 1;\nconst b = a;");
  });
});

describe("declarations", () => {
  it.each([
    ["variables one by one", "const a = 1, b = run(), c = a;", ["=c"], "const a = 1, c = a;"],
    ["the first of them", "let a = 1, b = 2, c;", ["=a"], "let a = 1 ;"],
    ["the last", "let a = 1, b = 2, c;", ["=c"], "let c;"],
    [
      "patterns as a whole",
      "const { a, b: [c] } = f(), d = 1;\nfunction f() {}",
      ["=c"],
      "const { a, b: [c] } = f() ;\nfunction f() {}",
    ],
    [
      "overloads",
      "function f(x: number): number;\nfunction f(x: any) { return x }\nf(1);",
      ["=f"],
      "function f(x: number): number;\nfunction f(x: any) { return x }",
    ],
    [
      "merged declarations",
      "enum E { A }\nenum E { B = 1 }\nnamespace E { export const c = d }\nconst d = 1, e = 2;",
      ["=E"],
      "enum E { A }\nenum E { B = 1 }\nnamespace E { export const c = d }\nconst d = 1 ;",
    ],
    [
      "decorators",
      "const deco = (x: any) => x;\n@deco class A { @log m() {} }\nfunction log() {}\nconst b = 1;",
      ["=A"],
      "const deco = (x: any) => x;\n@deco class A { @log m() {} }\nfunction log() {}",
    ],
    [
      "not types",
      "interface T { a: typeof b }\nclass A<U extends T> implements I { x: T = c as T }\nconst b = 1; const c = 2;\nclass I {}",
      ["=A"],
      "class A<U extends T> implements I { x: T = c as T }\n; const c = 2;",
    ],
    [
      "not names of properties",
      "const a = { b: c.d, e() {}, [f]: 1 };\nconst b = 1; const c = 2; const d = 3; const e = 4; const f = 5;",
      ["=a"],
      "const a = { b: c.d, e() {}, [f]: 1 };\n; const c = 2; ; ; const f = 5;",
    ],
    ["shorthand properties", "const a = { b };\nconst b = 1;", ["=a"], "const a = { b };\nconst b = 1;"],
    [
      "defaults and keys in patterns",
      "const { a = d, [e]: b } = {};\nconst d = 1; const e = 2;",
      ["=a"],
      "const { a = d, [e]: b } = {};\nconst d = 1; const e = 2;",
    ],
    [
      "not what is shadowed",
      "function f(a) { const b = a; return b }\nconst a = 1; const b = 2;",
      ["=f"],
      "function f(a) { const b = a; return b }\n; ;",
    ],
    [
      "JSX",
      "const a = <B c={d} e=''><f/></B>;\nfunction B() {}\nconst c = 1; const d = 2; const f = 3;\nimport React from 'react';",
      ["=a"],
      "const a = <B c={d} e=''><f/></B>;\nfunction B() {}\n; const d = 2; ;\nimport React from 'react';",
      "/a.tsx",
    ],
  ])("%s", (_, text, wanted, expected, file = "/a.ts") => {
    expect(kept(text, wanted, file)).toBe(expected);
  });
});

describe("what completes a declaration", () => {
  const complete = (statement: string, declaration = "let x: any = {};") =>
    kept(`${declaration}\n${statement}`, ["=x"]);

  it.each([
    "x = 1;",
    "x.a.b = 1;",
    "x[0] ??= 1;",
    "(x as any).a = 1;",
    "x++;",
    "delete x.a;",
    "[x.a, ...x.b] = [1];",
    "({ a: x.a, x, ...x.c } = f);",
    "Object.assign(x, { a: 1 });",
    "Object.defineProperty(x.a, 'b', {});",
    "x.list.push(1);",
    "fill(x);",
    "for (const i of [1]) x[i] = i;",
    "for (x.i in { a: 1 }) ;",
    "while (x.n++ < 3) ;",
    "if (y) { x.a = 1; }",
    "try { x.a = 1; } catch { x.b = 2; } finally { x.c = 3; }",
    "switch (y) { case 1: x.a = 1; break; default: x.b = 1; }",
    "outer: for (;;) { x.a = 1; break outer; }",
    "{ const y = 1; x.a = y; }",
    "(() => { x.a = 1; })();",
    "(function (y) { y.a = 1; })(x.b = {});",
    "const y = (x.a = 1);",
    "class Y { static { x.a = 1; } }",
    "class Y { static z = (x.a = 1); }",
  ])("%s", statement => {
    expect(complete(statement)).toBe(`let x: any = {};\n${statement}`);
  });

  it.each([
    "x.apply(1).backward();",
    "console.log(x);",
    "x.add(1);",
    "train({ x });",
    "function f() { x.a = 1; }",
    "const f = () => (x.a = 1);",
    "(async () => { x.a = 1; })();",
    "class Y { m() { x.a = 1; } static f() { x.b = 1; } z = (x.c = 1); }",
    "if (x.a) y();",
    "for (const y of x.list) console.log(y);",
    "{ let x; x = 1; }",
  ])("not %s", statement => {
    expect(complete(statement)).toBe("let x: any = {};");
  });

  it.each([
    ["const x = new Map();", "x.set(1, 2);"],
    ["const x = new Float64Array(3);", "x.fill(1);"],
    ["const x = Array.from('cba');", "x.sort();"],
    ["const x = [];", "fill(x);"],
    ["const x = new Float64Array(3);", "fill(x);"],
  ])("lists, maps and sets: %s %s", (declaration, statement) => {
    expect(complete(statement, declaration)).toBe(`${declaration}\n${statement}`);
  });

  it.each([
    ["const x = randn(3);", "x.fill(1);"],
    ["const x = [1, 2];", "train(x);"],
    ["const x = { eps: 1 };", "train(x);"],
  ])("but not %s %s", (declaration, statement) => {
    expect(complete(statement, declaration)).toBe(declaration);
  });

  it("the call of a function that assigns to it, also by way of another", () => {
    const text =
      "const x = {};\nfunction init() { fill(); }\nconst fill = () => { x.a = y; };\nconst y = 1;\ninit();\nother();\nfunction other() {}";
    expect(kept(text, ["=x"])).toBe(
      "const x = {};\nfunction init() { fill(); }\nconst fill = () => { x.a = y; };\nconst y = 1;\ninit();",
    );
    expect(kept("let x = 1;\nasync function main() { x = 2; }\nawait main();\nmain();", ["=x"])).toBe(
      "let x = 1;",
    );
    expect(kept("let x = 1;\nfunction f() { x = 2; f(); }\nf();", ["=x"])).toBe(
      "let x = 1;\nfunction f() { x = 2; f(); }\nf();",
    );
  });

  it("within a loop, only the statements that do, and what ends the loop", () => {
    const text = `const x = [];
let loss = 0;
for (let i = 0; ; i++) {
  const y = i * 2, z = train();
  loss += z;
  if (i > 9) { console.log(loss); break; }
  else report(z);
  if (y > 5) continue;
  x[i] = y;
}`;
    expect(kept(text, ["=x"])).toBe(`const x = [];
for (let i = 0; ; i++) {
const y = i * 2 ;
if (i > 9) { ; break; }
else ;
if (y > 5) continue;
x[i] = y;
}`);
  });

  it("is followed by what it needs itself", () => {
    const text = "const x = {};\nx.a = b;\nconst b = [];\nb[0] = c;\nconst c = 1; const d = 2;";
    expect(kept(text, ["=x"])).toBe("const x = {};\nx.a = b;\nconst b = [];\nb[0] = c;\nconst c = 1; ;");
  });
});

describe("imports", () => {
  it.each([
    [
      "import a, { b, c as d, type E } from 'm'; const x = d;",
      "import { c as d } from 'm'; const x = d;",
      ["c of m"],
    ],
    ["import a, { b } from 'm'; const x = a;", "import a from 'm'; const x = a;", ["default of m"]],
    ["import a, * as n from 'm'; const x = a;", "import a from 'm'; const x = a;", ["default of m"]],
    ["import a, * as n from 'm'; const x = n.b.c;", "import * as n from 'm'; const x = n.b.c;", ["b of m"]],
    [
      "import a, { b, } from 'm'; const x = [a, b];",
      "import a, { b } from 'm'; const x = [a, b];",
      ["default of m", "b of m"],
    ],
    ["import * as n from 'm'; const x = n['b'];", "import * as n from 'm'; const x = n['b'];", ["b of m"]],
    ["import * as n from 'm'; const x = n[i];", "import * as n from 'm'; const x = n[i];", ["* of m"]],
    ["import * as n from 'm'; const x = f(n);", "import * as n from 'm'; const x = f(n);", ["* of m"]],
    [
      "import { 'a b' as c } from 'm'; const x = c;",
      "import { 'a b' as c } from 'm'; const x = c;",
      ["a b of m"],
    ],
    [
      "import n = require('m'); import F = n.F.G; const x = F;",
      "import n = require('m'); import F = n.F.G; const x = F;",
      ["F of m"],
    ],
    ["import type { T } from 'm'; const x: T = 1;", "; const x: T = 1;", []],
    ["import 'm'; import {} from 'm'; const x = 1;", "; ; const x = 1;", []],
    ["const n = require('m'); const x = n.a;", "const n = require('m'); const x = n.a;", ["a of m"]],
    [
      "const { a, b: c } = require('m'); const x = c;",
      "const { a, b: c } = require('m'); const x = c;",
      ["a of m", "b of m"],
    ],
    [
      "const { a, ...r } = require('m'); const x = a;",
      "const { a, ...r } = require('m'); const x = a;",
      ["a of m", "* of m"],
    ],
    ["const x = require('m').a;", "const x = require('m').a;", ["a of m"]],
    ["const x = wrap(require('m'));", "const x = wrap(require('m'));", ["* of m"]],
    ["function require(m) {} const x = require('m');", "function require(m) {} const x = require('m');", []],
  ])("%s", (text, expected, asked) => {
    expect(kept(text, ["=x"])).toBe(expected);
    expect(requests(text, ["=x"])).toEqual(asked);
  });

  it("at run time are reported", () => {
    expect(
      slice("const x = () => import('m'); const y = () => import('n');", ["=x"]).dynamicImports,
    ).toHaveLength(1);
  });
});

describe("exports", () => {
  it.each([
    ["export const a = 1, b = run();", ["b"], "export const b = run();"],
    ["const a = 1, b = 2; export { a, b as c };", ["c"], "const b = 2; export { b as c };"],
    ["const a = 1, b = 2; export { a, b as c, };", ["a"], "const a = 1 ; export { a };"],
    [
      "export default class extends B {} class B {} class C {}",
      ["default"],
      "export default class extends B {} class B {} ;",
    ],
    ["const a = 1; export default a; export const b = 2;", ["default"], "const a = 1; export default a; ;"],
    ["export function f() {} f(); export { f as g }", ["g"], "export function f() {} ; export { f as g }"],
    [
      "export default function f() {} f.a = 1; f();",
      ["default"],
      "export default function f() {} f.a = 1; ;",
    ],
    ["const a = 1; export { a as default, a }", ["default"], "const a = 1; export { a as default }"],
    [
      "export type { T } from 'm'; export interface U {} export const a = 1;",
      ["a"],
      "; ; export const a = 1;",
    ],
    [
      "export enum E { A } export namespace N { export const a = E.A }",
      ["N"],
      "export enum E { A } export namespace N { export const a = E.A }",
    ],
    [
      "export const a = 1; const b = 2; run(b); export { b };",
      ["*"],
      "export const a = 1; const b = 2; ; export { b };",
    ],
  ])("%s: %s", (text, wanted, expected) => {
    expect(kept(text, wanted)).toBe(expected);
  });

  it.each([
    [
      "export { a, b as c } from 'm'; export { d } from 'n';",
      ["c"],
      "export { b as c } from 'm'; ;",
      ["b of m"],
    ],
    ["export * as n from 'm';", ["n"], "export * as n from 'm';", ["* of m"]],
    ["import * as n from 'm'; export { n };", ["n"], "import * as n from 'm'; export { n };", ["* of m"]],
    [
      "import { a } from 'm'; export { a as b };",
      ["b"],
      "import { a } from 'm'; export { a as b };",
      ["a of m"],
    ],
    [
      "import a from 'm'; export default a;",
      ["default"],
      "import a from 'm'; export default a;",
      ["default of m"],
    ],
  ])("handed on: %s", (text, wanted, expected, asked) => {
    expect(kept(text, wanted)).toBe(expected);
    expect(requests(text, wanted)).toEqual(asked);
  });

  it("with all of a module, which is kept once it is known to have the name", () => {
    const text = "export * from 'm'; export * from 'n'; export const a = 1;";
    expect(requests(text, ["a"])).toEqual([]);
    expect(requests(text, ["default"])).toEqual([]);
    expect(requests(text, ["*"])).toEqual(["* * of m", "* * of n"]);
    const sliced = slice(text, ["b"]);
    expect(sliced.requests.map(({ specifier, name }) => `${name} of ${specifier}`)).toEqual([
      "b of m",
      "b of n",
    ]);
    expect(sliced.text().trim()).not.toContain("export");
    sliced.keep(sliced.requests[1]!.star!);
    expect(sliced.text().replace(/ +/g, " ").trim()).toBe("; export * from 'n'; ;");
  });
});

describe("what a slice means", () => {
  it.each([
    `import { one } from "@gradient-lens/engine"; import { b } from "./b"; export const x = one; export const y = b;`,
    `import { func } from "@gradient-lens/engine/func"; export class x { static forward(n: number) { return func(n); } }`,
    `const gl = require("@gradient-lens/engine"); exports.x = gl.one; exports.y = require("./b");`,
    `export const x = 1; export class Y { y = 1; }`,
  ])("is the same in any folder: %s", text => {
    expect(slice(text, ["x"]).standsAlone).toBe(true);
    expect(slice(text, ["*"]).standsAlone).toBe(!/b"|Y/.test(text));
  });

  it.each([
    `import { b } from "./b"; export const x = b;`,
    `import b = require("./b"); export const x = b;`,
    `export { x } from "./b";`,
    `export * from "./b";`,
    `exports.x = () => { const b = require("./b"); };`,
    `exports.x = name => require("./b/" + name);`,
    `export class x { static y = 1; }`,
    `export class x { accessor y = 1; }`,
    `export class x { constructor(readonly y: number) {} }`,
    `function f() {} export class x { @f y() {} }`,
    `const h = 1; export const x = () => <b />;`,
    `const h = 1; export const x = () => <>b</>;`,
  ])("is for its folder to say: %s", text => {
    expect(slice(text, ["x"], "/a.tsx").standsAlone).toBe(false);
  });
});

describe("CommonJS", () => {
  it.each([
    ["exports.a = 1; exports.b = run();", ["a"], "exports.a = 1; ;"],
    ["exports.a = exports.b = 1; exports.c = 2;", ["b"], "exports.a = exports.b = 1; ;"],
    [
      "const a = 1, b = run(), c = 3; module.exports = { a, b, c: c };",
      ["c"],
      "const c = 3; module.exports = { c: c };",
    ],
    [
      "const a = 1, b = 2; module.exports = { a, ...b };",
      ["a"],
      "const a = 1, b = 2; module.exports = { a, ...b };",
    ],
    [
      "class A {} module.exports = A; A(); module.exports.b = 2;",
      ["b"],
      "class A {} module.exports = A; ; module.exports.b = 2;",
    ],
    [
      "exports.f = function () { return exports.g() }; exports.g = 1; exports.h = 2;",
      ["f"],
      "exports.f = function () { return exports.g() }; exports.g = 1; ;",
    ],
    [
      "if (typeof module !== 'undefined') { module.exports = { a }; } const a = 1; run();",
      ["a"],
      "if (typeof module !== 'undefined') { module.exports = { a }; } const a = 1; ;",
    ],
    [
      "Object.defineProperty(exports, '__esModule', { value: true }); exports.a = 1; exports.b = 2;",
      ["a"],
      "Object.defineProperty(exports, '__esModule', { value: true }); exports.a = 1; ;",
    ],
    [
      "const m = require('m'); Object.defineProperty(exports, 'a', { get: function () { return m.a } }); exports.b = 1;",
      ["a"],
      "const m = require('m'); Object.defineProperty(exports, 'a', { get: function () { return m.a } }); ;",
    ],
    ["exports.a = 1; exports.b = 2; run();", ["default"], "exports.a = 1; exports.b = 2; ;"],
  ])("%s: %s", (text, wanted, expected) => {
    expect(kept(text, wanted, "/a.cjs")).toBe(expected);
  });
});
