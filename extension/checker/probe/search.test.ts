import * as gl from "@gradient-lens/engine";
import {
  type Context,
  cat,
  einsum,
  Function,
  isTensor,
  linalg,
  nn,
  type Tensor,
} from "@gradient-lens/engine";
import { Generator } from "@gradient-lens/engine/judge";
import { describe, expect, test } from "vitest";
import type { Parameter } from "../sandbox/job.ts";
import { domainText } from "./domain.ts";
import { shapesOf } from "./patterns.ts";
import { resample, search } from "./search.ts";
import { topLevel } from "./written-type.ts";

// biome-ignore lint/suspicious/noExplicitAny: forwards as people write them in JavaScript, without types
type Any = any;

/** "x: Tensor, eps = 1e-5" as the outline would describe it. */
function parametersFrom(text: string): Parameter[] {
  return topLevel(text, ",").map(written => {
    const [declared, initializer = null] = written.split(/ = (?![^{]*\})/) as [string, string?];
    const [, rest, name, mark, type = null] = /^(\.\.\.)?(\w+|\{[^}]*\})(\?)?(?:: (.*))?$/s.exec(declared)!;
    return {
      name: name!,
      type,
      optional: mark !== undefined || initializer !== null,
      initializer,
      rest: rest !== undefined,
    };
  });
}

function found(signature: string, forward: (ctx: Context, ...args: Any[]) => unknown, seed = 5) {
  class Probed extends Function {
    static forward = forward as Any;
    static backward = () => null;
  }
  const random = new Generator(seed);
  const uniform = () => random.uniform("float64");
  const parameters = parametersFrom(signature);
  const result = search(Probed, parameters, uniform);
  const text = domainText(
    result.samples,
    parameters.map(({ name }) => name),
  );
  return { ...result, uniform, text, first: text?.split("; other ranks")[0] };
}

const shapes = (args: readonly unknown[]) => args.filter(isTensor).map(arg => arg.shape);
const F = nn.functional;

function requires(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

describe("the most general pattern", () => {
  test.each<[string, (ctx: Context, ...args: Any[]) => unknown, string]>([
    ["x", (_, x) => x.exp(), "x: any shape"],
    ["x: Tensor", (_, x) => x.log(), "x: any shape; positive values"],
    ["x: gl.Tensor", (_, x) => x.sub(1).log(), "x: any shape; values above 1"],
    ["x, A", (_, x, A) => x.mm(A), "x: (n, m), A: (m, k)"],
    [
      "x, A",
      (_, x, A) => {
        requires(A.shape[0] === A.shape[1], "A must be square");
        return x.mm(A);
      },
      "x: (n, m), A: (m, m); square matrices only for A",
    ],
    [
      "x, w1, b1, w2, b2, w3, b3",
      (_, x, w1, b1, w2, b2, w3, b3) => F.silu(x.mm(w1).add(b1)).mul(x.mm(w2).add(b2)).mm(w3).add(b3),
      "x: (n, m), w1: (m, k), b1: (k,), w2: (m, k), b2: (k,), w3: (k, p), b3: (p,)",
    ],
    [
      "a, b, c, d, e, f, g",
      (_, a, b, c, d, e, f, g) => {
        for (const bias of [c, e, g]) requires(bias.ndim === 1, `a bias has one dimension, not ${bias.ndim}`);
        return F.silu(a.mm(b).add(c)).mul(a.mm(d).add(e)).mm(f).add(g);
      },
      "a: (n, m), b: (m, k), c: (k,), d: (m, k), e: (k,), f: (k, p), g: (p,)",
    ],
    [
      "x: Tensor, weight: Tensor, bias: Tensor, eps = 1e-5",
      (_, x, weight, bias, eps = 1e-5) => F.layerNorm(x, [x.shape.at(-1)], weight, bias, eps),
      "x: (n, m), weight: (m,), bias: (m,)",
    ],
    [
      "q: Tensor, k: Tensor, v: Tensor",
      (_, q, k, v) => {
        requires(q.ndim === 4, "expected (batch, heads, length, features)");
        return gl.softmax(q.matmul(k.mT).div(Math.sqrt(q.shape[3])), -1).matmul(v);
      },
      "q: (n, m, k, p), k: (n, m, q, p), v: (n, m, q, r)",
    ],
    [
      "x, weight, bias",
      (_, x, weight, bias) => F.conv2d(x, weight, bias),
      "x: (n, m, k, p), weight: (q, m, r, s), bias: (q,)",
    ],
    [
      "x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor",
      (_, x1, x2, weight, bias) => einsum("bi,oij,bj->bo", x1, weight, x2).add(bias),
      "x1: (n, m), x2: (n, k), weight: (p, m, k), bias: (p,)",
    ],
    [
      "weight, indices",
      (_, weight, indices) => F.embedding(indices, weight),
      "weight: (n, m), indices: (k,); indices below n for indices",
    ],
    [
      "logits: Tensor, target: Tensor",
      (_, logits, target) => logits.logSoftmax(-1).gather(1, target.unsqueeze(1)).neg().mean(),
      "logits: (n, m), target: (n,); indices below m for target",
    ],
    [
      "A, b",
      (_, A, b) => linalg.solve(linalg.cholesky(A), b),
      "A: (n, n), b: (n,); square matrices only for A; symmetric positive definite matrices for A",
    ],
    [
      "x, p",
      (_, x, p) => x.acos().add(p.log().mean()),
      "x: (n, m), p: (k, p); values between −1 and 1 for x; positive values for p",
    ],
    [
      "A: Tensor",
      (_, A) => {
        requires(gl.allclose(A, A.mT), "A must be symmetric");
        return linalg.eigvalsh(A);
      },
      "A: (n, n); square matrices only; symmetric matrices",
    ],
    [
      "Q: Tensor",
      (_, Q) => {
        requires(gl.allclose(Q.mT.matmul(Q), gl.eye(Q.shape.at(-1))), "columns must be orthonormal");
        return Q.mul(2);
      },
      "Q: (n, m); orthonormal columns",
    ],
    [
      "p",
      (_, p) => {
        requires(Math.abs(p.sum(-1).mean().item() - 1) < 1e-9, "probabilities must sum to 1");
        return p.mul(p.log()).sum();
      },
      "p: any shape; probabilities along the last dimension",
    ],
    [
      "q: Tensor",
      (_, q) => {
        requires(q.shape.at(-1) === 4, "a quaternion has four components");
        return q.div(q.norm());
      },
      "q: (n, 4)",
    ],
    [
      "x: Tensor, cos: Tensor, sin: Tensor",
      (_, x, cos, sin) => {
        const half = x.shape.at(-1) / 2;
        requires(
          cos.ndim === x.ndim && cos.shape.at(-1) === half,
          "cos and sin are for half of the features",
        );
        const [a, b] = [x.narrow(-1, 0, half), x.narrow(-1, half, half)];
        return cat([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1);
      },
      "x: (n, 2m), cos: (n, m), sin: (n, m)",
    ],
    [
      "x: Tensor, heads: number",
      (_, x, heads) => {
        const [batch, length, features] = x.shape;
        return x.reshape([batch, length, heads, features / heads]).sum(2);
      },
      "x: (n, m, 2k)",
    ],
    [
      "x: Tensor, h: Tensor, c: Tensor, wIh: Tensor, wHh: Tensor, bias: Tensor",
      (_, x, h, c, wIh, wHh, bias) => {
        requires(x.ndim === 2 && h.ndim === 2, "x and h must be (batch, features)");
        requires(`${c.shape}` === `${h.shape}`, "c must look like h");
        const size = h.shape[1];
        requires(`${wIh.shape}` === `${[4 * size, x.shape[1]]}`, "wIh must be (4H, I)");
        requires(`${wHh.shape}` === `${[4 * size, size]}` && `${bias.shape}` === `${[4 * size]}`, "gates");
        const gates = x.mm(wIh.mT).add(h.mm(wHh.mT)).add(bias);
        const [i, f, g, o] = gates.chunk(4, 1);
        return o.sigmoid().mul(f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh())).tanh());
      },
      "x: (n, m), h: (n, k), c: (n, k), wIh: (4k, m), wHh: (4k, k), bias: (4k,)",
    ],
    [
      "x: Tensor, p1: Tensor, p2: Tensor, beta: Tensor",
      (_, x, p1, p2, beta) => {
        for (const p of [p1, p2, beta])
          requires(`${p.shape}` === `${[1, x.shape.at(-1)]}` && x.ndim === 2, "parameters are (1, C)");
        return p1.sub(p2).mul(x).mul(beta);
      },
      "x: (n, m), p1: (1, m), p2: (1, m), beta: (1, m)",
    ],
    [
      "x: Tensor, wQKV: Tensor",
      (_, x, wQKV) => {
        requires(wQKV.ndim === 2 && wQKV.shape[1] === 3 * wQKV.shape[0], "wQKV must be (D, 3D)");
        requires(x.ndim === 2, "x must be (length, dim)");
        const [q, k, v] = x.mm(wQKV).chunk(3, 1);
        return q.mm(k.mT).softmax(-1).mm(v);
      },
      "x: (n, m), wQKV: (m, 3m)",
    ],
    [
      "dirs: Tensor, coefficients: Tensor",
      (_, dirs, coefficients) => {
        requires(dirs.shape[1] === 3 && coefficients.shape[0] === 9, "(n, 3) and (9, c)");
        return dirs.mm(coefficients.narrow(0, 0, 3)).add(coefficients.narrow(0, 8, 1));
      },
      "dirs: (n, 3), coefficients: (9, m)",
    ],
    [
      "lower: Tensor, diag: Tensor, upper: Tensor, rhs: Tensor",
      (_, lower, diag, upper, rhs) => {
        const n = diag.shape[0] - 1;
        const fits = lower.shape[0] === n && upper.shape[0] === n && rhs.shape[0] === n + 1;
        requires(fits && lower.ndim + diag.ndim + upper.ndim + rhs.ndim === 4, "n − 1, n, n − 1, n");
        return cat([lower.mul(upper), diag.mul(rhs)], 0);
      },
      "lower: (n,), diag: (n+1,), upper: (n,), rhs: (n+1,)",
    ],
    [
      "pos: Tensor, from: Tensor, to: Tensor",
      (_, pos, from, to) => pos.indexSelect(0, to).sub(pos.indexSelect(0, from)),
      "pos: (n, m), from: (k,), to: (k,); indices below n for from and to",
    ],
    [
      "y: Tensor, gaps: Tensor",
      (_, y, gaps) => {
        requires(
          y.ndim === 1 && gaps.ndim === 1 && gaps.shape[0] === y.shape[0] - 1,
          "one gap fewer than values",
        );
        return y
          .narrow(0, 1, gaps.shape[0])
          .sub(y.narrow(0, 0, gaps.shape[0]))
          .div(gaps);
      },
      "y: (n+1,), gaps: (n,)",
    ],
    [
      "x: Tensor, weight: Tensor",
      (_, x, weight) => {
        const [n] = weight.shape;
        requires(x.ndim === 1 && weight.ndim === 1 && x.shape[0] % n === 0, "whole groups");
        return x.reshape([-1, n]).mul(weight);
      },
      "x: (2n,), weight: (2m,)",
    ],
    [
      "x: Tensor, kernel: Tensor",
      (_, x, kernel) => {
        const [n] = kernel.shape;
        requires(x.ndim === 1 && kernel.ndim === 1 && n <= x.shape[0], "a kernel no longer than x");
        return x.narrow(0, 0, n).mul(kernel);
      },
      "x: (n,), kernel: (m,)",
    ],
    [
      "x: Tensor, y: Tensor",
      (_, x, y) => {
        requires(x.shape.at(-1) % 2 === 0 && `${x.shape}` === `${y.shape}`, "equal and even");
        return x.mul(y);
      },
      "x: (n, 2m), y: (n, 2m)",
    ],
    [
      "mask: Tensor, a: Tensor, b: Tensor",
      (_, mask, a, b) => gl.where(mask, a, b),
      "mask: (n, m), a: (n, m), b: (m,); a mask for mask",
    ],
    [
      "x, lengths",
      (_, x, lengths) => {
        const list: number[] = lengths.tolist();
        requires(list.length === x.shape[0], "one length a row");
        return gl.stack(list.map((length, i) => x.select(0, i).narrow(0, 0, length).sum()));
      },
      "x: (n, m), lengths: (n,); lengths from 1 to m for lengths",
    ],
    ["...xs: Tensor[]", (_, ...xs) => gl.stack(xs).sum(0), "xs[0]: (n, m), xs[1]: (n, m)"],
    [
      "x, opts",
      (_, x, opts) => {
        const { weight, dim = -1 } = opts;
        return x.mul(weight).sum(dim);
      },
      "x: (n, m), opts.weight: (n, m)",
    ],
  ])("%s", (signature, forward, pattern) => {
    const { first, text, tries } = found(signature, forward);
    expect(first, text ?? "nothing").toBe(pattern);
    // Sizes that several tensors share take a second search.
    expect(tries).toBeLessThan(/^x: Tensor, (h|p1)|^lower/.test(signature) ? 9000 : 2500);
  });
});

describe("the other arguments", () => {
  const values = (signature: string, forward: (ctx: Context, ...args: Any[]) => unknown) =>
    found(signature, forward).samples.map(({ args }) => args.slice(1).filter(arg => !isTensor(arg)));

  test.each<[string, unknown[]]>([
    ["x: Tensor, reduction: 'mean' | 'sum' | 'none'", ["mean", "sum", "none"]],
    ["x: Tensor, reduction: string", ["mean", "sum", "none"]],
    ["x, reduction = 'mean'", [undefined, "mean", "sum", "none"]],
  ])("every word that forward knows: %s", (signature, words) => {
    const all = values(signature, (_, x, reduction = "mean") => {
      switch (reduction) {
        case "mean":
          return x.mean();
        case "sum":
          return x.sum();
        case "none":
          return x.mul(1);
        default:
          throw new Error(`no reduction ${reduction}`);
      }
    });
    expect([...new Set(all.flat())]).toEqual(words);
  });

  test("options by type, by destructuring and by use", () => {
    const normalize = (x: Any, dim: number, eps: number) => x.div(x.pow(2).sum(dim, true).add(eps).sqrt());
    const typed = values("x: Tensor, options: { eps?: number; dim: number }", (_, x, options) =>
      normalize(x, options.dim, options.eps ?? 1e-5),
    ).flat();
    expect(typed).toContainEqual({ dim: -1 });
    expect(typed).toContainEqual({ dim: -1, eps: 0.1 });
    expect(typed).toContainEqual({ dim: 0 });
    const used = values("x, opts", (_, x, opts) => normalize(x, opts.dim, opts.eps ?? 1e-5)).flat();
    expect(used).toContainEqual({ dim: -1, eps: 0.1 });
    const bound = values("x, { lo, hi }", (_, x, { lo, hi }) => x.clamp(lo, hi)).flat();
    expect(bound[0]).toEqual({ lo: -0.6, hi: 0.7 });
  });

  test("flags, dimensions, sizes, permutations, functions, what may be left out", () => {
    const flags = values("x: Tensor, transposed: boolean", (_, x, t) => (t ? x.t().mm(x) : x.mm(x.t())));
    expect(new Set(flags.flat())).toEqual(new Set([false, true]));
    expect(values("x, dim", (_, x, dim) => x.sum(dim)).flat()).toEqual(expect.arrayContaining([-1, 0]));
    const permuted = found("x: Tensor, dims: number[]", (_, x, dims) => x.permute(dims));
    expect(permuted.samples.map(({ args }) => args[1])).toContainEqual([1, 0]);
    expect(found("x: Tensor, shape: number[]", (_, x, shape) => x.reshape(shape)).samples).not.toEqual([]);
    expect(found("x: Tensor, f: (x: Tensor) => Tensor", (_, x, f) => f(x)).samples).not.toEqual([]);
    const bias = found("x: Tensor, bias: Tensor | null", (_, x, b) => (b === null ? x.mul(2) : x.add(b)));
    expect(bias.samples.map(({ args }) => isTensor(args[1]))).toContain(false);
    expect(isTensor(bias.samples[0]!.args[1])).toBe(true);
  });

  test("groups that divide the channels", () => {
    const { samples } = found("x: Tensor, weight: Tensor, groups: number", (_, x, weight, groups) => {
      requires(groups > 1, "this is for grouped convolutions");
      return F.conv2d(x, weight, null, { groups });
    });
    const [x, weight, groups] = samples[0]!.args as [Tensor, Tensor, number];
    expect(x.shape.at(-3)).toBe(weight.shape[1]! * groups);
  });
});

describe("samples", () => {
  test("resampled: the same shapes and domains, other values; the same seed gives the same", () => {
    const logdet = (_: Context, A: Tensor) => linalg.cholesky(A).diagonal().log().sum();
    const once = found("A", logdet);
    const [A] = once.samples[0]!.args as [Tensor];
    const [B] = resample(once.samples[0]!, once.uniform) as [Tensor];
    expect(B.shape).toEqual(A.shape);
    expect(B.tolist()).not.toEqual(A.tolist());
    expect(linalg.eigvalsh(B).gt(0).all().item()).toBe(1);
    const again = found("A", logdet);
    expect(again.tries).toBe(once.tries);
    expect((again.samples[0]!.args as [Tensor])[0].tolist()).toEqual(A.tolist());
    expect((found("A", logdet, 6).samples[0]!.args as [Tensor])[0].tolist()).not.toEqual(A.tolist());
  });

  test("letters are different sizes, and indices come twice", () => {
    const product = found("x, A", (_, x, A) => x.mm(A));
    expect(new Set(shapes(product.samples[0]!.args).flat()).size).toBe(3);
    const { args, pattern } = found("weight, index", (_, w, index) => w.indexSelect(0, index)).samples[0]!;
    expect(shapesOf(pattern!.letters, pattern!.sizes)).toEqual(shapes(args));
    const index = (args[1] as Tensor).tolist() as number[];
    expect(new Set(index).size).toBeLessThan(index.length);
  });

  test("what never works is given up soon, what nothing fits within bounds", () => {
    const broken = found("x, y, z", () => {
      throw new Error("never");
    });
    expect(broken.samples).toEqual([]);
    expect([...broken.errors]).toEqual([["Error: never", broken.tries]]);
    expect(broken.tries).toBeLessThan(2500);
    const picky = found("x, y", (_, x) => {
      requires(x.numel() === 4 * 7 + 3, `31 elements, not ${x.numel()}`);
      return x;
    });
    expect(picky.samples).toEqual([]);
    expect(picky.tries).toBeLessThan(8100);
  });
});
