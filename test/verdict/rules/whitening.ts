/** @file Features made uncorrelated: whitening by the inverse root and by the Cholesky factor of their covariance. */

import { type Context, eye, Function, linalg, type Tensor } from "@gradient-lens/engine";
import { assembled, positiveSpectrum, pulledBack, symmetricPart } from "./spectral.ts";

function refuseUnlessSamples(by: string, input: Tensor): void {
  if (input.ndim !== 2)
    throw new RangeError(`${by} expected (samples, features), got shape [${input.shape}].`);
}

/** ZCA: (X − mean) Σ^(−1/2), Σ = XᵀX/n + εI. Huang et al., decorrelated batch normalisation, arXiv:1804.08450. */
export class ZcaWhitening extends Function {
  static forward(
    ctx: Context<{ centered: Tensor; roots: Tensor; vectors: Tensor }>,
    input: Tensor,
    epsilon = 1e-2,
  ) {
    refuseUnlessSamples("ZcaWhitening", input);
    const [n, d] = [input.size(0), input.size(1)];
    const centered = input.sub(input.mean(0, true));
    const covariance = centered.t().mm(centered).div(n).add(eye(d).mul(epsilon));
    const { values, vectors } = positiveSpectrum("ZcaWhitening", covariance);
    ctx.centered = centered;
    ctx.roots = values.sqrt();
    ctx.vectors = vectors;
    return centered.mm(assembled(vectors, values.rsqrt()));
  }

  static backward(ctx: Context<{ centered: Tensor; roots: Tensor; vectors: Tensor }>, gradOutput: Tensor) {
    const { centered, roots, vectors } = ctx;
    const [a, b] = [roots.unsqueeze(1), roots.unsqueeze(0)];
    const K = a.mul(b).mul(a.add(b)).reciprocal().neg();
    const gradCovariance = pulledBack(vectors, K, centered.t().mm(gradOutput));
    const direct = gradOutput.mm(assembled(vectors, roots.reciprocal()));
    const gradCentered = direct.add(centered.mm(gradCovariance).mul(2 / centered.size(0)));
    return [gradCentered.sub(gradCentered.mean(0, true)), null];
  }
}

/** (X − mean) L⁻ᵀ, Σ = L Lᵀ. Siarohin et al., whitening and colouring batch transform, arXiv:1806.00420. */
export class CholeskyWhitening extends Function {
  static forward(
    ctx: Context<{ L: Tensor; centered: Tensor; white: Tensor }>,
    input: Tensor,
    epsilon = 1e-2,
  ) {
    refuseUnlessSamples("CholeskyWhitening", input);
    const centered = input.sub(input.mean(0, true));
    const covariance = centered
      .t()
      .mm(centered)
      .div(input.size(0))
      .add(eye(input.size(1)).mul(epsilon));
    ctx.L = linalg.cholesky(covariance);
    ctx.centered = centered;
    ctx.white = linalg.solveTriangular(ctx.L, centered.t(), { upper: false }).t();
    return ctx.white;
  }

  static backward(ctx: Context<{ L: Tensor; centered: Tensor; white: Tensor }>, gradOutput: Tensor) {
    const { L, centered, white } = ctx;
    const gradCentered = linalg.solveTriangular(L.t(), gradOutput.t(), { upper: true }).t();
    const gradL = gradCentered.t().mm(white).tril().neg();
    const P = L.t().mm(gradL);
    const phi = P.tril().sub(P.diagonal().diag().div(2));
    const left = linalg.solveTriangular(L.t(), phi, { upper: true });
    const S = linalg.solveTriangular(L, left, { upper: false, left: false });
    const total = gradCentered.add(centered.mm(symmetricPart(S)).mul(2 / centered.size(0)));
    return [total.sub(total.mean(0, true)), null];
  }
}
