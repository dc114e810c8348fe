/** @file Functions whose derivatives stand in textbooks, each at arguments with sizes that tell apart. */

import {
  type Context,
  cat,
  eye,
  Function,
  linalg,
  manualSeed,
  nn,
  randn,
  type Tensor,
  tensor,
  where,
} from "@gradient-lens/engine";

type Compute = (...args: Tensor[]) => Tensor;

/** A Function with this forward; its backward is what is asked for. */
function functionOf(
  name: string,
  compute: Compute,
): typeof Function & { forward: (ctx: Context, ...args: Tensor[]) => Tensor } {
  const definition = class extends Function {
    static forward(_ctx: Context, ...args: Tensor[]): Tensor {
      return compute(...args);
    }
  };
  Object.defineProperty(definition, "name", { value: name });
  return definition;
}

export interface Textbook {
  readonly definition: ReturnType<typeof functionOf>;
  readonly inputs: readonly string[];
  readonly args: readonly Tensor[];
}

/** Symmetric and positive definite. */
function spd(n: number): Tensor {
  const A = randn(n, n);
  return A.matmul(A.t()).add(eye(n));
}

const CASES: Readonly<Record<string, () => [Compute, Record<string, Tensor>]>> = {
  "matrix square": () => [x => x!.matmul(x!), { input: randn(3, 3) }],
  "matrix product": () => [(A, B) => A!.matmul(B!), { A: randn(2, 3), B: randn(3, 4) }],
  "matrix times vector": () => [(A, x) => A!.mv(x!), { A: randn(2, 3), x: randn(3) }],
  "inner product": () => [(x, y) => x!.dot(y!), { x: randn(4), y: randn(4) }],
  "outer product": () => [(x, y) => x!.outer(y!), { x: randn(2), y: randn(3) }],
  "quadratic form of rows": () => [
    (x, A) => x!.matmul(A!).mul(x!).sum(1),
    { x: randn(2, 3), A: randn(3, 3) },
  ],
  "quadratic form": () => [(x, A) => x!.dot(A!.mv(x!)), { x: randn(3), A: randn(3, 3) }],
  congruence: () => [(X, A) => X!.matmul(A!).matmul(X!.t()), { X: randn(2, 3), A: randn(3, 3) }],
  "Gram matrix": () => [X => X!.t().matmul(X!), { X: randn(4, 3) }],
  "affine map": () => [
    (x, W, b) => x!.matmul(W!.t()).add(b!),
    { x: randn(4, 3), W: randn(2, 3), b: randn(2) },
  ],
  "least squares": () => [
    (A, B) => {
      const { Q, R } = linalg.qr(A!);
      return linalg.solveTriangular(R, Q.t().matmul(B!), { upper: true });
    },
    { A: randn(4, 2), B: randn(4, 3) },
  ],
  inverse: () => [A => linalg.inv(A!), { A: spd(3) }],
  solve: () => [(A, B) => linalg.solve(A!, B!), { A: spd(3), B: randn(3, 2) }],
  determinant: () => [A => A!.det(), { A: spd(3) }],
  "log determinant": () => [A => A!.logdet(), { A: spd(3) }],
  trace: () => [A => A!.trace(), { A: randn(3, 3) }],
  "trace of a product": () => [(A, B) => A!.matmul(B!).trace(), { A: randn(2, 3), B: randn(3, 2) }],
  cholesky: () => [A => linalg.cholesky(A!), { A: spd(3) }],
  "squared Frobenius norm": () => [A => A!.square().sum(), { A: randn(2, 3) }],
  "Frobenius norm": () => [A => A!.square().sum().sqrt(), { A: randn(2, 3) }],
  softmax: () => [x => x!.softmax(1), { x: randn(2, 3) }],
  "softmax written out": () => [
    x => {
      const e = x!.sub(x!.amax(1, true)).exp();
      return e.div(e.sum(1, true));
    },
    { x: randn(2, 3) },
  ],
  "log softmax": () => [x => x!.sub(x!.logsumexp(1, true)), { x: randn(2, 3) }],
  "log-sum-exp": () => [x => x!.logsumexp(1), { x: randn(2, 3) }],
  exp: () => [x => x!.exp(), { x: randn(2, 3) }],
  log: () => [x => x!.log(), { x: randn(2, 3).exp() }],
  sqrt: () => [x => x!.sqrt(), { x: randn(2, 3).exp() }],
  tanh: () => [x => x!.tanh(), { x: randn(2, 3) }],
  sigmoid: () => [x => x!.sigmoid(), { x: randn(2, 3) }],
  "sigmoid written out": () => [x => x!.neg().exp().add(1).reciprocal(), { x: randn(2, 3) }],
  relu: () => [x => x!.relu(), { x: randn(2, 3) }],
  absolute: () => [x => x!.abs(), { x: randn(2, 3) }],
  cube: () => [x => x!.mul(x!).mul(x!), { x: randn(2, 3) }],
  quotient: () => [(x, y) => x!.div(y!), { x: randn(2, 3), y: randn(2, 3).exp() }],
  mean: () => [x => x!.mean(), { x: randn(2, 3) }],
  "broadcast product": () => [(x, w) => x!.mul(w!), { x: randn(2, 3), w: randn(3) }],
  "mean squared error": () => [(x, y) => x!.sub(y!).square().mean(), { x: randn(2, 3), y: randn(2, 3) }],
  "unit vectors": () => [x => x!.div(x!.square().sum(1, true).sqrt()), { x: randn(2, 3) }],
  silu: () => [x => x!.mul(x!.sigmoid()), { x: randn(2, 3) }],
  "swapped halves": () => [x => cat([x!.narrow(1, 2, 2), x!.narrow(1, 0, 2)], 1), { x: randn(3, 4) }],
  "leaky relu": () => [x => where(x!.gt(0), x!, x!.mul(0.1)), { x: randn(2, 3) }],
  "hinge loss": () => [
    (x, y) => nn.functional.relu(x!.mul(y!).neg().add(1)).mean(),
    { x: randn(5), y: tensor([1, -1, 1, 1, -1]) },
  ],
};

export function textbook(): Map<string, Textbook> {
  manualSeed(5);
  return new Map(
    Object.entries(CASES).map(([name, make]) => {
      const [compute, named] = make();
      return [
        name,
        { definition: functionOf(name, compute), inputs: Object.keys(named), args: Object.values(named) },
      ];
    }),
  );
}
