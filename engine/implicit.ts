/** @file The namespace `implicit`: functions known by an equation, and linear systems known by products. */

export { fixedPoint, type ImplicitOptions, type Residual, root, type Solver } from "./autograd/implicit.ts";
export {
  bicgstab,
  conjugateGradients,
  gmres,
  type KrylovOptions,
  type LinearMap,
  type LinearSolver,
} from "./autograd/krylov.ts";
