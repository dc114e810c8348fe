/** @file Solutions of equations and of optimisation problems: backward solves one linear system more. */

import {
  type Context,
  cat,
  eye,
  Function,
  linalg,
  onceDifferentiable,
  type Tensor,
  zeros,
  zerosLike,
} from "@gradient-lens/engine";

interface Equilibrium {
  /** ‖W‖, Frobenius. */
  norm: Tensor;
}

/**
 * The fixed point of z = tanh(z Ŵᵀ + x), Ŵ = W / (1 + ‖W‖) being a contraction; found by iteration, as its gradient is.
 * Bai et al., deep equilibrium models, arXiv:1909.01377.
 */
export class DeepEquilibrium extends Function {
  static forward(ctx: Context<Equilibrium>, x: Tensor, W: Tensor) {
    if (x.ndim === 0 || W.ndim !== 2 || W.size(0) !== W.size(1) || x.size(-1) !== W.size(0)) {
      throw new RangeError(`DeepEquilibrium expected (…, n) and (n, n), got [${x.shape}] and [${W.shape}].`);
    }
    ctx.norm = linalg.norm(W);
    const contraction = W.div(ctx.norm.add(1)).t();
    const z = fixedPoint(z => z.matmul(contraction).add(x).tanh(), zerosLike(x));
    ctx.saveForBackward(W, z);
    return z;
  }

  static backward = onceDifferentiable((ctx: Context<Equilibrium>, gradOutput: Tensor) => {
    const [W, z] = ctx.savedTensors;
    const contraction = W.div(ctx.norm.add(1));
    const slope = z.square().neg().add(1);
    const v = fixedPoint(v => v.matmul(contraction).add(gradOutput).mul(slope), zerosLike(z));
    const rows = (t: Tensor): Tensor => t.reshape([-1, W.size(0)]);
    const onContraction = rows(v).t().mm(rows(z));
    const radial = onContraction.mul(contraction).sum().div(ctx.norm);
    return [v, onContraction.sub(W.mul(radial)).div(ctx.norm.add(1))];
  });
}

/** Repeats a contraction until it moves nothing any more. */
function fixedPoint(step: (z: Tensor) => Tensor, start: Tensor): Tensor {
  let z = start;
  for (let k = 0; k < 3000; k++) {
    const next = step(z);
    const moved = next.sub(z).abs().max().item();
    z = next;
    if (moved <= 1e-15 * (1 + z.abs().max().item())) return z;
  }
  throw new RangeError("The fixed-point iteration did not converge.");
}

/** The minimiser of ½ xᵀQx + pᵀx where A x = b, by its KKT system. Amos & Kolter, OptNet, arXiv:1703.00443. */
export class EqualityQP extends Function {
  static forward(ctx: Context<{ kkt: Tensor }>, Q: Tensor, p: Tensor, A: Tensor, b: Tensor) {
    const [n, m] = [p.numel(), b.numel()];
    const expected = [[n, n], [n], [m, n], [m]];
    if ([Q, p, A, b].some((t, i) => String(t.shape) !== String(expected[i])) || m > n) {
      throw new RangeError(
        `EqualityQP expected (n, n), (n), (m, n), (m), m ≤ n, got ${[Q, p, A, b].map(t => `[${t.shape}]`).join(", ")}.`,
      );
    }
    const H = Q.add(Q.t()).div(2);
    ctx.kkt = cat([cat([H, A.t()], 1), cat([A, zeros(m, m)], 1)], 0);
    const solution = linalg.solve(ctx.kkt, cat([p.neg(), b]));
    ctx.saveForBackward(solution);
    return solution.narrow(0, 0, n);
  }

  static backward(ctx: Context<{ kkt: Tensor }>, gradOutput: Tensor) {
    const n = gradOutput.size(0);
    const m = ctx.kkt.size(0) - n;
    const [solution] = ctx.savedTensors;
    const adjoint = linalg.solve(ctx.kkt, cat([gradOutput, zeros(m)]));
    const [x, nu] = [solution.narrow(0, 0, n), solution.narrow(0, n, m)];
    const [dx, dnu] = [adjoint.narrow(0, 0, n), adjoint.narrow(0, n, m)];
    const gradQ = dx.outer(x).add(x.outer(dx)).mul(-0.5);
    const gradA = nu.outer(dx).add(dnu.outer(x)).neg();
    return [gradQ, dx.neg(), gradA, dnu];
  }
}

/** (XᵀX + λI)⁻¹ Xᵀ Y. Bertinetto et al., R2-D2, arXiv:1805.08136. */
export class Ridge extends Function {
  static forward(ctx: Context<{ hessian: Tensor }>, X: Tensor, Y: Tensor, lambda = 0.1) {
    if (X.ndim !== 2 || Y.ndim !== 2 || X.size(0) !== Y.size(0)) {
      throw new RangeError(
        `Ridge expected (samples, features) and (samples, targets), got [${X.shape}], [${Y.shape}].`,
      );
    }
    if (!(lambda > 0)) throw new RangeError(`Ridge expected a positive lambda, got ${lambda}.`);
    ctx.hessian = X.t()
      .mm(X)
      .add(eye(X.size(1)).mul(lambda));
    const W = linalg.solve(ctx.hessian, X.t().mm(Y));
    ctx.saveForBackward(X, Y, W);
    return W;
  }

  static backward(ctx: Context<{ hessian: Tensor }>, gradOutput: Tensor) {
    const [X, Y, W] = ctx.savedTensors;
    const U = linalg.solve(ctx.hessian, gradOutput);
    const residual = Y.sub(X.mm(W));
    const gradX = residual.mm(U.t()).sub(X.mm(U).mm(W.t()));
    return [gradX, X.mm(U), null];
  }
}

/** Least squares of a tall system, min ‖A x − b‖, by QR: x̄ → b̄ = Q R⁻ᵀ x̄. Golub & Pereyra (1973); SciPy's lstsq. */
export class LeastSquares extends Function {
  static forward(ctx: Context, A: Tensor, b: Tensor) {
    if (A.ndim !== 2 || b.ndim !== 1 || b.size(0) !== A.size(0) || A.size(0) < A.size(1)) {
      throw new RangeError(`LeastSquares expected (m, n) and (m), m ≥ n, got [${A.shape}] and [${b.shape}].`);
    }
    const { Q, R } = linalg.qr(A);
    const x = linalg.solveTriangular(R, Q.t().mv(b).unsqueeze(1), { upper: true }).squeeze(1);
    ctx.saveForBackward(A, b, Q, R, x);
    return x;
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [A, b, Q, R, x] = ctx.savedTensors;
    const t = linalg.solveTriangular(R.t(), gradOutput.unsqueeze(1), { upper: false });
    const u = linalg.solveTriangular(R, t, { upper: true }).squeeze(1);
    const gradB = Q.mv(t.squeeze(1));
    const residual = b.sub(A.mv(x));
    return [residual.outer(u).sub(gradB.outer(x)), gradB];
  });
}

/** E of E − e sin E = M, 0 ≤ e < 1, by Newton. Kepler (1609); jaxopt's implicit differentiation of roots. */
export class KeplerEquation extends Function {
  static forward(ctx: Context, M: Tensor, e: Tensor) {
    if (String(M.shape) !== String(e.shape)) {
      throw new RangeError(`KeplerEquation expected two of one shape, got [${M.shape}] and [${e.shape}].`);
    }
    if (!(e.min().item() >= 0 && e.max().item() < 1)) {
      throw new RangeError("KeplerEquation expected eccentricities of ellipses: at least 0, less than 1.");
    }
    let E = M.add(e.mul(M.sin()));
    for (let k = 0; k < 12; k++) {
      const residual = E.sub(e.mul(E.sin())).sub(M);
      E = E.sub(residual.div(e.mul(E.cos()).neg().add(1)));
    }
    ctx.saveForBackward(e, E);
    return E;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [e, E] = ctx.savedTensors;
    const gradM = gradOutput.div(e.mul(E.cos()).neg().add(1));
    return [gradM, gradM.mul(E.sin())];
  }
}
