/** @file Losses in a text: where one is seen, what it is made of, and that its gradient can be derived from the text alone. */

import { afterAll, describe, expect, test } from "vitest";
import { inProject } from "../../../scripts/project.ts";
import { checkerOn } from "../local-checker.ts";
import { createRuntime } from "../runtime.ts";
import { findLoss } from "./losses.ts";

const FILE = inProject("examples", "losses-under-test.ts");
const IMPORTS = `import { type Context, nn, randn, type Tensor } from "@gradient-lens/engine";\n`;

/** A text without its mark ‸, and where that was. */
function marked(body: string): { text: string; position: { line: number; character: number } } {
  const whole = IMPORTS + body;
  const before = whole.slice(0, whole.indexOf("‸")).split("\n");
  return {
    text: whole.replace("‸", ""),
    position: { line: before.length - 1, character: before.at(-1)!.length },
  };
}

async function lossIn(body: string) {
  const { text, position } = marked(body);
  const found = await findLoss(FILE, text, position);
  if (!found) return undefined;
  const { start, end } = found.range;
  const seen = text.split("\n")[start.line]!.slice(start.character, end.character);
  return { seen, names: found.site.forward!.parameters!.map(({ name }) => name) };
}

describe("is found", () => {
  test.each<[string, string, string, string[]]>([
    [
      "a sum",
      "function f(x: Tensor, A: Tensor) { return x.matmul(A).‸sum(); }",
      "x.matmul(A).sum()",
      ["x", "A"],
    ],
    ["from any of its parts", "const f = (x: Tensor) => ‸x.square().mean();", "x.square().mean()", ["x"]],
    [
      "as a whole",
      "const f = (x: Tensor, y: Tensor) => x.s‸um().add(y.sum()).mul(0.5);",
      "x.sum().add(y.sum()).mul(0.5)",
      ["x", "y"],
    ],
    ["before backward", "const x = randn(3);\nx.exp().sum().‸backward();", "x.exp().sum()", ["x"]],
    ["by its name", "const x = randn(3);\nconst ‸loss = x.exp().sum();", "x.exp().sum()", ["x"]],
    [
      "where its name is used",
      "const x = randn(3);\nconst loss = x.exp().sum();\nlo‸ss.backward();",
      "x.exp().sum()",
      ["x"],
    ],
    [
      "of the library's losses",
      "const f = (p: Tensor, y: Tensor) => nn.functional.mse‸Loss(p, y);",
      "nn.functional.mseLoss(p, y)",
      ["p", "y"],
    ],
    [
      "with what the file has",
      "const scale = 2;\nconst g = (x: Tensor) => x.exp();\nconst f = (x: Tensor) => g(x).mul(scale).su‸m();",
      "g(x).mul(scale).sum()",
      ["x"],
    ],
    [
      "of locals",
      "function f(x: Tensor) {\n  const y = x.exp();\n  return y.mul(x).su‸m();\n}",
      "y.mul(x).sum()",
      ["y", "x"],
    ],
  ])("%s", async (_, body, seen, names) => {
    expect(await lossIn(body)).toEqual({ seen, names });
  });
});

describe("is none", () => {
  test.each<[string, string]>([
    ["what has dimensions", "const f = (x: Tensor) => x.ex‸p();"],
    ["a sum along a dimension", "const f = (x: Tensor) => x.sum‸(1);"],
    [
      "a function that only a local has",
      "function f(x: Tensor) { const g = (y: Tensor) => y; return g(x).su‸m(); }",
    ],
    ["what is made of this", "class M { w = randn(3); f(x: Tensor) { return x.mul(this.w).su‸m(); } }"],
    [
      "what is made of a context",
      "function f(ctx: Context, x: Tensor) { return x.mul(ctx.savedTensors[0]).su‸m(); }",
    ],
    ["what has no tensors", "const n = Math.max(1, 2).‸toFixed();"],
    ["half-typed", "const f = (x: Tensor) => x.sum(‸"],
  ])("%s", async (_, body) => {
    expect(await lossIn(body)).toBeUndefined();
  });

  test("in a file without the engine", async () => {
    expect(await findLoss(FILE, "const y = x.sum();", { line: 0, character: 13 })).toBeUndefined();
  });
});

describe("its gradient", () => {
  const runtime = createRuntime(inProject("dist", "sandbox.cjs"));
  afterAll(() => runtime.dispose());

  test.each<[string, Record<string, string>]>([
    [
      "function f(x: Tensor, A: Tensor) { return x.matmul(A).matmul(x.t()).diagonal().su‸m(); }",
      { x: "x @ (A + Aᵀ)", A: "xᵀ @ x" },
    ],
    ["const f = (x: Tensor) => x.square().su‸m();", { x: "2·x" }],
    [
      "const x = randn(4, 3);\nconst scale = 3;\nconst loss = x.exp().sum().mul(scale);\nlo‸ss.backward();",
      { x: "3·exp(x)" },
    ],
  ])("%s", async (body, gradients) => {
    const { text, position } = marked(body);
    const found = (await findLoss(FILE, text, position))!;
    const checker = checkerOn(runtime, async path => (path === FILE ? found.text : undefined));
    const { derived } = await checker.derive(FILE, found.site, {
      seed: 0,
      limits: { timeMs: 20_000, memoryMb: 350 },
      of: "gradient",
    });
    expect(derived.reason).toBeNull();
    const written = derived.derivation!.gradients.map((g, i) => [derived.inputs[i]!.name, g!.maths]);
    expect(Object.fromEntries(written)).toEqual(gradients);
    expect(derived.derivation!.steps!.at(-1)!.sentence).toContain("what flows into it is 1");
  });
});
