/**
 * @file Linear algebra on matrices and batches of them: torch's `linalg`.
 *
 * Source of the derivatives: M. B. Giles, "Collected matrix derivative results for forward and reverse
 * mode algorithmic differentiation" (2008); for Cholesky: I. Murray, arXiv:1602.07527.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { cofactorMatrix, determinant, luDecompose, luSolve } from "../kernels/lu.ts";
import { choleskyFactor, triangularSolve } from "../kernels/triangular.ts";
import { eye, toFlatArray } from "../tensor/creation.ts";
import { broadcastShapes, formatShape, numelOf, type Shape } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked } from "./elementwise.ts";
import { cat, stack } from "./indexing.ts";
import { matmul } from "./matmul.ts";

/** Applies a kernel to each matrix of a batch and lays the results, of equal shape, side by side. */
function eachMatrix(
  batch: Shape,
  shape: Shape,
  inputs: readonly Tensor[],
  kernel: (...matrices: Float64Array[]) => ArrayLike<number>,
): Tensor {
  const out = empty([...batch, ...shape], inputs[0]!.dtype);
  const flat = inputs.map(x => toFlatArray(x.detach()));
  const count = numelOf(batch);
  const size = numelOf(shape);
  for (let b = 0; b < count; b++) {
    const result = kernel(
      ...flat.map(values => values.subarray((b * values.length) / count, ((b + 1) * values.length) / count)),
    );
    for (let i = 0; i < size; i++) dataOf(out)[offsetOf(out) + b * size + i] = result[i]!;
  }
  return out;
}

function square(name: string, A: Tensor): Tensor {
  const shape = shapeOf(checked(name, A, true));
  if (shape.length < 2 || shape.at(-1) !== shape.at(-2)) {
    throw new RangeError(`${name}() expected a square matrix or a batch of them, got ${formatShape(shape)}.`);
  }
  return A;
}

/** @throws for a matrix that has no inverse, as torch does. */
function factored(name: string, a: Float64Array, n: number): ReturnType<typeof luDecompose> {
  const lu = luDecompose(a, n);
  if (lu.singular) throw new RangeError(`${name}(): the matrix is singular, so there is no solution.`);
  return lu;
}

const invOp: Primitive<[A: Tensor]> = {
  name: "inv",
  forward([A]) {
    const n = A.size(-1);
    const identity = toFlatArray(eye(n));
    return eachMatrix(shapeOf(A).slice(0, -2), [n, n], [A], a => luSolve(factored("inv", a, n), identity, n));
  },
  vjp: [(g, _inputs, Y) => matmul(matmul(Y.mT, g), Y.mT).neg()],
  jvp: ([dA], _inputs, Y) => matmul(matmul(Y, dA!), Y).neg(),
};

/** A⁻¹. @throws for a singular matrix. Prefer {@link solve} to a product with the inverse. */
export function inv(A: Tensor): Tensor {
  return call(invOp, [square("inv", A)], undefined);
}

const solveOp: Primitive<[A: Tensor, B: Tensor]> = {
  name: "solve",
  forward([A, B]) {
    const [n, m] = shapeOf(B).slice(-2) as [number, number];
    return eachMatrix(shapeOf(A).slice(0, -2), [n, m], [A, B], (a, b) =>
      luSolve(factored("solve", a, n), b, m),
    );
  },
  vjp(g, [A], X, _params, needs) {
    const gB = solve(A.mT, g);
    return [needs[0] ? matmul(gB, X.mT).neg() : null, gB];
  },
  jvp([dA, dB], [A, B], X) {
    const right = dA === null ? dB! : (dB ?? B.mul(0)).sub(matmul(dA, X));
    return solve(A, right);
  },
};

/**
 * X of A X = B. B is a vector (n,), a matrix (n, m), or a batch of either; batches are broadcast.
 * @throws for a singular A
 */
export function solve(A: Tensor, B: Tensor): Tensor {
  square("solve", A);
  checked("solve", B, true);
  const vector =
    B.ndim === 1 ||
    (A.ndim === B.ndim + 1 &&
      B.size(-1) === A.size(-1) &&
      String(shapeOf(B)) === String(shapeOf(A).slice(0, -1)));
  const right = vector ? B.unsqueeze(-1) : B;
  if (right.size(-2) !== A.size(-1)) {
    throw new RangeError(
      `solve() expected as many rows on the right as A has: A is ${formatShape(shapeOf(A))}, B is ${formatShape(shapeOf(B))}.`,
    );
  }
  const batch = broadcastShapes(shapeOf(A).slice(0, -2), shapeOf(right).slice(0, -2));
  const X = call(
    solveOp,
    [A.expand([...batch, ...shapeOf(A).slice(-2)]), right.expand([...batch, ...shapeOf(right).slice(-2)])],
    undefined,
  );
  return vector ? X.squeeze(-1) : X;
}

const detOp: Primitive<[A: Tensor]> = {
  name: "det",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(shapeOf(A).slice(0, -2), [], [A], a => [determinant(a, n)]);
  },
  vjp: [
    (g, [A]) =>
      g
        .unsqueeze(-1)
        .unsqueeze(-1)
        .mul(call(cofactorsOp, [A], undefined)),
  ],
  jvp: ([dA], [A]) => call(cofactorsOp, [A], undefined).mul(dA!).sum([-2, -1]),
};

/** ∂ det A / ∂A, the matrix of cofactors (Jacobi's formula), which exists where A has no inverse too. */
const cofactorsOp: Primitive<[A: Tensor]> = {
  name: "cofactors",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(shapeOf(A).slice(0, -2), [n, n], [A], a => cofactorMatrix(a, n));
  },
  vjp: [
    (g, [A]) => secondDerivative(A, (K, i, j) => K.mul(g.index("...", i, j).unsqueeze(-1).unsqueeze(-1))),
  ],
  jvp([dA], [A]) {
    const n = A.size(-1);
    const entries = indices(n).map(i =>
      stack(
        indices(n).map(j =>
          signedCofactors(A, i, j)
            .mul(without(dA!, i, j))
            .sum([-2, -1]),
        ),
        -1,
      ),
    );
    return stack(entries, -2);
  },
};

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A without row i and column j. */
function without(A: Tensor, i: number, j: number): Tensor {
  const kept = (k: number): number[] => indices(A.size(-1)).filter(m => m !== k);
  return A.index("...", kept(i), {}).index("...", kept(j));
}

/** ∂ cofactor(i, j) / ∂ (A without row i and column j). */
function signedCofactors(A: Tensor, i: number, j: number): Tensor {
  return call(cofactorsOp, [without(A, i, j)], undefined).mul((i + j) % 2 === 0 ? 1 : -1);
}

/** Σ over all cofactors (i, j) of their derivative by A, each weighted. */
function secondDerivative(A: Tensor, weighted: (K: Tensor, i: number, j: number) => Tensor): Tensor {
  const n = A.size(-1);
  let sum = A.mul(0);
  for (const i of indices(n)) {
    for (const j of indices(n)) sum = sum.add(withZeros(weighted(signedCofactors(A, i, j), i, j), i, j));
  }
  return sum;
}

/** A matrix with a row of zeros put in before row i and a column of zeros before column j. */
function withZeros(K: Tensor, i: number, j: number): Tensor {
  const n = K.size(-1);
  const row = K.sum(-2, true).mul(0);
  const tall = cat([K.narrow(-2, 0, i), row, K.narrow(-2, i, n - i)], -2);
  const column = tall.sum(-1, true).mul(0);
  return cat([tall.narrow(-1, 0, j), column, tall.narrow(-1, j, n - j)], -1);
}

/** The determinant of a matrix or of each of a batch. */
export function det(A: Tensor): Tensor {
  return call(detOp, [square("det", A)], undefined);
}

const logabsdetOp: Primitive<[A: Tensor]> = {
  name: "logabsdet",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(shapeOf(A).slice(0, -2), [], [A], a => {
      const { lu } = luDecompose(a, n);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.log(Math.abs(lu[i * n + i]!));
      return [sum];
    });
  },
  vjp: [(g, [A]) => g.unsqueeze(-1).unsqueeze(-1).mul(inv(A).mT)],
  jvp: ([dA], [A]) => inv(A).mT.mul(dA!).sum([-2, -1]),
};

/** The sign of the determinant and the logarithm of its absolute value, without overflow. */
export function slogdet(A: Tensor): { sign: Tensor; logabsdet: Tensor } {
  square("slogdet", A);
  const n = A.size(-1);
  const sign = eachMatrix(shapeOf(A).slice(0, -2), [], [A], a => {
    const { lu, sign: s } = luDecompose(a, n);
    let result = s;
    for (let i = 0; i < n; i++) result *= Math.sign(lu[i * n + i]!);
    return [result];
  });
  return { sign, logabsdet: call(logabsdetOp, [A], undefined) };
}

/** log det A; NaN where the determinant is negative. */
export function logdet(A: Tensor): Tensor {
  const { sign, logabsdet } = slogdet(A);
  return where(sign.lt(0), Number.NaN, logabsdet);
}

const choleskyOp: Primitive<[A: Tensor]> = {
  name: "cholesky",
  forward([A]) {
    const n = A.size(-1);
    return eachMatrix(shapeOf(A).slice(0, -2), [n, n], [A], a => {
      const l = choleskyFactor(a, n);
      if (l === null) {
        throw new RangeError(
          "cholesky(): the matrix is not positive definite; expected a symmetric one with positive eigenvalues.",
        );
      }
      return l;
    });
  },
  // Murray (2016), eq. 9, for a symmetric A: L⁻ᵀ Φ(Lᵀ g) L⁻¹, symmetrised as torch does.
  vjp: [
    (g, _inputs, L) => {
      const S = halfDiagonal(matmul(L.mT, g)).tril();
      const symmetric = S.add(S.mT).mul(0.5);
      const inner = solveTriangular(L.mT, symmetric, { upper: true });
      return solveTriangular(L.mT, inner.mT, { upper: true }).mT;
    },
  ],
  // dL = L Φ(L⁻¹ dA L⁻ᵀ)
  jvp: ([dA], _inputs, L) => {
    const symmetric = dA!.add(dA!.mT).mul(0.5);
    const left = solveTriangular(L, symmetric, { upper: false });
    const inner = solveTriangular(L, left.mT, { upper: false });
    return matmul(L, halfDiagonal(inner.mT).tril());
  },
};

/** The matrix with its diagonal halved. */
function halfDiagonal(A: Tensor): Tensor {
  return A.mul(eye(A.size(-1)).mul(-0.5).add(1));
}

/** The lower triangular L of A = L Lᵀ, for a symmetric positive definite A. */
export function cholesky(A: Tensor, { upper = false }: { upper?: boolean } = {}): Tensor {
  const L = call(choleskyOp, [square("cholesky", A)], undefined);
  return upper ? L.mT : L;
}

interface Triangle {
  readonly upper: boolean;
  readonly unitriangular: boolean;
}

const solveTriangularOp: Primitive<[A: Tensor, B: Tensor], Triangle> = {
  name: "solveTriangular",
  forward([A, B], triangle) {
    const [n, m] = shapeOf(B).slice(-2) as [number, number];
    return eachMatrix(shapeOf(A).slice(0, -2), [n, m], [A, B], (a, b) =>
      triangularSolve(a, b, n, m, triangle),
    );
  },
  vjp(g, [A], X, { upper, unitriangular }, needs) {
    const gB = solveTriangular(A.mT, g, { upper: !upper, unitriangular });
    return [needs[0] ? ownTriangle(matmul(gB, X.mT).neg(), { upper, unitriangular }) : null, gB];
  },
  jvp([dA, dB], [A, B], X, triangle) {
    const right = dA === null ? dB! : (dB ?? B.mul(0)).sub(matmul(ownTriangle(dA, triangle), X));
    return solveTriangular(A, right, triangle);
  },
};

/** The entries that a triangular solve reads. */
function ownTriangle(A: Tensor, { upper, unitriangular }: Triangle): Tensor {
  const k = unitriangular ? 1 : 0;
  return upper ? A.triu(k) : A.tril(-k);
}

/** X of A X = B for a triangular A, of which only that triangle is read; batches are broadcast. */
export function solveTriangular(
  A: Tensor,
  B: Tensor,
  { upper, left = true, unitriangular = false }: { upper: boolean; left?: boolean; unitriangular?: boolean },
): Tensor {
  square("solveTriangular", A);
  if (!left) return solveTriangular(A.mT, B.mT, { upper: !upper, unitriangular }).mT;
  if (B.ndim < 2 || B.size(-2) !== A.size(-1)) {
    throw new RangeError(
      `solveTriangular() expected as many rows on the right as A has: A is ${formatShape(shapeOf(A))}, B is ${formatShape(shapeOf(B))}.`,
    );
  }
  const batch = broadcastShapes(shapeOf(A).slice(0, -2), shapeOf(B).slice(0, -2));
  const [a, b] = [A, B].map(X => X.expand([...batch, ...shapeOf(X).slice(-2)])) as [Tensor, Tensor];
  return call(solveTriangularOp, [a, b], { upper, unitriangular });
}
