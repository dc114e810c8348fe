/** @file What is derived for functions of the textbooks, word for word; that it is right; and that its TypeScript computes it. */

import * as engine from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { asLatex, asMaths, derive, evaluate } from "../../engine/symbolic.ts";
import { textbook } from "./textbook.ts";

/** For each function: what forward keeps beside inputs and outputs, common parts, and after an arrow what backward returns. */
const DERIVED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "matrix square": { "→ input": "grad_out @ inputᵀ + inputᵀ @ grad_out" },
  "matrix product": { "→ A": "grad_out @ Bᵀ", "→ B": "Aᵀ @ grad_out" },
  "matrix times vector": { "→ A": "grad_out @ xᵀ", "→ x": "Aᵀ @ grad_out" },
  "inner product": { "→ x": "grad_out·y", "→ y": "grad_out·x" },
  "outer product": { "→ x": "grad_out @ y", "→ y": "grad_outᵀ @ x" },
  "quadratic form of rows": { "→ x": "grad_out ⊙ (x @ (A + Aᵀ))", "→ A": "xᵀ @ (grad_out ⊙ x)" },
  "quadratic form": { "→ x": "grad_out·((A + Aᵀ) @ x)", "→ A": "grad_out·(x @ xᵀ)" },
  congruence: { "→ X": "grad_outᵀ @ X @ A + grad_out @ X @ Aᵀ", "→ A": "Xᵀ @ grad_out @ X" },
  "Gram matrix": { "→ X": "X @ (grad_out + grad_outᵀ)" },
  "affine map": { "→ x": "grad_out @ W", "→ W": "grad_outᵀ @ x", "→ b": "Σ₀(grad_out)" },
  "least squares": {
    "R (kept)": "qr.1(A, columns = 2)",
    "Q (kept)": "qr.0(A, columns = 2)",
    t: "solveTriangular(Rᵀ, grad_out)",
    "→ A": "(B − A @ output) @ solveTriangular(R, t, upper)ᵀ − Q @ (t @ outputᵀ)",
    "→ B": "Q @ t",
  },
  inverse: { "→ A": "−outputᵀ @ grad_out @ outputᵀ" },
  solve: { t: "solve(Aᵀ, grad_out)", "→ A": "−t @ outputᵀ", "→ B": "t" },
  determinant: { "→ A": "grad_out·output·A⁻ᵀ" },
  "log determinant": { "→ A": "grad_out·A⁻ᵀ" },
  trace: { "→ A": "grad_out·I" },
  "trace of a product": { "→ A": "grad_out·Bᵀ", "→ B": "grad_out·Aᵀ" },
  cholesky: {
    t: "tril((outputᵀ @ grad_out) ⊙ (1 − I / 2))",
    "→ A": "solveTriangular(outputᵀ, solveTriangular(outputᵀ, (t + tᵀ) / 2, upper)ᵀ, upper)ᵀ",
  },
  "squared Frobenius norm": { "→ A": "2·grad_out·A" },
  "Frobenius norm": { "→ A": "grad_out·A / output" },
  softmax: { "→ x": "output ⊙ (grad_out − Σ₁(grad_out ⊙ output))" },
  "softmax written out": { "→ x": "output ⊙ (grad_out − Σ₁(grad_out ⊙ output))" },
  "log softmax": { "→ x": "grad_out − Σ₁(grad_out) ⊙ exp(output)" },
  "log-sum-exp": { "→ x": "grad_out ⊙ exp(x − output)" },
  exp: { "→ x": "grad_out ⊙ output" },
  log: { "→ x": "grad_out / x" },
  sqrt: { "→ x": "grad_out / (2·output)" },
  tanh: { "→ x": "grad_out ⊙ (1 − output²)" },
  sigmoid: { "→ x": "grad_out ⊙ output ⊙ (1 − output)" },
  "sigmoid written out": { "→ x": "grad_out ⊙ output ⊙ (1 − output)" },
  relu: { "→ x": "grad_out ⊙ [x > 0]" },
  absolute: { "→ x": "grad_out ⊙ sign(x)" },
  cube: { "→ x": "3·grad_out ⊙ x²" },
  quotient: { "→ x": "grad_out / y", "→ y": "−grad_out ⊙ output / y" },
  mean: { "→ x": "grad_out / 6" },
  "broadcast product": { "→ x": "grad_out ⊙ w", "→ w": "Σ₀(grad_out ⊙ x)" },
  "mean squared error": { t: "grad_out·(x − y) / 3", "→ x": "t", "→ y": "−t" },
  "unit vectors": { "t1 (kept)": "√(Σ₁(x²))", "→ x": "(grad_out − Σ₁(grad_out ⊙ output) ⊙ x / t1) / t1" },
  silu: { t: "σ(x)", "→ x": "grad_out ⊙ t ⊙ (x ⊙ (1 − t) + 1)" },
  "swapped halves": { "→ x": "cat(grad_out[:, 2:4], grad_out[:, 0:2], 1)" },
  "leaky relu": { "→ x": "where(x > 0, grad_out, grad_out / 10)" },
  "hinge loss": { t: "grad_out / 5 ⊙ [1 − x ⊙ y > 0]", "→ x": "−t ⊙ y", "→ y": "−t ⊙ x" },
};

const book = textbook();

function derivedOf(name: string, style: "methods" | "functions" = "methods") {
  const { definition, inputs, args } = book.get(name)!;
  const backward = derive(definition, args, { inputs }, { style });
  if ("untraceable" in backward) throw new Error(backward.untraceable);
  return { backward, inputs, args, definition };
}

test("the table and the functions are the same", () => {
  expect(Object.keys(DERIVED)).toEqual([...book.keys()]);
});

describe.each(Object.keys(DERIVED))("%s", name => {
  test("as maths", () => {
    const { backward, inputs } = derivedOf(name);
    const written: Record<string, string> = {};
    for (const { name, formula } of backward.saved) if (formula) written[`${name} (kept)`] = formula.maths;
    for (const part of backward.parts) written[part.name!] = part.maths;
    backward.formulas.forEach((formula, i) => {
      if (formula !== null) written[`→ ${inputs[i]}`] = formula.maths;
    });
    expect(written).toEqual(DERIVED[name]);
  });

  test("is the gradient that autograd computes", () => {
    const { backward, args, definition } = derivedOf(name);
    const leaves = args.map(arg => arg.detach().clone().requiresGrad_());
    const output = definition.forward(undefined as never, ...leaves);
    const gradOutput = engine.randn(output.shape);
    const expected = engine.autograd.grad(output, leaves, { gradOutputs: gradOutput, allowUnused: true });
    const given: Record<string, engine.Tensor> = { gradOutput, output: output.detach() };
    book.get(name)!.inputs.forEach((input, i) => {
      given[input] = args[i]!;
    });
    for (const { name, formula } of backward.saved) {
      if (formula !== null) [given[name]] = evaluate([formula.expression], given) as [engine.Tensor];
    }
    backward.formulas.forEach((formula, i) => {
      const [value] = evaluate([formula!.expression], given);
      expect(value!.allclose(expected[i]!, 1e-10, 1e-12)).toBe(true);
    });
  });

  test.each(["methods", "functions"] as const)("as TypeScript in %s", style => {
    const { backward, args, inputs } = derivedOf(name, style);
    const given: Record<string, engine.Tensor> = Object.fromEntries(
      inputs.map((input, i) => [input, args[i]!]),
    );
    const seen = new Set<unknown>();
    const collect = (e: (typeof backward.parts)[number]["expression"]): void => {
      if (seen.has(e)) return;
      seen.add(e);
      if (e.kind === "leaf") given[e.name] = e.value;
      if (e.kind === "application") e.call.inputs.forEach(collect);
    };
    for (const formula of backward.formulas) collect(formula!.expression);
    const code = [
      `const { ${backward.imports.join(", ")} } = engine;`,
      ...backward.statements!,
      `return [${backward.formulas.map(formula => formula!.typescript).join(", ")}];`,
    ].join("\n");
    const run = new globalThis.Function("engine", ...Object.keys(given), code);
    const values = run(engine, ...Object.values(given)) as engine.Tensor[];
    backward.formulas.forEach((formula, i) => {
      expect(values[i]!.shape).toEqual(formula!.expression.shape);
      expect(values[i]!.allclose(formula!.expression.value, 1e-10, 1e-12)).toBe(true);
    });
  });
});

test("the code at hand gives the names", () => {
  const { definition, args } = book.get("matrix square")!;
  const backward = derive(definition, args, { inputs: ["X"], gradOutputs: ["G"] });
  if ("untraceable" in backward) throw new Error(backward.untraceable);
  const [formula] = backward.formulas;
  expect(formula).toMatchObject({
    maths: "G @ Xᵀ + Xᵀ @ G",
    latex: "G \\, X^{\\top} + X^{\\top} \\, G",
    typescript: "G.matmul(X.t()).add(X.t().matmul(G))",
  });
  expect(asMaths(formula!.expression)).toBe(formula!.maths);
  expect(asLatex(formula!.expression)).toBe(formula!.latex);
});

test("what backward needs is told, with how forward computes it", () => {
  expect(derivedOf("inverse").backward.saved).toMatchObject([
    { name: "output", role: "output", formula: null },
  ]);
  expect(derivedOf("matrix square").backward.saved).toMatchObject([{ name: "input", role: "input" }]);
  const { saved } = derivedOf("unit vectors").backward;
  expect(saved.find(({ role }) => role === "saved")!.formula!.typescript).toBe(
    "x.square().sum(1, true).sqrt()",
  );
});
