import {
  type Context,
  Function,
  func,
  noGrad,
  ones,
  randn,
  stack,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";

interface Info {
  batchSize: number;
  randomness: string;
}

const seen: unknown[] = [];

/** Row sums, scaled: its own rule for a batch reads the elements, which the engine's could not. */
class RowSums extends Function {
  static forward(x: Tensor, scale: number) {
    return tensor((x.tolist() as number[][]).map(row => row.reduce((a, b) => a + b, 0) * scale));
  }
  static setupContext(ctx: Context<{ scale: number; shape: number[] }>, [x, scale]: [Tensor, number]) {
    ctx.scale = scale;
    ctx.shape = x.shape;
  }
  static backward(ctx: Context<{ scale: number; shape: number[] }>, g: Tensor) {
    return [g.unsqueeze(-1).mul(ctx.scale).expand(ctx.shape), null];
  }
  static vmap(info: Info, inDims: readonly (number | null)[], x: Tensor, scale: number): [Tensor, number] {
    seen.push(info, inDims);
    const [batch, rows, columns] = x.shape;
    const flat = RowSums.apply(x.reshape(batch! * rows!, columns!), scale);
    return [flat.reshape(batch!, rows!).t(), 1];
  }
}

describe("a Function's own vmap", () => {
  const x = randn(4, 2, 3);

  test("is told of the batch, and says where the batch is in what it returns", () => {
    seen.length = 0;
    const y = func.vmap((entry: Tensor) => RowSums.apply(entry, 2))(x);
    expect(y.allclose(x.sum(2).mul(2))).toBe(true);
    expect(seen).toEqual([{ batchSize: 4, randomness: "error" }, [0, null]]);
  });

  test("another inDims gives the same", () => {
    const y = func.vmap((entry: Tensor) => RowSums.apply(entry, 2), { inDims: 2 })(x.permute([1, 2, 0]));
    expect(y.allclose(x.sum(2).mul(2))).toBe(true);
  });

  test("is differentiated, from outside and from inside", () => {
    const weights = randn(4, 2);
    const outside = func.grad((z: Tensor) =>
      func
        .vmap((entry: Tensor) => RowSums.apply(entry, 2))(z)
        .mul(weights)
        .sum(),
    )(x);
    const inside = func.vmap(func.grad((entry: Tensor, w: Tensor) => RowSums.apply(entry, 2).mul(w).sum()))(
      x,
      weights,
    );
    const expected = weights.mul(2).unsqueeze(-1).expand([4, 2, 3]);
    expect(outside.allclose(expected)).toBe(true);
    expect(inside.allclose(expected)).toBe(true);
  });

  test("must return a pair, and cannot stand beside generateVmapRule", () => {
    class NoPair extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x.mul(1);
      }
      static vmap(_info: Info, _inDims: unknown, x: Tensor) {
        return x;
      }
    }
    class Both extends NoPair {
      static generateVmapRule = true;
    }
    expect(() => func.vmap((z: Tensor) => NoPair.apply(z))(x)).toThrow("pair [output, outDims]");
    expect(() => func.vmap((z: Tensor) => Both.apply(z))(x)).toThrow("expected one of them");
  });
});

describe("generateVmapRule", () => {
  let forwards = 0;
  class Cube extends Function {
    static generateVmapRule = true;
    static forward(x: Tensor) {
      forwards++;
      return [x.pow(3), x.square().mul(3)] as const;
    }
    static setupContext(ctx: Context, _inputs: [Tensor], [, slope]: readonly [Tensor, Tensor]) {
      ctx.saveForBackward(slope);
      ctx.markNonDifferentiable(slope);
    }
    static backward(ctx: Context, g: Tensor) {
      return g.mul(ctx.savedTensors[0]);
    }
    static jvp(ctx: Context, t: Tensor) {
      return [t.mul(ctx.savedTensors[0]), null];
    }
  }
  const cube = (x: Tensor) => Cube.apply(x)[0];
  const x = randn(5, 2);

  test("forward runs once, on the whole batch", () => {
    forwards = 0;
    expect(func.vmap(cube)(x).allclose(x.pow(3))).toBe(true);
    expect(forwards).toBe(1);
  });

  test("gradients within, without and forward mode", () => {
    const slope = x.square().mul(3);
    expect(
      func
        .vmap(func.grad((z: Tensor) => cube(z).sum()))(x)
        .allclose(slope),
    ).toBe(true);
    expect(
      func
        .grad((z: Tensor) => func.vmap(cube)(z).sum())(x)
        .allclose(slope),
    ).toBe(true);
    expect(func.jvp(z => func.vmap(cube)(z), [x], [ones(5, 2)]).tangent.allclose(slope)).toBe(true);
    expect(
      func
        .vmap((z: Tensor) => func.jvp(cube, [z], [ones(2)]).tangent)(x)
        .allclose(slope),
    ).toBe(true);
  });
});

describe("jvp", () => {
  class Product extends Function {
    static forward(ctx: Context, x: Tensor, y: Tensor) {
      ctx.saveForBackward(x);
      ctx.saveForForward(x, y);
      return [x.mul(y), x.add(y)];
    }
    static jvp(ctx: Context, tx: Tensor, ty: Tensor) {
      const [x, y] = ctx.savedTensors;
      return [tx.mul(y).add(x.mul(ty)), tx.add(ty)];
    }
  }

  test("reads what saveForForward kept, in reverse as well", () => {
    const [x, y] = [tensor([2]), tensor([5])];
    const { tangent } = func.jvp((a, b) => Product.apply(a!, b!), [x, y], [tensor([1]), tensor([10])]);
    expect(tangent.map(t => t.item())).toEqual([25, 11]);
    const a = tensor([2], { requiresGrad: true });
    Product.apply(a, y)[0]!.backward();
    expect(a.grad!.item()).toBe(5);
  });

  test("must return one tangent of its output's shape for each", () => {
    const returning = (value: unknown) => {
      class Broken extends Function {
        static forward(_ctx: Context, x: Tensor) {
          return x.mul(1);
        }
        static jvp() {
          return value;
        }
      }
      return () => func.jvp(x => Broken.apply(x!), [ones(2)], [ones(2)]);
    };
    expect(returning([ones(2), ones(2)])).toThrow("expected 1, one for each output of forward");
    expect(returning(ones(3))).toThrow("expected shape (2,), got (3,)");
  });

  test("under noGrad, and where forward reads elements", () => {
    class Reads extends Function {
      static forward(x: Tensor) {
        return tensor(x.tolist()).mul(2);
      }
      static setupContext() {}
      static jvp(_ctx: Context, t: Tensor) {
        return t.mul(2);
      }
    }
    const { output, tangent } = noGrad(() => func.jvp(x => Reads.apply(x!), [ones(2)], [ones(2)]));
    expect([output.tolist(), tangent.tolist()]).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(
      func
        .vmap((z: Tensor) => Reads.apply(z))(stack([ones(2), ones(2)]))
        .tolist(),
    ).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });
});
