/** @file Inverses and linear systems: the equation is differentiated, not the solver. */

import { type Context, eye, Function, linalg, type Tensor } from "@gradient-lens/engine";

/** Y = A⁻¹, dY = −Y dA Y. Giles, "Collected matrix derivative results" (2008), 2.2.3. */
export class Inverse extends Function {
  static forward(ctx: Context, A: Tensor) {
    const inverse = linalg.inv(A);
    ctx.saveForBackward(inverse);
    return inverse;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [inverse] = ctx.savedTensors;
    return inverse.mT.matmul(gradOutput).matmul(inverse.mT).neg();
  }
}

/** The pseudoinverse of a matrix of full rank, tall or wide. Golub & Pereyra (1973); the order of products as in torch. */
export class PseudoInverse extends Function {
  static forward(ctx: Context, A: Tensor) {
    const P = linalg.pinv(A);
    ctx.saveForBackward(A, P);
    return P;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, P] = ctx.savedTensors;
    const gradT = gradOutput.mT;
    if (A.size(-2) <= A.size(-1)) {
      const K = gradT.matmul(P);
      const KPt = K.matmul(P.mT);
      return P.matmul(K)
        .mT.neg()
        .add(KPt)
        .sub(A.matmul(P).matmul(KPt))
        .add(P.mT.matmul(P).matmul(gradT.sub(K.matmul(A))));
    }
    const K = P.matmul(gradT);
    const PtK = P.mT.matmul(K);
    return K.matmul(P)
      .mT.neg()
      .add(gradT.sub(A.matmul(K)).matmul(P).matmul(P.mT))
      .add(PtK)
      .sub(PtK.matmul(P).matmul(A));
  }
}

/** The left inverse (AᵀA)⁻¹Aᵀ by the normal equations: dP = −P dA P + (AᵀA)⁻¹ dAᵀ (I − A P). Golub & Pereyra (1973). */
export class TallPseudoInverse extends Function {
  static forward(ctx: Context, A: Tensor) {
    const [m, n] = [A.size(-2), A.size(-1)];
    if (m < n)
      throw new RangeError(`TallPseudoInverse expected at least as many rows as columns, got ${m} and ${n}.`);
    const P = linalg.solve(A.mT.matmul(A), A.mT);
    ctx.saveForBackward(A, P);
    return P;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, P] = ctx.savedTensors;
    const residual = eye(A.size(-2)).sub(A.matmul(P));
    const inverseGram = P.matmul(P.mT);
    const throughInverse = P.mT.matmul(gradOutput).matmul(P.mT);
    return residual.matmul(gradOutput.mT).matmul(inverseGram).sub(throughInverse);
  }
}

/** The right inverse Aᵀ(AAᵀ)⁻¹: dP = −P dA P + (I − P A) dAᵀ (AAᵀ)⁻¹. Golub & Pereyra (1973). */
export class WidePseudoInverse extends Function {
  static forward(ctx: Context, A: Tensor) {
    const [m, n] = [A.size(-2), A.size(-1)];
    if (m > n)
      throw new RangeError(`WidePseudoInverse expected at least as many columns as rows, got ${n} and ${m}.`);
    const inverseGram = linalg.inv(A.matmul(A.mT));
    const P = A.mT.matmul(inverseGram);
    ctx.saveForBackward(A, P);
    return P;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, P] = ctx.savedTensors;
    const projector = eye(A.size(-1)).sub(P.matmul(A));
    const direct = P.mT.matmul(gradOutput).matmul(P.mT);
    return P.mT.matmul(P).matmul(gradOutput.mT).matmul(projector).sub(direct);
  }
}

/** A X = B: Aᵀ B̄ = X̄, Ā = −B̄ Xᵀ. Giles (2008), 2.3.1; torch's linalg_solve. */
export class Solve extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    if (A.ndim !== B.ndim || String(A.shape.slice(0, -2)) !== String(B.shape.slice(0, -2))) {
      throw new RangeError(
        `Solve expected A and B with the same batch, got shapes [${A.shape}] and [${B.shape}].`,
      );
    }
    const X = linalg.solve(A, B);
    ctx.saveForBackward(A, X);
    return X;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, X] = ctx.savedTensors;
    const gradB = linalg.solve(A.mT, gradOutput);
    const gradA = ctx.needsInputGrad[0] ? gradB.matmul(X.mT).neg() : null;
    return [gradA, ctx.needsInputGrad[1] ? gradB : null];
  }
}

/** A x = b for one right-hand side, with A⁻¹ kept from forward. Giles (2008), 2.3.1. */
export class SolveVector extends Function {
  static forward(ctx: Context<{ inverse: Tensor; x: Tensor }>, A: Tensor, b: Tensor) {
    if (A.ndim !== 2 || b.ndim !== 1) {
      throw new RangeError(
        `SolveVector expected a matrix and a vector, got ${A.ndim} and ${b.ndim} dimensions.`,
      );
    }
    ctx.inverse = linalg.inv(A);
    ctx.x = ctx.inverse.mv(b);
    return ctx.x;
  }

  static backward(ctx: Context<{ inverse: Tensor; x: Tensor }>, gradOutput: Tensor) {
    const gradB = ctx.inverse.t().mv(gradOutput);
    return [gradB.outer(ctx.x).neg(), gradB];
  }
}

/** A X = B with a triangular A: as for `Solve`, and Ā has A's triangle. torch's linalg_solve_triangular. */
export class SolveTriangular extends Function {
  static forward(
    ctx: Context<{ upper: boolean }>,
    A: Tensor,
    B: Tensor,
    { upper = true }: { upper?: boolean } = {},
  ) {
    if (A.ndim !== 2 || B.ndim !== 2) {
      throw new RangeError(`SolveTriangular expected two matrices, got ${A.ndim} and ${B.ndim} dimensions.`);
    }
    const X = linalg.solveTriangular(A, B, { upper });
    ctx.saveForBackward(A, X);
    ctx.upper = upper;
    return X;
  }

  static backward(ctx: Context<{ upper: boolean }>, gradOutput: Tensor) {
    const [A, X] = ctx.savedTensors;
    const gradB = linalg.solveTriangular(A.mT, gradOutput, { upper: !ctx.upper });
    const gradA = gradB.matmul(X.mT).neg();
    return [ctx.upper ? gradA.triu() : gradA.tril(), gradB, null];
  }
}
