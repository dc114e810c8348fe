/** @file The derived tangent of every textbook function is the one that forward mode computes, as an expression and as TypeScript. */

import * as engine from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { textbook } from "../../test/symbolic/textbook.ts";
import { deriveTangent, evaluate } from "../symbolic.ts";

const book = textbook();

function derivedOf(name: string, style: "methods" | "functions" = "methods") {
  const { definition, inputs, args } = book.get(name)!;
  const jvp = deriveTangent(definition, args, { inputs }, { style });
  if ("untraceable" in jvp) throw new Error(jvp.untraceable);
  return { jvp, inputs, args, definition };
}

describe.each([...book.keys()])("%s", name => {
  test.each(["methods", "functions"] as const)("in %s", style => {
    const { jvp, inputs, args, definition } = derivedOf(name, style);
    const tangents = args.map(arg => engine.randn(arg.shape));
    const { output, tangent } = engine.func.jvp(
      (...xs: engine.Tensor[]) => definition.forward(undefined as never, ...xs),
      [...args],
      tangents,
    ) as { output: engine.Tensor; tangent: engine.Tensor };
    const given: Record<string, engine.Tensor> = { output };
    inputs.forEach((input, i) => {
      given[input] = args[i]!;
      given[`d${input.length > 1 ? input[0]!.toUpperCase() + input.slice(1) : input}`] = tangents[i]!;
    });
    for (const { name, formula } of jvp.saved) {
      if (formula !== null) [given[name]] = evaluate([formula.expression], given) as [engine.Tensor];
    }
    const [value] = evaluate([jvp.formulas[0]!.expression], given);
    expect(value!.allclose(tangent, 1e-10, 1e-12)).toBe(true);

    const code = [
      `const { ${jvp.imports.join(", ")} } = engine;`,
      ...jvp.statements!,
      `return ${jvp.formulas[0]!.typescript};`,
    ].join("\n");
    const run = new globalThis.Function("engine", ...Object.keys(given), code);
    const computed = run(engine, ...Object.values(given)) as engine.Tensor;
    expect(computed.shape).toEqual(tangent.shape);
    expect(computed.allclose(tangent, 1e-10, 1e-12)).toBe(true);
  });
});

test("reads as in a textbook", () => {
  const mathsOf = (name: string): string => derivedOf(name).jvp.formulas[0]!.maths;
  expect(mathsOf("matrix square")).toBe("dInput @ input + input @ dInput");
  expect(mathsOf("softmax")).toBe("output ⊙ (dx − Σ₁(dx ⊙ output))");
  expect(mathsOf("tanh")).toBe("dx ⊙ (1 − output²)");
});

test("the given names are used, and sizes are asked of tensors", () => {
  const { definition, args, inputs } = book.get("mean")!;
  const larger = args.map(arg => engine.randn(arg.shape.map(n => n + 1)));
  const jvp = deriveTangent(definition, args, { inputs, tangents: ["v"] }, { elsewhere: larger });
  if ("untraceable" in jvp) throw new Error(jvp.untraceable);
  expect(jvp.formulas[0]!.typescript).toBe("v.sum().div(v.numel())");
  expect(jvp.anySize).toBe(true);
});

test("what cannot be traced has no tangent", () => {
  class Root extends engine.Function {
    static forward(_ctx: engine.Context, c: engine.Tensor): engine.Tensor {
      let [low, high] = [c.mul(0), c.add(1)];
      for (let i = 0; i < 60; i++) {
        const middle = low.add(high).div(2);
        const below = middle.square().lt(c);
        low = engine.where(below, middle, low);
        high = engine.where(below, high, middle);
      }
      return low.add(high).div(2);
    }
  }
  expect(deriveTangent(Root, [engine.tensor([0.9, 0.8, 0.7])], { inputs: ["c"] })).toHaveProperty(
    "untraceable",
  );
});
