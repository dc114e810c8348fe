/**
 * @file Functions that are only known by an equation: X is what solves A(X, θ) = Y, however it was found.
 *
 * The implicit function theorem differentiates the equation instead of the solver. With the residual
 * F(X, θ) = 0, a small change obeys ∂F/∂X dX + ∂F/∂θ dθ = 0; transposed, the cotangent g of X gives
 * −(∂F/∂θ)ᵀ u, where u solves the adjoint system (∂F/∂X)ᵀ u = g. That system is an equation too, so
 * the same construction, applied to itself, gives derivatives of every order.
 *
 * Sources: S. G. Krantz & H. R. Parks, The Implicit Function Theorem (2002); M. Blondel et al., "Efficient
 * and modular implicit differentiation", NeurIPS 2022.
 */

import { solve } from "../ops/linalg.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import type { Context } from "./context.ts";
import { Function, OPAQUE } from "./function.ts";
import { bicgstab, conjugateGradients, gmres, type KrylovOptions, type LinearMap } from "./krylov.ts";
import { enableGrad, noGrad } from "./mode.ts";
import { jacrev, jvp, vjp } from "./transforms.ts";

/** F(x, …parameters), of the shape of x and zero where x is the solution. */
export type Residual = (x: Tensor, ...parameters: Tensor[]) => Tensor;

/** Finds the solution for given parameters, by any means; it is not differentiated. */
export type Solver = (...parameters: Tensor[]) => Tensor;

export interface ImplicitOptions extends KrylovOptions {
  /**
   * How the adjoint system is solved: "direct" forms the Jacobian (the default, for up to some hundred
   * unknowns); the others need products with it only. "cg" is for a symmetric positive definite Jacobian.
   */
  linearSolver?: "direct" | "cg" | "gmres" | "bicgstab";
}

/**
 * The function that takes parameters to the solution of `residual(x, …parameters) = 0`, differentiable
 * with respect to the parameters to any order and in both modes.
 *
 * ```ts
 * // The square root of a matrix, X X = A, by whatever iteration.
 * const sqrtm = implicit.root((X, A) => X.matmul(X).sub(A), A => newton(A));
 * ```
 * @throws where the residual's shape is not the solution's, since the theorem needs as many equations as
 *   unknowns; where the Jacobian is singular at the solution
 */
export function root(
  residual: Residual,
  solver: Solver,
  options: ImplicitOptions = {},
): (...parameters: Tensor[]) => Tensor {
  return (...parameters) => Root.apply({ residual, solver, options }, ...parameters);
}

/** The function that takes parameters to the x with `f(x, …parameters) = x`; see {@link root}. */
export function fixedPoint(
  f: Residual,
  solver: Solver,
  options: ImplicitOptions = {},
): (...parameters: Tensor[]) => Tensor {
  return root((x, ...parameters) => f(x, ...parameters).sub(x), solver, options);
}

interface Equation {
  readonly residual: Residual;
  readonly solver: Solver;
  readonly options: ImplicitOptions;
}

type RootContext = Context<{ equation: Equation }>;

class Root extends Function {
  /** The solver's own steps are nobody's business. */
  static readonly [OPAQUE] = true;

  static forward(ctx: RootContext, equation: Equation, ...parameters: Tensor[]): Tensor {
    const x = equation.solver(...parameters).detach();
    ctx.equation = equation;
    ctx.saveForBackward(x, ...parameters);
    const left = equation.residual(x, ...parameters);
    if (!isTensor(left) || !sameShape(shapeOf(left), shapeOf(x))) {
      throw new RangeError(
        `implicit.root() expected a residual of the solution's shape ${formatShape(shapeOf(x))}, got ` +
          `${isTensor(left) ? formatShape(shapeOf(left)) : typeof left}: as many equations as unknowns.`,
      );
    }
    return x;
  }

  static backward(ctx: RootContext, g: Tensor): (Tensor | null)[] {
    const { residual, options } = ctx.equation;
    const [x, ...parameters] = [...ctx.savedTensors] as [Tensor, ...Tensor[]];
    const adjoint = linearRoot((u, at, ...rest) => vjp(y => residual(y, ...rest), at).vjp(u)[0]!, options)(
      g,
      x,
      ...parameters,
    );
    const pulled = vjp((...rest) => residual(x, ...rest), ...parameters).vjp(adjoint);
    return [null, ...pulled.map(grad => grad.neg())];
  }

  static jvp(ctx: RootContext, _equation: null, ...tangents: (Tensor | null)[]): Tensor {
    const { residual, options } = ctx.equation;
    const [x, ...parameters] = [...ctx.savedTensors] as [Tensor, ...Tensor[]];
    const moved = parameters.map((p, i) => tangents[i] ?? p.mul(0));
    const { tangent } = jvp((...rest) => residual(x, ...rest), parameters, moved);
    return linearRoot((dx, at, ...rest) => jvp(y => residual(y, ...rest), [at], [dx]).tangent, options)(
      tangent.neg(),
      x,
      ...parameters,
    );
  }
}

/**
 * Solves `map(u, …rest) = b`, which is linear in u: an implicit function of b and the rest, and so
 * differentiable itself.
 */
function linearRoot(map: Residual, options: ImplicitOptions): (b: Tensor, ...rest: Tensor[]) => Tensor {
  return root(
    (u, b, ...rest) => map(u, ...rest).sub(b),
    (b, ...rest) => {
      // Products with the Jacobian are themselves derivatives: they need recording on, their result does not.
      const product: LinearMap = v => enableGrad(() => map(v, ...rest)).detach();
      return noGrad(() => solveLinear(product, map, b, rest, options));
    },
    options,
  );
}

function solveLinear(
  product: LinearMap,
  map: Residual,
  b: Tensor,
  rest: readonly Tensor[],
  { linearSolver = "direct", ...limits }: ImplicitOptions,
): Tensor {
  if (linearSolver === "cg") return conjugateGradients(product, b, limits);
  if (linearSolver === "gmres") return gmres(product, b, limits);
  if (linearSolver === "bicgstab") return bicgstab(product, b, limits);
  const n = b.numel();
  const matrix = jacrev((u: Tensor) => map(u, ...rest))(b.mul(0))
    .detach()
    .reshape(n, n);
  return solve(matrix, b.reshape(n)).reshape(shapeOf(b));
}
