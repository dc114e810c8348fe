/** @file What functions of symmetric matrices share: f(A) = V f(Λ) Vᵀ and its derivative, by Daleckii and Krein. */

import { diagEmbed, eye, linalg, type Tensor, where } from "@gradient-lens/engine";

/** (A + Aᵀ) / 2. A column would be broadcast against its transpose, so it is refused. */
export function symmetricPart(A: Tensor): Tensor {
  if (A.ndim < 2 || A.size(-1) !== A.size(-2)) {
    throw new RangeError(`Expected a square matrix, or a batch of them, got shape [${A.shape}].`);
  }
  return A.add(A.mT).mul(0.5);
}

export interface Spectrum {
  values: Tensor;
  vectors: Tensor;
}

/** @throws where an eigenvalue of the symmetric part is not positive */
export function positiveSpectrum(by: string, A: Tensor): Spectrum {
  const { eigenvalues, eigenvectors } = linalg.eigh(symmetricPart(A));
  if (!(eigenvalues.min().item() > 0)) throw new RangeError(`${by} expected a positive definite matrix.`);
  return { values: eigenvalues, vectors: eigenvectors };
}

/** V diag(d) Vᵀ */
export function assembled(vectors: Tensor, diagonal: Tensor): Tensor {
  return vectors.matmul(diagEmbed(diagonal)).matmul(vectors.mT);
}

/** (fᵢ − fⱼ) / (λᵢ − λⱼ), and f′ where the two are (nearly) the same. */
export function dividedDifferences(values: Tensor, images: Tensor, slopes: Tensor): Tensor {
  const gaps = values.unsqueeze(-1).sub(values.unsqueeze(-2));
  const scale = values.abs().amax(-1, true).unsqueeze(-1);
  const close = gaps
    .abs()
    .le(scale.mul(1e-9))
    .logicalOr(eye(values.size(-1)).bool());
  const rise = images.unsqueeze(-1).sub(images.unsqueeze(-2));
  return where(close, slopes.unsqueeze(-1), rise.div(where(close, 1, gaps)));
}

/** V (K ∘ (Vᵀ sym(G) V)) Vᵀ: the derivative is its own adjoint. */
export function pulledBack(vectors: Tensor, K: Tensor, gradOutput: Tensor): Tensor {
  const inner = vectors.mT.matmul(symmetricPart(gradOutput)).matmul(vectors).mul(K);
  return vectors.matmul(inner).matmul(vectors.mT);
}
