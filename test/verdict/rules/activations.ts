/** @file Activation functions of one tensor. */

import {
  type Context,
  Function,
  nn,
  onceDifferentiable,
  type Tensor,
  where,
  zerosLike,
} from "@gradient-lens/engine";

const { softplus } = nn.functional;

/** x σ(x), recomputed from the input (EfficientNet-PyTorch's MemoryEfficientSwish). */
export class Swish extends Function {
  static forward(ctx: Context, i: Tensor) {
    ctx.saveForBackward(i);
    return i.mul(i.sigmoid());
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [i] = ctx.savedTensors;
    const sigmoid = i.sigmoid();
    return gradOutput.mul(sigmoid.mul(i.mul(sigmoid.rsub(1)).add(1)));
  }
}

/** x σ(βx) with a learned β that broadcasts (Ramachandran et al. 2017). */
export class SwishBeta extends Function {
  static forward(ctx: Context, x: Tensor, beta: Tensor) {
    ctx.saveForBackward(x, beta);
    return x.mul(x.mul(beta).sigmoid());
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, beta] = ctx.savedTensors;
    const s = x.mul(beta).sigmoid();
    const slope = s.mul(s.rsub(1));
    const gradX = gradOutput.mul(s.add(x.mul(beta).mul(slope)));
    const gradBeta = gradOutput.mul(x.square()).mul(slope);
    return [gradX.sumToSize(x.shape), gradBeta.sumToSize(beta.shape)];
  }
}

/** x tanh(softplus(x)) (timm's MishJitAutoFn, after Misra 2019). */
export class Mish extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(softplus(x).tanh());
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const tanh = softplus(x).tanh();
    return gradOutput.mul(tanh.add(x.mul(x.sigmoid()).mul(tanh.square().rsub(1))));
  }
}

/** x relu6(x + 3) / 6 (timm's HardSwishJitAutoFn, after MobileNetV3). */
export class HardSwish extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x.add(3).clamp(0, 6).div(6));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const inside = where(x.ge(-3), x.div(3).add(0.5), 0);
    return gradOutput.mul(where(x.ge(3), 1, inside));
  }
}

/** relu(x)², which saves max(x, 0): a step that its double backward cannot see (Primer, So et al. 2021). */
export class SquaredReLU extends Function {
  static forward(ctx: Context, x: Tensor) {
    const positive = x.relu();
    ctx.saveForBackward(positive);
    return positive.square();
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [positive] = ctx.savedTensors;
    return gradOutput.mul(positive).mul(2);
  });
}

/** ELU from its output alone, as in-place batch norm inverts it; so α must be positive (Rota Bulò et al. 2018). */
export class EluFromOutput extends Function {
  static forward(ctx: Context<{ alpha: number }>, x: Tensor, alpha = 1) {
    if (alpha <= 0) throw new RangeError(`EluFromOutput expected alpha > 0, got ${alpha}`);
    const y = where(x.gt(0), x, x.clamp({ max: 0 }).expm1().mul(alpha));
    ctx.alpha = alpha;
    ctx.saveForBackward(y);
    return y;
  }

  static backward(ctx: Context<{ alpha: number }>, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return [where(y.gt(0), gradOutput, gradOutput.mul(y.add(ctx.alpha))), null];
  }
}

/** x, or x / √(1 + αx²) where x is negative (Carlile et al. 2017). */
export class ISRLU extends Function {
  static forward(ctx: Context<{ alpha: number }>, input: Tensor, alpha: number) {
    if (alpha < 0) throw new RangeError(`ISRLU expected alpha >= 0, got ${alpha}`);
    ctx.saveForBackward(input);
    ctx.alpha = alpha;
    return where(input.ge(0), input, input.mul(input.square().mul(alpha).add(1).rsqrt()));
  }

  static backward(ctx: Context<{ alpha: number }>, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const slope = input.square().mul(ctx.alpha).add(1).rsqrt().pow(3);
    return [gradOutput.mul(where(input.ge(0), 1, slope)), null];
  }
}

/** Leaky ReLU with one learned slope for all channels (He et al. 2015). */
export class SharedPReLU extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor) {
    if (weight.numel() !== 1) {
      throw new Error(`SharedPReLU expected a weight with one element, got shape (${weight.shape})`);
    }
    ctx.saveForBackward(input, weight);
    return where(input.gt(0), input, input.mul(weight.reshape([])));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    const positive = input.gt(0);
    const gradInput = where(positive, gradOutput, gradOutput.mul(weight.reshape([])));
    const gradWeight = where(positive, zerosLike(input), input.mul(gradOutput)).sum();
    return [gradInput, gradWeight.reshape(weight.shape)];
  }
}

/** log(1 + exp(βx)) / β. */
export class Softplus extends Function {
  static forward(ctx: Context, x: Tensor, { beta = 1 }: { beta?: number } = {}) {
    ctx.saveForBackward(x);
    ctx.beta = beta;
    return x.mul(beta).logaddexp(zerosLike(x)).div(beta);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return [gradOutput.mul(x.mul(ctx.beta).sigmoid()), null];
  }
}
