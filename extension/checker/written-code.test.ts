/** @file Code that derivations are written in passes, and nothing that a hostile process could have us write into a file. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Derivation } from "./derivation.ts";
import { judgementSchema } from "./sandbox/protocol.ts";
import { isFormula, isPart, withoutForeignCode } from "./written-code.ts";

const IMPORTS = ["matmul", "linalg", "nn", "full", "tensor", "mul"];

describe("what is written", () => {
  test.each([
    "gradOutput",
    "gradOutput.matmul(input.mT).add(input.mT.matmul(gradOutput))",
    "matmul(gradOutput, mul(input, -2))",
    "linalg.inv(a.mT).mul(2 / (x.size(0) - 1))",
    "x.sum([0, -1], true).expandAs(y)",
    'full([x.size(0), 3], 1e-5, { dtype: "float32" })',
    'nn.functional.pad(g, [1, 1], "constant", 0.5)',
    "tensor([[1, 2], [3, 4]])",
    "ctx.savedTensors[0].cos()",
    "g.topk(3, 1).indices",
    "  t1.neg().add(1)\n  .mul(t2)",
  ])("%s", code => {
    expect(isFormula(code, IMPORTS)).toBe(true);
    expect(isPart(`const t1 = ${code.trim()};`, IMPORTS)).toBe(true);
  });
});

describe("what is refused", () => {
  test.each([
    "",
    "x; y",
    "x, y",
    "x = y",
    "x ? y : z",
    "() => x",
    "`x`",
    "x // y",
    "x /* y */",
    "/x/g",
    "x\u2028y",
    'require("child_process")',
    'import("fs")',
    'eval("x")',
    'fetch("x")',
    'Function("x")()',
    "process.exit(1)",
    "globalThis.x",
    "this.x",
    "new x",
    "x.constructor(1)",
    "matmul.constructor(1)()",
    "x.apply(y)",
    'x["constructor"]',
    "x[y]",
    "execSync(1)",
    '"</script>"',
    '"a b"',
    "'x'",
    '"\\x41"',
    "{ __proto__: x }",
    "{ get: x",
    "x.y.",
    "(x",
    "[...x]",
    "x++",
    "await x",
    "(".repeat(10_000),
    `${"(".repeat(1_000)}x${")".repeat(1_000)}`,
  ])("%j", code => {
    expect(isFormula(code, IMPORTS)).toBe(false);
    expect(isPart(`const t1 = ${code};`, IMPORTS)).toBe(false);
  });

  test.each([
    "t1 = x;",
    "const t1 = x",
    "const t1 = x; y;",
    "let t1 = x;",
    "const { t1 } = x;",
    "const eval = x;",
  ])("%s", code => expect(isPart(code, IMPORTS)).toBe(false));

  test("a global that passes for an import of the engine", () => {
    for (const name of ["eval", "fetch", "Function", "require", "setTimeout"]) {
      const { gradients, imports } = withoutForeignCode(derivationOf(`${name}(x)`, [name]));
      expect([gradients[0]?.typescript ?? null, imports]).toEqual([null, []]);
    }
  });

  test("in time, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), code => {
        if (isFormula(code, IMPORTS)) expect(code).toMatch(/^[\w$\s".,:()[\]{}*/%+-]+$/);
      }),
    );
  });
});

function derivationOf(typescript: string, imports: string[]): Derivation {
  const formula = { maths: "x", latex: "x", typescript };
  return {
    gradients: [formula, null],
    parts: [{ name: "t1", ...formula }],
    statements: [`const t1 = ${typescript};`],
    imports,
    saved: [{ name: "x", role: "saved", formula, parts: [], place: null }],
    steps: null,
  };
}

test("at the wall foreign code is dropped, and what is to be read stays", () => {
  const wrong = {
    verdict: "wrong",
    rule: "wrong-vjp",
    message: "m",
    domain: null,
    inputs: [],
    returned: "r",
    expected: "e",
    cause: null,
  };
  const judged = (derivation: Derivation) =>
    (judgementSchema.parse({ ...wrong, derivation }) as { derivation: Derivation }).derivation;
  expect(judged(derivationOf("x.cos()", []))).toEqual(derivationOf("x.cos()", []));
  const forged = judged(derivationOf('(require("child_process").execSync("id"), x)', []));
  expect(JSON.stringify(forged)).not.toContain("require");
  expect(forged.gradients[0]).toEqual({ maths: "x", latex: "x", typescript: null });
  expect(forged.statements).toBeNull();
  const named = derivationOf("x.cos()", []);
  named.saved[0]!.name = "x] = []; process.exit(); const [y";
  expect(judged(named)).toMatchObject({
    gradients: [{ maths: "x", typescript: null }, null],
    statements: null,
  });
});
