/** @file Mistakes with attention and layers. */

import { type Context, Function, nn, type Tensor } from "@gradient-lens/engine";

const { conv1d, convTranspose1d } = nn.functional;

function refuse(q: Tensor, k: Tensor, v: Tensor): void {
  if (q.ndim !== 2 || k.ndim !== 2 || v.ndim !== 2) throw new RangeError("expected q, k: (n, d), v: (n, e)");
}

/**
 * The scale 1/√d is in forward alone.
 * @cause wrong-factor
 * @edit `gradScores.matmul(k), gradScores.t().matmul(q)` → `gradScores.div(Math.sqrt(q.size(-1))).matmul(k), gradScores.t().matmul(q).div(Math.sqrt(q.size(-1)))`
 */
export class AttentionScale extends Function {
  static forward(ctx: Context, q: Tensor, k: Tensor, v: Tensor) {
    refuse(q, k, v);
    const weights = q
      .matmul(k.t())
      .div(Math.sqrt(q.size(-1)))
      .softmax(-1);
    ctx.saveForBackward(q, k, v, weights);
    return weights.matmul(v);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [q, k, v, weights] = ctx.savedTensors;
    const gradWeights = gradOutput.matmul(v.t());
    const inner = gradWeights.mul(weights).sum(-1, true);
    const gradScores = weights.mul(gradWeights.sub(inner));
    return [gradScores.matmul(k), gradScores.t().matmul(q), weights.t().matmul(gradOutput)];
  }
}

/**
 * The keys' gradient needs the scores on their side.
 * @cause transpose-missing
 * @edit `gradScores.matmul(q)` → `gradScores.t().matmul(q)`
 */
export class AttentionKeys extends Function {
  static forward(ctx: Context, q: Tensor, k: Tensor, v: Tensor) {
    refuse(q, k, v);
    const weights = q.matmul(k.t()).softmax(-1);
    ctx.saveForBackward(q, k, v, weights);
    return weights.matmul(v);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [q, k, v, weights] = ctx.savedTensors;
    const gradWeights = gradOutput.matmul(v.t());
    const inner = gradWeights.mul(weights).sum(-1, true);
    const gradScores = weights.mul(gradWeights.sub(inner));
    return [gradScores.matmul(k), gradScores.matmul(q), weights.t().matmul(gradOutput)];
  }
}

/**
 * The softmax between scores and values is differentiated as if it were elementwise.
 * @cause path-missing
 */
export class AttentionSoftmax extends Function {
  static forward(ctx: Context, q: Tensor, k: Tensor, v: Tensor) {
    refuse(q, k, v);
    const e = q.matmul(k.t()).exp();
    const weights = e.div(e.sum(-1, true));
    ctx.saveForBackward(q, k, v, weights);
    return weights.matmul(v);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [q, k, v, weights] = ctx.savedTensors;
    const gradScores = weights.mul(gradOutput.matmul(v.t()));
    return [gradScores.matmul(k), gradScores.t().matmul(q), weights.t().matmul(gradOutput)];
  }
}

/**
 * Two layers: what flows through the hidden one is not cut where it was negative.
 * @cause factor-missing
 * @edit `const gradHidden = gradOutput.matmul(w2.t());` → `const gradHidden = gradOutput.matmul(w2.t()).mul(hidden.gt(0));`
 */
export class HiddenLayer extends Function {
  static forward(ctx: Context, x: Tensor, w1: Tensor, w2: Tensor) {
    if (x.ndim !== 2 || w1.ndim !== 2 || w2.ndim !== 2) throw new RangeError("expected matrices");
    const hidden = x.matmul(w1).relu();
    ctx.saveForBackward(x, w1, w2, hidden);
    return hidden.matmul(w2);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, w1, w2, hidden] = ctx.savedTensors;
    const gradHidden = gradOutput.matmul(w2.t());
    return [gradHidden.matmul(w1.t()), x.t().matmul(gradHidden), hidden.t().matmul(gradOutput)];
  }
}

/**
 * The skip connection's own gradient is forgotten.
 * @cause term-missing
 * @edit `gradBranch.matmul(w.t())` → `gradOutput.add(gradBranch.matmul(w.t()))`
 */
export class Residual extends Function {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    if (x.ndim !== 2 || w.ndim !== 2) throw new RangeError("expected x: (n, d), w: (d, d)");
    const branch = x.matmul(w).tanh();
    ctx.saveForBackward(x, w, branch);
    return x.add(branch);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, w, branch] = ctx.savedTensors;
    const gradBranch = gradOutput.mul(branch.square().neg().add(1));
    return [gradBranch.matmul(w.t()), x.t().matmul(gradBranch)];
  }
}

/**
 * Weight and input have changed places in what is returned.
 * @cause wrong-order
 * @edit `[gradWeight, gradInput]` → `[gradInput, gradWeight]`
 */
export class SquareLayerOrder extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor) {
    if (input.ndim !== 2 || input.size(0) !== input.size(1)) throw new RangeError("expected input: (n, n)");
    ctx.saveForBackward(input, weight);
    return input.mm(weight);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    const gradInput = gradOutput.mm(weight.t());
    const gradWeight = input.t().mm(gradOutput);
    return [gradWeight, gradInput];
  }
}

/**
 * The kernel is turned once more, which the transposed convolution does already.
 * @cause flip-superfluous
 * @edit `weight.flip(2)` → `weight`
 */
export class ConvolutionFlipped extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor) {
    if (input.ndim !== 3 || weight.ndim !== 3) throw new RangeError("expected (n, c, l), (o, c, k)");
    ctx.saveForBackward(input, weight);
    return conv1d(input, weight);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    const gradWeight = conv1d(input.transpose(0, 1), gradOutput.transpose(0, 1)).transpose(0, 1);
    return [convTranspose1d(gradOutput, weight.flip(2)), gradWeight];
  }
}

/**
 * Pooling by mean: each entry gets its share.
 * @cause sum-for-mean
 * @edit `.expand([-1, -1, 2])` → `.expand([-1, -1, 2]).div(2)`
 */
export class MeanPooling extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2 || x.size(1) % 2 !== 0) throw new RangeError("expected x: (n, 2l)");
    ctx.saveForBackward(x);
    return x.reshape([x.size(0), -1, 2]).mean(-1);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.unsqueeze(-1).expand([-1, -1, 2]).reshape(x.shape);
  }
}
