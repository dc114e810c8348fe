/** @file Inverse hyperbolic functions, the logarithm of the normal distribution, smooth magnitudes. */

import { type Context, Function, special, type Tensor } from "@gradient-lens/engine";

/** log(x + √(x² − 1)), for x > 1 (HGCN's Arcosh). */
export class Arcosh extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.add(x.square().sub(1).sqrt()).log();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.div(input.square().sub(1).sqrt());
  }
}

/** (log(1 + x) − log(1 − x)) / 2, for −1 < x < 1 (geoopt's and HGCN's Artanh). */
export class Artanh extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.log1p().sub(x.neg().log1p()).mul(0.5);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.div(input.square().rsub(1));
  }
}

/** log Φ(x); its slope φ(x) / Φ(x) from the saved output, which does not underflow (GPyTorch's LogNormalCDF). */
export class LogNormalCDF extends Function {
  static forward(ctx: Context, z: Tensor) {
    const logPhi = special.logNdtr(z);
    ctx.saveForBackward(z, logPhi);
    return logPhi;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [z, logPhi] = ctx.savedTensors;
    const logDensity = z
      .square()
      .div(-2)
      .sub(0.5 * Math.log(2 * Math.PI));
    return logDensity.sub(logPhi).exp().mul(gradOutput);
  }
}

/** √(x² + y² + b²) − b, which saves both slopes (pytorch_wavelets' SmoothMagFn). */
export class SmoothMagnitude extends Function {
  static forward(ctx: Context, x: Tensor, y: Tensor, b: number) {
    if (x.shape.join() !== y.shape.join()) {
      throw new Error(`SmoothMagnitude expected x and y of one shape, got (${x.shape}) and (${y.shape})`);
    }
    const r = x
      .square()
      .add(y.square())
      .add(b * b)
      .sqrt();
    ctx.saveForBackward(x.div(r), y.div(r));
    return r.sub(b);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [dx, dy] = ctx.savedTensors;
    return [gradOutput.mul(dx), gradOutput.mul(dy), null];
  }
}

/** The modulus of numbers stored as (real, imaginary) in the last dimension; 0 has gradient 0 (Kymatio's ModulusStable). */
export class ModulusStable extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim === 0 || x.size(-1) !== 2) {
      throw new Error(
        `ModulusStable expected a last dimension of size 2 (real, imaginary), got (${x.shape})`,
      );
    }
    const output = x.square().sum(-1).sqrt();
    ctx.saveForBackward(x, output);
    return output;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, output] = ctx.savedTensors;
    const r = output.unsqueeze(-1);
    return x.mul(gradOutput.unsqueeze(-1)).div(r).maskedFill(r.eq(0), 0);
  }
}

/** log cosh x, without overflow; saves tanh x, an intermediate. */
export class LogCosh extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x.tanh());
    const size = x.abs();
    return size.add(size.mul(-2).exp().log1p()).sub(Math.LN2);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    return gradOutput.mul(ctx.savedTensors[0]);
  }
}
