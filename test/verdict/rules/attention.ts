/** @file Attention and its positions. */

import {
  arange,
  type Context,
  cat,
  Function,
  onceDifferentiable,
  ones,
  stack,
  type Tensor,
} from "@gradient-lens/engine";

function refuseMismatch(by: string, q: Tensor, k: Tensor, v: Tensor): void {
  const batches = [q, k, v].map(t => (t.ndim < 2 ? "none" : String(t.shape.slice(0, -2))));
  if (q.ndim < 2 || batches.some(batch => batch !== batches[0])) {
    throw new RangeError(
      `${by} expected q, k and v of one batch, got [${q.shape}], [${k.shape}], [${v.shape}].`,
    );
  }
  if (q.size(-1) !== k.size(-1) || k.size(-2) !== v.size(-2)) {
    throw new RangeError(
      `${by} expected (n, d), (m, d), (m, e), got [${q.shape}], [${k.shape}], [${v.shape}].`,
    );
  }
}

/** softmax(q kᵀ / √d) v, keeping the weights. Vaswani et al., arXiv:1706.03762. */
export class Attention extends Function {
  static forward(ctx: Context<{ weights: Tensor }>, q: Tensor, k: Tensor, v: Tensor) {
    refuseMismatch("Attention", q, k, v);
    ctx.weights = q
      .matmul(k.mT)
      .div(Math.sqrt(q.size(-1)))
      .softmax(-1);
    ctx.saveForBackward(q, k, v);
    return ctx.weights.matmul(v);
  }

  static backward = onceDifferentiable((ctx: Context<{ weights: Tensor }>, gradOutput: Tensor) => {
    const [q, k, v] = ctx.savedTensors;
    const { weights } = ctx;
    const gradV = weights.mT.matmul(gradOutput);
    const gradWeights = gradOutput.matmul(v.mT);
    const inner = gradWeights.mul(weights).sum(-1, true);
    const gradScores = weights.mul(gradWeights.sub(inner)).div(Math.sqrt(q.size(-1)));
    return [gradScores.matmul(k), gradScores.mT.matmul(q), gradV];
  });
}

interface Flash {
  scale: number;
  causal: boolean;
}

function scores(q: Tensor, k: Tensor, { scale, causal }: Flash): Tensor {
  const s = q.matmul(k.mT).mul(scale);
  return causal ? s.maskedFill(ones(s.size(-2), s.size(-1)).triu(1).bool(), Number.NEGATIVE_INFINITY) : s;
}

/** The same from outputs and row sums, the weights computed again in backward. Dao et al., FlashAttention, arXiv:2205.14135. */
export class FlashAttention extends Function {
  static forward(
    ctx: Context<Flash>,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    { scale, causal = true }: { scale?: number; causal?: boolean } = {},
  ) {
    refuseMismatch("FlashAttention", q, k, v);
    ctx.scale = scale ?? 1 / Math.sqrt(q.size(-1));
    ctx.causal = causal;
    const s = scores(q, k, ctx);
    const logSum = s.logsumexp(-1, true);
    const output = s.sub(logSum).exp().matmul(v);
    ctx.saveForBackward(q, k, v, output, logSum);
    return output;
  }

  static backward(ctx: Context<Flash>, gradOutput: Tensor) {
    const [q, k, v, output, logSum] = ctx.savedTensors;
    const P = scores(q, k, ctx).sub(logSum).exp();
    const delta = gradOutput.mul(output).sum(-1, true);
    const dS = P.mul(gradOutput.matmul(v.mT).sub(delta)).mul(ctx.scale);
    return [dS.matmul(k), dS.mT.matmul(q), P.mT.matmul(gradOutput), null];
  }
}

function rotated(x: Tensor, angles: Tensor): Tensor {
  const pairs = x.unflatten(-1, [-1, 2]);
  const [a, b] = [pairs.select(-1, 0), pairs.select(-1, 1)];
  const [cos, sin] = [angles.cos(), angles.sin()];
  return stack([a.mul(cos).sub(b.mul(sin)), a.mul(sin).add(b.mul(cos))], -1).flatten(-2);
}

/** Rotary embedding of neighbouring pairs: a rotation, whose adjoint turns back. Su et al., RoFormer, arXiv:2104.09864. */
export class RotaryEmbedding extends Function {
  static forward(ctx: Context<{ angles: Tensor }>, input: Tensor, base = 100) {
    if (input.ndim < 2 || input.size(-1) % 2 !== 0) {
      throw new RangeError(
        `RotaryEmbedding expected (…, positions, features), features even, got [${input.shape}].`,
      );
    }
    if (!(base > 0)) throw new RangeError(`RotaryEmbedding expected a positive base, got ${base}.`);
    const d = input.size(-1);
    const frequencies = arange(0, d, 2)
      .mul(-Math.log(base) / d)
      .exp();
    ctx.angles = arange(input.size(-2)).unsqueeze(1).mul(frequencies);
    return rotated(input, ctx.angles);
  }

  static backward(ctx: Context<{ angles: Tensor }>, gradOutput: Tensor) {
    return [rotated(gradOutput, ctx.angles.neg()), null];
  }
}

function halvesTurned(x: Tensor): Tensor {
  const half = x.size(-1) / 2;
  return cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1);
}

/** Rotary embedding of two halves, tables given: x cos + turn(x) sin. GPT-NeoX. */
export class RotateHalves extends Function {
  static forward(ctx: Context, x: Tensor, cos: Tensor, sin: Tensor) {
    if (x.ndim < 2 || x.size(-1) % 2 !== 0) {
      throw new RangeError(
        `RotateHalves expected (…, positions, features), features even, got [${x.shape}].`,
      );
    }
    const table = String(x.shape.slice(-2));
    if (String(cos.shape) !== table || String(sin.shape) !== table) {
      throw new RangeError(
        `RotateHalves expected tables of shape [${table}], got [${cos.shape}] and [${sin.shape}].`,
      );
    }
    ctx.saveForBackward(x, cos, sin);
    return x.mul(cos).add(halvesTurned(x).mul(sin));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, cos, sin] = ctx.savedTensors;
    const gradX = gradOutput.mul(cos).sub(halvesTurned(gradOutput.mul(sin)));
    const overBatch = (t: Tensor): Tensor => t.sumToSize(cos.shape);
    return [gradX, overBatch(gradOutput.mul(x)), overBatch(gradOutput.mul(halvesTurned(x)))];
  }
}

/** Attention without softmax, elu(q) + 1 and elu(k) + 1 for weights. Katharopoulos et al., arXiv:2006.16236. */
export class LinearAttention extends Function {
  static #feature(x: Tensor): Tensor {
    return x.clampMax(0).exp().add(x.clampMin(0));
  }

  static #slope(x: Tensor): Tensor {
    return x.clampMax(0).exp();
  }

  static forward(ctx: Context, q: Tensor, k: Tensor, v: Tensor) {
    refuseMismatch("LinearAttention", q, k, v);
    const [a, b] = [LinearAttention.#feature(q), LinearAttention.#feature(k)];
    const total = a.mul(b.sum(-2, true)).sum(-1, true);
    const output = a.matmul(b.mT.matmul(v)).div(total);
    ctx.saveForBackward(q, k, v, output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [q, k, v, output] = ctx.savedTensors;
    const [a, b] = [LinearAttention.#feature(q), LinearAttention.#feature(k)];
    const total = a.mul(b.sum(-2, true)).sum(-1, true);
    const g = gradOutput.div(total);
    const onTotal = g.mul(output).sum(-1, true).neg();
    const gradA = g.matmul(v.mT.matmul(b)).add(onTotal.mul(b.sum(-2, true)));
    const gradB = v.matmul(g.mT.matmul(a)).add(onTotal.mul(a).sum(-2, true));
    const gradV = b.matmul(a.mT.matmul(g));
    return [gradA.mul(LinearAttention.#slope(q)), gradB.mul(LinearAttention.#slope(k)), gradV];
  }
}
