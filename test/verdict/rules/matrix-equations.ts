/** @file Matrices that are known by an equation or a series: Sylvester, Lyapunov, square roots, exp, powers, Cayley. */

import {
  type Context,
  cat,
  eye,
  Function,
  kron,
  linalg,
  matrixExp,
  matrixPower,
  type Tensor,
  zerosLike,
} from "@gradient-lens/engine";

function refuseUnlessSquare(by: string, ...matrices: Tensor[]): void {
  const stray = matrices.find(M => M.ndim !== 2 || M.size(0) !== M.size(1));
  if (stray !== undefined)
    throw new RangeError(`${by} expected a square matrix, got shape [${stray.shape}].`);
}

function refuseOtherShape(by: string, C: Tensor, m: number, n: number): void {
  if (C.ndim === 2 && C.size(0) === m && C.size(1) === n) return;
  throw new RangeError(`${by} expected a right-hand side of shape [${m},${n}], got [${C.shape}].`);
}

/** X of A X + X B = C, by Kronecker products on rows. */
function sylvester(A: Tensor, B: Tensor, C: Tensor): Tensor {
  const [m, n] = [A.size(0), B.size(0)];
  const K = kron(A, eye(n)).add(kron(eye(m), B.t().contiguous()));
  return linalg.solve(K, C.reshape([m * n])).reshape([m, n]);
}

/** A X + X B = C: Aᵀ S + S Bᵀ = X̄, C̄ = S, Ā = −S Xᵀ, B̄ = −Xᵀ S. Kao & Hennequin, arXiv:2011.11430. */
export class Sylvester extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor, C: Tensor) {
    refuseUnlessSquare("Sylvester", A, B);
    refuseOtherShape("Sylvester", C, A.size(0), B.size(0));
    const X = sylvester(A, B, C);
    ctx.saveForBackward(A, B, X);
    return X;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, B, X] = ctx.savedTensors;
    const S = sylvester(A.t(), B.t(), gradOutput);
    return [S.mm(X.t()).neg(), X.t().mm(S).neg(), S];
  }
}

/** A X + X Aᵀ = Q. Kao & Hennequin, arXiv:2011.11430. */
export class Lyapunov extends Function {
  static forward(ctx: Context, A: Tensor, Q: Tensor) {
    refuseUnlessSquare("Lyapunov", A);
    refuseOtherShape("Lyapunov", Q, A.size(0), A.size(0));
    const X = sylvester(A, A.t(), Q);
    ctx.saveForBackward(A, X);
    return X;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, X] = ctx.savedTensors;
    const S = sylvester(A.t(), A, gradOutput);
    const gradA = S.mm(X.t()).add(S.t().mm(X)).neg();
    return [gradA, S];
  }
}

/** X − A X Aᵀ = Q. Kao & Hennequin, arXiv:2011.11430. */
export class DiscreteLyapunov extends Function {
  static #solve(A: Tensor, Q: Tensor): Tensor {
    const n = A.size(0);
    const K = eye(n * n).sub(kron(A.contiguous(), A.contiguous()));
    return linalg.solve(K, Q.reshape([n * n])).reshape([n, n]);
  }

  static forward(ctx: Context, A: Tensor, Q: Tensor) {
    refuseUnlessSquare("DiscreteLyapunov", A);
    refuseOtherShape("DiscreteLyapunov", Q, A.size(0), A.size(0));
    const X = DiscreteLyapunov.#solve(A, Q);
    ctx.saveForBackward(A, X);
    return X;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, X] = ctx.savedTensors;
    const S = DiscreteLyapunov.#solve(A.t(), gradOutput);
    return [S.mm(A).mm(X.t()).add(S.t().mm(A).mm(X)), S];
  }
}

interface Iterates {
  Y: Tensor[];
  Z: Tensor[];
  norm: number;
}

/** √A by coupled Newton–Schulz, its backward step by step. Li et al., iSQRT-COV, arXiv:1712.01034; Lin & Maji, arXiv:1707.06772. */
export class NewtonSchulzSqrt extends Function {
  static forward(ctx: Context<Iterates>, A: Tensor, iterations = 12) {
    refuseUnlessSquare("NewtonSchulzSqrt", A);
    const three = eye(A.size(0)).mul(3);
    ctx.norm = linalg.norm(A).item();
    ctx.Y = [A.div(ctx.norm)];
    ctx.Z = [eye(A.size(0))];
    for (let k = 0; k < iterations; k++) {
      const [Y, Z] = [ctx.Y[k]!, ctx.Z[k]!];
      const T = three.sub(Z.mm(Y));
      ctx.Y.push(Y.mm(T).div(2));
      ctx.Z.push(T.mm(Z).div(2));
    }
    const [Y, Z] = [ctx.Y.at(-1)!, ctx.Z.at(-1)!];
    if (!(linalg.norm(Z.mm(Y).sub(eye(A.size(0)))).item() < 0.1)) {
      throw new RangeError(
        "NewtonSchulzSqrt did not converge: it needs a positive definite matrix, or more iterations.",
      );
    }
    return Y.mul(Math.sqrt(ctx.norm));
  }

  static backward(ctx: Context<Iterates>, gradOutput: Tensor) {
    const { norm } = ctx;
    const identity = eye(gradOutput.size(0));
    let gradY = gradOutput.mul(Math.sqrt(norm));
    let gradZ = zerosLike(gradY);
    for (let k = ctx.Y.length - 2; k >= 0; k--) {
      const [Y, Z] = [ctx.Y[k]!, ctx.Z[k]!];
      const T = identity.mul(3).sub(Z.mm(Y));
      const gradT = Y.t().mm(gradY).add(gradZ.mm(Z.t())).div(2);
      gradY = gradY.mm(T.t()).div(2).sub(Z.t().mm(gradT));
      gradZ = T.t().mm(gradZ).div(2).sub(gradT.mm(Y.t()));
    }
    const unit = ctx.Y[0]!;
    const onNorm = gradOutput
      .mul(ctx.Y.at(-1)!)
      .sum()
      .div(2 * Math.sqrt(norm));
    const radial = gradY.mul(unit).sum().div(norm);
    return [gradY.div(norm).add(unit.mul(onNorm.sub(radial))), null];
  }
}

/** √A by Denman and Beavers; X² = A gives Xᵀ Ā + Ā Xᵀ = X̄. Lin & Maji, "Improved bilinear pooling", arXiv:1707.06772. */
export class SylvesterSqrt extends Function {
  static forward(ctx: Context, A: Tensor) {
    refuseUnlessSquare("SylvesterSqrt", A);
    let [X, Z] = [A, eye(A.size(0))];
    for (let k = 0; k < 30; k++) [X, Z] = [X.add(linalg.inv(Z)).div(2), Z.add(linalg.inv(X)).div(2)];
    if (!(linalg.norm(X.mm(X).sub(A)).item() < 1e-9 * (1 + linalg.norm(A).item()))) {
      throw new RangeError("SylvesterSqrt expected a matrix without negative eigenvalues.");
    }
    ctx.saveForBackward(X);
    return X;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [X] = ctx.savedTensors;
    return sylvester(X.t(), X.t(), gradOutput);
  }
}

/** exp A: the upper right block of exp [[Aᵀ, G], [0, Aᵀ]]. Van Loan (1978); Mathias (1996); torch's matrix_exp. */
export class BlockExp extends Function {
  static forward(ctx: Context, A: Tensor) {
    ctx.saveForBackward(A);
    return matrixExp(A);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    const n = A.size(-1);
    const top = cat([A.mT, gradOutput], -1);
    const bottom = cat([zerosLike(A), A.mT], -1);
    return matrixExp(cat([top, bottom], -2))
      .narrow(-2, 0, n)
      .narrow(-1, n, n);
  }
}

/** Aᵖ for p = 0, 1, 2 …: Σ (Aᵀ)ⁱ G (Aᵀ)^(p−1−i). Giles (2008), 2.3.5. */
export class IntegerPower extends Function {
  static forward(ctx: Context<{ exponent: number }>, A: Tensor, exponent = 3) {
    if (!Number.isInteger(exponent) || exponent < 0) {
      throw new RangeError(`IntegerPower expected an exponent 0, 1, 2, …, got ${exponent}.`);
    }
    ctx.saveForBackward(A);
    ctx.exponent = exponent;
    return matrixPower(A, exponent);
  }

  static backward(ctx: Context<{ exponent: number }>, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    let grad = zerosLike(A);
    let left = gradOutput;
    for (let i = 0; i < ctx.exponent; i++) {
      grad = grad.matmul(A.mT).add(left);
      left = A.mT.matmul(left);
    }
    return [grad, null];
  }
}

/** Q = (I + S)⁻¹(I − S), S = W − Wᵀ: dQ = −(I + S)⁻¹ dS (I + Q). Helfrich et al., arXiv:1707.09520. */
export class Cayley extends Function {
  static forward(ctx: Context, W: Tensor) {
    if (W.ndim < 2 || W.size(-1) !== W.size(-2)) {
      throw new RangeError(`Cayley expected square matrices, got shape [${W.shape}].`);
    }
    const identity = eye(W.size(-1));
    const S = W.sub(W.mT);
    const Q = linalg.solve(identity.add(S), identity.sub(S));
    ctx.saveForBackward(W, Q);
    return Q;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [W, Q] = ctx.savedTensors;
    const identity = eye(W.size(-1));
    const right = gradOutput.matmul(Q.mT.add(identity));
    // I + Sᵀ = I − S
    const gradS = linalg.solve(identity.sub(W).add(W.mT), right).neg();
    return gradS.sub(gradS.mT);
  }
}
