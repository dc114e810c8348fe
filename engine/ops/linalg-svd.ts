/**
 * @file The singular value decomposition.
 *
 * Source of the derivative: J. Townsend, "Differentiating the singular value decomposition" (2016).
 */

import { callMany, type MultiPrimitive } from "../autograd/primitive.ts";
import { svdDecompose } from "../kernels/svd.ts";
import { eye, zerosLike } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { cat } from "./joining.ts";
import { matmul } from "./matmul.ts";
import { batchOf, eachMatrix, matrix } from "./matrix-batch.ts";

/** U (m, m) or (m, k), S (k), Vᵀ (n, n) or (k, n), k = min(m, n). Columns past the k-th span what the others leave: constants. */
const svdOp: MultiPrimitive<[A: Tensor], { full: boolean }> = {
  name: "svd",
  forward([A], { full }) {
    const [m, n] = shapeOf(A).slice(-2) as [number, number];
    const k = Math.min(m, n);
    const results = [{ shape: [m, full ? m : k] }, { shape: [k] }, { shape: [full ? n : k, n] }];
    return eachMatrix(batchOf(A), [A], results, a => {
      const svd = svdDecompose(a, m, n, full);
      if (svd === null) {
        throw new RangeError(`svd() expected finite numbers, got inf or NaN in ${formatShape(shapeOf(A))}.`);
      }
      return [svd.u, svd.s, svd.vt];
    });
  },
  // U [ (F ∘ skew(Uᵀ gU)) Σ + diag(gS) + Σ (F ∘ skew(Vᵀ gV)) ] Vᵀ, and what of gU Σ⁻¹ and gV Σ⁻¹ is orthogonal to U and to V.
  vjp([gUFull, gS, gVhFull], _inputs, [UFull, S, VhFull]) {
    const k = S!.size(-1);
    const [U, Vh] = [UFull!.narrow(-1, 0, k), VhFull!.narrow(-2, 0, k)];
    const gU = gUFull?.narrow(-1, 0, k);
    const gV = gVhFull?.narrow(-2, 0, k).mT;
    const rows = S!.unsqueeze(-1);
    const columns = S!.unsqueeze(-2);
    const terms: Tensor[] = [];
    if (gU) terms.push(overGaps(skew(matmul(U.mT, gU)), S!).mul(columns));
    if (gV) terms.push(overGaps(skew(matmul(Vh, gV)), S!).mul(rows));
    if (gS) terms.push(gS.diagEmbed());
    let gA = matmul(
      matmul(
        U,
        terms.reduce((a, b) => a.add(b)),
      ),
      Vh,
    );
    if (gU && U.size(-2) > k) gA = gA.add(matmul(beside(U, gU.div(columns)), Vh));
    if (gV && Vh.size(-1) > k) gA = gA.add(matmul(U, beside(Vh.mT, gV.div(columns)).mT));
    return [gA];
  },
  jvp([dA], _inputs, [UFull, S, VhFull]) {
    const k = S!.size(-1);
    const [U, Vh] = [UFull!.narrow(-1, 0, k), VhFull!.narrow(-2, 0, k)];
    const rows = S!.unsqueeze(-1);
    const columns = S!.unsqueeze(-2);
    const AV = matmul(dA!, Vh.mT);
    const P = matmul(U.mT, AV);
    let dU = matmul(U, overGaps(P.mul(columns).add(P.mT.mul(rows)), S!));
    let dV = matmul(Vh.mT, overGaps(P.mul(rows).add(P.mT.mul(columns)), S!));
    if (U.size(-2) > k) dU = dU.add(beside(U, AV.div(columns)));
    if (Vh.size(-1) > k) dV = dV.add(beside(Vh.mT, matmul(dA!.mT, U).div(columns)));
    return [withStill(dU, UFull!, -1), P.diagonal(0, -2, -1), withStill(dV.mT, VhFull!, -2)];
  },
};

const skew = (X: Tensor): Tensor => X.sub(X.mT);

/** Entries over σⱼ² − σᵢ², zeros on the diagonal. */
function overGaps(X: Tensor, S: Tensor): Tensor {
  const one = eye(S.size(-1), { dtype: S.dtype });
  const [rows, columns] = [S.unsqueeze(-1), S.unsqueeze(-2)];
  // A product of sum and difference keeps the digits that squares would lose.
  const gaps = columns.sub(rows).mul(columns.add(rows)).add(one);
  return X.mul(one.neg().add(1)).div(gaps);
}

/** What of X is orthogonal to the columns of U. */
function beside(U: Tensor, X: Tensor): Tensor {
  return X.sub(matmul(U, matmul(U.mT, X)));
}

/** A tangent, with zeros for the columns (rows) that complete the basis. */
function withStill(tangent: Tensor, full: Tensor, dim: -1 | -2): Tensor {
  const k = tangent.size(dim);
  if (full.size(dim) === k) return tangent;
  return cat([tangent, zerosLike(full.detach().narrow(dim, k, full.size(dim) - k))], dim);
}

/** U, S, Vᵀ of A = U diag(S) Vᵀ. */
export interface Svd {
  U: Tensor;
  S: Tensor;
  Vh: Tensor;
}

/** Torch's choice among the algorithms of a graphics card. There is one here, whatever it says. */
interface SvdOptions {
  driver?: "gesvd" | "gesvdj" | "gesvda" | null;
}

interface SvdFunction {
  (A: Tensor, fullMatrices?: boolean | (SvdOptions & { fullMatrices?: boolean }), options?: SvdOptions): Svd;
  (A: Tensor, options: SvdOptions & { fullMatrices?: boolean }): Svd;
}

/**
 * A = U diag(S) Vᵀ: singular values fall; U and V have orthonormal columns, as many as rows, or min(m, n) for
 * `fullMatrices: false`. Vectors' signs are arbitrary; their gradient is defined for distinct singular values, those of a
 * matrix that is not square being other than 0. No gradient flows to columns past the min(m, n)-th.
 */
export const svd: SvdFunction = keywords(
  "svd",
  ["A", "fullMatrices", "driver"],
  (A: Tensor, fullMatrices = true) => {
    const [U, S, Vh] = callMany(svdOp, [matrix("svd", A)], { full: fullMatrices }) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    return { U, S, Vh };
  },
);

/** The singular values, falling; differentiable where they are equal, too. */
export const svdvals: (A: Tensor, options?: SvdOptions) => Tensor = keywords(
  "svdvals",
  ["A", "driver"],
  (A: Tensor) => svd(A, false).S,
);

/** Torch's older `torch.svd`: V instead of its transpose, reduced unless `some: false`; zeros for U and V unless `computeUv`. */
interface SvdOfSome {
  (input: Tensor, some?: boolean, computeUv?: boolean): { U: Tensor; S: Tensor; V: Tensor };
  (input: Tensor, options: { some?: boolean; computeUv?: boolean }): { U: Tensor; S: Tensor; V: Tensor };
}

export const svdOfSome: SvdOfSome = keywords(
  "svd",
  ["input", "some", "computeUv"],
  (input: Tensor, some = true, computeUv = true) => {
    const { U, S, Vh } = svd(input, !(some && computeUv));
    return computeUv ? { U, S, V: Vh.mT } : { U: zerosLike(U.detach()), S, V: zerosLike(Vh.detach().mT) };
  },
);

const methods = { svd: svdOfSome };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
