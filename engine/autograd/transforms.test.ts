import {
  autograd,
  type Context,
  einsum,
  Function,
  func,
  linalg,
  manualSeed,
  noGrad,
  randn,
  stack,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";

const { grad, hessian, jacfwd, jacrev, jvp, valueAndGrad, vjp, vmap } = func;

manualSeed(3);
const close = (a: Tensor, b: Tensor) => {
  expect(a.shape).toEqual(b.shape);
  expect(a.allclose(b, { rtol: 1e-10, atol: 1e-12 })).toBe(true);
};

describe("grad", () => {
  const f = (x: Tensor) => x.sin().mul(x).sum();

  test("nests to any depth, and leaves requiresGrad and .grad alone", () => {
    const x = tensor(0.7);
    close(grad(f)(x), x.sin().add(x.mul(x.cos())));
    close(grad(grad(f))(x), x.cos().mul(2).sub(x.mul(x.sin())));
    close(grad(grad(grad(f)))(x), x.sin().mul(-3).sub(x.mul(x.cos())));
    expect([x.requiresGrad, x.grad, grad(f)(x).requiresGrad]).toEqual([false, null, false]);
  });

  test("by several arguments, with the value, and within noGrad", () => {
    const g = (x: Tensor, y: Tensor) => x.mul(y).sum();
    const [x, y] = [randn(3), randn(3)];
    const [gx, gy] = grad(g, [0, 1])(x, y);
    close(gx!, y);
    close(gy!, x);
    const { value, grad: gradient } = noGrad(() => valueAndGrad(f)(x));
    close(value, f(x));
    close(gradient, grad(f)(x));
    close(grad((x: Tensor) => x.detach().sum())(x), x.mul(0));
    expect(() => grad((x: Tensor) => x)(x)).toThrow(
      "expected a function that returns a scalar tensor, got shape (3,)",
    );
  });

  test("a graph around it sees through", () => {
    const x = randn(3).requiresGrad_();
    const [g] = autograd.grad(grad(f)(x).sum(), x);
    close(g!, x.detach().cos().mul(2).sub(x.detach().mul(x.detach().sin())));
  });
});

describe("vjp and jvp", () => {
  const f = (x: Tensor, A: Tensor) => ({ y: x.matmul(A), size: x.square().sum() });
  const [x, A] = [randn(2, 3), randn(3, 2)];

  test("are transposes of each other", () => {
    const { output, vjp: pull } = vjp(f, x, A);
    const [dx, dA] = [randn(2, 3), randn(3, 2)];
    const { tangent } = jvp(f, [x, A], [dx, dA]);
    const cotangent = { y: randn(2, 2), size: randn([]) };
    const pulled = pull(cotangent);
    const left = tangent.y.mul(cotangent.y).sum().add(tangent.size.mul(cotangent.size));
    const right = dx.mul(pulled[0]!).sum().add(dA.mul(pulled[1]!).sum());
    close(left, right);
    close(output.y, x.matmul(A));
    expect(() => jvp(f, [x, A], [dx, dx])).toThrow("tangent 1 of its primal's shape (3, 2), got (2, 3)");
  });
});

describe("Jacobians", () => {
  const f = (x: Tensor) => x.matmul(x);

  test("forward and reverse agree, of shape output + input", () => {
    const x = randn(2, 2);
    close(jacrev(f)(x), jacfwd(f)(x));
    const direction = randn(2, 2);
    close(einsum("ijkl,kl->ij", jacrev(f)(x), direction), direction.matmul(x).add(x.matmul(direction)));
  });

  test("the Hessian of a quadratic form is A + Aᵀ", () => {
    const A = randn(3, 3);
    close(hessian((x: Tensor) => x.matmul(A).matmul(x))(randn(3)), A.add(A.t()));
    close(
      jacrev(jacrev((x: Tensor) => x.exp().sum()))(tensor([0, 1])),
      tensor([
        [1, 0],
        [0, Math.E],
      ]),
    );
  });
});

describe("a custom Function", () => {
  class Cube extends Function {
    static forward(ctx: Context, x: Tensor) {
      const y = x.pow(3);
      ctx.saveForBackward(x, y);
      return y;
    }
    static backward(ctx: Context, g: Tensor) {
      return g.mul(ctx.savedTensors[0].square().mul(3));
    }
    static jvp(ctx: Context, t: Tensor) {
      return t.mul(ctx.savedTensors[0].square().mul(3));
    }
  }
  const cube = (x: Tensor) => Cube.apply(x);
  const plain = (x: Tensor) => x.pow(3);
  const x = randn(3);
  const scalarTransforms = {
    grad: (f: (x: Tensor) => Tensor) => grad(f),
    hessian: (f: (x: Tensor) => Tensor) => hessian(f),
  };

  test.each(["grad", "jacrev", "jacfwd", "hessian"] as const)(
    "under %s, alone and within another transform",
    name => {
      const transformed = (f: (x: Tensor) => Tensor) =>
        name === "jacrev" || name === "jacfwd"
          ? func[name](f)
          : scalarTransforms[name]((x: Tensor) => f(x).sum());
      const total = (f: (x: Tensor) => Tensor) => (x: Tensor) => transformed(f)(x).sin().sum();
      close(transformed(cube)(x), transformed(plain)(x));
      close(grad(total(cube))(x), grad(total(plain))(x));
      close(jacfwd(total(cube))(x), jacfwd(total(plain))(x));
      const rows = randn(4, 3);
      close(vmap(transformed(cube))(rows), vmap(transformed(plain))(rows));
    },
  );
});

describe("vmap", () => {
  const samples = randn(5, 3);
  const weight = randn(3, 3);
  const loss = (w: Tensor, x: Tensor) => w.matmul(x).tanh().square().sum();

  test("per-sample gradients equal the loop's", () => {
    const batched = vmap(grad(loss), { inDims: [null, 0] })(weight, samples);
    const looped = stack(samples.unbind().map(x => grad(loss)(weight, x)));
    close(batched, looped);
  });

  const functions: Record<string, (x: Tensor) => Tensor> = {
    "elementwise and reductions": x => x.exp().mul(x.sum()).sub(x.amax(0)),
    views: x => x.reshape(3, 1).expand(3, 2).t().flip(0),
    "outer products": x => x.outer(x).matmul(weight),
    indexing: x => x.index([2, 0, 2]).cumsum(0),
    softmax: x => x.softmax(0).log(),
    "linear algebra": x => linalg.solve(weight, x),
    "the determinant of what may be singular": x => linalg.det(x.outer(x).add(weight)),
    products: x => x.prod(0).add(x.var()),
    "sorting out": x => x.max(0).values,
    "a constant": () => tensor([1, 2]),
  };
  test.each(Object.entries(functions))("%s: value, gradient and Jacobian of each entry", (_name, f) => {
    close(vmap(f)(samples), stack(samples.unbind().map(f)));
    const total = (x: Tensor) => f(x).square().sum();
    close(vmap(grad(total))(samples), stack(samples.unbind().map(x => grad(total)(x))));
    close(vmap(jacfwd(f))(samples), stack(samples.unbind().map(x => jacfwd(f)(x))));
    close(grad((xs: Tensor) => vmap(total)(xs).sum())(samples), vmap(grad(total))(samples));
  });

  test("nests, and takes the batch from and to any dimension", () => {
    const outer = vmap((x: Tensor) => vmap((y: Tensor) => x.mul(y).sum())(samples))(samples);
    close(outer, samples.matmul(samples.t()));
    close(vmap((x: Tensor) => x.mul(2), { inDims: 1, outDims: 1 })(samples), samples.mul(2));
    close(vmap((x: Tensor) => x.mul(2), { inDims: 1 })(samples), samples.t().mul(2));
  });

  test("says what it cannot do", () => {
    expect(() => vmap((x: Tensor) => tensor(x.sum().item()))(samples)).toThrow(
      "the elements of a batched tensor were asked for",
    );
    expect(() => vmap((x: Tensor, y: Tensor) => x.add(y))(samples, randn(4, 3))).toThrow(
      "expected batches of one size, got 5",
    );
    expect(() => vmap((x: Tensor) => x)(tensor(1))).toThrow("it is 0-d");
    expect(() => vmap((n: number) => tensor(n))(3)).toThrow("at least one argument");
  });
});
