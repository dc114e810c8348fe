/** @file The softmax family. */

import { type Context, Function, ones, type Tensor, triu } from "@gradient-lens/engine";

type Along = Context<{ dim: number }>;

function softmaxAlong(x: Tensor, dim: number): Tensor {
  const e = x.sub(x.amax(dim, true)).exp();
  return e.div(e.sum(dim, true));
}

/** (diag(y) − y yᵀ) g along a dimension. */
function softmaxBack(g: Tensor, y: Tensor, dim: number): Tensor {
  return y.mul(g.sub(g.mul(y).sum(dim, true)));
}

/** exp(x) / Σ exp(x), from its output. */
export class Softmax extends Function {
  static forward(ctx: Along, input: Tensor, dim: number) {
    const output = softmaxAlong(input, dim);
    ctx.saveForBackward(output);
    ctx.dim = dim;
    return output;
  }

  static backward(ctx: Along, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return [softmaxBack(gradOutput, output, ctx.dim), null];
  }
}

/** x − log Σ exp(x), from its output. */
export class LogSoftmax extends Function {
  static forward(ctx: Along, input: Tensor, dim = -1) {
    const output = input.sub(input.logsumexp(dim, true));
    ctx.saveForBackward(output);
    ctx.dim = dim;
    return output;
  }

  static backward(ctx: Along, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return [gradOutput.sub(output.exp().mul(gradOutput.sum(ctx.dim, true))), null];
  }
}

/** softmax((logits + noise) / τ), the noise drawn by the caller (Jang et al. 2017). */
export class GumbelSoftmax extends Function {
  static forward(
    ctx: Context<{ tau: number; dim: number }>,
    logits: Tensor,
    gumbels: Tensor,
    tau = 1,
    dim = -1,
  ) {
    if (logits.shape.join() !== gumbels.shape.join()) {
      throw new Error(`GumbelSoftmax expected noise of shape (${logits.shape}), got (${gumbels.shape})`);
    }
    const y = softmaxAlong(logits.add(gumbels).div(tau), dim);
    ctx.saveForBackward(y);
    ctx.tau = tau;
    ctx.dim = dim;
    return y;
  }

  static backward(ctx: Context<{ tau: number; dim: number }>, gradOutput: Tensor) {
    const grad = softmaxBack(gradOutput, ctx.savedTensors[0], ctx.dim).div(ctx.tau);
    return [grad, grad, null, null];
  }
}

/** Softmax of what is not masked; a row that is masked entirely is 0 (DeBERTa's XSoftmax). */
export class MaskedSoftmax extends Function {
  static forward(ctx: Along, input: Tensor, mask: Tensor, dim: number) {
    if (mask.dtype !== "bool") throw new TypeError(`MaskedSoftmax expected a bool mask, got ${mask.dtype}`);
    const hidden = mask.expandAs(input);
    const output = softmaxAlong(input.maskedFill(hidden, -1e300), dim).maskedFill(hidden, 0);
    ctx.dim = dim;
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Along, gradOutput: Tensor) {
    return [softmaxBack(gradOutput, ctx.savedTensors[0], ctx.dim), null, null];
  }
}

/** Softmax of scaled scores (batch, query, key) that sees no later key (Megatron-LM's ScaledUpperTriangMaskedSoftmax). */
export class ScaledCausalSoftmax extends Function {
  static forward(ctx: Context<{ scale: number }>, inputs: Tensor, scale: number) {
    if (inputs.ndim !== 3 || inputs.size(1) !== inputs.size(2)) {
      throw new Error(`ScaledCausalSoftmax expected scores (batch, n, n), got (${inputs.shape})`);
    }
    const n = inputs.size(2);
    const later = triu(ones(n, n), 1).bool();
    const results = softmaxAlong(inputs.mul(scale).maskedFill(later, -Infinity), -1);
    ctx.saveForBackward(results);
    ctx.scale = scale;
    return results;
  }

  static backward(ctx: Context<{ scale: number }>, outputGrads: Tensor) {
    const [results] = ctx.savedTensors;
    return [softmaxBack(outputGrads, results, -1).mul(ctx.scale), null];
  }
}

/** log Σ exp(x) over one dimension, from input and output. */
export class LogSumExp extends Function {
  static forward(ctx: Context, input: Tensor, dim: number, keepdim = false) {
    const largest = input.amax(dim, true);
    const kept = input.sub(largest).exp().sum(dim, true).log().add(largest);
    const output = keepdim || input.ndim === 0 ? kept : kept.squeeze(dim);
    ctx.saveForBackward(input, output);
    ctx.dim = keepdim || input.ndim === 0 ? null : dim;
    return output;
  }

  static backward(ctx: Context<{ dim: number | null }>, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    const restore = (t: Tensor): Tensor => (ctx.dim === null ? t : t.unsqueeze(ctx.dim));
    return [restore(gradOutput).mul(input.sub(restore(output)).exp()), null, null];
  }
}
