import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire, SourceMap as NodeSourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FunctionSite, ReadText } from "../checker.ts";
import { findFunctions } from "../source/functions.ts";
import { readFromDisk } from "../texts.ts";
import { Bundler } from "./bundler.ts";
import type { Refusal } from "./refusal.ts";
import type { Bundle } from "./script.ts";

const bundler = new Bundler();
afterAll(() => bundler.dispose());

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), "bundle-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Writes files into the workspace. */
function onDisk(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** Reads the workspace as an editor with unsaved buffers does. */
function reader(buffers: Record<string, string> = {}): ReadText {
  const open = new Map(Object.entries(buffers).map(([name, text]) => [join(root, name), text]));
  return async path => {
    try {
      return open.get(path) ?? readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
}

async function siteOf(file: string, readText: ReadText): Promise<FunctionSite> {
  const sites = await findFunctions(file, (await readText(file))!, readText);
  expect(sites).not.toHaveLength(0);
  return sites.at(-1)!;
}

/** Bundles the last Function of a file. */
async function bundle(name: string, buffers?: Record<string, string>): Promise<Bundle | Refusal> {
  const readText = reader(buffers);
  return bundler.bundle(join(root, name), await siteOf(join(root, name), readText), readText);
}

/** Runs the script, and calls `forward` of the class that is its value. */
async function run(name: string, buffers?: Record<string, string>): Promise<unknown> {
  const bundled = await bundle(name, buffers);
  if ("refused" in bundled) throw new Error(`${bundled.refused.rule}: ${bundled.refused.message}`);
  return evaluate(bundled.script);
}

function evaluate(script: string): unknown {
  const console = { log: (text: string) => expect.unreachable(`ran: ${text}`) };
  const realm = createContext({ console });
  realm.engine = runInContext("({ Function: class Function {}, randn: () => 3, one: 1 })", realm);
  return (runInContext(script, realm) as { forward(): unknown }).forward();
}

async function refusalOf(name: string, buffers?: Record<string, string>): Promise<string> {
  const bundled = await bundle(name, buffers);
  if (!("refused" in bundled)) throw new Error(`not refused: ${bundled.script}`);
  return `${bundled.refused.rule}: ${bundled.refused.message}`;
}

const ENGINE = `import { Function } from "@gradient-lens/engine";\n`;
const X = (value: string) =>
  `${ENGINE}export class X extends Function { static forward() { return ${value}; } }\n`;

describe("the script", () => {
  it.each([
    [
      "named",
      `import { Function as F, one } from "@gradient-lens/engine"; class X extends F { static forward() { return one } }`,
    ],
    [
      "as a namespace",
      `import * as gl from "@gradient-lens/engine"; class X extends gl.Function { static forward() { return gl.one } }`,
    ],
    [
      "by default",
      `import gl from "@gradient-lens/engine"; class X extends gl.Function { static forward() { return gl.one } }`,
    ],
    [
      "both",
      `import gl, { one } from "@gradient-lens/engine"; class X extends gl.Function { static forward() { return one } }`,
    ],
    [
      "by import =",
      `import gl = require("@gradient-lens/engine"); class X extends gl.Function { static forward() { return gl.one } }`,
    ],
    [
      "by require",
      `const { Function, one } = require("@gradient-lens/engine"); class X extends Function { static forward() { return one } }`,
    ],
    [
      "beside names of its own",
      `import { Function, one } from "@gradient-lens/engine"; const engine = one, gradientLens = 0, require = gradientLens; class X extends Function { static forward() { return engine + require } }`,
    ],
    [
      "by a path within it",
      `import { Function } from "@gradient-lens/engine"; import { one } from "@gradient-lens/engine/func"; class X extends Function { static forward() { return one } }`,
    ],
  ])("has the engine %s", async (_, text) => {
    expect(await run("a.ts", { "a.ts": text })).toBe(1);
  });

  it.each([
    ["a const", `export const X = make(3);`],
    ["an object", `const ops = { X: make(3) };`],
    ["a subclass", `class X extends make(3) {}`],
    ["what is called at once", `export const X = (() => make(3))();`],
  ])("is of the class that a function makes, for %s", async (_, end) => {
    const make = `function make(k) { return class extends Function { static forward() { return k } } }`;
    expect(await run("a.ts", { "a.ts": `${ENGINE}console.log("elsewhere"); ${make} ${end}` })).toBe(3);
  });

  it.each([
    ["some of it", `export { Function, one } from "@gradient-lens/engine";`],
    ["all of it", `export * from "@gradient-lens/engine";`],
    ["imported before", `import { Function, one } from "@gradient-lens/engine"; export { Function, one };`],
    [
      "by assignment",
      `const gl = require("@gradient-lens/engine"); exports.Function = gl.Function; exports.one = gl.one;`,
    ],
  ])("has the engine from a module that hands it on: %s", async (_, text) => {
    const a = `import { Function } from "@gradient-lens/engine"; import { one } from "./b"; import * as b from "./b";
      class X extends Function { static forward() { return one + b.one - 1 } }`;
    expect(await run("a.ts", { "a.ts": a, "b.ts": text })).toBe(1);
  });

  it("has the engine whatever tsconfig.json calls by its name", async () => {
    onDisk({
      "tsconfig.json": `{ "compilerOptions": { "paths": { "@gradient-lens/*": ["./lib/*"] } } }`,
      "lib/engine.ts": `export const one = console.log("lib");`,
      "a.ts": `import { one } from "@gradient-lens/engine";\n${X("one")}`,
    });
    expect(await run("a.ts")).toBe(1);
  });

  it("is strict, has no import left, and ends in the class", async () => {
    onDisk({ "a.ts": X("this === undefined ? 1 : this.name") });
    const bundled = (await bundle("a.ts")) as Bundle;
    expect(bundled.script).toMatch(/^"use strict";/);
    expect(bundled.script).toMatch(/^gradientLens;\s*$/m);
    expect(bundled.script).not.toMatch(/\b(import|export)\b\s/);
    expect(evaluate(bundled.script)).toBe("X");
  });

  it("does not run what the Function does not need, in any file", async () => {
    onDisk({
      "a.ts": `import { table } from "./b";\nimport { train } from "./train";\n${X("table.join()")}console.log("a"); train(X);`,
      "b.ts": `import { scale } from "./c";\nexport const table: number[] = [];\nconsole.log("b");\nfor (let i = 0; i < 3; i++) { console.log("loop"); table[i] = scale * i; }\nexport const other = console.log("other");`,
      "c.ts": `export const scale = 2, loss = console.log("c");\nimport "./effect";`,
      "effect.ts": `console.log("effect");`,
      "train.ts": `import fs from "node:fs"; export function train() { fs.rmSync("/"); }`,
    });
    expect(await run("a.ts")).toBe("0,2,4");
  });

  it.each([
    ["a.ts", `export default class extends Function { static forward() { return 1 } }`],
    ["a.ts", `export default { ops: { X: class extends Function { static forward() { return 1 } } } }`],
    [
      "a.ts",
      `class X extends Function { static forward() { return 1 } } export default X; export { X as Y };`,
    ],
    ["a.ts", `const X = class Inner extends Function { static forward() { return 1 } }`],
    ["a.ts", `namespace A.B { export class X extends Function { static forward() { return 1 } } }`],
    ["a.ts", `const ops = { "a-b": class extends Function { static forward() { return 1 } } }`],
    ["a.ts", `class Outer { static X = class extends Function { static forward() { return 1 } } }`],
    ["a.ts", `let X; X = class extends Function { static forward() { return 1 } }; export {};`],
    ["a.cjs", `exports.X = class extends Function { static forward() { return 1 } }`],
    ["a.cjs", `module.exports = class extends Function { static forward() { return 1 } }`],
    [
      "a.cjs",
      `module.exports = { X: class extends Function { static forward() { return 1 } }, y: console.log("y") }`,
    ],
    ["a.cjs", `class X extends Function { static forward() { return 1 } } module.exports.X = X;`],
    ["a.cjs", `class X extends Function { static forward() { return 1 } } console.log("a");`],
    ["a.cts", `class X extends Function { static forward() { return 1 } } export = X;`],
    ["a.cts", `export = class extends Function { static forward() { return 1 } }`],
  ])("reaches the class: %s %s", async (file, text) => {
    const head = file === "a.ts" ? ENGINE : `const { Function } = require("@gradient-lens/engine");\n`;
    expect(await run(file, { [file]: head + text })).toBe(1);
  });

  it.each(["a.ts", "a.tsx", "a.mts", "a.js", "a.jsx", "a.mjs"])("is made of %s", async file => {
    expect(await run(file, { [file]: X("1") })).toBe(1);
  });

  it("has statics that are assigned after the class", async () => {
    const text = `${X("this.sampleInputs()")}X.sampleInputs = () => randn();\nimport { randn } from "@gradient-lens/engine";`;
    expect(await run("a.ts", { "a.ts": text })).toBe(3);
  });
});

describe("the workspace", () => {
  it("counts as it stands in the editor, saved or not", async () => {
    onDisk({ "a.ts": X("0"), "b.ts": "export const b = 0;", "data.json": "[0]" });
    const text =
      `import { b } from "./b"; import { c } from "./new/c"; import [d] from "./data.json";\n`.replace(
        "[d]",
        "d",
      ) + X("b + c + d[0]");
    const buffers = {
      "a.ts": text,
      "b.ts": "export const b = 1;",
      "new/c.ts": "export const c = 2;",
      "data.json": "[4]",
    };
    expect(await run("a.ts", buffers)).toBe(7);
    const { inputs } = (await bundle("a.ts", buffers)) as Bundle;
    expect(inputs.sort()).toEqual(
      Object.keys(buffers)
        .map(name => join(root, name))
        .sort(),
    );
  });

  it("may be a folder that is not there yet", async () => {
    const buffers = { "new/a.ts": `import { b } from "../b";\n${X("b")}`, "b.ts": "export const b = 1;" };
    expect(await run("new/a.ts", buffers)).toBe(1);
  });

  it.each([
    [
      "circular imports",
      {
        "a.ts": `import { b } from "./b"; export const one = () => 1;\nconsole.log("a");\n${X("b()")}`,
        "b.ts": `import { one } from "./a"; export const b = () => one();`,
      },
    ],
    [
      "circular imports that change each other",
      {
        "a.ts": `import { b } from "./b"; export const calls: number[] = [];\n${X("b(), calls.length")}`,
        "b.ts": `import { calls } from "./a"; export const b = () => calls.push(1);`,
      },
    ],
    [
      "circular imports of the class",
      {
        "a.ts": `${ENGINE}import { b } from "./b"; export default class extends Function { static calls = 0; static forward() { b(); return this.calls; } }`,
        "b.ts": `import X from "./a"; export const b = () => X.calls++;`,
      },
    ],
    [
      "circular CommonJS",
      {
        "a.cjs": `const { Function } = require("@gradient-lens/engine"); exports.calls = []; const b = require("./b.cjs"); exports.X = class extends Function { static forward() { b.b(); return exports.calls.length } }`,
        "b.cjs": `const a = require("./a.cjs"); exports.b = () => a.calls.push(1);`,
      },
    ],
    [
      "names like the script's own",
      {
        "a.ts": `import { b } from "./b"; const gradientLens_ = 0;\n${X("b + gradientLens_")}`,
        "b.ts": `const gradientLens = 1, engine = 0; export const b = gradientLens + engine;`,
      },
    ],
    [
      "all of a module handed on",
      {
        "a.ts": `import { c } from "./b";\n${X("c")}`,
        "b.ts": `export * from "./other"; export * from "./c";`,
        "c.ts": `export * from "./b"; export const c = 1;`,
        "other.ts": `console.log("other"); export const o = console.log("o");`,
      },
    ],
    [
      "names handed on",
      {
        "a.ts": `import b, { n } from "./b";\n${X("b + n.c - 1")}`,
        "b.ts": `export { c as default } from "./c"; export * as n from "./c";`,
        "c.ts": `export const c = 1;`,
      },
    ],
    [
      "namespaces",
      {
        "a.ts": `import * as b from "./b";\n${X("b.c")}`,
        "b.ts": `export const c = 1; export const d = console.log("d");`,
      },
    ],
    [
      "whole namespaces",
      {
        "a.ts": `import * as b from "./b";\n${X("Object.values(b).length")}`,
        "b.ts": `export const c = 1; console.log("b");`,
      },
    ],
    [
      "CommonJS",
      {
        "a.ts": `import { b } from "./b.cjs";\n${X("b")}`,
        "b.cjs": `exports.b = 1; exports.c = console.log("c"); console.log("b");`,
      },
    ],
    [
      "CommonJS by default",
      {
        "a.ts": `import b from "./b.cjs";\n${X("b.c")}`,
        "b.cjs": `module.exports = { c: 1 }; console.log("b");`,
      },
    ],
    [
      "CommonJS of CommonJS",
      {
        "a.cjs": `const { Function } = require("@gradient-lens/engine"); const b = require("./b.cjs"); exports.X = class extends Function { static forward() { return b.c } }`,
        "b.cjs": `const { c } = require("./c.cjs"); exports.c = c; exports.d = require("./c.cjs").d;`,
        "c.cjs": `exports.c = 1; exports.d = console.log("d");`,
      },
    ],
    [
      "compiled names",
      {
        "a.ts": `import { b } from "./b.js"; import { c } from "./c.mjs";\n${X("b - c")}`,
        "b.ts": `export const b = 2;`,
        "c.mts": `export const c = 1;`,
      },
    ],
    [
      "compiled names in JavaScript",
      { "a.js": `import { b } from "./b.js";\n${X("b")}`, "b.ts": `export const b: number = 1;` },
    ],
    [
      "folders",
      {
        "a.ts": `import { b } from "./b"; import { c } from ".";\n${X("b - c")}`,
        "b/index.ts": `export const b = 2;`,
        "index.js": `export const c = 1;`,
      },
    ],
    [
      "paths of tsconfig.json",
      {
        "tsconfig.json": `{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }`,
        "a.ts": `import { b } from "@lib/b";\n${X("b")}`,
        "lib/b.ts": `export const b = 1; console.log("b");`,
      },
    ],
    [
      "decorators of tsconfig.json",
      {
        "tsconfig.json": `{ "compilerOptions": { "experimentalDecorators": true } }`,
        "a.ts": `function counted(target: any, key: string) { target.key = key.length - 6; }\n${X("this.key").replace("static", "@counted static")}`,
      },
    ],
    [
      "fields of tsconfig.json",
      {
        "tsconfig.json": `{ "compilerOptions": { "useDefineForClassFields": false } }`,
        "a.ts": `${ENGINE}class B extends Function { static set y(v: any) { this.z = v } }\nclass X extends B { static y = 1; static forward() { return this.z } }`,
      },
    ],
    [
      "parameter properties of tsconfig.json",
      {
        "tsconfig.json": `{ "compilerOptions": { "target": "es2021" } }`,
        "a.ts": `class B { set y(v: any) { this.z = v } } class P extends B { constructor(public y: number) { super() } }\n${X("new P(1).z")}`,
      },
    ],
    [
      "standard decorators",
      {
        "a.ts": `function plus(f: any, { kind }: any) { return () => f() + kind.length; }\n${X("-5").replace("static", "@plus static")}`,
      },
    ],
    [
      "base classes",
      {
        "a.ts": `import { Base } from "./b"; export class X extends Base {}`,
        "b.ts": X("1").replace("class X", "class Base"),
      },
    ],
    [
      "type-only imports",
      {
        "tsconfig.json": `{ "compilerOptions": { "verbatimModuleSyntax": true } }`,
        "a.ts": `import { type B, b } from "./b"; import type { C } from "node:fs";\n${X("b as B")}`,
        "b.ts": `export type B = number; export const b: B = 1;`,
      },
    ],
    [
      "enums and JSX",
      {
        "tsconfig.json": `{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }`,
        "a.tsx": `import { E } from "./e"; const h = (tag: string, { n }: any) => n;\n${X("<b n={E.B} />")}`,
        "e.ts": `export enum E { A, B } console.log("e");`,
      },
    ],
  ])("%s", async (_, files) => {
    onDisk(files as Record<string, string>);
    expect(await run(Object.keys(files).find(name => name.startsWith("a."))!)).toBe(1);
  });

  it("may be unsaved and circular", async () => {
    const a = `import { b } from "./b"; export const calls: number[] = [];\n${X("b(), calls.length")}`;
    const b = `import { calls } from "./a"; export const b = () => calls.push(1);`;
    expect(await run("a.ts", { "a.ts": a, "b.ts": b })).toBe(1);
  });

  it("may be reached through symbolic links", async () => {
    onDisk({
      "real/a.ts": `import { b } from "./b"; export const calls: number[] = [];\n${X("b(), calls.length")}console.log("a");`,
      "real/b.ts": `import { calls } from "./a"; export const b = () => calls.push(1); console.log("b");`,
      "real/alone.ts": X("1"),
    });
    symlinkSync(join(root, "real"), join(root, "linked"));
    expect(await run("linked/a.ts")).toBe(1);
    const alone = join(root, "linked/alone.ts");
    expect(await bundle("linked/alone.ts")).toMatchObject({ inputs: [alone], map: { sources: [alone] } });
    const { inputs, map } = (await bundle("linked/a.ts")) as Bundle;
    expect(inputs).toContain(join(root, "linked/b.ts"));
    expect(map.sources).toContain(join(root, "linked/a.ts"));
  });
});

describe("packages", () => {
  const manifest = (fields: object) => JSON.stringify({ name: "p", version: "1.0.0", ...fields });
  it.each([
    [
      "modules",
      { "package.json": manifest({ module: "m.js", main: "gone.js" }), "m.js": "export const p = 1;" },
    ],
    ["CommonJS", { "package.json": manifest({ main: "m.js" }), "m.js": "exports.p = 1;" }],
    [
      "with exports",
      {
        "package.json": manifest({ exports: { node: "./gone.js", import: "./m.mjs" } }),
        "m.mjs": "export const p = 1;",
      },
    ],
    [
      "that look for browsers",
      {
        "package.json": manifest({ main: "m.js", browser: { fs: false } }),
        "m.js": "exports.p = require('fs').x ?? 1;",
      },
    ],
    [
      "with a built-in that nothing uses",
      {
        "package.json": manifest({ module: "m.js" }),
        "m.js":
          "import fs from 'fs'; import { join } from 'node:path'; export const q = () => fs + join; export const p = 1;",
      },
    ],
    [
      "that can do without a built-in",
      {
        "package.json": manifest({}),
        "index.js": "let c; try { c = require('crypto') } catch {} exports.p = c ? 0 : 1;",
      },
    ],
    [
      "that load at run time",
      {
        "package.json": manifest({ module: "m.js" }),
        "m.js":
          "export const p = 1; export const q = x => import(x); export const r = async () => import('fs/promises');",
      },
    ],
    [
      "that import the engine",
      {
        "package.json": manifest({ module: "m.js" }),
        "m.js":
          "import * as gl from '@gradient-lens/engine'; import { q } from './q.cjs'; export const p = gl['o' + 'ne'] + q - 1; export const r = () => import('@gradient-lens/engine');",
        "q.cjs": "const gl = require('@gradient-lens/engine'); exports.q = gl.one;",
      },
    ],
    [
      "that require what is known at run time only",
      {
        "package.json": manifest({}),
        "index.js":
          "let p; try { const name = 'f'; require(name + 's') } catch (e) { p = e.message === 'Dynamic require of \"fs\" is not supported' ? 1 : e.message } exports.p = p;",
      },
    ],
    [
      "that ask for the environment",
      {
        "package.json": manifest({}),
        "index.js": "exports.p = process.env.NODE_ENV === 'production' ? 1 : global.x;",
      },
    ],
  ])("%s", async (_, files) => {
    onDisk({ "src/a.ts": `import { p } from "p";\n${X("p")}` });
    onDisk(Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/p/${name}`, text])));
    expect(await run("src/a.ts")).toBe(1);
  });

  it("of the workspace are sliced like its files", async () => {
    onDisk({
      "packages/p/package.json": manifest({ main: "m.ts" }),
      "packages/p/m.ts": "export const p = 1; console.log('p');",
      "src/a.ts": `import { p } from "p";\n${X("p")}`,
    });
    mkdirSync(join(root, "node_modules"));
    symlinkSync(join(root, "packages/p"), join(root, "node_modules/p"));
    expect(await run("src/a.ts", { "packages/p/m.ts": "export const p = 1; console.log('unsaved');" })).toBe(
      1,
    );
  });

  it("stand in for a built-in of the same name", async () => {
    onDisk({
      "node_modules/events/index.js": "exports.once = 1;",
      "a.ts": `import { once } from "events"; import { p } from "p";\n${X("once + p - 1")}`,
      "node_modules/p/index.js": "exports.p = require('events').once;",
    });
    expect(await run("a.ts")).toBe(1);
  });

  it.each([
    ["import fs from 'fs'; export const p = fs.readFileSync('x');", "fs"],
    ["exports.p = require('node:fs').readFileSync('x');", "node:fs"],
    [
      "import 'child_process'; import { spawn } from 'child_process'; export const p = spawn;",
      "child_process",
    ],
  ])("that need a built-in are refused: %s", async (text, builtin) => {
    onDisk({ "src/a.ts": `import { p } from "p";\n${X("p")}`, "node_modules/p/index.js": text });
    expect(await refusalOf("src/a.ts")).toBe(
      `sandbox-violation: ../node_modules/p/index.js imports "${builtin}", and X needs it. A Function may only compute: keep files, network and processes out of what X uses, and pass in what they give as an argument of forward.`,
    );
  });
});

describe("refusals", () => {
  const advice =
    "A Function may only compute: keep files, network and processes out of what X uses, and pass in what they give as an argument of forward.";
  it("of Node built-ins name the way to them", async () => {
    onDisk({
      "src/a.ts": `import { b } from "./lib/b";\n${X("b")}`,
      "src/lib/b.ts": `import { readFileSync } from "node:fs";\nexport const b = readFileSync("b").length;`,
      "src/c.ts": `const fs = require("fs");\n${X("fs")}`,
      "src/d.ts": `${X("1")}import fs from "node:fs"; fs.readFileSync("d");`,
    });
    expect(await refusalOf("src/a.ts")).toBe(
      `sandbox-violation: a.ts → lib/b.ts:1:10 imports "node:fs", and X needs it. ${advice}`,
    );
    expect(await refusalOf("src/c.ts")).toBe(
      `sandbox-violation: c.ts:3:61 imports "fs", and X needs it. ${advice}`,
    );
    expect(await run("src/d.ts")).toBe(1);
  });

  it.each([
    [
      "import() in what is needed",
      X(`import("./b")`),
      `sandbox-violation: a.ts:2:61 calls import(), and X needs it. Code is not loaded while a Function runs: import it at the top of the file.`,
    ],
    [
      "a package that is not installed",
      `import { p } from "p";\n${X("p")}`,
      `cannot-bundle: a.ts:1:19: Could not resolve "p". Is the package installed in this workspace?`,
    ],
    [
      "a file that is not there",
      `import { p } from "./p";\n${X("p")}`,
      `cannot-bundle: a.ts:1:19: Could not resolve "./p"`,
    ],
    [
      "an export that is not there",
      `import { p } from "./b";\n${X("p")}`,
      `cannot-bundle: a.ts:1:10 imports "p", which b.ts does not export.`,
    ],
    [
      "half-typed code in what is needed",
      X(`/* é😀 */ "é😀" + }`),
      `cannot-bundle: a.ts:2:79: Unexpected "}"`,
    ],
    [
      "half-typed code at the end of what is needed",
      `${X("y")}const y =`,
      `cannot-bundle: a.ts:4:1: Unexpected ";"`,
    ],
    [
      "await at the top level",
      `const p = await 1;\n${X("p")}`,
      "cannot-bundle: a.ts:1:11: await at the top level of a module that the Function needs: what it waits for is not there when the Function is checked. Compute it without await, or pass it in as an argument of forward.",
    ],
    [
      "a class out of reach",
      `${ENGINE}function make() { class X extends Function { static forward() {} } }`,
      "cannot-bundle: X cannot be checked. It is declared inside the function make and exists only while that runs: give what it returns to a top-level const, or move the class to the top level.",
    ],
  ])("%s", async (_, text, expected) => {
    onDisk({ "b.ts": "export const b = 1;" });
    expect(await refusalOf("a.ts", { "a.ts": text })).toBe(expected);
  });

  it("half-typed code elsewhere does not matter", async () => {
    expect(await run("a.ts", { "a.ts": `${X("1")}const y = ;\nfunction f( {\n` })).toBe(1);
    expect(await run("a.ts", { "a.ts": `import { gone } from "./gone";\ngone(;\n}\n${X("1")}` })).toBe(1);
  });

  it("a class that is gone since", async () => {
    const site = await siteOf(join(root, "a.ts"), reader({ "a.ts": X("1") }));
    const bundled = await bundler.bundle(join(root, "a.ts"), site, reader({ "a.ts": ENGINE }));
    expect(bundled).toEqual({
      refused: { rule: "cannot-bundle", message: "X is no longer in a.ts: check it again once it is." },
    });
    const unread = await bundler.bundle(join(root, "a.ts"), site, async () => undefined);
    expect(unread).toEqual({
      refused: { rule: "cannot-bundle", message: "a.ts is no script that can be read." },
    });
  });
});

describe("the source map", () => {
  it("leads back to where each thing is written", async () => {
    onDisk({
      "a.ts": `import { b } from "./lib/b";\nrun();\n\n${X("b.here")}`,
      "lib/b.ts": `interface I {}\nlog();\nexport const b = { get here() { throw new Error("é") } };`,
    });
    const { script, map } = (await bundle("a.ts")) as Bundle;
    const lines = script.split("\n");
    const where = (code: string) => {
      const line = lines.findIndex(text => text.includes(code));
      const entry = new NodeSourceMap({
        ...map,
        file: "",
        sourceRoot: "",
        sourcesContent: [],
        sources: map.sources.map(String),
      }).findEntry(line, lines[line]!.indexOf(code));
      return "originalSource" in entry
        ? [entry.originalSource, entry.originalLine, entry.originalColumn]
        : undefined;
    };
    expect(where("b.here")).toEqual([join(root, "a.ts"), 4, 60]);
    expect(where("throw new")).toEqual([join(root, "lib/b.ts"), 2, 32]);
  });
});

describe("in the sandbox's compartment", () => {
  it("the script evaluates to the class", { timeout: 60_000 }, async () => {
    onDisk({
      "a.ts": `import { Function, type Tensor } from "@gradient-lens/engine";
import { scale } from "./b.cjs";
/* <!-- import("x") --> */
let n = 3;
function checked(f: any) { return f; }
export class Cube extends Function {
  static #power = 3;
  @checked static forward(ctx: any, x: number) { let i = 1; while (n --> 0) i *= x; return i * scale * Cube.#power; }
}
Cube.sampleInputs = () => [2];
`,
      "b.cjs": `exports.scale = 2;`,
    });
    const { script } = (await bundle("a.ts")) as Bundle;
    const program = `
      require(${JSON.stringify(createRequire(import.meta.url).resolve("ses"))});
      lockdown({ errorTaming: "unsafe", overrideTaming: "severe" });
      const engine = harden({ Function: class Function { static apply() {} }, randn() {} });
      const compartment = new Compartment({ engine });
      const X = compartment.evaluate(${JSON.stringify(script)}, { __evadeHtmlCommentTest__: true, __evadeImportExpressionTest__: true });
      console.log(X.forward({}, 2), X.sampleInputs());`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", program]);
    expect(stdout.trim()).toBe("48 [ 2 ]");
  });
});

describe("esbuild", () => {
  it("starts again after it was disposed of", async () => {
    const own = new Bundler();
    const readText = reader({ "a.ts": `import { p } from "p";\n${X("p")}` });
    onDisk({ "node_modules/p/index.js": "exports.p = 1;" });
    const site = await siteOf(join(root, "a.ts"), readText);
    for (let i = 0; i < 2; i++) {
      expect(await own.bundle(join(root, "a.ts"), site, readText)).toHaveProperty("script");
      await own.dispose();
    }
  });
});

describe("what does not end", () => {
  it.skipIf(process.platform === "win32")("a link to a device is not read", async () => {
    onDisk({ "a.ts": `import zeros from "./zeros.json";\n${X("zeros")}` });
    symlinkSync("/dev/zero", join(root, "zeros.json"));
    const file = join(root, "a.ts");
    const bundled = await bundler.bundle(file, await siteOf(file, readFromDisk), readFromDisk);
    expect(bundled).toMatchObject({ refused: { rule: "cannot-bundle" } });
    expect(JSON.stringify(bundled)).toContain("is no file");
  });

  it("code that TypeScript's parser would never be done with is not read", async () => {
    onDisk({
      "a.ts": `import { b } from "./b";\n${X("b")}`,
      "b.ts": `export const b = ${"async(a=".repeat(40)}1${")".repeat(40)};`,
    });
    expect(await refusalOf("a.ts")).toContain("nested too deep");
  });

  it("brackets that end esbuild's process end one bundle, not those after it", async () => {
    const deep = 3_000_000;
    onDisk({
      "node_modules/deep/index.js": `module.exports = ${"[".repeat(deep)}${"]".repeat(deep)};`,
      "a.ts": `import deep from "deep";\n${X("deep")}`,
      "b.ts": X("1"),
    });
    expect(await bundle("a.ts")).toMatchObject({ refused: { rule: "cannot-bundle" } });
    expect(await run("b.ts")).toBe(1);
  });
});
