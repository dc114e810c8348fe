import {
  arange,
  autograd,
  type Context,
  enableGrad,
  eye,
  Function,
  full,
  func,
  inferenceMode,
  isGradEnabled,
  noGrad,
  ones,
  randn,
  setGradEnabled,
  type Tensor,
  tensor,
  zeros,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { pushforward } from "./dual.ts";

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });

describe("backward", () => {
  test("gives each leaf a .grad that shares elements with nothing else", () => {
    const seen: Tensor[] = [];
    const [x, w] = [leaf([[1, 2]]), leaf([[3], [4]])];
    const hooked = leaf([[5], [6]]);
    hooked.registerHook(g => void seen.push(g));
    const loss = x.matmul(w).add(x.matmul(hooked)).add(w.sum()).sum();
    loss.backward(undefined, { retainGraph: true });
    hooked.grad!.mul_(10);
    expect(seen[0]!.tolist()).toEqual([[1], [2]]);
    loss.backward();
    expect(x.grad!.tolist()).toEqual([[16, 20]]);
    expect(w.grad!.tolist()).toEqual([[4], [6]]);
    expect(hooked.grad!.tolist()).toEqual([[11], [22]]);
  });

  test("gives no leaf what a hook of the node has seen, nor a view", () => {
    const seen: (Tensor | null)[] = [];
    const [x, w] = [leaf([[1, 2]]), leaf([[3], [4]])];
    const y = x.matmul(w);
    y.gradFn!.registerHook(gradInputs => void seen.push(...gradInputs));
    y.sum().backward();
    w.grad!.mul_(10);
    expect(seen.map(g => g?.tolist())).toEqual([[[3, 4]], [[1], [2]]]);

    const A = leaf(eye(2).tolist() as number[][]);
    A.matmul(ones(3, 2, 2))
      .sum()
      .backward();
    expect(() => A.grad!.requiresGrad_().mul_(2)).toThrow(/leaf/);
  });

  test("shares nothing where the gradient is recorded, either", () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const g = tensor([2, 3]);
    x.add(w).backward(g, { createGraph: true });
    noGrad(() => x.grad!.mul_(0.5));
    expect(w.grad!.tolist()).toEqual([2, 3]);
    expect(g.tolist()).toEqual([2, 3]);
  });

  test("adds to the .grad of leaves, call after call", () => {
    const x = leaf([1, 2, 3]);
    x.square().sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 4, 6]);
    x.mul(10).sum().backward();
    expect(x.grad!.tolist()).toEqual([12, 14, 16]);
    x.grad = null;
    expect(x.grad).toBe(null);
  });

  test("a tensor used twice gets both gradients", () => {
    const x = leaf(3);
    const y = x.mul(x);
    y.add(y).add(x).backward();
    expect(x.grad!.item()).toBe(13);
  });

  test("needs a cotangent for what is no scalar, and a graph", () => {
    const x = leaf([1, 2]);
    expect(() => x.mul(2).backward()).toThrow("scalar outputs only");
    expect(() => x.mul(2).backward(ones(3))).toThrow("expected (2,), got (3,)");
    expect(() => tensor([1]).sum().backward()).toThrow("does not require grad");
    x.mul(2).backward(tensor([1, 10]));
    expect(x.grad!.tolist()).toEqual([2, 20]);
  });

  test("frees the graph unless it is retained", () => {
    const x = leaf([1, 2]);
    const y = x.exp().sum();
    y.backward({ retainGraph: true });
    y.backward();
    expect(() => y.backward()).toThrow("a second time");
  });

  test("createGraph makes gradients differentiable: third derivative of x⁴", () => {
    const x = leaf(2);
    let [g] = autograd.grad(x.pow(4), x, { createGraph: true });
    [g] = autograd.grad(g!, x, { createGraph: true });
    expect(g!.item()).toBe(48);
    [g] = autograd.grad(g!, x);
    expect(g!.item()).toBe(48);
    expect(g!.requiresGrad).toBe(false);
  });

  test("grad leaves .grad alone, and says which input was not used", () => {
    const [x, y] = [leaf(1), leaf(2)];
    expect(autograd.grad(x.mul(3), x)[0]!.item()).toBe(3);
    expect(x.grad).toBe(null);
    expect(() => autograd.grad(x.mul(3), [x, y])).toThrow("Input 1 of grad() appears not to have been used");
    expect(autograd.grad(x.mul(3), [x, y], { allowUnused: true })[1]).toBe(null);
  });

  test("gradients of intermediate results, by grad, retainGrad and hooks", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.retainGrad();
    const seen: unknown[] = [];
    const remove = y.registerHook(g => {
      seen.push(g.tolist());
      return g.mul(2);
    });
    const z = y.square().sum();
    expect(autograd.grad(z, y, { retainGraph: true })[0]!.tolist()).toEqual([12, 24]);
    z.backward({ retainGraph: true });
    expect(x.grad!.tolist()).toEqual([36, 72]);
    expect(seen).toEqual([
      [6, 12],
      [6, 12],
    ]);
    remove();
    x.grad = null;
    z.backward();
    expect(x.grad!.tolist()).toEqual([18, 36]);
  });

  test("materializeGrads gives zeros where there is no dependence", () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])];
    const grads = autograd.grad(x.mul(3).sum(), [x, y], { materializeGrads: true });
    expect(grads.map(g => g.tolist())).toEqual([
      [3, 3],
      [0, 0],
    ]);
  });

  test("isGradsBatched pulls a batch of cotangents back at once", () => {
    const x = leaf([1, 2, 3]);
    const y = x.square();
    const [jacobian] = autograd.grad(y, x, { gradOutputs: eye(3), isGradsBatched: true, retainGraph: true });
    expect(jacobian!.tolist()).toEqual([
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 6],
    ]);
    const [a, b] = [leaf([1, 2]), leaf([5])];
    const [first, second] = autograd.grad([y.sum(), a.mul(3)], [x, b], {
      gradOutputs: [tensor([1, 2]), null].map(g => g ?? ones(2, 2)),
      isGradsBatched: true,
      allowUnused: true,
    });
    expect([first!.tolist(), second]).toEqual([
      [
        [2, 4, 6],
        [4, 8, 12],
      ],
      null,
    ]);
    expect(() => autograd.grad(a.sum(), a, { isGradsBatched: true })).toThrow("needs gradOutputs");
  });

  test("cotangents are as many as outputs, and take their dtype", () => {
    const x = leaf([1, 2]);
    expect(() => autograd.grad([x.sum(), x.sum()], x, { gradOutputs: [ones()] })).toThrow(
      "got 2 outputs and 1 cotangents",
    );
    x.mul(2).backward(ones(2, { dtype: "float32" }));
    expect(x.grad!.dtype).toBe("float64");
  });

  test("inputs restricts where gradients arrive", () => {
    const [x, y] = [leaf(2), leaf(5)];
    x.mul(y).backward({ inputs: [x] });
    expect([x.grad!.item(), y.grad]).toEqual([5, null]);
  });

  test("a backward within a backward leaves the outer one intact", () => {
    const x = leaf(2);
    const y = x.mul(3);
    y.registerHook(() => {
      enableGrad(() => {
        const inner = leaf(1);
        inner.mul(x.detach()).backward();
        autograd.grad(x.mul(7), x);
      });
    });
    y.mul(y).backward();
    expect(x.grad!.item()).toBe(36);
  });

  test("a deep graph does not overflow the stack", () => {
    const x = leaf(1);
    let y: Tensor = x;
    for (let i = 0; i < 50_000; i++) y = y.add(0);
    y.backward();
    expect(x.grad!.item()).toBe(1);
  });
});

describe("grad mode", () => {
  test("noGrad records nothing and is undone by an exception", () => {
    const x = leaf([1]);
    expect(noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
    expect(() =>
      noGrad(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(isGradEnabled()).toBe(true);
  });

  test("setGradEnabled and inferenceMode, around a body", () => {
    const x = leaf([1]);
    expect(setGradEnabled(false, () => x.mul(2)).requiresGrad).toBe(false);
    expect(noGrad(() => setGradEnabled(true, () => x.mul(2))).requiresGrad).toBe(true);
    expect(inferenceMode(() => [isGradEnabled(), x.mul(2).requiresGrad])).toEqual([false, false]);
    setGradEnabled(false);
    const recorded = isGradEnabled();
    setGradEnabled(true);
    expect([recorded, isGradEnabled()]).toEqual([false, true]);
  });

  test("detach shares elements and drops history; only floats require gradients", () => {
    const x = leaf([1, 2]);
    const d = x.mul(1).detach();
    expect([d.requiresGrad, d.isLeaf]).toEqual([false, true]);
    expect(() => arange(3).requiresGrad_()).toThrow("Only floating-point tensors");
    expect(() => x.mul(2).requiresGrad_(false)).toThrow("leaf tensors only");
  });
});

describe("in place", () => {
  test("gradients go through an in-place change", () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(2);
    y.mul_(y.detach().clone()).add_(1);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([4, 8, 12]);
  });

  test("a saved tensor that was changed is reported with its versions", () => {
    const x = leaf([1, 2]);
    const y = x.exp();
    const z = y.mul(y);
    y.add_(1);
    expect(() => z.sum().backward()).toThrow(
      /modified by an in-place operation.*\[2\], output 0 of AddBackward, saved by MulBackward, is at version 1; expected version 0/,
    );
    expect([y.version, y.detach().version]).toEqual([1, 1]);
  });

  test("a view shares the version: what changes it makes what was saved of the base stale", () => {
    const y = leaf([[1, 2]]).mul(1);
    const z = y.exp().mul(y);
    y.t().select(0, 1).zero_();
    expect(() => z.sum().backward()).toThrow("saved by MulBackward, is at version 1; expected version 0");
  });

  test("keeps the dtype, and refuses what would not fit it", () => {
    expect(() => arange(3).add_(0.5)).toThrow("dtype float64 cannot be cast to int64");
    expect(() => tensor([true]).add_(1)).toThrow("cannot be cast to bool");
    expect(ones(2, { dtype: "float32" }).add_(ones(2)).dtype).toBe("float32");
    expect(
      arange(3)
        .copy_(tensor([1.5, 2.5, 3.5]))
        .tolist(),
    ).toEqual([1, 2, 3]);
  });

  test("a change that no rule looks at is no error", () => {
    const x = leaf([1, 2]);
    const y = x.mul(1);
    const z = y.add(5);
    y.mul_(3);
    z.sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 1]);
  });

  test("a leaf that requires grad refuses, except under noGrad", () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow("A leaf tensor that requires grad");
    expect(() => x.select(0, 0).add_(1)).toThrow("A view of a leaf tensor that requires grad");
    noGrad(() => x.sub_(1));
    expect(x.tolist()).toEqual([0, 1]);
    expect(() => tensor([1]).add_(tensor([[1], [2]]))).toThrow("cannot change a shape in place");
  });

  test("writing into a view enters the history of its base and of its other views", () => {
    const x = leaf([1, 2]);
    const base = zeros(2, 2);
    const column = base.select(1, 0);
    base.select(0, 1).copy_(x.square());
    expect(base.requiresGrad).toBe(true);
    expect(column.requiresGrad).toBe(true);
    expect(column.tolist()).toEqual([0, 1]);
    base.sum().backward({ retainGraph: true });
    expect(x.grad!.tolist()).toEqual([2, 4]);
    x.grad = null;
    column.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 0]);
  });

  test("what a view overwrote gets no gradient", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const y = x.mul(1);
    y.select(0, 0).zero_();
    y.square().sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 0],
      [6, 8],
    ]);
  });

  describe("of large tensors, whose elements' room changes hands", () => {
    test("a tensor that stands for a value with its derivative shares no array that is given back", () => {
      const seen: Tensor[] = [];
      class Shown extends Function {
        static forward(_ctx: Context, x: Tensor) {
          seen.push(x);
          return x.sum();
        }
        static backward(_ctx: Context, g: Tensor) {
          return g;
        }
        static jvp(_ctx: Context, t: Tensor) {
          return t.sum();
        }
      }
      const changed = (x: Tensor): Tensor => {
        const t = x.clone();
        t.mul_(2);
        seen.length = 0;
        Shown.apply(t);
        t.cumsum_(0);
        seen[0]!.cumsum_(0);
        return t.sum();
      };
      noGrad(() => func.jvp(changed, [ones(1 << 13)], [ones(1 << 13)]));
      const held = seen[0]!.clone();
      const others = [1, 2, 3].map(k => full([1 << 13], k).clone());
      expect(others.map(other => other.sum().item())).toEqual([1, 2, 3].map(k => k << 13));
      expect(seen[0]!.equal(held)).toBe(true);
    });

    const LARGE = 20_000;

    test("views and detached tensors see the change", () => {
      const x = full([LARGE], 3);
      const [view, detached] = [x.reshape([2, LARGE / 2]), x.detach()];
      x.sub_(full([LARGE], 1));
      expect(view.select(0, 1).select(0, 7).item()).toBe(2);
      expect(detached.sum().item()).toBe(2 * LARGE);
      view.mul_(2);
      expect(x.sum().item()).toBe(4 * LARGE);
    });

    test("what a function returned of its own arguments is copied", () => {
      const [x, y] = [full([LARGE], 3), full([LARGE], 5)];
      x.copy_(y);
      x.add_(1);
      expect([x.sum().item(), y.sum().item()]).toEqual([6 * LARGE, 5 * LARGE]);
    });

    test("room that was given back is not that of a tensor that is still there", () => {
      const x = full([LARGE], 1);
      const kept = Array.from({ length: 12 }, (_, i) => {
        x.add_(1);
        return x.mul(i);
      });
      expect(kept.map(y => y.sum().item())).toEqual(kept.map((_, i) => LARGE * i * (i + 2)));
      expect(full([LARGE], 0).add(0).sum().item()).toBe(0);
    });
  });
});

describe("forward mode", () => {
  test("nested levels are not confused", () => {
    // d/dx [ x · d/dy (x + y) ] at y = 1 is 1: Siskind and Pearlmutter's example.
    const { tangent } = pushforward(
      x => x.mul(pushforward(y => x.add(y), [tensor(1)], [tensor(1)]).tangent!),
      [tensor(5)],
      [tensor(1)],
    );
    expect(tangent!.item()).toBe(1);
  });

  test("several outputs, nested: each tangent in its output's place, null where nothing moves", () => {
    const { output, tangent } = pushforward(
      x => ({ pair: [x.square(), tensor([1, 2])], named: { sum: x.sum(), count: x.numel() } }),
      [tensor([3, 4])],
      [tensor([1, 10])],
    );
    expect(output.pair.map(t => t.tolist())).toEqual([
      [9, 16],
      [1, 2],
    ]);
    expect(output.named.count).toBe(2);
    expect(tangent.pair[0]!.tolist()).toEqual([6, 80]);
    expect(tangent.pair[1]).toBe(null);
    expect(tangent.named.sum!.item()).toBe(11);
    expect(tangent.named.count).toBe(null);
  });

  test("reverse over forward gives a Hessian–vector product", () => {
    const x = randn(3).requiresGrad_();
    const v = randn(3);
    const { tangent } = pushforward(z => z.pow(3).sum(), [x], [v]);
    const [hvp] = autograd.grad(tangent!, x);
    expect(hvp!.allclose(x.detach().mul(6).mul(v))).toBe(true);
  });
});
