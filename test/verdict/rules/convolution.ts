/** @file Convolutions and pooling. */

import {
  type Context,
  cat,
  Function,
  nn,
  onceDifferentiable,
  type Tensor,
  tensor,
  zerosLike,
} from "@gradient-lens/engine";

const { conv1d, convTranspose1d, fold, unfold } = nn.functional;

/** (N, C, L) with (O, C, K): backward by transposed convolution, and by convolution of inputs with gradients. torch's conv1d_input, conv1d_weight. */
export class Conv1d extends Function {
  static forward(
    ctx: Context<{ stride: number; padding: number }>,
    input: Tensor,
    weight: Tensor,
    { stride = 1, padding = 0 }: { stride?: number; padding?: number } = {},
  ) {
    if (input.ndim !== 3) throw new RangeError(`Conv1d expected (N, C, L), got [${input.shape}].`);
    ctx.saveForBackward(input, weight);
    ctx.stride = stride;
    ctx.padding = padding;
    return conv1d(input, weight, null, stride, padding);
  }

  static backward(ctx: Context<{ stride: number; padding: number }>, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    const { stride, padding } = ctx;
    const reached = (gradOutput.size(2) - 1) * stride - 2 * padding + weight.size(2);
    const gradInput = convTranspose1d(gradOutput, weight, {
      stride,
      padding,
      outputPadding: input.size(2) - reached,
    });
    const gradWeight = conv1d(input.transpose(0, 1), gradOutput.transpose(0, 1), {
      padding,
      dilation: stride,
    }).transpose(0, 1);
    return [gradInput, gradWeight.narrow(2, 0, weight.size(2)), null];
  }
}

/** A bias and windows laid out as columns (im2col): one matrix product. Chellapilla et al. (2006); Caffe. */
export class Conv2d extends Function {
  static forward(ctx: Context<{ columns: Tensor }>, input: Tensor, weight: Tensor, bias: Tensor) {
    if (input.ndim !== 4 || weight.ndim !== 4 || input.size(1) !== weight.size(1)) {
      throw new RangeError(
        `Conv2d expected (N, C, H, W) and (O, C, h, w), got [${input.shape}], [${weight.shape}].`,
      );
    }
    if (bias.ndim !== 1 || bias.size(0) !== weight.size(0)) {
      throw new RangeError(`Conv2d expected a bias of shape [${weight.size(0)}], got [${bias.shape}].`);
    }
    const kernel = weight.shape.slice(2) as [number, number];
    const [rows, cols] = [input.size(2) - kernel[0] + 1, input.size(3) - kernel[1] + 1];
    ctx.columns = unfold(input, kernel);
    ctx.saveForBackward(input, weight);
    const out = weight.flatten(1).matmul(ctx.columns).add(bias.unsqueeze(1));
    return out.reshape([input.size(0), weight.size(0), rows, cols]);
  }

  static backward = onceDifferentiable((ctx: Context<{ columns: Tensor }>, gradOutput: Tensor) => {
    const [input, weight] = ctx.savedTensors;
    const g = gradOutput.flatten(2);
    const gradInput = ctx.needsInputGrad[0]
      ? fold(
          weight.flatten(1).t().matmul(g),
          input.shape.slice(2) as [number, number],
          weight.shape.slice(2) as [number, number],
        )
      : null;
    const gradWeight = g.matmul(ctx.columns.mT).sum(0).reshape(weight.shape);
    return [gradInput, gradWeight, gradOutput.sum([0, 2, 3])];
  });
}

/** Each channel by itself, from the past alone: yₜ = Σₖ wₖ xₜ₋ₖ. Mamba's causal_conv1d. */
export class CausalConv1d extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor) {
    if (input.ndim < 2 || weight.ndim !== 2 || weight.size(0) !== input.size(-2)) {
      throw new RangeError(
        `CausalConv1d expected (…, C, L) and (C, K), got [${input.shape}] and [${weight.shape}].`,
      );
    }
    ctx.saveForBackward(input, weight);
    let output = zerosLike(input);
    for (let k = 0; k < Math.min(weight.size(1), input.size(-1)); k++) {
      output = output.add(delayed(input, k).mul(weight.narrow(1, k, 1)));
    }
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    let gradInput = zerosLike(input);
    const columns: Tensor[] = [];
    for (let k = 0; k < weight.size(1); k++) {
      const reaches = k < input.size(-1);
      if (reaches) gradInput = gradInput.add(advanced(gradOutput, k).mul(weight.narrow(1, k, 1)));
      const overlap = reaches ? delayed(input, k).mul(gradOutput) : zerosLike(input);
      columns.push(overlap.sum(-1, true).sumToSize([weight.size(0), 1]));
    }
    return [gradInput, cat(columns, 1)];
  }
}

/** Moved k places towards the end, zeros in front. */
function delayed(x: Tensor, k: number): Tensor {
  return nn.functional.pad(x.narrow(-1, 0, x.size(-1) - k), [k, 0]);
}

/** Moved k places towards the front, zeros at the end. */
function advanced(x: Tensor, k: number): Tensor {
  return nn.functional.pad(x.narrow(-1, k, x.size(-1) - k), [0, k]);
}

/** Windows of two along the last dimension on plain numbers; an odd last entry is left out. torch's max_pool1d(x, 2). */
export class MaxPool1d extends Function {
  static forward(ctx: Context<{ places: number[]; length: number }>, input: Tensor) {
    if (input.ndim !== 2 || input.size(1) < 2) {
      throw new RangeError(`MaxPool1d expected (C, L) with L of 2 or more, got [${input.shape}].`);
    }
    const rows = input.tolist() as number[][];
    ctx.length = input.size(1);
    ctx.places = [];
    const pooled = rows.map(row => {
      const out: number[] = [];
      for (let i = 0; i + 1 < row.length; i += 2) {
        const place = row[i + 1]! > row[i]! ? i + 1 : i;
        ctx.places.push(place);
        out.push(row[place]!);
      }
      return out;
    });
    return tensor(pooled);
  }

  static backward = onceDifferentiable(
    (ctx: Context<{ places: number[]; length: number }>, gradOutput: Tensor) => {
      let window = 0;
      const grad = (gradOutput.tolist() as number[][]).map(row => {
        const out = new Array<number>(ctx.length).fill(0);
        for (const g of row) out[ctx.places[window++]!]! += g;
        return out;
      });
      return tensor(grad);
    },
  );
}

/** Overlapping square windows; where windows agree on a place, their gradients add up. torch's max_pool2d. */
export class MaxPool2d extends Function {
  static forward(ctx: Context<{ kernel: number; choice: Tensor }>, input: Tensor, kernel = 2) {
    if (input.ndim !== 4) throw new RangeError(`MaxPool2d expected (N, C, H, W), got [${input.shape}].`);
    const windows = input.unfold(2, kernel, 1).unfold(3, kernel, 1).flatten(-2);
    const { values, indices } = windows.max(-1);
    ctx.saveForBackward(input);
    ctx.choice = indices;
    ctx.kernel = kernel;
    return values;
  }

  static backward(ctx: Context<{ kernel: number; choice: Tensor }>, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const [, , rows, cols] = gradOutput.shape as [number, number, number, number];
    let grad = zerosLike(input);
    for (let i = 0; i < ctx.kernel; i++) {
      for (let j = 0; j < ctx.kernel; j++) {
        const chosen = ctx.choice.eq(i * ctx.kernel + j).to(gradOutput.dtype);
        const margins = [j, input.size(3) - cols - j, i, input.size(2) - rows - i];
        grad = grad.add(nn.functional.pad(gradOutput.mul(chosen), margins));
      }
    }
    return [grad, null];
  }
}
