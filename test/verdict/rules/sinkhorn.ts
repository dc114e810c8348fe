/** @file Optimal transport with entropy. */

import {
  type Context,
  cat,
  diag,
  Function,
  linalg,
  onceDifferentiable,
  type Tensor,
  zeros,
} from "@gradient-lens/engine";

const MOST_ITERATIONS = 400;

/** Scales the rows and columns of exp(logP) in turn until its margins are a and b. */
function sinkhorn(logP: Tensor, logA: Tensor, logB: Tensor): Tensor {
  let plan = logP;
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    plan = plan.sub(plan.logsumexp(0, true)).add(logB);
    const excess = plan.logsumexp(1).sub(logA);
    plan = plan.sub(excess.unsqueeze(1));
    if (excess.abs().max().item() < 1e-15 * (8 + plan.abs().max().item())) return plan.exp();
  }
  throw new Error(
    `Sinkhorn did not converge in ${MOST_ITERATIONS} steps: the costs differ too much for so little entropy`,
  );
}

function requirePositive(weights: Tensor, what: string): void {
  if (weights.ndim !== 1 || weights.le(0).any().item() === 1) {
    throw new Error(`expected ${what} to be a vector of positive numbers`);
  }
}

/**
 * The transport plan for costs c and weights a, b, which need not sum to 1. Its derivative by the implicit function
 * theorem (Eisenberger et al. 2022, "A Unified Framework for Implicit Sinkhorn Differentiation").
 */
export class SinkhornPlan extends Function {
  static forward(ctx: Context, c: Tensor, a: Tensor, b: Tensor, lambda: number) {
    if (!(lambda > 0)) throw new RangeError(`SinkhornPlan expected lambda > 0, got ${lambda}`);
    requirePositive(a, "a");
    requirePositive(b, "b");
    if (c.ndim !== 2 || c.size(0) !== a.size(0) || c.size(1) !== b.size(0)) {
      throw new Error(`SinkhornPlan expected costs (${a.size(0)}, ${b.size(0)}), got (${c.shape})`);
    }
    const plan = sinkhorn(c.div(-lambda), a.div(a.sum()).log(), b.div(b.sum()).log());
    ctx.saveForBackward(plan, a, b);
    ctx.lambda = lambda;
    return plan;
  }

  static backward = onceDifferentiable((ctx: Context, gradPlan: Tensor) => {
    const [p, a, b] = ctx.savedTensors;
    const [m, n] = [p.size(0), p.size(1)];
    const weighted = gradPlan.mul(p);
    // One of the m + n constraints follows from the others: b's last is left out, and gets multiplier 0.
    const top = cat([diag(p.sum(1)), p], 1);
    const bottom = cat([p.t(), diag(p.sum(0))], 1);
    const K = cat([top, bottom])
      .narrow(0, 0, m + n - 1)
      .narrow(1, 0, m + n - 1);
    const t = cat([weighted.sum(1), weighted.sum(0).narrow(0, 0, n - 1)]);
    const multipliers = linalg.solve(K, t);
    const u = multipliers.narrow(0, 0, m);
    const v = cat([multipliers.narrow(0, m, n - 1), zeros(1)]);
    const gradC = weighted.sub(p.mul(u.unsqueeze(1).add(v))).div(-ctx.lambda);
    return [gradC, throughNormalization(u, a), throughNormalization(v, b), null];
  });
}

/** The gradient for w from that for w / Σ w. */
function throughNormalization(g: Tensor, w: Tensor): Tensor {
  const total = w.sum();
  return g.sub(g.mul(w).sum().div(total)).div(total);
}

/** min ⟨P, C⟩ + ε Σ P log P over plans with uniform margins: by the envelope theorem its gradient is P itself (Cuturi 2013). */
export class EntropicTransportCost extends Function {
  static forward(ctx: Context, C: Tensor, epsilon = 1) {
    if (C.ndim !== 2) throw new Error(`EntropicTransportCost expected a matrix of costs, got (${C.shape})`);
    if (!(epsilon > 0)) throw new RangeError(`EntropicTransportCost expected epsilon > 0, got ${epsilon}`);
    const [n, m] = [C.size(0), C.size(1)];
    const plan = sinkhorn(C.div(-epsilon), zeros(n).sub(Math.log(n)), zeros(m).sub(Math.log(m)));
    ctx.saveForBackward(plan);
    return plan.mul(C).sum().add(plan.xlogy(plan).sum().mul(epsilon));
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    return [ctx.savedTensors[0].mul(gradOutput), null];
  });
}
