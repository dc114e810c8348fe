import {
  autograd,
  type Context,
  Function,
  onceDifferentiable,
  ones,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { gradcheck } from "../gradcheck/gradcheck.ts";
import { pushforward } from "./dual.ts";
import { applyFunction } from "./function.ts";

class MatrixSquare extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput));
  }
}

/** Scales by a number, split over setupContext; several outputs, one of which has no derivative. */
class Scale extends Function {
  static forward(x: Tensor, factor: number) {
    return [x.mul(factor), x.gt(0)] as const;
  }
  static setupContext(
    ctx: Context<{ factor: number }>,
    [, factor]: [Tensor, number],
    output: readonly Tensor[],
  ) {
    ctx.factor = factor;
    ctx.markNonDifferentiable(output[1]!);
  }
  static backward(ctx: Context<{ factor: number }>, gradOutput: Tensor) {
    return [gradOutput.mul(ctx.factor), null];
  }
}

describe("a custom Function", () => {
  test("is differentiated by its backward, to any order", () => {
    const x = randn(3, 3).requiresGrad_();
    expect(gradcheck(x => MatrixSquare.apply(x), x)).toBe(true);
    const twice = (x: Tensor) =>
      autograd.grad(MatrixSquare.apply(x).exp().sum(), x, { createGraph: true })[0]!;
    expect(gradcheck(twice, x)).toBe(true);
    expect(MatrixSquare.apply(x).gradFn!.name).toBe("MatrixSquareBackward");
  });

  test("apply has the types of forward", () => {
    const y: Tensor = MatrixSquare.apply(zeros(2, 2));
    const [scaled, positive]: readonly [Tensor, Tensor] = Scale.apply(zeros(2), 3);
    // @ts-expect-error the factor is a number
    expect(() => Scale.apply(y, "3")).toThrow(TypeError);
    expect([scaled.numel(), positive.dtype]).toEqual([2, "bool"]);
  });

  test("takes arguments that are no tensors, has several outputs, may leave ctx to setupContext", () => {
    const x = tensor([1, -2], { requiresGrad: true });
    const [y, positive] = Scale.apply(x, 3);
    expect([y.requiresGrad, positive.requiresGrad]).toEqual([true, false]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([3, 3]);
  });

  test("says what is wrong with the gradients it returns", () => {
    const returning = (value: unknown) => {
      class Broken extends Function {
        static forward(_ctx: Context, x: Tensor, _n: number) {
          return x.mul(1);
        }
        static backward() {
          return value;
        }
      }
      return () =>
        Broken.apply(tensor([1, 2], { requiresGrad: true }), 1)
          .sum()
          .backward();
    };
    expect(returning(ones(2))).toThrow("incorrect number of gradients: expected 2");
    expect(returning([ones(2), ones(2)])).toThrow("argument 1, which is no tensor: expected null");
    expect(returning([ones(3), null])).toThrow("got shape (3,) but expected shape compatible with (2,)");
    expect(returning([5, null])).toThrow("expected a tensor or null");
    expect(returning([ones(2), null, null, undefined])).not.toThrow();
    expect(returning([ones(4, 2), null])).not.toThrow();
  });

  test("calls no method of a list that a Function returned", () => {
    class Hostile<T> extends Array<T> {
      override slice(): never {
        throw new Error("called");
      }
      override map(): never {
        throw new Error("called");
      }
      override [Symbol.iterator](): never {
        throw new Error("called");
      }
    }
    class Pair extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return Hostile.of(x.mul(2), x.mul(3)) as Tensor[];
      }
      static backward(_ctx: Context, a: Tensor, b: Tensor) {
        return Hostile.of(a.mul(2).add(b.mul(3)));
      }
    }
    const x = tensor([1], { requiresGrad: true });
    Pair.apply(x)[1]!.sum().backward();
    expect(x.grad!.tolist()).toEqual([3]);
  });

  test("needsInputGrad, materialised and null gradients", () => {
    const seen: unknown[] = [];
    class Two extends Function {
      static forward(ctx: Context, x: Tensor, y: Tensor, materialize: boolean) {
        ctx.setMaterializeGrads(materialize);
        seen.push(ctx.needsInputGrad);
        return [x.mul(2), y.mul(3)];
      }
      static backward(_ctx: Context, gx: Tensor | null, gy: Tensor | null) {
        seen.push([gx?.tolist() ?? null, gy?.tolist() ?? null]);
        return [gx?.mul(2) ?? null, gy?.mul(3) ?? null, null];
      }
    }
    const x = tensor([1], { requiresGrad: true });
    for (const materialize of [true, false])
      Two.apply(x, tensor([2]), materialize)[0]!
        .sum()
        .backward();
    expect(seen).toEqual([
      [true, false, false],
      [[1], [0]],
      [true, false, false],
      [[1], null],
    ]);
  });

  test("markDirty lets forward change its input", () => {
    class AddOne extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.markDirty(x);
        return x.add_(1);
      }
      static backward(_ctx: Context, g: Tensor) {
        return g;
      }
    }
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    const z = AddOne.apply(y);
    expect(z).toBe(y);
    expect(y.gradFn!.name).toBe("AddOneBackward");
    z.square().sum().backward();
    expect(x.grad!.tolist()).toEqual([12, 20]);
  });

  test("markDirty on a view enters the history of its base", () => {
    class Tripled extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.markDirty(x);
        return x.mul_(3);
      }
      static backward(_ctx: Context, g: Tensor) {
        return g.mul(3);
      }
    }
    const x = tensor([1, 2], { requiresGrad: true });
    const base = x.mul(1);
    const part = base.select(0, 1);
    Tripled.apply(part);
    expect(base.tolist()).toEqual([1, 6]);
    base.mul(10).sum().backward({ retainGraph: true });
    expect(x.grad!.tolist()).toEqual([10, 30]);
    x.grad = null;
    part.backward();
    expect(x.grad!.tolist()).toEqual([0, 3]);
    expect(() => Tripled.apply(x)).toThrow("A leaf tensor that requires grad");
  });

  test("an input that is marked dirty is returned; what is no input is none of markDirty's business", () => {
    class Forgets extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.markDirty(x);
        return x.add_(1).clone();
      }
    }
    class Invents extends Function {
      static forward(ctx: Context, x: Tensor) {
        const y = x.mul(2);
        ctx.markDirty(y);
        return y;
      }
      static backward(_ctx: Context, g: Tensor) {
        return g.mul(2);
      }
    }
    const x = tensor([1], { requiresGrad: true });
    expect(() => Forgets.apply(x.mul(1))).toThrow("marked dirty was not returned");
    Invents.apply(x).backward();
    expect(x.grad!.item()).toBe(2);
  });

  test("the judge may have its own leaves changed in place", () => {
    class AddOne extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.markDirty(x);
        return x.add_(1);
      }
      static backward(_ctx: Context, g: Tensor) {
        return g;
      }
    }
    expect(() => AddOne.apply(ones(2, { requiresGrad: true }))).toThrow("A leaf tensor that requires grad");
    expect(applyFunction(AddOne, [ones(2, { requiresGrad: true })]).node!.name).toBe("AddOneBackward");
  });

  test("a view that it returns cannot be changed in place, nor used once its base was", () => {
    class Row extends Function {
      static forward(_ctx: Context, x: Tensor, whole: boolean) {
        return whole ? x : x.select(0, 0);
      }
      static backward(_ctx: Context, g: Tensor) {
        return [g.mul(100).expand([2, 2]), null];
      }
    }
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    for (const whole of [true, false]) {
      const y = x.mul(1);
      const row = Row.apply(y, whole);
      expect(row.isView()).toBe(true);
      expect(() => row.add_(1)).toThrow("an output of RowBackward is a view");
      y.add_(1);
      expect(() => row.sum().backward()).toThrow("an output of RowBackward is a view");
      expect(String(row)).toContain("gradFn=<Invalid>");
    }
  });

  test("an input that is returned as it is becomes another tensor", () => {
    class Reverse extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x;
      }
      static backward(_ctx: Context, g: Tensor) {
        return g.neg();
      }
    }
    const x = tensor([1, 2], { requiresGrad: true });
    const y = Reverse.apply(x);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([-1, -1]);
    expect(x.isLeaf).toBe(true);
  });

  test("savedTensors notices a change and a freed graph", () => {
    const x = randn(2, 2).requiresGrad_();
    const y = x.mul(1);
    const z = MatrixSquare.apply(y);
    z.sum().backward({ retainGraph: true });
    z.sum().backward();
    expect(() => z.sum().backward()).toThrow(
      "MatrixSquareBackward: trying to backward through the graph a second time",
    );
    const again = MatrixSquare.apply(y);
    y.add_(1);
    expect(() => again.sum().backward()).toThrow("saved by MatrixSquareBackward");
    class Saves extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward("x" as never);
        return x;
      }
    }
    expect(() => Saves.apply(x)).toThrow("Put other values on ctx as fields");
  });

  test("without backward, or with one that forgets to return, it says so", () => {
    class NoBackward extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x.mul(2);
      }
    }
    class NoReturn extends Function {
      static forward(_ctx: Context, x: Tensor) {
        x.mul(2);
      }
    }
    const x = tensor([1], { requiresGrad: true });
    expect(() => NoBackward.apply(x).sum().backward()).toThrow("NoBackward has no static backward");
    expect(() => NoReturn.apply(x)).toThrow("is a return missing?");
  });

  test("onceDifferentiable refuses a second derivative", () => {
    class Cube extends Function {
      static forward(ctx: Context<{ factor: number }>, x: Tensor) {
        ctx.saveForBackward(x);
        ctx.factor = 3;
        return x.pow(3);
      }
      static backward = onceDifferentiable((ctx: Context<{ factor: number }>, g: Tensor) =>
        g.mul(ctx.savedTensors[0].square().mul(ctx.factor)),
      );
    }
    const x = tensor(2, { requiresGrad: true });
    expect(autograd.grad(Cube.apply(x), x)[0]!.item()).toBe(12);
    const [g] = autograd.grad(Cube.apply(x).mul(x), x, { createGraph: true });
    expect(() => autograd.grad(g!, x)).toThrow("onceDifferentiable");
  });

  test("jvp serves forward mode", () => {
    class Sine extends Function {
      static forward(ctx: Context, x: Tensor) {
        ctx.saveForBackward(x);
        return x.sin();
      }
      static jvp(ctx: Context, t: Tensor) {
        return t.mul(ctx.savedTensors[0].cos());
      }
    }
    const x = randn(3);
    const { output, tangent } = pushforward(x => Sine.apply(x), [x], [ones(3)]);
    expect(output.allclose(x.sin())).toBe(true);
    expect(tangent!.allclose(x.cos())).toBe(true);
    expect(() => pushforward(x => MatrixSquare.apply(x), [randn(2, 2)], [ones(2, 2)])).toThrow(
      "has no static jvp",
    );
  });
});
