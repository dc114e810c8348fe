import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FunctionSite, ReadText } from "../checker.ts";
import { findFunctions } from "./functions.ts";
import { LineIndex } from "./line-index.ts";

/** A workspace of texts by file name; the first is looked into. */
async function find(files: Record<string, string>): Promise<{ sites: FunctionSite[]; text: string }> {
  const [[file, text]] = Object.entries(files) as [[string, string]];
  const readText: ReadText = async path => files[path.slice(1)];
  return { sites: await findFunctions(`/${file}`, text, readText), text };
}

/** A site in one line, its ranges read back from the text: `X at X: forward(x: Tensor) backward ⇒ g.mul(2)`. */
function summary(site: FunctionSite, text: string): string {
  const lines = new LineIndex(text);
  const at = (range: FunctionSite["range"]) =>
    text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
  const { name, path, nameRange, forward, backward, unreachable } = site;
  const parameters = forward?.parameters?.map(({ name, type, optional, initializer, rest }) =>
    [
      rest ? "..." : "",
      name,
      optional ? "?" : "",
      type === null ? "" : `: ${type}`,
      initializer === null ? "" : ` = ${initializer}`,
    ].join(""),
  );
  return [
    `${name} at ${at(nameRange)}`,
    path.join(".") === name ? "" : `, path ${path.join(".") || "none"}`,
    forward ? `; ${at(forward.nameRange)}(${parameters?.join(", ") ?? "not shown"})` : "; no forward",
    backward
      ? `; ${[at(backward.nameRange), ...backward.returns.map(range => at(range))].join(" ⇒ ")}`
      : "; no backward",
    unreachable === undefined ? "" : `; unreachable: ${unreachable}`,
  ].join("");
}

async function summaries(files: Record<string, string> | string, as = "a.ts"): Promise<string[]> {
  const { sites, text } = await find(typeof files === "string" ? { [as]: files } : files);
  return sites.map(site => summary(site, text));
}

const BODY = "{ static forward(ctx, x) { return x } static backward(ctx, g) { return g } }";
const isX = "; forward(x); backward ⇒ g";

describe("the engine's Function, under any alias", () => {
  it.each([
    [`import { Function } from "@gradient-lens/engine"; class X extends Function ${BODY}`],
    [`import { Function as F } from "@gradient-lens/engine"; class X extends F ${BODY}`],
    [
      `import { AutogradFunction, type Tensor } from "@gradient-lens/engine"; class X extends AutogradFunction ${BODY}`,
    ],
    [`import * as gl from "@gradient-lens/engine"; class X extends gl.Function ${BODY}`],
    [`import * as gl from "@gradient-lens/engine"; class X extends gl.autograd.Function ${BODY}`],
    [`import gl from "@gradient-lens/engine"; class X extends gl.Function ${BODY}`],
    [`import gl, { randn } from "@gradient-lens/engine"; class X extends gl["Function"] ${BODY}`],
    [`import d, * as gl from "@gradient-lens/engine"; class X extends gl.Function ${BODY}`],
    [`import d, * as gl from "@gradient-lens/engine"; class X extends d.Function ${BODY}`],
    [`import { autograd } from "@gradient-lens/engine"; class X extends autograd.Function ${BODY}`],
    [`import gl = require("@gradient-lens/engine"); class X extends gl.Function ${BODY}`],
    [`import * as gl from "@gradient-lens/engine"; import F = gl.Function; class X extends F ${BODY}`],
    [`import * as gl from "@gradient-lens/engine"; const F = gl.Function; class X extends F ${BODY}`],
    [
      `import * as gl from "@gradient-lens/engine"; const { autograd: { Function: F } } = gl; class X extends F ${BODY}`,
    ],
    [`const { Function } = require("@gradient-lens/engine"); class X extends Function ${BODY}`],
    [`const gl = require("@gradient-lens/engine"); class X extends gl.Function ${BODY}`],
    [`class X extends require("@gradient-lens/engine").Function ${BODY}`],
    [`const { Function: F } = await import("@gradient-lens/engine"); class X extends F ${BODY}`],
    [`import { Function } from "@gradient-lens/engine"; class X extends (Function as any) ${BODY}`],
    [`import { Function } from "@gradient-lens/engine"; class X extends logged(Function) ${BODY}`],
  ])("%s", async text => {
    expect(await summaries(text)).toEqual([`X at X${isX}`]);
  });

  it.each(["a.js", "a.mjs", "a.cjs", "a.jsx", "a.tsx", "a.mts", "a.cts"])("in %s", async file => {
    const text = `const gl = require("@gradient-lens/engine"); const F = gl.Function; class X extends F ${BODY}; module.exports = { X }`;
    expect(await summaries(text, file)).toEqual([`X at X${isX}`]);
  });

  it.each([
    [
      "the global Function",
      `import { randn } from "@gradient-lens/engine"; class X extends Function ${BODY}`,
    ],
    [
      "another package's",
      `import { randn } from "@gradient-lens/engine"; import { Function } from "torch"; class X extends Function ${BODY}`,
    ],
    ["another member", `import * as gl from "@gradient-lens/engine"; class X extends gl.Module ${BODY}`],
    [
      "a parameter of that name",
      `import { Function } from "@gradient-lens/engine"; function f(Function) { class X extends Function ${BODY} }`,
    ],
    ["no base", `import { Function } from "@gradient-lens/engine"; class X ${BODY}`],
    ["itself", `import { Function } from "@gradient-lens/engine"; class X extends X ${BODY}`],
    [
      "each other",
      `import { Function } from "@gradient-lens/engine"; class X extends Y ${BODY}; class Y extends X ${BODY}`,
    ],
    [
      "a require of its own",
      `function require() { return globalThis } const { Function } = require("@gradient-lens/engine"); class X extends Function ${BODY}`,
    ],
    ["ambient", `import { Function } from "@gradient-lens/engine"; declare class X extends Function ${BODY}`],
    [
      "neither forward nor backward",
      `import { Function } from "@gradient-lens/engine"; class X extends Function { static jvp() {} forward() {} }`,
    ],
  ])("not %s", async (_, text) => {
    expect(await summaries(text)).toEqual([]);
  });

  it("not in files that hold no code", async () => {
    const text = `import { Function } from "@gradient-lens/engine"; export class X extends Function ${BODY}`;
    expect(await summaries(text, "a.d.ts")).toEqual([]);
    expect(await summaries(text, "a.md")).toEqual([]);
  });
});

describe("functions that make classes", () => {
  const engine = `import { Function } from "@gradient-lens/engine";`;
  const make = `function make(k) { return class extends Function ${BODY} }`;

  it.each([
    ["a const", `${make} export const Cube = make(3);`],
    ["an arrow", `const make = k => class extends Function ${BODY}; const Cube = make(3);`],
    [
      "one with a name",
      `function make(k) { class Power extends Function ${BODY} return Power } const Cube = make(3);`,
    ],
    ["one that is called at once", `const Cube = (() => class extends Function ${BODY})();`],
    ["what wraps it", `${make} const Cube = onceDifferentiable(make(3));`],
    ["one that another calls", `${make} const odd = k => make(2 * k + 1); const Cube = odd(1);`],
    ["a subclass", `${make} class Cube extends make(3) {}`],
  ])("%s", async (_, text) => {
    expect(await summaries(engine + text)).toEqual(["Cube at Cube; Cube(x); Cube"]);
  });

  it("each, in an object, as the default, and from another module", async () => {
    expect(
      await summaries(`${engine} ${make} const ops = { Cube: make(3) }; export default make(2);`),
    ).toEqual(["Cube at Cube, path ops.Cube; Cube(x); Cube", "default at default; default(x); default"]);
    const b = `${engine} export ${make}`;
    expect(
      await summaries({ "a.ts": `import { make } from "./b"; class Cube extends make(3) {}`, "b.ts": b }),
    ).toEqual(["Cube at Cube; Cube(x); Cube"]);
  });

  it.each([
    ["that nobody calls", `${make}`],
    ["that is called within a function", `${make} function f() { const Cube = make(3) }`],
  ])("one %s is not reached", async (_, text) => {
    const [site, ...others] = await summaries(engine + text);
    expect(site).toMatch(/^default at class, path none; .* unreachable: It /);
    expect(others).toEqual([]);
  });

  it("a class that is handed on is itself, not another", async () => {
    const text = `${engine} class X extends Function ${BODY} const of = () => X; const Y = of(); const y = X.apply(1);`;
    expect(await summaries(text)).toEqual([`X at X${isX}`]);
  });

  it("in a circle make nothing", async () => {
    const text = `${engine} const f = () => g(); const g = () => f(); const X = f(); class Y extends f() ${BODY}`;
    expect(await summaries(text)).toEqual([]);
  });
});

describe("base classes", () => {
  const base = `import { Function } from "@gradient-lens/engine"; export class Base extends Function {}`;

  it("that many aliases hold, each twice", async () => {
    const aliases = Array.from({ length: 60 }, (_, i) => `const a${i} = either(a${i + 1}, a${i + 1});`);
    const text = [`class X extends a0 ${BODY}`, ...aliases].join("\n");
    expect(await summaries(`import "@gradient-lens/engine";\n${text}`)).toEqual([]);
    const end = `import { Function as a60 } from "@gradient-lens/engine";`;
    expect(await summaries(`${end}\n${text}`)).toEqual([`X at X${isX}`]);
  });

  it("local, without forward and backward of their own", async () => {
    expect(await summaries(`${base}; class Mid extends Base {} class X extends Mid ${BODY}`)).toEqual([
      `X at X${isX}`,
    ]);
  });

  it("with forward and backward that are inherited", async () => {
    const text = `import { Function } from "@gradient-lens/engine";
      abstract class Unary extends Function ${BODY}
      class X extends Unary { static f = Math.exp }
      class Y extends X { static backward(ctx, g) { return g.neg() } }`;
    expect(await summaries(text)).toEqual([
      `Unary at Unary${isX}; unreachable: It is abstract: the classes that extend it are checked.`,
      "X at X; X(x); X",
      "Y at Y; Y(x); backward ⇒ g.neg()",
    ]);
  });

  it.each([
    ["by name", { "a.ts": `import { Base as B } from "./b"; class X extends B ${BODY}`, "b.ts": base }],
    ["as .js", { "a.ts": `import { Base as B } from "./b.js"; class X extends B ${BODY}`, "b.ts": base }],
    [
      "with its extension",
      { "a.ts": `import { Base as B } from "./b.ts"; class X extends B ${BODY}`, "b.ts": base },
    ],
    [
      "from a folder",
      { "src/a.ts": `import { Base } from ".."; class X extends Base ${BODY}`, "index.mts": base },
    ],
    [
      "through a namespace",
      { "a.ts": `import * as b from "./b"; class X extends b.Base ${BODY}`, "b.tsx": base },
    ],
    [
      "by default",
      {
        "a.ts": `import B from "./b"; class X extends B ${BODY}`,
        "b.ts": base.replace("export", "export default"),
      },
    ],
    [
      "renamed",
      {
        "a.ts": `import { B } from "./b"; class X extends B ${BODY}`,
        "b.ts": `${base}; export { Base as B }`,
      },
    ],
    [
      "re-exported",
      {
        "a.ts": `import { B } from "./b"; class X extends B ${BODY}`,
        "b.ts": `export { Base as B } from "./c"`,
        "c.ts": base,
      },
    ],
    [
      "re-exported with all",
      {
        "a.ts": `import { Base } from "./b"; class X extends Base ${BODY}`,
        "b.ts": `export * from "./d"; export * from "./c"`,
        "c.ts": base,
        "d.ts": "",
      },
    ],
    [
      "re-exported as a namespace",
      {
        "a.ts": `import { ns } from "./b"; class X extends ns.Base ${BODY}`,
        "b.ts": `export * as ns from "./c"`,
        "c.ts": base,
      },
    ],
    [
      "in a circle",
      {
        "a.ts": `import { Base } from "./b"; export class X extends Base ${BODY}`,
        "b.ts": `export * from "./a"; export * from "./b"; export * from "./c"`,
        "c.ts": `export * from "./b"; ${base}`,
      },
    ],
    [
      "CommonJS",
      {
        "a.cjs": `const { Base } = require("./b.cjs"); class X extends Base ${BODY}`,
        "b.cjs": `const { Function } = require("@gradient-lens/engine"); class Base extends Function {} module.exports = { Base }`,
      },
    ],
    [
      "CommonJS, one by one",
      {
        "a.cjs": `const b = require("./b.cjs"); class X extends b.Base ${BODY}`,
        "b.cjs": `const { Function } = require("@gradient-lens/engine"); exports.Base = class extends Function {}`,
      },
    ],
    [
      "CommonJS, as a whole",
      {
        "a.ts": `import Base from "./b.cjs"; class X extends Base ${BODY}`,
        "b.cjs": `const { Function } = require("@gradient-lens/engine"); module.exports = class extends Function {}`,
      },
    ],
    [
      "the engine handed on",
      {
        "a.ts": `import { Function } from "./b"; class X extends Function ${BODY}`,
        "b.ts": `export * from "@gradient-lens/engine"`,
      },
    ],
    [
      "the engine renamed",
      {
        "a.ts": `import { gl } from "./b"; class X extends gl.Function ${BODY}`,
        "b.ts": `export * as gl from "@gradient-lens/engine"`,
      },
    ],
  ])("imported: %s", async (_, files) => {
    expect(await summaries(files as Record<string, string>)).toEqual([`X at X${isX}`]);
  });

  it("inherits from a base in another file", async () => {
    const files = {
      "a.ts": `import { Unary } from "./b"; export class X extends Unary {}`,
      "b.ts": `import { Function, type Tensor } from "@gradient-lens/engine"; export class Unary extends Function {
        static setupContext() {} static forward(x: Tensor) {} static backward(ctx, g) { return g } }`,
    };
    expect(await summaries(files)).toEqual(["X at X; X(x: Tensor); X"]);
  });

  it("is none when the import leads nowhere", async () => {
    expect(await summaries(`import { Base } from "./gone"; class X extends Base ${BODY}`)).toEqual([]);
    expect(
      await summaries({
        "a.ts": `import { Base } from "./b"; class X extends Base ${BODY}`,
        "b.ts": `export { Base } from "./a"`,
      }),
    ).toEqual([]);
  });

  it("shares one namespace between a class and its base", async () => {
    const text = `import * as gl from "@gradient-lens/engine";
      const bases = { Root: class extends gl.Function {}, Leaf: class extends bases.Root {} };
      class X extends mixed(gl.Tensor, bases.Leaf) ${BODY}`;
    expect(await summaries(text)).toEqual([`X at X${isX}`]);
  });
});

describe("names and reach", () => {
  const engine = `import { Function } from "@gradient-lens/engine";\n`;
  it.each([
    [`export default class extends Function ${BODY}`, `default at default${isX}`],
    [`export default class X extends Function ${BODY}`, `X at X${isX}`],
    [`export default (class X extends Function ${BODY})`, `X at X, path default${isX}`],
    [`const X = class extends Function ${BODY}`, `X at X${isX}`],
    [`export const X = (class extends Function ${BODY}) as any`, `X at X${isX}`],
    [`const X = class Inner extends Function ${BODY}`, `Inner at Inner, path X${isX}`],
    [`const X = once(class extends Function ${BODY})`, `X at X${isX}`],
    [`let X; X = class extends Function ${BODY}`, `X at X${isX}`],
    [`namespace N { export class X extends Function ${BODY} }`, `X at X, path N.X${isX}`],
    [`namespace A.B { export const X = class extends Function ${BODY} }`, `X at X, path A.B.X${isX}`],
    [`const ops = { deep: { X: class extends Function ${BODY} } }`, `X at X, path ops.deep.X${isX}`],
    [`const ops = { "a-b": class extends Function ${BODY} }`, `a-b at "a-b", path ops.a-b${isX}`],
    [`const ops: any = {}; ops.X = class extends Function ${BODY}`, `X at X, path ops.X${isX}`],
    [`class Outer { static X = class extends Function ${BODY} }`, `X at X, path Outer.X${isX}`],
    [`@decorate export class X extends Function ${BODY}`, `X at X${isX}`],
  ])("%s", async (text, expected) => {
    expect(await summaries(engine + text)).toEqual([expected]);
  });

  it.each([
    [`exports.X = class extends Function ${BODY}`, `X at X, path exports.X${isX}`],
    [`module.exports = class extends Function ${BODY}`, `default at class, path module.exports${isX}`],
    [`module.exports = { X: class extends Function ${BODY} }`, `X at X, path module.exports.X${isX}`],
    [`module.exports.X = class Y extends Function ${BODY}`, `Y at Y, path module.exports.X${isX}`],
  ])("CommonJS: %s", async (text, expected) => {
    expect(
      await summaries(`const { Function } = require("@gradient-lens/engine");\n${text}`, "a.js"),
    ).toEqual([expected]);
  });

  it.each([
    [
      `function make() { class X extends Function ${BODY} return X }`,
      "It is declared inside the function make and exists only while that runs: give what it returns to a top-level const, or move the class to the top level.",
    ],
    [
      `const make = () => { class X extends Function ${BODY} return X }`,
      "It is declared inside a function and exists only while that runs: give what it returns to a top-level const, or move the class to the top level.",
    ],
    [
      `if (true) { class X extends Function ${BODY} }`,
      "It is declared inside a block: move the class to the top level.",
    ],
    [
      `namespace N { class X extends Function ${BODY} }`,
      "Namespace N does not export it: put export before the class.",
    ],
    [
      `register("x", class X extends Function ${BODY})`,
      "It has no name that the rest of the file could use: assign the class to a top-level const.",
    ],
    [
      `const ops = { [key]: class X extends Function ${BODY} }`,
      "It stands under a computed name: assign the class to a top-level const.",
    ],
    [
      `const make = () => class X extends Function ${BODY}`,
      "It has no name that the rest of the file could use: assign the class to a top-level const.",
    ],
  ])("unreachable: %s", async (text, reason) => {
    expect(await summaries(engine + text)).toEqual([`X at X, path none${isX}; unreachable: ${reason}`]);
  });

  it("a class that is assigned to nothing known is found, and skipped", async () => {
    expect(await summaries(`${engine}X = class extends Function ${BODY}`)).toEqual([
      `X at X, path none${isX}; unreachable: X is not declared in this file: assign the class to a top-level const.`,
    ]);
  });

  it("a class that forgot its name is found, and skipped", async () => {
    expect(await summaries(`${engine}class extends Function ${BODY}`)).toEqual([
      `default at class, path none${isX}; unreachable: The class has no name yet.`,
    ]);
  });
});

describe("forward's parameters", () => {
  const of = async (members: string, file?: string) =>
    summaries(
      `import { Function } from "@gradient-lens/engine";\nclass X extends Function { ${members} }`,
      file,
    );

  it.each([
    [
      "forward(ctx: Context, x: Tensor, { eps = 1e-5 }: { eps?: number } = {}, ...rest: Tensor[])",
      "x: Tensor, { eps = 1e-5 }?: { eps?: number } = {}, ...rest: Tensor[]",
    ],
    ["forward(this: typeof X, ctx: Context, x?: Tensor | null)", "x?: Tensor | null"],
    ["forward(ctx: Context)", ""],
    ["forward()", ""],
    ["forward(ctx, x = 1)", "x? = 1"],
  ])("%s", async (signature, expected) => {
    expect(await of(`static ${signature} {}`)).toEqual([`X at X; forward(${expected}); no backward`]);
  });

  it("of a Function whose derivative is a jvp", async () => {
    expect(await of("static forward(ctx, x: Tensor) {} static jvp(ctx, dx) { return dx }")).toEqual([
      expect.stringMatching(/^X at X; forward\(x: Tensor\); jvp/),
    ]);
  });

  it("have no ctx beside setupContext", async () => {
    expect(await of("static forward(x: Tensor) {} static setupContext(ctx, inputs, output) {}")).toEqual([
      "X at X; forward(x: Tensor); no backward",
    ]);
  });

  it("of properties, wherever the types stand", async () => {
    expect(await of("static forward = (ctx: Context, x: Tensor) => x")).toEqual([
      "X at X; forward(x: Tensor); no backward",
    ]);
    expect(
      await of("static forward: (ctx: Context, a: Tensor, b?: number) => Tensor = (ctx, x, y) => x"),
    ).toEqual(["X at X; forward(x: Tensor, y?: number); no backward"]);
    expect(
      await of("static override readonly forward = once(function (ctx, x: Tensor) { return x })"),
    ).toEqual(["X at X; forward(x: Tensor); no backward"]);
    expect(await of("static forward = imported")).toEqual(["X at X; forward(not shown); no backward"]);
  });

  it("of overloads: the implementation's", async () => {
    expect(
      await of(
        "static forward(ctx: Context, x: number): number; static forward(ctx: Context, x: any) { return x }",
      ),
    ).toEqual(["X at X; forward(x: any); no backward"]);
    expect(await of("static forward(ctx: Context, x: number): number;")).toEqual([
      "X at X; forward(x: number); no backward",
    ]);
  });

  it("of JSDoc", async () => {
    const members = `
      /**
       * @param {Context} ctx
       * @param {Tensor} x the input
       * @param {number} [eps]
       * @param {boolean=} keep
       */
      static forward(ctx, x, eps, keep) {}`;
    expect(await of(members, "a.js")).toEqual([
      "X at X; forward(x: Tensor, eps?: number, keep?: boolean); no backward",
    ]);
  });

  it("of a function named elsewhere, or assigned afterwards", async () => {
    const text = `const { Function } = require("@gradient-lens/engine");
      function forward(ctx, x) { return x }
      const backward = (ctx, g) => g;
      class X extends Function { static forward = forward; static backward = backward }
      const Y = class extends Function {};
      Y.forward = function (ctx, a, b) { return a };
      Y.backward = (ctx, g) => [g, null];`;
    expect(await summaries(text, "a.js")).toEqual([
      "X at X; forward(x); backward ⇒ g",
      "Y at Y; forward(a, b); backward ⇒ [g, null]",
    ]);
  });
});

describe("what backward returns", () => {
  it("is each of its own returned expressions", async () => {
    const text = `import { Function } from "@gradient-lens/engine";
      class X extends Function { static backward(ctx, g) {
        const f = () => { return 1 };
        if (g) return [g.mul(2), null];
        for (;;) { return; }
        return (g satisfies Tensor);
        class Y { m() { return 3 } }
      } }`;
    expect(await summaries(text)).toEqual([
      "X at X; no forward; backward ⇒ [g.mul(2), null] ⇒ (g satisfies Tensor)",
    ]);
  });

  it("is the expression of an arrow function", async () => {
    const text = `import { Function } from "@gradient-lens/engine";
      class X extends Function { static backward = (ctx, g) => g.mul(2); static "forward" = (ctx, x) => ({ x }); }`;
    expect(await summaries(text)).toEqual([`X at X; "forward"(x); backward ⇒ g.mul(2)`]);
  });
});

describe("positions", () => {
  it("count UTF-16 units through tabs, emoji, CRLF, CR and U+2028", async () => {
    const text = [
      `import { Function } from "@gradient-lens/engine";`,
      `/* 😀 \u2028 */ export class «X» extends Function {`,
      `\tstatic forward(ctx, x) { return x }`,
      `\t/* 😀 */ static «backward»(ctx, g) { return «g.mul("😀")»; }`,
      "}",
    ];
    for (const end of ["\n", "\r\n", "\r"]) {
      const { sites } = await find({ "a.ts": text.join(end).replace(/[«»]/g, "") });
      const { nameRange, backward } = sites[0]!;
      expect([nameRange, backward!.nameRange, ...backward!.returns]).toEqual(marked(text));
    }
  });
});

/** The «ranges» marked in lines, in their order. */
function marked(lines: string[]): FunctionSite["range"][] {
  return lines.flatMap((marks, line) => {
    const at = [...marks.matchAll(/[«»]/g)].map((match, count) => ({ line, character: match.index - count }));
    return Array.from({ length: at.length / 2 }, (_, i) => ({ start: at[2 * i]!, end: at[2 * i + 1]! }));
  });
}

const LARGE = `import { Function as F, type Context, type Tensor } from "@gradient-lens/engine";
import * as gl from "@gradient-lens/engine";
import { Base } from "./base.js";
enum Mode { A = 1, B }
@decorate
export class Square extends F {
  static override forward(ctx: Context, x: Tensor, { eps = 1e-5 }: { eps?: number } = {}): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).add(eps) satisfies Tensor;
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    if (!x) return null;
    return g.mul(x).mul(2);
  }
}
namespace ops { export const Cube = class extends gl.autograd.Function ${BODY} }
export default class extends Base { static backward = (ctx, g) => \`\${g}\` }
for (let i = 0; i < 3; i++) { console.log(Square.apply(gl.randn(i))) }
`;
const BASE = `import { Function } from "@gradient-lens/engine"; export class Base extends Function ${BODY}`;

describe("half-typed code", () => {
  it.each([
    ["const y = ", ["A", "Z"]],
    ["class", ["A", "Z"]],
    ["function f(", ["A", "Z"]],
    ["x.", ["A", "Z"]],
    ["}", ["A", "Z"]],
    ["import { a } from", ["A", "Z"]],
    ["if (", ["A", "Z"]],
    [
      "class B extends Function { static forward(ctx, x) { return x. } static backward(ctx, ",
      ["A", "B", "Z"],
    ],
    // These swallow all that follows.
    ["/* note", ["A"]],
    ["let z = `", ["A"]],
    ["import {", ["A"]],
  ])("does not hide the classes before and after it: %s", async (typed, names) => {
    const text = `import { Function } from "@gradient-lens/engine";
class A extends Function ${BODY}
${typed}
class Z extends Function ${BODY}`;
    const { sites } = await find({ "a.ts": text });
    expect(sites.map(({ name }) => name)).toEqual(names);
  });

  it("never throws, and keeps every range within the text", { timeout: 120_000 }, async () => {
    const readText: ReadText = async path => (path === "/base.ts" ? BASE : undefined);
    const check = async (text: string, file: string) => {
      const lines = text.split(/\r\n|\r|\n/);
      for (const site of await findFunctions(file, text, readText)) {
        const ranges = [site.range, site.nameRange, ...(site.backward?.returns ?? [])];
        for (const { start, end } of ranges) {
          expect(start.line < end.line || (start.line === end.line && start.character <= end.character)).toBe(
            true,
          );
          expect(lines[end.line]!.length).toBeGreaterThanOrEqual(end.character);
        }
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(LARGE.length), cut => check(LARGE.slice(0, cut), "/a.ts")),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(LARGE.length), cut => check(LARGE.slice(cut), "/a.ts")),
      { numRuns: 50 },
    );
    const edit = fc.tuple(
      fc.nat(LARGE.length),
      fc.nat(12),
      fc.string({ unit: fc.constantFrom(...`{}()[]<>=;:,.*/"'\`@#\\\n\r a0😀`), maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        fc.constantFrom("/a.ts", "/a.js", "/a.tsx"),
        (edits, file) =>
          check(
            edits.reduce(
              (text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed),
              LARGE,
            ),
            file,
          ),
      ),
      { numRuns: 300 },
    );
  });

  it("survives data and nesting beyond the stack", async () => {
    const engine = `import { Function } from "@gradient-lens/engine";\n`;
    const data = `const data = [${"1,".repeat(150_000)}];\n`;
    expect(await summaries(`${engine}${data}class X extends Function ${BODY}`)).toEqual([`X at X${isX}`]);
    expect(await summaries(`${engine}class X extends Function ${BODY}; ${"(".repeat(50_000)}`)).toEqual([]);
  });
});
