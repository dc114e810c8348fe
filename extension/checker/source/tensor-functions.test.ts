import { describe, expect, test } from "vitest";
import { findTensorFunctions } from "./tensor-functions.ts";

const IMPORTS = `import { Function, mul, type Context, type Tensor } from "@gradient-lens/engine";\n`;

const found = async (code: string, imports = IMPORTS): Promise<string[]> =>
  (await findTensorFunctions("/code/f.ts", imports + code)).map(({ name }) => name);

describe("plain functions of tensors", () => {
  test.each([
    ["a declaration", "function f(x: Tensor) { return x.exp(); }"],
    ["an exported one", "export function f(x: Tensor, n: number): Tensor { return x.mul(n); }"],
    ["an arrow", "const f = (x: Tensor, A: Tensor) => x.matmul(A);"],
    ["a function expression", "export const f = function (x: Tensor) { return x; };"],
    ["several outputs", "function f(x: Tensor): [Tensor, Tensor] { return [x, x.exp()]; }"],
    ["a list of tensors", "function f(xs: readonly Tensor[]) { return mul(xs[0]!, xs[1]!); }"],
    ["an optional tensor", "function f(x: Tensor, b: Tensor | null) { return b ? x.add(b) : x; }"],
  ])("%s", async (_, code) => {
    expect(await found(code)).toEqual(["f"]);
  });

  test("under a namespace or another name", async () => {
    expect(
      await found("const f = (x: gl.Tensor) => x.exp();", `import * as gl from "@gradient-lens/engine";\n`),
    ).toEqual(["f"]);
    expect(
      await found(
        "const f = (x: T) => x.exp();",
        `import type { Tensor as T } from "@gradient-lens/engine";\n`,
      ),
    ).toEqual(["f"]);
  });

  test.each([
    ["no tensor goes in", "function f(n: number) { return zeros(n); }"],
    ["a number comes out", "function f(x: Tensor) { return x.sum().item(); }"],
    ["a number is declared to come out", "function f(x: Tensor): number { return g(x); }"],
    ["it is asynchronous", "async function f(x: Tensor) { return x; }"],
    ["it is a part of a Function", "function forward(ctx: Context, x: Tensor) { return x; }"],
    ["it is within another", "function outer() { return (x: Tensor) => x.exp(); }"],
    ["it has no body", "declare function f(x: Tensor): Tensor;"],
    ["it can be assigned anew", "let f = (x: Tensor) => x.exp();"],
  ])("none where %s", async (_, code) => {
    expect(await found(code)).toEqual([]);
  });

  test("none where Tensor is another library's", async () => {
    expect(
      await found(
        "const f = (x: Tensor) => x.exp();",
        `import type { Tensor } from "other";\nimport { randn } from "@gradient-lens/engine";\n`,
      ),
    ).toEqual([]);
  });

  test("half-typed code does not keep the rest from being found", async () => {
    expect(await found("function f(x: Tensor) { return x.exp(); }\nconst g = (x: Tensor) => x.")).toContain(
      "f",
    );
  });

  test("say how formulas about them are written", async () => {
    const [f, g] = await findTensorFunctions(
      "/code/f.ts",
      `${IMPORTS}function f(x: Tensor) { const y = mul(x, x); return y; }\nconst g = (x: Tensor) => x.exp().mul(x);`,
    );
    expect(f!.notation).toEqual({ style: "functions", outputs: ["y"] });
    expect(g!.notation).toEqual({ style: "methods", outputs: [] });
    expect(f!.forward!.parameters).toMatchObject([{ name: "x", type: "Tensor" }]);
  });
});
