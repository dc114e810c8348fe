/** @file GELU in its forms, and gated linear units. */

import { type Context, cat, Function, onceDifferentiable, type Tensor } from "@gradient-lens/engine";

const SQRT_HALF = Math.SQRT1_2;
const NORMAL_DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

function normalCdf(x: Tensor): Tensor {
  return x.mul(SQRT_HALF).erf().add(1).div(2);
}

/** x Φ(x) (Hendrycks & Gimpel 2016). */
export class GELU extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(normalCdf(x));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const density = x.square().div(-2).exp().mul(NORMAL_DENSITY_AT_0);
    return gradOutput.mul(normalCdf(x).add(x.mul(density)));
  }
}

function tanhOf(x: Tensor): Tensor {
  return x.add(x.pow(3).mul(CUBIC)).mul(SQRT_2_OVER_PI).tanh();
}

function geluTanhSlope(x: Tensor): Tensor {
  const t = tanhOf(x);
  const inner = x
    .square()
    .mul(3 * CUBIC)
    .add(1)
    .mul(SQRT_2_OVER_PI);
  return t
    .add(1)
    .mul(0.5)
    .add(x.mul(0.5).mul(t.square().rsub(1)).mul(inner));
}

/** The tanh approximation of GELU (BERT's and GPT-2's). */
export class GELUTanh extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(0.5).mul(tanhOf(x).add(1));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(geluTanhSlope(x));
  }
}

/** GELU of input + bias. The bias gets the input's gradient, which the engine sums to its shape (Megatron-LM's GeLUFunction). */
export class BiasGELU extends Function {
  static forward(ctx: Context, input: Tensor, bias: Tensor) {
    ctx.saveForBackward(input, bias);
    const x = bias.add(input);
    return x.mul(0.5).mul(tanhOf(x).add(1));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, bias] = ctx.savedTensors;
    const grad = geluTanhSlope(bias.add(input)).mul(gradOutput);
    return [grad, grad];
  }
}

function halves(y: Tensor): [Tensor, Tensor] {
  const size = y.shape.at(-1) ?? 0;
  if (size % 2 === 1 || size === 0) {
    throw new Error(`expected an even number of features in the last dimension, got shape (${y.shape})`);
  }
  const [gate, value] = y.chunk(2, -1);
  return [gate!, value!];
}

function swiglu(y: Tensor): Tensor {
  const [gate, value] = halves(y);
  return gate.mul(gate.sigmoid()).mul(value);
}

function swigluBack(g: Tensor, y: Tensor): Tensor {
  const [gate, value] = halves(y);
  const s = gate.sigmoid();
  const silu = gate.mul(s);
  return cat([g.mul(s.add(silu.mul(s.rsub(1)))).mul(value), g.mul(silu)], -1);
}

/** silu(first half) · second half (Megatron-LM's SwiGLUFunction, after Shazeer 2020). */
export class SwiGLU extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return swiglu(input);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    return swigluBack(gradOutput, ctx.savedTensors[0]);
  }
}

/** SwiGLU of input + bias (Megatron-LM's BiasSwiGLUFunction). */
export class BiasSwiGLU extends Function {
  static forward(ctx: Context, input: Tensor, bias: Tensor) {
    ctx.saveForBackward(input, bias);
    return swiglu(input.add(bias));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, bias] = ctx.savedTensors;
    const grad = swigluBack(gradOutput, input.add(bias));
    return [grad.sumToSize(input.shape), grad.sumToSize(bias.shape)];
  }
}

/** silu(a) · b for two tensors of one shape (Liger-Kernel's SiLUMul). */
export class SiLUMul extends Function {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    if (`${a.shape}` !== `${b.shape}`) {
      throw new Error(`SiLUMul expected equal shapes, got (${a.shape}) and (${b.shape})`);
    }
    const sigmoid = a.sigmoid();
    ctx.saveForBackward(a, b, sigmoid);
    return a.mul(sigmoid).mul(b);
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [a, b, sigmoid] = ctx.savedTensors;
    const silu = a.mul(sigmoid);
    return [gradOutput.mul(b).mul(sigmoid.add(silu.mul(sigmoid.rsub(1)))), gradOutput.mul(silu)];
  });
}
