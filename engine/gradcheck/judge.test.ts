/** @file The judge against planted wrong rules, and against right ones at awkward places. */

import {
  type Context,
  Function,
  isGradEnabled,
  linalg,
  manualSeed,
  randn,
  setGradEnabled,
  stack,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { derivative } from "./finite-differences.ts";
import { gradcheck } from "./gradcheck.ts";
import { judge } from "./judge.ts";

type Backward = (ctx: Context, g: Tensor) => unknown;

/** x ↦ x exp(y), which depends on both its inputs, with the given backward. */
function scaledExp(backward: Backward) {
  return class ScaledExp extends Function {
    static forward(ctx: Context, x: Tensor, y: Tensor) {
      ctx.saveForBackward(x, y);
      return x.mul(y.exp());
    }
    static backward = backward;
  };
}

const right = (ctx: Context, g: Tensor): [Tensor, Tensor] => {
  const [x, y] = ctx.savedTensors;
  return [g.mul(y.exp()), g.mul(x.mul(y.exp()))];
};

function ruling(backward: Backward) {
  manualSeed(11);
  return judge(scaledExp(backward), [randn(2, 3), randn(2, 3)], 5);
}

describe("the judge", () => {
  test("agrees with the right backward, to rounding", () => {
    const result = ruling(right);
    expect(result.kind).toBe("agrees");
    if (result.kind === "agrees")
      for (const report of result.reports) expect(report.maxError).toBeLessThan(1e-9);
  });

  test("a jvp whose tangent has another shape than its output is wrong, and no fault of the judge", () => {
    class Across extends scaledExp(right) {
      static jvp(_ctx: Context, dx: Tensor) {
        return dx.t();
      }
    }
    const [got, expected] = [
      [3, 2],
      [2, 3],
    ];
    const answer = judge(Across, [randn(2, 3), randn(2, 3)], 5);
    expect(answer).toEqual({ kind: "jvp-shape", output: 0, got, expected });
  });

  test("takes what rounding leaves of a derivative that is zero for zero", () => {
    class Direction extends Function {
      static forward(ctx: Context, x: Tensor) {
        const n = x.square().sqrt();
        ctx.saveForBackward(x, n);
        return x.div(n);
      }
      static backward(ctx: Context, g: Tensor) {
        const [x, n] = ctx.savedTensors;
        return g.div(n).sub(x.mul(g.mul(x)).div(n.pow(3)));
      }
    }
    for (let seed = 0; seed < 50; seed++) {
      for (const shape of [[], [4], [20, 30]]) {
        const x = randn(shape).mul(10 ** ((seed % 7) - 3));
        expect(judge(Direction, [x], seed), `seed ${seed}, [${shape}]`).toMatchObject({ kind: "agrees" });
      }
    }
  });

  test("holds no tail against the tape that forward rounds away", () => {
    const CUBIC = 0.044715;
    const tanhOf = (x: Tensor): Tensor =>
      x
        .add(x.pow(3).mul(CUBIC))
        .mul(Math.sqrt(2 / Math.PI))
        .tanh();
    class Gelu extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return x.mul(0.5).mul(tanhOf(x).add(1));
      }
      static backward(ctx: Context, g: Tensor) {
        const [x] = ctx.savedTensors;
        const t = tanhOf(x);
        const inner = x
          .square()
          .mul(3 * CUBIC)
          .add(1)
          .mul(Math.sqrt(2 / Math.PI));
        const slope = t
          .add(1)
          .add(x.mul(t.square().rsub(1)).mul(inner))
          .div(2);
        return g.mul(slope);
      }
    }
    const tails: readonly (readonly [number, seed: number])[] = [
      [-6.37352482708, 18],
      [-6.4592002711, 5],
      [-6.01964279306, 18],
      [-6.64518627784, 4],
    ];
    for (const [tail, seed] of tails) {
      const x = tensor([2, -1.3, 0.4, tail]);
      expect(judge(Gelu, [x], seed, { thorough: false }), `at ${tail}`).toMatchObject({ kind: "agrees" });
    }
  });

  test("has nothing against numbers that forward read out and kept, for one derivative", () => {
    class Squareplus extends Function {
      static forward(ctx: Context, x: Tensor, b = 4.5) {
        const flat = x.tolist() as number[];
        ctx.b = b;
        ctx.slopes = flat.map(v => 0.5 * (1 + v / Math.sqrt(v * v + b)));
        return tensor(flat.map(v => 0.5 * (v + Math.sqrt(v * v + b))));
      }
      static backward(ctx: Context, g: Tensor) {
        return [g.mul(tensor(ctx.slopes)), null];
      }
    }
    const result = judge(Squareplus, [tensor([0.7, -1.2, 2])], 1);
    expect(result).toMatchObject({
      kind: "agrees",
      hints: [{ kind: "wrong-double-backward", intermediates: true }],
    });
  });

  test("a slope of zero is measured well enough to speak against one that is not", () => {
    /** Where all of a row is clamped, the power mean is the bound itself, whatever the power. */
    const powerMean = (isRight: boolean) =>
      class PowerMean extends Function {
        static forward(ctx: Context, x: Tensor, p: Tensor) {
          const bounded = x.clamp(1e-6);
          const mean = bounded.pow(p).mean(-1);
          const y = mean.pow(p.reciprocal());
          ctx.saveForBackward(x, p, bounded, mean, y);
          return y;
        }
        static backward(ctx: Context, g: Tensor) {
          const [x, p, bounded, mean, y] = ctx.savedTensors;
          const gMean = g.mul(y).div(mean.mul(p));
          const gx = gMean
            .unsqueeze(-1)
            .mul(p)
            .mul(bounded.pow(p.sub(1)))
            .div(x.size(-1))
            .mul(x.gt(1e-6));
          const dMean = bounded.pow(p).mul(bounded.log()).mean(-1);
          const gLog = isRight ? g.mul(y) : g;
          const gp = gMean.mul(dMean).sub(gLog.mul(mean.log()).div(p.square()));
          return [gx, gp.sum()];
        }
      };
    const args = [
      tensor([
        [-0.4, -1.2],
        [0.7, 1.9],
        [-0.3, 0.8],
      ]),
      tensor(-0.7),
    ];
    expect(judge(powerMean(true), args, 1)).toMatchObject({ kind: "agrees" });
    expect(judge(powerMean(false), args, 1)).toMatchObject({ kind: "differs" });
  });

  test("has nothing against numbers that backward reads out, for one derivative", () => {
    class Product extends Function {
      static forward(ctx: Context, x: Tensor, y: Tensor) {
        ctx.saveForBackward(x, y);
        return x.mul(y).mul(y);
      }
      static backward(ctx: Context, g: Tensor) {
        const [x, y] = ctx.savedTensors;
        const squares = (y.tolist() as number[]).map(v => v * v);
        return [g.mul(tensor(squares)), g.mul(x).mul(y).mul(2)];
      }
    }
    const result = judge(Product, [tensor([0.7, -1.2, 2]), tensor([0.4, 1.2, -1.1])], 1);
    expect(result).toMatchObject({
      kind: "agrees",
      hints: [{ kind: "wrong-double-backward", intermediates: false }],
    });
  });

  test("does not differentiate backward by what is given", () => {
    class GumbelSoftmax extends Function {
      static forward(ctx: Context, logits: Tensor, noise: Tensor) {
        const y = logits.add(noise.detach()).softmax(-1);
        ctx.saveForBackward(y);
        return y;
      }
      static backward(ctx: Context, g: Tensor) {
        const [y] = ctx.savedTensors;
        const gy = g.mul(y);
        return [gy.sub(y.mul(gy.sum(-1, true))), null];
      }
    }
    const args = [tensor([0.7, -1.2, 2]), tensor([0.1, 0.3, -0.4])];
    const result = judge(GumbelSoftmax, args, 1, { constant: new Set([1]) });
    expect(result).toMatchObject({ kind: "agrees", hints: [] });
  });

  test("takes the noise of a gradient that is zero for what it is", () => {
    /** A (AᵀA)⁻¹ Aᵀ: the identity for every square A. */
    const projection = (factor: number) =>
      class Projection extends Function {
        static forward(ctx: Context, A: Tensor) {
          const pinv = linalg.solve(A.t().matmul(A), A.t());
          const P = A.matmul(pinv);
          ctx.saveForBackward(P, pinv);
          return P;
        }
        static backward(ctx: Context, g: Tensor) {
          const [P, pinv] = ctx.savedTensors;
          const onto = g.add(g.t()).matmul(pinv.t());
          return onto.sub(P.matmul(onto).mul(factor));
        }
      };
    manualSeed(3);
    for (let seed = 0; seed < 60; seed++) {
      const A = randn(7, 7);
      const options = { thorough: seed % 2 === 0 };
      expect(judge(projection(1), [A], seed, options), `${seed}`).toMatchObject({ kind: "agrees" });
      expect(judge(projection(1.00001), [A], seed, options), `${seed}`).toMatchObject({ kind: "differs" });
    }
  });

  test("does not trust a tape that is cut next to the edge of the domain", () => {
    class Edge extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return stack([x.select(0, 0).square(), x.detach().select(0, 1).rsub(1).sqrt()]);
      }
      static backward(ctx: Context, g: Tensor) {
        const [x] = ctx.savedTensors;
        return stack([g.select(0, 0).mul(x.select(0, 0)).mul(2), g.select(0, 1).mul(0)]);
      }
    }
    for (const gap of [1e-4, 1e-5, 1e-7]) {
      expect(judge(Edge, [tensor([0.7, 1 - gap])], 1), `${gap}`).toMatchObject({ kind: "differs" });
    }
  });

  test("is not fooled by a forward that leaves gradients switched off", () => {
    class Off extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        setGradEnabled(false);
        return x.square();
      }
      static backward(_ctx: Context, g: Tensor) {
        return g;
      }
    }
    expect(judge(Off, [randn(2, 3)], 5).kind).toBe("differs");
    expect(isGradEnabled()).toBe(true);
  });

  const wrong: Record<string, [Backward, string]> = {
    "a sign": [(ctx, g) => right(ctx, g.neg()), "differs"],
    "a factor 2": [(ctx, g) => right(ctx, g.mul(2)), "differs"],
    "a factor 1.0005": [(ctx, g) => right(ctx, g.mul(1.0005)), "differs"],
    "a factor 1.00001": [(ctx, g) => right(ctx, g.mul(1.00001)), "differs"],
    "the gradients swapped": [(ctx, g) => right(ctx, g).reverse(), "differs"],
    "one of them zero": [(ctx, g) => [right(ctx, g)[0], g.mul(0)], "differs"],
    "one of them null": [(ctx, g) => [right(ctx, g)[0], null], "missing-grad"],
    "one of them left out": [(ctx, g) => [right(ctx, g)[0]], "grad-count"],
    "nothing returned": [() => undefined, "no-return"],
    "a number returned": [() => [1, 2], "not-a-tensor"],
    "a wrong shape": [(ctx, g) => right(ctx, g).map(x => x.t()), "grad-shape"],
    "an error": [(ctx, g) => right(ctx, g.matmul(g)), "backward-throws"],
    "|g| for g": [(ctx, g) => right(ctx, g.abs()), "not-linear"],
    "relu(g) for g": [(ctx, g) => right(ctx, g.relu()), "not-linear"],
    "g² for g": [(ctx, g) => right(ctx, g.mul(g)), "not-linear"],
    "clamped g": [(ctx, g) => right(ctx, g.clamp(-1, 1)), "not-linear"],
    "ones for g": [(ctx, g) => right(ctx, g.mul(0).add(1)), "ignores-grad-output"],
    "g normalised": [
      (ctx, g) => right(ctx, g.mul(g.norm()).div(g.amax().abs().add(g.amin().abs()))),
      "not-linear",
    ],
    "the saved tensor changed": [
      (ctx, g) => {
        const grads = right(ctx, g);
        ctx.savedTensors[0].detach().add_(1);
        return grads;
      },
      "input-mutated",
    ],
    "g doubled in place and the result halved": [
      (ctx, g) => right(ctx, g.mul_(2)).map(x => x.div(2)),
      "grad-output-mutated",
    ],
    noise: [(ctx, g) => right(ctx, g.mul(randn([]))), "nondeterministic"],
  };
  test.each(Object.entries(wrong))("catches %s", (_name, [backward, kind]) => {
    expect(ruling(backward).kind).toBe(kind);
  });

  test("names the worst entry with both values", () => {
    const result = ruling((ctx, g) => {
      const [gx, gy] = right(ctx, g);
      const off = gx.clone();
      off.index(1, 2).add_(g.index(1, 2).mul(3));
      return [off, gy];
    });
    expect(result).toMatchObject({
      kind: "differs",
      worst: { argument: 0, at: [1, 2], output: 0, outputAt: [1, 2] },
    });
    if (result.kind === "differs") expect(result.worst.returned - result.worst.expected).toBeCloseTo(3, 6);
  });

  test("reports each argument whose gradient is wrong", () => {
    const verdicts = (backward: Backward) => {
      const result = ruling(backward);
      return "reports" in result ? result.reports.map(({ verdict }) => verdict) : [];
    };
    expect(verdicts((ctx, g) => [right(ctx, g)[0], right(ctx, g)[1].mul(2)])).toEqual(["correct", "wrong"]);
    expect(verdicts((ctx, g) => [right(ctx, g)[0].mul(3), right(ctx, g)[1].mul(2)])).toEqual([
      "wrong",
      "wrong",
    ]);
    // Row by row it is right.
    const manyAtOnce = (g: Tensor): boolean => g.ne(0).sum().item() !== 1;
    const notLinear: Backward = (ctx, g) => right(ctx, g).map(grad => grad.mul(manyAtOnce(g) ? 2 : 1));
    expect(verdicts(notLinear)).toEqual(["wrong", "wrong"]);
  });

  test("reports each argument whose gradient is wrong where the tape is cut, too", () => {
    class Cut extends Function {
      static forward(_ctx: Context, a: Tensor, b: Tensor) {
        return a.detach().mul(b.detach()).add(a.mul(0));
      }
      static backward(_ctx: Context, g: Tensor) {
        return [g.mul(0), g.mul(0)];
      }
    }
    manualSeed(11);
    const result = judge(Cut, [randn(2, 3), randn(2, 3)], 5);
    expect("reports" in result && result.reports.map(({ verdict }) => verdict)).toEqual(["wrong", "wrong"]);
  });

  test("a forward that changes its input, or is random, is no basis", () => {
    class Changes extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x.add_(1).mul(2);
      }
      static backward(_ctx: Context, g: Tensor) {
        return g.mul(2);
      }
    }
    class Random extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x.mul(randn(x.shape));
      }
      static backward(_ctx: Context, g: Tensor) {
        return g;
      }
    }
    expect(judge(Changes, [randn(3)], 0)).toEqual({ kind: "input-mutated", argument: 0, by: "forward" });
    expect(judge(Random, [randn(3)], 0)).toEqual({ kind: "nondeterministic", by: "forward" });
  });

  test("a declared surrogate is what backward is held against", () => {
    class Sign extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x.sign();
      }
      static backward(_ctx: Context, g: Tensor) {
        return g;
      }
      static surrogate(x: Tensor) {
        return x;
      }
    }
    expect(judge(Sign, [randn(3)], 0).kind).toBe("agrees");
    class Plain extends Sign {
      static override surrogate = undefined as never;
    }
    expect(judge(Plain, [randn(3)], 0).kind).toBe("differs");
  });

  // Right rules where finite differences have a hard time.
  const awkward: Record<string, [f: (x: Tensor) => Tensor, df: (x: Tensor) => Tensor, at: number]> = {
    "x² · 1e-9 at 1e9": [x => x.square().mul(1e-9), x => x.mul(2e-9), 1e9],
    "log at 1e-7": [x => x.log(), x => x.reciprocal(), 1e-7],
    "√ at 1e-9": [x => x.sqrt(), x => x.rsqrt().mul(0.5), 1e-9],
    "1/x at 1e-4": [x => x.reciprocal(), x => x.pow(-2).neg(), 1e-4],
    "exp(30 x)": [x => x.mul(30).exp(), x => x.mul(30).exp().mul(30), 1],
    "acos at 0.9999999": [x => x.acos(), x => x.square().neg().add(1).rsqrt().neg(), 0.9999999],
    "sigmoid at 30": [x => x.sigmoid(), x => x.sigmoid().mul(x.neg().sigmoid()), 30],
  };
  test.each(Object.entries(awkward))("does not call %s wrong", (_name, [f, df, at]) => {
    class Rule extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return f(x);
      }
      static backward(ctx: Context, g: Tensor) {
        return g.mul(df(ctx.savedTensors[0]));
      }
    }
    expect(["agrees", "not-differentiable"]).toContain(judge(Rule, [tensor([at])], 0).kind);
  });
});

describe("large outputs", () => {
  const cube = (wrongAt: number | null) =>
    class Cube extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return x.pow(3);
      }
      static backward(ctx: Context, g: Tensor) {
        const grad = g.mul(ctx.savedTensors[0].square().mul(3));
        if (wrongAt === null) return grad;
        const off = grad.clone();
        off.index(wrongAt).mul_(1.001);
        return off;
      }
    };

  test("are asked for in part one by one, and all in random combinations", () => {
    manualSeed(3);
    const result = judge(cube(null), [randn(300)], 1);
    expect(result).toMatchObject({ kind: "agrees", coverage: { asked: 96, of: 300, projected: true } });
  });

  test("do not hide one wrong entry", () => {
    manualSeed(3);
    const x = randn(300);
    for (let at = 0; at < 300; at += 23) expect(judge(cube(at), [x], at).kind).toBe("differs");
  });
});

describe("finite differences", () => {
  test("are as good as their own estimate says", () => {
    for (const x of [0.3, 2, 40]) {
      const { values, errors } = derivative(
        h => new Float64Array([Math.sin(x + h) * (x + h)]),
        new Float64Array([Math.sin(x) * x]),
        x,
      )!;
      const truth = Math.cos(x) * x + Math.sin(x);
      expect(Math.abs(values[0]! - truth)).toBeLessThanOrEqual(10 * errors[0]!);
      expect(errors[0]).toBeLessThan(1e-8 * Math.max(1, Math.abs(truth)));
    }
  });

  test("keep inside the domain, and give up where there is none", () => {
    expect(
      derivative(h => new Float64Array([Math.log(1e-3 + h)]), new Float64Array([Math.log(1e-3)]), 1e-3)!
        .values[0],
    ).toBeCloseTo(1000, 3);
    expect(derivative(() => null, new Float64Array(1), 1)).toBe(null);
  });
});

test("at a kink any slope between the sides' will do", () => {
  class Relu extends Function {
    static forward(ctx: Context, x: Tensor) {
      ctx.saveForBackward(x);
      return x.relu();
    }
    static backward(ctx: Context, g: Tensor) {
      return g.mul(ctx.savedTensors[0].gt(0));
    }
  }
  expect(judge(Relu, [tensor([0, 1])], 0).kind).toBe("agrees");
  expect(judge(Relu, [tensor([-1, 1])], 0).kind).toBe("agrees");
  // A smooth function whose curvature is all there is at 0.
  const [flat] = [derivative(h => new Float64Array([h * h, h ** 3]), new Float64Array(2), 0)!];
  expect([...flat.errors].every(error => error < 1e-9)).toBe(true);
});

describe("gradcheck", () => {
  test("throws where a gradient is wrong, with input, entry and both values", () => {
    const Wrong = scaledExp((ctx, g) => right(ctx, g.mul(2)));
    const inputs = [tensor([1, 2], { requiresGrad: true }), tensor([0, 0])];
    const f = (x: Tensor, y: Tensor) => Wrong.apply(x, y);
    expect(() => gradcheck(f as never, inputs)).toThrow(
      /Jacobian mismatch for output 0 at \[0\] with respect to input 0 at \[0\]: numerical (1|0\.9999)\S*, analytical 2/,
    );
    expect(gradcheck(f as never, inputs, { raiseException: false })).toBe(false);
    expect(() => gradcheck(f as never, [tensor([1])])).toThrow("at least one input that requires gradients");
  });
});
