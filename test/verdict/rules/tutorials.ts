/** @file Rules from PyTorch's own tutorials on custom Functions, retold. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

/** exp, which saves its output (docs.pytorch.org, torch.autograd.Function). */
export class Exp extends Function {
  static forward(ctx: Context, input: Tensor) {
    const result = input.exp();
    ctx.saveForBackward(result);
    return result;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [result] = ctx.savedTensors;
    return gradOutput.mul(result);
  }
}

/** ReLU with a masked copy of gradOutput (J. Johnson's "PyTorch with examples"). */
export class ReLU extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.clamp({ min: 0 });
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    const gradInput = gradOutput.clone();
    gradInput.maskedFill_(input.lt(0), 0);
    return gradInput;
  }
}

/** P₃(x) = (5x³ − 3x) / 2 ("PyTorch: defining new autograd functions"). */
export class LegendrePolynomial3 extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.pow(3).mul(5).sub(input.mul(3)).mul(0.5);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(1.5).mul(input.square().mul(5).sub(1));
  }
}

/** x², which saves its input ("Double backward with custom functions"). */
export class Square extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(2);
  }

  static backward(ctx: Context, gradOut: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOut.mul(2).mul(x);
  }
}

/** x³ that also returns 3x², so that a second derivative may flow through it ("Extending torch.func"). */
export class Cube extends Function {
  static forward(x: Tensor) {
    return [x.pow(3), x.square().mul(3)] as const;
  }

  static setupContext(ctx: Context, [x]: readonly [Tensor], [, derivative]: readonly [Tensor, Tensor]) {
    ctx.saveForBackward(x, derivative);
  }

  static backward(ctx: Context, gradOutput: Tensor, gradDerivative: Tensor) {
    const [x, derivative] = ctx.savedTensors;
    return gradOutput.mul(derivative).add(gradDerivative.mul(6).mul(x));
  }
}

/** sinh with its two exponentials as further outputs ("Double backward with custom functions"). */
export class Sinh extends Function {
  static forward(ctx: Context, x: Tensor) {
    const expx = x.exp();
    const expnegx = x.neg().exp();
    ctx.saveForBackward(expx, expnegx);
    return [expx.sub(expnegx).div(2), expx, expnegx] as const;
  }

  static backward(ctx: Context, gradOut: Tensor, gradExp: Tensor, gradNegexp: Tensor) {
    const [expx, expnegx] = ctx.savedTensors;
    return gradOut.mul(expx.add(expnegx).div(2)).add(gradExp.mul(expx)).sub(gradNegexp.mul(expnegx));
  }
}

/** Multiplies by a number; a gradOutput that nobody computed stays null ("Extending PyTorch"). */
export class MultiplyByConstant extends Function {
  static forward(ctx: Context<{ constant: number }>, tensor: Tensor, constant: number) {
    ctx.setMaterializeGrads(false);
    ctx.constant = constant;
    return tensor.mul(constant);
  }

  static backward(ctx: Context<{ constant: number }>, gradOutput: Tensor | null) {
    if (gradOutput === null) return [null, null];
    return [gradOutput.mul(ctx.constant), null];
  }
}
