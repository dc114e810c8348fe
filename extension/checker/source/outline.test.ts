import { describe, expect, it } from "vitest";
import { Module } from "./module.ts";
import { engineNames, mayDeclareFunctions, outlineOf } from "./outline.ts";

const read = (text: string, file = "a.ts") => outlineOf(new Module(file, text));

/** `local: name of module`, one for each import. */
async function imports(text: string, file?: string): Promise<string[]> {
  return [...(await read(text, file)).imports].map(
    ([local, { from, name }]) => `${local}: ${name} of ${from}`,
  );
}

describe("imports", () => {
  it.each([
    ["import { a, b as c } from 'm'", ["a: a of m", "c: b of m"]],
    ["import d from 'm'", ["d: default of m"]],
    ["import d, { a } from 'm'", ["d: default of m", "a: a of m"]],
    ["import { default as d } from 'm'", ["d: default of m"]],
    ["import * as n from 'm'", ["n: * of m"]],
    ["import d, * as n from 'm'", ["n: * of m", "d: default of m"]],
    ["import n = require('m')", ["n: * of m"]],
    ["import { 'a b' as c } from 'm'", ["c: a b of m"]],
    ["import j from './j.json' with { type: 'json' }", ["j: default of ./j.json"]],
    ["import { a, /* from 'n' */ b } from 'https://m' // c", ["a: a of https://m", "b: b of https://m"]],
    ["import 'm'; import { } from 'm'; import { a } from; import * as", []],
  ])("%s", async (text, expected) => {
    expect(await imports(text)).toEqual(expected);
  });

  it("of today's TypeScript, which the parser's own compiler could not read", async () => {
    const text = `import { type Tensor, Function as F } from "@gradient-lens/engine";
const options = { eps: 1 } satisfies object;
export class X extends F { static override forward(x: Tensor) { return x } accessor y = 1; }
import { after } from "./after";`;
    expect(await imports(text)).toEqual([
      "Tensor: Tensor of @gradient-lens/engine",
      "F: Function of @gradient-lens/engine",
      "after: after of ./after",
    ]);
    expect(engineNames(await read(text))).toEqual(["Tensor", "F"]);
  });

  it("of JavaScript and JSX", async () => {
    expect(await imports("import { a } from 'm'; const b = <a>{a}</a>;", "a.jsx")).toEqual(["a: a of m"]);
    expect(await imports("import { a } from 'm'; const b = <T,>(x: T) => x;", "a.tsx")).toEqual([
      "a: a of m",
    ]);
    expect(await imports("import { a } from 'm'; const b = <any>a;", "a.mts")).toEqual(["a: a of m"]);
  });

  it("beyond the length of a literal that the parser can take", async () => {
    const data = `const data = [${"1,".repeat(150_000)}];`;
    const text = `import { a } from 'm'; ${data} export { b } from 'n';`;
    expect(await imports(text)).toEqual(["a: a of m"]);
    expect((await read(text)).reexports.get("b")).toEqual({ from: "n", name: "b" });
  });
});

describe("what is handed on", () => {
  it("is told from a module's own", async () => {
    const { reexports, stars } = await read(`
      export { a, b as c, default as d } from "m";
      export * as n from "m";
      export * from "./star";
      export {
        /** A comment. */
        e, // and another
      } from "m";
      export { own /* * */, other as from };
      export default own;
      export = own;
      export { half
      export * from`);
    expect(Object.fromEntries(reexports)).toEqual({
      a: { from: "m", name: "a" },
      c: { from: "m", name: "b" },
      d: { from: "m", name: "default" },
      e: { from: "m", name: "e" },
      n: { from: "m", name: "*" },
    });
    expect(stars).toEqual(["./star"]);
  });
});

describe("whether Functions can be declared", () => {
  it.each([
    [true, `import { Function } from "@gradient-lens/engine"; class X extends Function {}`],
    [true, `import { Base } from "./base"; class X extends Base {}`],
    [true, `const { Function } = require("@gradient-lens/engine"); class X extends Function {}`],
    [false, `import { Component } from "react"; class X extends Component {}`],
    [false, `class X extends Function {}`],
  ])("%s: %s", async (may, text) => {
    expect(mayDeclareFunctions(text, await read(text))).toBe(may);
  });
});
