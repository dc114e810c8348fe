/**
 * @file Derivatives of decompositions. Where a factor is only known up to signs, what is differentiated is a function of it that
 * the signs leave alone.
 */

import * as gl from "@gradient-lens/engine";
import { arange, cat, eye, linalg, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { checkBatched } from "../../test/batched.ts";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";
import { checkFloat32 } from "../../test/float32.ts";

const symmetric = (A: Tensor): Tensor => A.add(A.mT).mul(0.5);
/** Positive definite, eigenvalues of 1 and more. */
const definite = (A: Tensor): Tensor => A.matmul(A.mT).add(eye(A.size(-1), { dtype: A.dtype }));
const weights = (n: number, like: Tensor): Tensor => arange(n).to(like.dtype).add(1);
const flat = (...parts: Tensor[]): Tensor => cat(parts.map(x => x.reshape(-1)));
/** Singular values and eigenvalues far apart. */
const graded = (...shape: [...number[], number, number]): Tensor => {
  const [m, n] = shape.slice(-2) as [number, number];
  return randn(shape)
    .mul(0.3)
    .add(
      eye(m, n).mul(
        arange(1, n + 1)
          .double()
          .mul(2),
      ),
    );
};
const SHAPES = [
  () => [graded(1, 1)],
  () => [graded(3, 3)],
  () => [graded(4, 2)],
  () => [graded(2, 4)],
  () => [graded(2, 3, 2)],
  () => [zeros(0, 2)],
  () => [zeros(2, 0, 0)],
];
const SQUARE = [
  () => [graded(1, 1)],
  () => [graded(3, 3)],
  () => [graded(2, 2, 2)],
  () => [zeros(0, 0)],
  () => [zeros(0, 2, 2)],
];

/** Σ wᵢ uᵢ vᵢᵀ and the squares of both factors. */
const ofSvd = ({ U, S, Vh }: { U: Tensor; S: Tensor; Vh: Tensor }): Tensor => {
  const k = S.size(-1);
  const [u, v] = [U.narrow(-1, 0, k), Vh.narrow(-2, 0, k)];
  return flat(u.mul(weights(k, S)).matmul(v), u.square(), v.square(), S);
};
const ofEigen = (V: Tensor): Tensor => V.mul(weights(V.size(-1), V)).matmul(V.mT);

const CASES: Cases = {
  svd: [A => ofSvd(linalg.svd(A, false)), ...SHAPES],
  "svd, full": [A => ofSvd(linalg.svd(A)), () => [graded(3, 3)], () => [graded(4, 2)], () => [graded(2, 4)]],
  "svd, U alone": [A => linalg.svd(A, false).U.square(), () => [graded(4, 2)], () => [graded(2, 4)]],
  "svd, Vh alone": [A => linalg.svd(A, false).Vh.square(), () => [graded(4, 2)], () => [graded(2, 4)]],
  svdvals: [A => linalg.svdvals(A), ...SHAPES],
  eigh: [
    A => {
      const { eigenvalues, eigenvectors } = linalg.eigh(symmetric(A));
      return flat(eigenvalues, ofEigen(eigenvectors));
    },
    ...SQUARE,
  ],
  "eigh of the upper triangle": [
    A => ofEigen(linalg.eigh(symmetric(A), { UPLO: "U" }).eigenvectors),
    () => [graded(3, 3)],
  ],
  eigvalsh: [A => linalg.eigvalsh(symmetric(A)), ...SQUARE],
  eig: [
    A => {
      const { eigenvalues, eigenvectors } = linalg.eig(A);
      return flat(eigenvalues, ofEigen(eigenvectors));
    },
    ...SQUARE,
  ],
  eigvals: [A => linalg.eigvals(A), ...SQUARE],
  qr: [A => flat(...Object.values(linalg.qr(A))), ...SHAPES],
  "qr, complete": [
    A => flat(...Object.values(linalg.qr(A, "complete"))),
    () => [graded(3, 3)],
    () => [graded(2, 4)],
  ],
  "qr, R": [
    A => linalg.qr(A, { mode: "r" }).R,
    () => [graded(4, 2)],
    () => [graded(2, 4)],
    () => [graded(2, 3, 3)],
  ],
  lu: [A => flat(...Object.values(linalg.lu(A))), ...SHAPES],
  "lu without pivots": [
    A => {
      const { L, U } = linalg.lu(A, { pivot: false });
      return flat(L, U);
    },
    () => [graded(3, 3)],
    () => [graded(4, 2)],
    () => [graded(2, 4)],
  ],
  luFactor: [A => linalg.luFactor(A).LU, ...SHAPES],
  luFactorEx: [A => linalg.luFactorEx(A).LU, () => [graded(3, 3)]],
  luUnpack: [
    A => {
      const { pivots } = linalg.luFactor(A.detach());
      const { P, L, U } = gl.luUnpack(A, pivots);
      return flat(P.matmul(L), U);
    },
    ...SHAPES,
  ],
  cholesky: [A => linalg.cholesky(definite(A)), ...SQUARE],
  "cholesky, upper": [A => linalg.cholesky(definite(A), { upper: true }), () => [randn(3, 3)]],
  choleskyEx: [A => linalg.choleskyEx(definite(A)).L, () => [randn(3, 3)], () => [randn(2, 2, 2)]],
  "torch's older svd": [
    A => {
      const { U, S, V } = gl.svd(A);
      return flat(U.mul(S).matmul(V.mT), S);
    },
    () => [graded(3, 2)],
    () => [graded(2, 3)],
  ],
  "torch's older qr": [A => flat(...Object.values(gl.qr(A))), () => [graded(3, 2)], () => [graded(2, 2)]],
  "torch's older svd without vectors": [A => A.svd({ computeUv: false }).S, () => [graded(3, 2)]],
  orgqr: [(A, tau) => A.orgqr({ tau }), () => [randn(3, 2), randn(2)]],
  householderProduct: [
    (A, tau) => linalg.householderProduct(A, tau),
    () => [randn(3, 3), randn(3)],
    () => [randn(4, 2), randn(2)],
    () => [randn(4, 3), randn(1)],
    () => [randn(2, 3, 2), randn(2, 2)],
    () => [randn(3, 3), randn(0)],
    () => [randn(0, 0), randn(0)],
  ],
};
checkDerivatives(CASES);
checkFloat32(CASES);
checkBatched(CASES);

describe("eigenvalues and singular values that are equal", () => {
  const slope = (f: (x: Tensor) => Tensor, A: Tensor): unknown => {
    const leaf = A.clone().requiresGrad_();
    return gl.autograd.grad(f(leaf).sum(), [leaf])[0]!.tolist();
  };
  const identity = [
    [1, 0],
    [0, 1],
  ];

  test("have a derivative of their sum", () => {
    expect(slope(linalg.eigvalsh, eye(2))).toEqual(identity);
    expect(slope(linalg.eigvals, eye(2))).toEqual(identity);
    expect(slope(linalg.svdvals, eye(2))).toEqual(identity);
  });
});

test("the reflectors of geqrf make the Q of qr", () => {
  for (const A of [randn(4, 3), randn(3, 3), randn(2, 5, 2)]) {
    const { a, tau } = gl.geqrf(A);
    const { Q, R } = linalg.qr(A);
    expect(linalg.householderProduct(a, tau).sub(Q).abs().amax().item()).toBeLessThan(1e-14);
    expect(a.triu().narrow(-2, 0, R.size(-2)).sub(R).abs().amax().item()).toBeLessThan(1e-14);
  }
  expect(() => gl.geqrf(randn(2, 2).requiresGrad_()).tau.sum().backward()).toThrow(/no derivative/);
});

describe("decompositions refuse", () => {
  const bad = tensor([
    [1, Number.NaN],
    [0, 1],
  ]);

  test.each(["svd", "svdvals", "eigh", "eigvalsh", "eig", "eigvals"] as const)("%s of NaN", name => {
    expect(() => linalg[name](bad.mT)).toThrow(/expected finite numbers/);
  });

  test("the complete QR's derivative for tall matrices", () => {
    const A = graded(3, 2).requiresGrad_();
    expect(() => linalg.qr(A, "complete").Q.sum().backward()).toThrow(/no derivative in mode "complete"/);
  });

  test("reflectors that do not fit", () => {
    expect(() => linalg.householderProduct(randn(2, 3), randn(2))).toThrow(/m ≥ n/);
    expect(() => linalg.householderProduct(randn(3, 2), randn(3))).toThrow(/k ≤ n/);
  });
});
