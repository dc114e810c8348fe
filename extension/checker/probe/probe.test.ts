import { type Context, Function, linalg, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import type { Parameter } from "../sandbox/job.ts";
import { examine } from "./examine.ts";

function parameter(
  name: string,
  type: string | null = "Tensor",
  initializer: string | null = null,
): Parameter {
  return { name, type, optional: false, initializer, rest: false };
}

function check(fn: unknown, ...parameters: (string | Parameter)[]) {
  const declared = parameters.map(p => (typeof p === "string" ? parameter(p) : p));
  return examine(fn, { name: (fn as { name: string }).name, parameters: declared, seed: 3 });
}

describe("examine", () => {
  class Log extends Function {
    static forward(ctx: Context, x: Tensor) {
      ctx.saveForBackward(x);
      return x.log();
    }
    static backward(ctx: Context, g: Tensor) {
      return g.div(ctx.savedTensors[0]);
    }
  }

  test("finds the domain of values", () => {
    expect(check(Log, "x")).toMatchObject({ verdict: "correct", domain: "x: any shape; positive values" });
  });

  test("finds symmetric positive definite matrices", () => {
    class LogDet extends Function {
      static forward(ctx: Context, A: Tensor) {
        ctx.saveForBackward(A);
        return linalg.cholesky(A).diagonal().log().sum().mul(2);
      }
      static backward(ctx: Context, g: Tensor) {
        return linalg.inv(ctx.savedTensors[0]).mul(g);
      }
    }
    const result = check(LogDet, "A");
    expect(result.domain).toBe("A: (n, n); square matrices only; symmetric positive definite matrices");
  });

  test("a number that is a size is right at that size only, whichever that is", () => {
    const scores = (scale: number) =>
      class Scores extends Function {
        static forward(ctx: Context, q: Tensor, k: Tensor) {
          ctx.saveForBackward(q, k);
          return q.matmul(k.mT).div(Math.sqrt(q.size(-1)));
        }
        static backward(ctx: Context, g: Tensor) {
          const [q, k] = ctx.savedTensors;
          return [g.matmul(k).div(scale), g.mT.matmul(q).div(scale)];
        }
      };
    const result = check(scores(2), "q", "k");
    expect(result).toMatchObject({
      verdict: "wrong",
      rule: "only-special-inputs",
      message: expect.stringMatching(
        /^Scores\.backward is right at q: \(3, 4\), k: \(2, 4\) only; otherwise/,
      ),
      cause: { kind: "size-as-number", sentence: expect.stringContaining("√(size(q, 1))") },
    });
    expect(check(scores(3), "q", "k")).toMatchObject({ verdict: "wrong", rule: "wrong-vjp" });
  });

  test("tall matrices count as wide ones do", () => {
    const gram = (tall: number, wide: number) =>
      class SmallGram extends Function {
        static forward(ctx: Context, x: Tensor) {
          ctx.saveForBackward(x);
          return x.size(0) < x.size(1) ? x.matmul(x.mT) : x.mT.matmul(x);
        }
        static backward(ctx: Context, g: Tensor) {
          const [x] = ctx.savedTensors;
          const both = g.add(g.mT);
          return x.size(0) < x.size(1) ? both.matmul(x).mul(wide) : x.matmul(both).mul(tall);
        }
      };
    expect(check(gram(1, 1), "x").verdict).toBe("correct");
    expect(check(gram(1, 1.5), "x")).toMatchObject({ verdict: "wrong" });
    expect(check(gram(1.5, 1), "x")).toMatchObject({
      verdict: "wrong",
      rule: "only-special-inputs",
      message: expect.stringMatching(/^SmallGram\.backward is right where n < m only; otherwise/),
    });
  });

  test("what is singular but for rounding, of tall matrices, tells nothing", () => {
    class InverseQuadraticForm extends Function {
      static forward(ctx: Context, b: Tensor, A: Tensor) {
        if (b.ndim !== 1 || A.ndim !== 2) throw new RangeError("expected b: (n,), A: (n, m)");
        const x = linalg.solve(A.matmul(A.t()), b.unsqueeze(1)).squeeze(1);
        ctx.saveForBackward(x, A);
        return b.dot(x);
      }
      static backward(ctx: Context, g: Tensor) {
        const [x, A] = ctx.savedTensors;
        const gradS = x.outer(x).mul(g).neg();
        return [x.mul(2).mul(g), gradS.add(gradS.t()).matmul(A)];
      }
    }
    const verdicts = Array.from({ length: 12 }, (_, seed) => {
      const parameters = [parameter("b"), parameter("A")];
      return examine(InverseQuadraticForm, { name: "InverseQuadraticForm", parameters, seed }).verdict;
    });
    expect(new Set(verdicts)).toEqual(new Set(["correct"]));
  });

  test("a backward that fails with an optional tensor is not excused by being right without", () => {
    class Scaled extends Function {
      static forward(ctx: Context, x: Tensor, weight: Tensor | null) {
        ctx.saveForBackward(x, weight);
        if (x.ndim !== 2 || (weight && weight.ndim !== 1)) throw new Error("(n, m) and (m,)");
        return weight ? x.mul(weight) : x.clone();
      }
      static backward(ctx: Context, g: Tensor) {
        const [x, weight] = ctx.savedTensors as unknown as [Tensor, Tensor | null];
        return weight ? [g.mul(weight), g.matmul(x).sum(0)] : [g, null];
      }
    }
    const result = check(Scaled, "x", parameter("weight", "Tensor | null"));
    expect(result).toMatchObject({ verdict: "wrong", rule: "backward-throws" });
  });

  describe("sees every way that the arguments' types allow:", () => {
    /** Right, or where `isOther` says so, off by a factor. */
    const scaled = (isOther: (other: never) => boolean) =>
      class Scaled extends Function {
        static forward(ctx: Context, x: Tensor, other: unknown) {
          ctx.factor = isOther(other as never) ? 1.5 : 1;
          return x.mul(1.7);
        }
        static backward(ctx: Context, g: Tensor) {
          return [g.mul(1.7).mul(ctx.factor), null];
        }
      };
    const cases: readonly (readonly [string, Parameter, (other: never) => boolean])[] = [
      ["an enum", parameter("kind", "(0 | 1 | 2)", "Norm.L2"), (kind: number) => kind === 2],
      [
        "lists of two",
        parameter("axis", "number | number[] | null", "null"),
        (axis: unknown) => Array.isArray(axis) && axis.length === 2,
      ],
      [
        "a table of flags",
        parameter("mask", "boolean[][] | null", "null"),
        (mask: unknown) => Array.isArray(mask),
      ],
      [
        "an option",
        parameter("{ size, step = size }", "Options"),
        ({ size, step = size }: { size: number; step?: number }) => step !== size,
      ],
      ["a count beside its default", parameter("bits", "number", "3"), (bits?: number) => bits === 4],
    ];
    test.each(cases)("%s", (_, other, isOther) => {
      const right = scaled(() => false);
      expect(check(right, "x", other).verdict).toBe("correct");
      expect(check(scaled(isOther), "x", other).verdict).toBe("wrong");
    });
  });

  test("a tensor that by its name holds integers is differentiated where forward takes numbers", () => {
    const pinball = (factor: number) =>
      class Pinball extends Function {
        static forward(ctx: Context, preds: Tensor, positions: Tensor) {
          ctx.saveForBackward(preds, positions);
          return preds.sub(positions).square();
        }
        static backward(ctx: Context, g: Tensor) {
          const [preds, positions] = ctx.savedTensors;
          const slope = g.mul(preds.sub(positions)).mul(2);
          return [slope, slope.mul(-factor)].map((grad, i) => grad.sumToSize([preds, positions][i]!.shape));
        }
      };
    expect(check(pinball(1), "preds", "positions").verdict).toBe("correct");
    expect(check(pinball(2), "preds", "positions").verdict).toBe("wrong");
  });

  test("what happens far out counts, too", () => {
    class Clipped extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return x.clamp(-4, 4);
      }
      static backward(_ctx: Context, g: Tensor) {
        return g;
      }
    }
    for (const seed of [0, 1, 2])
      expect(examine(Clipped, { name: "Clipped", parameters: [parameter("x")], seed }).verdict).toBe("wrong");
  });

  test("capital letters are matrices", () => {
    class Product extends Function {
      static forward(ctx: Context, A: Tensor, B: Tensor) {
        ctx.saveForBackward(A, B);
        return A.matmul(B);
      }
      static backward(ctx: Context, g: Tensor) {
        const [A, B] = ctx.savedTensors;
        return [g.matmul(B.t()), A.t().matmul(g)];
      }
    }
    expect(check(Product, "A", "B")).toMatchObject({
      verdict: "correct",
      domain: "A: (n, m), B: (m, k)",
    });
  });

  test("a backward that takes matrices only is judged on matrices only, and that is said", () => {
    class Square extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return x.matmul(x);
      }
      static backward(ctx: Context, g: Tensor) {
        const [x] = ctx.savedTensors;
        return g.mm(x.t()).add(x.t().mm(g));
      }
    }
    expect(check(Square, "x")).toMatchObject({
      verdict: "correct",
      domain: "x: (n, n); square matrices only",
      message: expect.stringMatching(/Forward alone takes x: \(n, m, m\) …$/),
    });
  });

  test("a wrong backward comes with its entry, both values and the domain", () => {
    class Wrong extends Log {
      static override backward(ctx: Context, g: Tensor) {
        return g.mul(ctx.savedTensors[0]);
      }
    }
    const result = check(Wrong, "x");
    expect(result).toMatchObject({
      verdict: "wrong",
      rule: "wrong-vjp",
      inputs: [{ name: "x", verdict: "wrong" }],
    });
    if (result.verdict === "wrong") {
      expect(result.returned).toMatch(/^grad_out ⊙ x; ∂ output\[(\d), \d\] \/ ∂ x\[\1, \d\] = -?\d/);
      expect(result.expected).toMatch(/^grad_out \/ x; ∂ output/);
    }
  });

  test("the same seed gives the same judgement", () => {
    expect(check(Log, "x")).toEqual(check(Log, "x"));
  });

  test("sampleInputs: one list, several, and what is wrong with them", () => {
    const sampled = (sampleInputs: () => unknown) => {
      class Sampled extends Log {
        static sampleInputs = sampleInputs;
      }
      return check(Sampled, "x");
    };
    expect(sampled(() => [tensor([1, 2])])).toMatchObject({
      verdict: "correct",
      domain: null,
      inputs: [{ shape: [2] }],
    });
    expect(sampled(() => [[tensor([1])], [tensor([[2, 3]])]])).toMatchObject({ verdict: "correct" });
    expect(sampled(() => 5)).toMatchObject({ verdict: "inconclusive", rule: "no-inputs-found" });
    expect(sampled(() => [])).toMatchObject({ rule: "no-inputs-found" });
    expect(
      sampled(() => {
        throw new Error("none today");
      }),
    ).toMatchObject({ rule: "no-inputs-found", message: "Sampled.sampleInputs throws Error: none today" });
  });

  test("a forward that never works, or nothing to differentiate", () => {
    class Broken extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return (x as unknown as { nothing: { here: Tensor } }).nothing.here;
      }
      static backward = (_ctx: Context, g: Tensor) => g;
    }
    expect(check(Broken, "x")).toMatchObject({ verdict: "inconclusive", rule: "forward-throws" });
    class Picky extends Function {
      static forward(_ctx: Context, x: Tensor) {
        if (x.numel() !== 4 * 7 + 3) throw new Error(`31 elements, not ${x.numel()}`);
        return x;
      }
      static backward = (_ctx: Context, g: Tensor) => g;
    }
    expect(check(Picky, "x")).toMatchObject({ verdict: "inconclusive", rule: "no-inputs-found" });
    expect(check({ forward: 1 })).toMatchObject({ rule: "cannot-bundle" });
    class Constant extends Function {
      static forward(_ctx: Context, n: number) {
        return tensor([n]);
      }
      static backward = () => null;
    }
    expect(check(Constant, parameter("n", "number"))).toMatchObject({ verdict: "inconclusive" });
  });

  test("parameters that the text did not show are counted", () => {
    const result = examine(Log, { name: "Log", parameters: null, seed: 1 });
    expect(result).toMatchObject({ verdict: "correct", inputs: [{ name: "argument 0" }] });
  });

  test.each(['"mean" | "sum"', '"sum" | "mean"'])(
    "a backward that is right for one of the options %s only",
    type => {
      class Reduce extends Function {
        static forward(ctx: Context<{ shape: number[] }>, x: Tensor, how: "sum" | "mean") {
          ctx.shape = x.shape;
          return how === "sum" ? x.sum() : x.mean();
        }
        static backward(ctx: Context<{ shape: number[] }>, g: Tensor) {
          return [g.expand(ctx.shape), null];
        }
      }
      expect(check(Reduce, "x", parameter("how", type))).toMatchObject({ verdict: "wrong" });
    },
  );
});
