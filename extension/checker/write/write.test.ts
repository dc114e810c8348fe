/** @file What is written into files of many styles, word for word. */

import { describe, expect, test } from "vitest";
import type { Derivation } from "../derivation.ts";
import { findFunctions } from "../source/functions.ts";
import { findTensorFunctions } from "../source/tensor-functions.ts";
import { addBackward, rewriteBackward } from "./backward.ts";
import { edited, type Unwritable } from "./changes.ts";
import { functionFor } from "./function-for.ts";
import { addJvp } from "./jvp.ts";

const formula = (typescript: string) => ({ maths: "", latex: "", typescript });

type Saved = [name: string, role: "input" | "output" | "saved", at?: string | number];

function derivationOf(
  gradients: (string | null)[],
  saved: Saved[],
  more: Partial<Derivation> = {},
): Derivation {
  return {
    gradients: gradients.map(text => (text === null ? null : formula(text))),
    parts: [],
    statements: [],
    imports: [],
    saved: saved.map(([name, role, at]) => ({
      name,
      role,
      formula: typeof at === "string" ? formula(at) : null,
      parts: [],
      place: typeof at === "number" ? at : null,
    })),
    steps: null,
    ...more,
  };
}

const named = (name: string, typescript: string) => ({ name, ...formula(typescript) });

type Write = typeof addBackward;

async function written(
  text: string,
  derivation: Derivation,
  write: Write = addBackward,
  file = "/code/f.ts",
): Promise<string> {
  const noText = async (): Promise<undefined> => undefined;
  const [site] = await findFunctions(file, text, noText);
  const edits = write(file, text, site!, derivation);
  return "unwritable" in edits ? edits.unwritable : edited(text, edits);
}

async function generated(text: string, derivation: Derivation, file = "/code/f.ts"): Promise<string> {
  const [site] = await findTensorFunctions(file, text);
  const made = functionFor(file, text, site!, derivation);
  return "unwritable" in made ? (made as Unwritable).unwritable : edited(text, made.edits);
}

const square = derivationOf(
  ["gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput))"],
  [["input", "input"]],
);

describe("a backward is added", () => {
  test("with what forward saves for it", async () => {
    const text = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class MatrixSquare extends Function {
  static forward(_ctx: Context, input: Tensor) {
    return input.matmul(input);
  }
}
`;
    expect(await written(text, square)).toMatchInlineSnapshot(`
      "import { type Context, Function, type Tensor } from "@gradient-lens/engine";

      export class MatrixSquare extends Function {
        static forward(ctx: Context, input: Tensor) {
          ctx.saveForBackward(input);
          return input.matmul(input);
        }

        static backward(ctx: Context, gradOutput: Tensor) {
          const [input] = ctx.savedTensors;
          return gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput));
        }
      }
      "
    `);
  });

  test("from the output, which gets a name", async () => {
    const text = `import { Function } from '@gradient-lens/engine'

class Soft extends Function {
    static forward(ctx, x, dim = -1) {
        const e = x.exp() // the numerator
        return e.div(e.sum(dim, true))
    }
}
`;
    const derivation = derivationOf(
      ["output.mul(gradOutput.sub(gradOutput.mul(output).sum(dim, true)))", null],
      [
        ["output", "output"],
        ["dim", "input"],
      ],
    );
    expect(await written(text, derivation, addBackward, "/code/f.js")).toMatchInlineSnapshot(`
      "import { Function } from '@gradient-lens/engine'

      class Soft extends Function {
          static forward(ctx, x, dim = -1) {
              const e = x.exp() // the numerator
              const output = e.div(e.sum(dim, true))
              ctx.dim = dim
              ctx.saveForBackward(output)
              return output
          }

          static backward(ctx, gradOutput) {
              const [output] = ctx.savedTensors
              return [output.mul(gradOutput.sub(gradOutput.mul(output).sum(ctx.dim, true))), null]
          }
      }
      "
    `);
  });

  test("from intermediates, named where forward has no name for them, in free functions and tabs", async () => {
    const text = `import { type Context, Function, type Tensor, div, exp, sqrt } from "@gradient-lens/engine";

class Unit extends Function {
\tstatic forward(ctx: Context, x: Tensor) {
\t\tctx.saveForBackward(x);
\t\tconst e = exp(x);
\t\treturn div(e, sqrt(e.sum()));
\t}
}
`;
    const derivation = derivationOf(
      ["mul(t, sub(gradOutput, t1))"],
      [
        ["t1", "saved", 3],
        ["t2", "saved", 1],
      ],
      { parts: [named("t", "mul(gradOutput, t2)")], imports: ["mul", "sub"] },
    );
    expect(await written(text, derivation)).toMatchInlineSnapshot(`
      "import { type Context, Function, type Tensor, div, exp, sqrt, mul, sub } from "@gradient-lens/engine";

      class Unit extends Function {
      	static forward(ctx: Context, x: Tensor) {
      		const e = exp(x);
      		const t1 = sqrt(e.sum());
      		ctx.saveForBackward(t1, e);
      		return div(e, t1);
      	}

      	static backward(ctx: Context, gradOutput: Tensor) {
      		const [t1, e] = ctx.savedTensors;
      		const t = mul(gradOutput, e);
      		return mul(t, sub(gradOutput, t1));
      	}
      }
      "
    `);
  });

  test("in setupContext, with namespaces, several outputs and a new field of ctx", async () => {
    const text = `import * as gl from "@gradient-lens/engine";

export class Both extends gl.Function {
  static forward(x: gl.Tensor, A: gl.Tensor, eps = 1e-6) {
    return [x.matmul(A), x.add(eps).sqrt()] as const;
  }

  static setupContext(ctx: gl.Context<{ n: number }>, [x, A, eps]: [gl.Tensor, gl.Tensor, number], [, root]: [gl.Tensor, gl.Tensor]) {
    ctx.n = x.size(0);
  }
}
`;
    const derivation = derivationOf(
      [
        "gradOutput0.matmul(A.t()).add(where(output1.gt(eps), gradOutput1, 0).div(output1))",
        "x.t().matmul(gradOutput0)",
        null,
      ],
      [
        ["x", "input"],
        ["A", "input"],
        ["eps", "input"],
        ["output1", "output"],
      ],
      { imports: ["where"] },
    );
    expect(await written(text, derivation)).toMatchInlineSnapshot(`
      "import * as gl from "@gradient-lens/engine";

      export class Both extends gl.Function {
        static forward(x: gl.Tensor, A: gl.Tensor, eps = 1e-6) {
          return [x.matmul(A), x.add(eps).sqrt()] as const;
        }

        static setupContext(ctx: gl.Context<{ n: number; eps: number }>, [x, A, eps]: [gl.Tensor, gl.Tensor, number], [, root]: [gl.Tensor, gl.Tensor]) {
          ctx.n = x.size(0);
          ctx.eps = eps;
          ctx.saveForBackward(x, A, root);
        }

        static backward(
          ctx: gl.Context<{ n: number; eps: number }>,
          gradOutput0: gl.Tensor,
          gradOutput1: gl.Tensor,
        ) {
          const [x, A, root] = ctx.savedTensors;
          return [
            gradOutput0.matmul(A.t()).add(gl.where(root.gt(ctx.eps), gradOutput1, 0).div(root)),
            x.t().matmul(gradOutput0),
            null,
          ];
        }
      }
      "
    `);
  });

  test("importing what it needs where the list is broken over lines, and under another name where one is taken", async () => {
    const text = `import {
  type Context,
  Function,
  type Tensor,
} from "@gradient-lens/engine";

const where = "here";

export class Relu extends Function {
  static forward(ctx: Context, x: Tensor) {
    return x.relu();
  }
}
`;
    const derivation = derivationOf(["where(x.gt(0), gradOutput, zeros(x.shape))"], [["x", "input"]], {
      imports: ["where", "zeros"],
    });
    expect(await written(text, derivation)).toMatchInlineSnapshot(`
      "import {
        type Context,
        Function,
        type Tensor,
        where as engineWhere,
        zeros,
      } from "@gradient-lens/engine";

      const where = "here";

      export class Relu extends Function {
        static forward(ctx: Context, x: Tensor) {
          ctx.saveForBackward(x);
          return x.relu();
        }

        static backward(ctx: Context, gradOutput: Tensor) {
          const [x] = ctx.savedTensors;
          return engineWhere(x.gt(0), gradOutput, zeros(x.shape));
        }
      }
      "
    `);
  });

  test.each<[string, string, Saved[]]>([
    [
      "an output of a forward with several returns",
      "if (x.ndim > 1) return x;\n    return x.exp();",
      [["output", "output"]],
    ],
    ["a save in a branch", "if (x.ndim > 1) ctx.saveForBackward(x);\n    return x;", [["x", "input"]]],
    ["something that is no parameter", "return x;", [["other", "input"]]],
  ])("not for %s", async (_, body, saved) => {
    const text = `import { Function } from "@gradient-lens/engine";\nclass F extends Function {\n  static forward(ctx, x) {\n    ${body}\n  }\n}\n`;
    expect(await written(text, derivationOf(["gradOutput"], saved))).toMatch(
      /returns in more than one place|in a branch|no parameter/,
    );
  });
});

describe("a backward is rewritten", () => {
  const text = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Affine extends Function {
  static forward(ctx: Context, x: Tensor, W: Tensor, b: Tensor) {
    ctx.saveForBackward(x, b);
    return x.matmul(W.t()).add(b);
  }

  /** Three gradients. */
  static backward(ctx: Context, _g: Tensor) {
    // The bias is summed over the batch.
    const [x, b] = ctx.savedTensors;
    return [ctx.needsInputGrad[0] ? x : null, b, b];
  }
}
`;
  const affine = derivationOf(
    ["_g.matmul(W)", "_g.t().matmul(x)", "_g.sum(0)"],
    [
      ["W", "input"],
      ["x", "input"],
    ],
  );

  test("with its doc comment, its comments and its names", async () => {
    expect(await written(text, affine, rewriteBackward)).toMatchInlineSnapshot(`
      "import { type Context, Function, type Tensor } from "@gradient-lens/engine";

      export class Affine extends Function {
        static forward(ctx: Context, x: Tensor, W: Tensor, b: Tensor) {
          ctx.saveForBackward(x, W);
          return x.matmul(W.t()).add(b);
        }

        /** Three gradients. */
        static backward(ctx: Context, g: Tensor) {
          // The bias is summed over the batch.
          const [x, W] = ctx.savedTensors;
          return [
            ctx.needsInputGrad[0] ? g.matmul(W) : null,
            ctx.needsInputGrad[1] ? g.t().matmul(x) : null,
            ctx.needsInputGrad[2] ? g.sum(0) : null,
          ];
        }
      }
      "
    `);
  });

  test("and nothing else changes", async () => {
    const now = await written(text, affine, rewriteBackward);
    const outside = (code: string): string =>
      code.replace(/saveForBackward\(.*\)/, "").replace(/static backward[\s\S]*?\n {2}\}/, "");
    expect(outside(now)).toBe(outside(text));
  });
});

describe("a jvp is added", () => {
  test("beside a backward that reads what is saved by its place", async () => {
    const text = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Scale extends Function {
  static forward(ctx: Context<{ by: number }>, x: Tensor, y: Tensor, by: number) {
    const product = x.mul(y);
    ctx.saveForBackward(y, x);
    ctx.by = by;
    return product.mul(by);
  }

  static backward(ctx: Context<{ by: number }>, g: Tensor) {
    const [y, x] = ctx.savedTensors;
    return [g.mul(y).mul(ctx.by), g.mul(x).mul(ctx.by), null];
  }
}
`;
    const derivation = derivationOf(
      ["dx.mul(y).add(t1).mul(by)"],
      [
        ["y", "input"],
        ["t1", "saved", 0],
        ["by", "input"],
      ],
    );
    expect(await written(text, derivation, addJvp)).toMatchInlineSnapshot(`
      "import { type Context, Function, type Tensor } from "@gradient-lens/engine";

      export class Scale extends Function {
        static forward(ctx: Context<{ by: number }>, x: Tensor, y: Tensor, by: number) {
          const product = x.mul(y);
          ctx.saveForBackward(y, x, product);
          ctx.by = by;
          return product.mul(by);
        }

        static backward(ctx: Context<{ by: number }>, g: Tensor) {
          const [y, x] = ctx.savedTensors;
          return [g.mul(y).mul(ctx.by), g.mul(x).mul(ctx.by), null];
        }

        static jvp(ctx: Context<{ by: number }>, dx: Tensor, dy: Tensor, _dBy: null) {
          const [y, , product] = ctx.savedTensors;
          return dx.mul(y).add(product).mul(ctx.by);
        }
      }
      "
    `);
  });
});

describe("a Function for a plain function", () => {
  const energy = derivationOf(
    ["gradOutput.mul(x.matmul(A.add(A.t())))", "x.t().matmul(gradOutput.mul(x))"],
    [
      ["x", "input"],
      ["A", "input"],
    ],
  );

  test("a declaration, after it", async () => {
    const text = `import type { Tensor } from "@gradient-lens/engine";

/** xᵀAx for each row. */
export function energy(x: Tensor, A: Tensor): Tensor {
  const y = x.matmul(A);
  return y.mul(x).sum(1, true);
}
export const n = 1;
`;
    expect(await generated(text, energy)).toMatchInlineSnapshot(`
      "import type { Context, Tensor } from "@gradient-lens/engine";
      import { Function } from "@gradient-lens/engine";

      /** xᵀAx for each row. */
      export function energy(x: Tensor, A: Tensor): Tensor {
        const y = x.matmul(A);
        return y.mul(x).sum(1, true);
      }

      export class Energy extends Function {
        static forward(ctx: Context, x: Tensor, A: Tensor): Tensor {
          const y = x.matmul(A);
          ctx.saveForBackward(x, A);
          return y.mul(x).sum(1, true);
        }

        static backward(ctx: Context, gradOutput: Tensor) {
          const [x, A] = ctx.savedTensors;
          return [gradOutput.mul(x.matmul(A.add(A.t()))), x.t().matmul(gradOutput.mul(x))];
        }
      }

      export const n = 1;
      "
    `);
  });

  test("an arrow, with Windows' line ends, where the name is taken", async () => {
    const text =
      "import { Tensor, Function } from '@gradient-lens/engine';\r\n\r\nclass Row_energy {}\r\nclass RowEnergy {}\r\nconst row_energy = (x: Tensor, A: Tensor) => (\r\n  x.matmul(A).mul(x)\r\n);";
    const now = await generated(text, energy);
    expect(now.replaceAll("\r\n", "\n")).not.toContain("\r");
    expect(now.replaceAll("\r\n", "\n")).toMatchInlineSnapshot(`
      "import { Tensor, Function, type Context } from '@gradient-lens/engine';

      class Row_energy {}
      class RowEnergy {}
      const row_energy = (x: Tensor, A: Tensor) => (
        x.matmul(A).mul(x)
      );

      class RowEnergyFunction extends Function {
        static forward(ctx: Context, x: Tensor, A: Tensor) {
          ctx.saveForBackward(x, A);
          return x.matmul(A).mul(x);
        }

        static backward(ctx: Context, gradOutput: Tensor) {
          const [x, A] = ctx.savedTensors;
          return [gradOutput.mul(x.matmul(A.add(A.t()))), x.t().matmul(gradOutput.mul(x))];
        }
      }
      "
    `);
  });
});
