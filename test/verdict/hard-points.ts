/**
 * @file Correct rules exactly where they are hard to check: at ties, at the edge of a domain, where steps are too large or
 * rounding is. None of them may be called wrong there. Beside ties stand entries without, at which an error shows. Where
 * people write a naive and a stable form, both are here.
 */

import {
  type Context,
  choleskyInverse,
  Function,
  linalg,
  maximum,
  ones,
  type Tensor,
  tensor,
  where,
  zeros,
} from "@gradient-lens/engine";

/** relu at 0, gradient 0 there, as in torch. */
export class ReluAtZero extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.relu();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(input.gt(0).to(gradOutput.dtype));
  }

  static sampleInputs() {
    return [tensor([0, -1, 2, 0, 0.5, 3])];
  }
}

/** relu at 0 as a clamp, gradient 1 there. */
export class ReluAsClamp extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.clamp(0);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.maskedFill(input.lt(0), 0);
  }

  static sampleInputs() {
    return [
      tensor([
        [0, 1.5, 0],
        [-2, 0, 0.5],
      ]),
    ];
  }
}

/** |x| at 0 by the sign, which is 0 there. */
export class AbsBySign extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.abs();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(input.sign());
  }

  static sampleInputs() {
    return [tensor([0, -1.5, 0, 3])];
  }
}

/** |x| at 0 by a case distinction, which gives 1 there. */
export class AbsByCases extends Function {
  static forward(ctx: Context, input: Tensor) {
    const positive = input.ge(0);
    ctx.saveForBackward(positive);
    return where(positive, input, input.neg());
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [positive] = ctx.savedTensors;
    return where(positive, gradOutput, gradOutput.neg());
  }

  static sampleInputs() {
    return [tensor([0, 2, -0.7])];
  }
}

/** The largest of equal entries, which share the gradient. */
export class MaxShared extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.amax(-1, true);
    ctx.saveForBackward(input, output);
    return output.squeeze(-1);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    const ties = input.eq(output).to(gradOutput.dtype);
    return ties.div(ties.sum(-1, true)).mul(gradOutput.unsqueeze(-1));
  }

  static sampleInputs() {
    return [
      [
        tensor([
          [1, 3, 3],
          [2, 2, 2],
          [5, 1, 0],
        ]),
      ],
      [ones(4)],
    ];
  }
}

/** The largest of equal entries, of which the first takes the gradient. */
export class MaxOfFirst extends Function {
  static forward(ctx: Context, input: Tensor) {
    const { values, indices } = input.max(-1);
    ctx.saveForBackward(input, indices);
    return values;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, indices] = ctx.savedTensors;
    return zeros(input.shape).scatter(-1, indices.unsqueeze(-1), gradOutput.unsqueeze(-1));
  }

  static sampleInputs() {
    return [
      [
        tensor([
          [1, 3, 3],
          [2, 2, 2],
          [5, 1, 0],
        ]),
      ],
      [ones(4)],
    ];
  }
}

/** The larger of two equal numbers: half the gradient to each. */
export class MaximumOfEquals extends Function {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    ctx.saveForBackward(a, b);
    return maximum(a, b);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [a, b] = ctx.savedTensors;
    const toA = a.gt(b).to("float64").add(a.eq(b).to("float64").div(2));
    return [gradOutput.mul(toA), gradOutput.mul(toA.neg().add(1))];
  }

  static sampleInputs() {
    return [tensor([1, 2, -1, 0]), tensor([1, 0, -1, 3])];
  }
}

/** 1e-9 x² at 1e9: steps relative to x, or none of them moves it. */
export class TinySquare extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.square().mul(1e-9);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(input).mul(2e-9);
  }

  static sampleInputs() {
    return [tensor([1e9, -1e9])];
  }
}

/** log at 1e-7, where a usual step leaves the domain. */
export class LogNearZero extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.log();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.div(input);
  }

  static sampleInputs() {
    return [tensor([1e-7, 3e-7, 2])];
  }
}

/** The same from the output. */
export class LogByOutput extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.log();
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return gradOutput.mul(output.neg().exp());
  }

  static sampleInputs() {
    return [tensor([1e-7, 3e-7])];
  }
}

/** √x at 1e-9, from the output. */
export class SqrtNearZero extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.sqrt();
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return gradOutput.div(output.mul(2));
  }

  static sampleInputs() {
    return [tensor([1e-9, 4e-9])];
  }
}

/** The same as a power of the input. */
export class SqrtAsPower extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.pow(0.5);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return input.pow(-0.5).mul(0.5).mul(gradOutput);
  }

  static sampleInputs() {
    return [tensor([1e-9, 1])];
  }
}

/** 1 / x at ±1e-4, next to the pole, from the output. */
export class ReciprocalNearPole extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.reciprocal();
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return gradOutput.mul(output).mul(output).neg();
  }

  static sampleInputs() {
    return [tensor([1e-4, -1e-4])];
  }
}

/** The same from the input. */
export class ReciprocalByInput extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return ones(input.shape).div(input);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.neg().div(input.square());
  }

  static sampleInputs() {
    return [tensor([1e-4, -2e-4, 5])];
  }
}

/** exp(30 x): higher derivatives grow by 30 each, values span 26 orders of magnitude. */
export class SteepExp extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.mul(30).exp();
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return gradOutput.mul(output).mul(30);
  }

  static sampleInputs() {
    return [tensor([1, -1, 0.3])];
  }
}

/** sin(1e4 x): a whole wave within a step of 6e-4. */
export class FastSine extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.mul(1e4).sin();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return input.mul(1e4).cos().mul(1e4).mul(gradOutput);
  }

  static sampleInputs() {
    return [tensor([0.7, -1.3, 2])];
  }
}

/** acos at 0.9999999, −1 / √(1 − x²). */
export class AcosNearOne extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.acos();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.neg().div(input.square().neg().add(1).sqrt());
  }

  static sampleInputs() {
    return [tensor([0.9999999, -0.9999999])];
  }
}

/** The same without cancellation, −1 / √((1 − x)(1 + x)). */
export class AcosByFactors extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.acos();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return input.neg().add(1).mul(input.add(1)).rsqrt().mul(gradOutput).neg();
  }

  static sampleInputs() {
    return [tensor([0.9999999, 0.5])];
  }
}

/** Symmetric, with eigenvalues 1, 1 and 1e-8. */
function illConditioned(): Tensor {
  const v = tensor([[2], [-1], [2]]).div(3);
  const rest = v.matmul(v.mT).mul(1 - 1e-8);
  return tensor([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]).sub(rest);
}

/** log |det A| at condition 1e8 by LU and the inverse. */
export class LogdetIllConditioned extends Function {
  static forward(ctx: Context, A: Tensor) {
    ctx.saveForBackward(A);
    return linalg.slogdet(A).logabsdet;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    return linalg.inv(A).mT.mul(gradOutput);
  }

  static sampleInputs() {
    return [illConditioned()];
  }
}

/** The same of the symmetric part, by Cholesky. */
export class LogdetByCholesky extends Function {
  static forward(ctx: Context, A: Tensor) {
    const L = linalg.cholesky(A.add(A.mT).div(2));
    ctx.saveForBackward(L);
    return L.diagonal().log().sum().mul(2);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [L] = ctx.savedTensors;
    return choleskyInverse(L).mul(gradOutput);
  }

  static sampleInputs() {
    return [illConditioned()];
  }
}

/** ‖x‖ close to 0, where its curvature is 1 / ‖x‖. */
export class NormNearZero extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.square().sum().sqrt();
    ctx.saveForBackward(input, output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    return input.mul(gradOutput.div(output));
  }

  static sampleInputs() {
    return [[tensor([3e-8, -4e-8])], [tensor([1e-6, 0, 2e-6])]];
  }
}

/** The same scaled by the largest entry, so that no square underflows. */
export class ScaledNormNearZero extends Function {
  static forward(ctx: Context, input: Tensor) {
    const largest = input.abs().max();
    const output = input.div(largest).square().sum().sqrt().mul(largest);
    ctx.saveForBackward(input, output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, output] = ctx.savedTensors;
    return gradOutput.mul(input.div(output));
  }

  static sampleInputs() {
    return [tensor([3e-8, -4e-8, 1e-8])];
  }
}

/** log(1 + eˣ) at 40, as written in books. */
export class NaiveSoftplus extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.exp().add(1).log();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const e = input.exp();
    return gradOutput.mul(e.div(e.add(1)));
  }

  static sampleInputs() {
    return [tensor([40, -40, 0.5])];
  }
}

/** max(x, 0) + log(1 + e^−|x|) at 40. */
export class StableSoftplus extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.relu().add(input.abs().neg().exp().log1p());
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return input.sigmoid().mul(gradOutput);
  }

  static sampleInputs() {
    return [tensor([40, -40, 0.5])];
  }
}

/** x itself above 20, as in torch. */
export class SoftplusWithThreshold extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return where(input.gt(20), input, input.clamp(null, 20).exp().log1p());
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return where(input.gt(20), gradOutput, gradOutput.mul(input.sigmoid()));
  }

  static sampleInputs() {
    return [tensor([40, 2])];
  }
}

/** 1 / (1 + e^−x) at 30 with y (1 − y), which has three digits left there; what is lost is 1e-16 of the output. */
export class NaiveSigmoid extends Function {
  static forward(ctx: Context, input: Tensor) {
    const output = input.neg().exp().add(1).reciprocal();
    ctx.saveForBackward(output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    return gradOutput.mul(output).mul(output.neg().add(1));
  }

  static sampleInputs() {
    return [tensor([30, -30])];
  }
}

/** The same by cases of the sign, with σ(x) σ(−x), exact in all its digits. */
export class StableSigmoid extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    const e = input.abs().neg().exp();
    return where(input.ge(0), 1, e).div(e.add(1));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const e = input.abs().neg().exp();
    return gradOutput.mul(e).div(e.add(1).square());
  }

  static sampleInputs() {
    return [tensor([30, -30, 1])];
  }
}
