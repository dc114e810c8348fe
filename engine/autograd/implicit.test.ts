import {
  autograd,
  type Context,
  eye,
  Function,
  func,
  implicit,
  linalg,
  manualSeed,
  noGrad,
  randn,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { gradcheck } from "../gradcheck/gradcheck.ts";
import { pushforward } from "./dual.ts";

manualSeed(5);
const close = (a: Tensor, b: Tensor, tolerance = 1e-9) => {
  expect(a.shape).toEqual(b.shape);
  expect(a.allclose(b, { rtol: tolerance, atol: tolerance })).toBe(true);
};
const spd = (n: number): Tensor => {
  const A = randn(n, n);
  return A.matmul(A.t()).add(eye(n).mul(n));
};

/** Newton's iteration for X X = A (Denman and Beavers' form, which is stable). */
function sqrtmIteration(A: Tensor): Tensor {
  let [Y, Z] = [A, eye(A.size(0))];
  for (let i = 0; i < 30; i++) {
    [Y, Z] = [Y.add(linalg.inv(Z)).mul(0.5), Z.add(linalg.inv(Y)).mul(0.5)];
  }
  return Y;
}

describe("an equation solved", () => {
  const sqrtm = implicit.root((X, A) => X.matmul(X).sub(A), sqrtmIteration);

  test("the square root of a matrix: first and second derivative, both modes", () => {
    const A = spd(3).requiresGrad_();
    const X = sqrtm(A);
    close(X.matmul(X), A);
    expect(gradcheck(sqrtm, A)).toBe(true);
    const first = (A: Tensor) => autograd.grad(sqrtm(A).sin().sum(), A, { createGraph: true })[0]!;
    expect(gradcheck(first, A, { atol: 1e-6, rtol: 1e-5 })).toBe(true);
    const V = randn(3, 3);
    const { tangent } = pushforward(sqrtm, [A.detach()], [V]);
    // dX solves the Sylvester equation X dX + dX X = V.
    close(X.detach().matmul(tangent!).add(tangent!.matmul(X.detach())), V);
  });

  test.each(["direct", "gmres", "bicgstab"] as const)(
    "a Sylvester equation, its adjoint by %s",
    linearSolver => {
      const [A, B] = [spd(3), spd(2)];
      const sylvester = implicit.root(
        (X, A, B, C) => A.matmul(X).add(X.matmul(B)).sub(C),
        (A, B, C) => implicit.gmres(X => A.matmul(X).add(X.matmul(B)), C),
        { linearSolver },
      );
      const inputs = [A, B, randn(3, 2)].map(x => x.requiresGrad_());
      expect(gradcheck(sylvester, inputs, { atol: 1e-6, rtol: 1e-5 })).toBe(true);
    },
  );

  test("a fixed point, differentiated without the iteration", () => {
    const W = randn(3, 3).mul(0.2);
    const layer = (z: Tensor, W: Tensor, x: Tensor) => W.matmul(z).add(x).tanh();
    const iterate = (W: Tensor, x: Tensor) => {
      let z = x;
      for (let i = 0; i < 200; i++) z = layer(z, W, x);
      return z;
    };
    const equilibrium = implicit.fixedPoint(layer, iterate);
    const inputs = [W, randn(3)].map(x => x.requiresGrad_());
    expect(gradcheck(equilibrium, inputs)).toBe(true);
    const loop = autograd.grad(iterate(inputs[0]!, inputs[1]!).sum(), inputs);
    const direct = autograd.grad(equilibrium(inputs[0]!, inputs[1]!).sum(), inputs);
    for (const [i, g] of loop.entries()) close(direct[i]!, g);
  });

  test("symmetric positive definite systems by conjugate gradients; no graph where none is asked for", () => {
    const solveSpd = implicit.root(
      (x, A, b) => A.matmul(x).sub(b),
      (A, b) => linalg.solve(A, b),
      { linearSolver: "cg" },
    );
    const inputs = [spd(4), randn(4)].map(x => x.requiresGrad_());
    expect(gradcheck(solveSpd, inputs, { atol: 1e-6, rtol: 1e-5 })).toBe(true);
    const [g] = autograd.grad(solveSpd(inputs[0]!, inputs[1]!).sum(), inputs);
    expect(g!.requiresGrad).toBe(false);
    expect(noGrad(() => solveSpd(inputs[0]!, inputs[1]!)).requiresGrad).toBe(false);
  });

  test("says when the equations do not fit, and when a solver does not converge", () => {
    const short = implicit.root(
      (X, a) => X.sum().sub(a),
      a => a.expand(3).clone(),
    );
    expect(() => short(tensor(1))).toThrow("expected a residual of the solution's shape (3,), got ()");
    const rotation = tensor([
      [0, 1],
      [-1, 0],
    ]);
    expect(() =>
      implicit.conjugateGradients(v => rotation.matmul(v), tensor([1, 2]), { maxIterations: 5 }),
    ).toThrow("Conjugate gradients did not converge");
    expect(() => implicit.gmres(v => v.mul(0), tensor([1, 2]), { maxIterations: 3 })).toThrow(
      "GMRES did not converge",
    );
  });
});

describe("the solvers", () => {
  test.each(["gmres", "bicgstab"] as const)("%s solves what a direct solver solves", name => {
    for (const n of [1, 4, 12]) {
      const A = randn(n, n).add(eye(n).mul(4 * Math.sqrt(n)));
      const b = randn(n);
      close(
        implicit[name](v => A.matmul(v), b),
        linalg.solve(A, b),
        1e-7,
      );
    }
  });

  test("conjugate gradients, on a map of matrices", () => {
    const A = spd(3);
    const B = randn(3, 2);
    close(
      implicit.conjugateGradients(X => A.matmul(X), B),
      linalg.solve(A, B),
      1e-7,
    );
    close(
      implicit.conjugateGradients(X => A.matmul(X), B.mul(0)),
      B.mul(0),
    );
  });
});

describe("a Function that states its jvp alone", () => {
  /** The Fréchet derivative of X ↦ X X, as one writes it down. */
  class Square extends Function {
    static forward(ctx: Context, X: Tensor) {
      ctx.saveForBackward(X);
      return X.matmul(X);
    }
    static jvp(ctx: Context, V: Tensor) {
      const [X] = ctx.savedTensors;
      return V.matmul(X).add(X.matmul(V));
    }
  }

  test("is differentiated in reverse by transposing it, to any order", () => {
    const X = randn(3, 3).requiresGrad_();
    const square = (X: Tensor) => Square.apply(X);
    expect(gradcheck(square, X)).toBe(true);
    const first = (X: Tensor) => autograd.grad(square(X).exp().sum(), X, { createGraph: true })[0]!;
    expect(gradcheck(first, X)).toBe(true);
    const [g] = autograd.grad(square(X).sum(), X);
    expect(g!.requiresGrad).toBe(false);
    close(
      func.hessian((X: Tensor) => square(X).sum())(X.detach()),
      func.hessian((X: Tensor) => X.matmul(X).sum())(X.detach()),
    );
  });

  test("with several inputs and outputs, and arguments that are no tensors", () => {
    class Pair extends Function {
      static forward(ctx: Context<{ k: number }>, x: Tensor, k: number, y: Tensor) {
        ctx.k = k;
        ctx.saveForBackward(x, y);
        return [x.mul(y).mul(k), y.square()] as const;
      }
      static jvp(ctx: Context<{ k: number }>, dx: Tensor, _k: null, dy: Tensor) {
        const [x, y] = ctx.savedTensors;
        return [dx.mul(y).add(x.mul(dy)).mul(ctx.k), y.mul(dy).mul(2)];
      }
    }
    const inputs = [randn(3), randn(3)].map(x => x.requiresGrad_());
    expect(gradcheck((x, y) => Pair.apply(x!, 3, y!), inputs)).toBe(true);
  });
});
