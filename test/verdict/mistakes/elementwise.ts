/** @file Mistakes with functions of each entry alone. */

import { type Context, Function, type Tensor, zerosLike } from "@gradient-lens/engine";

/**
 * The input is saved, and taken for the output.
 * @cause input-for-output
 * @edit `ctx.saveForBackward(x)` → `ctx.saveForBackward(y)`
 */
export class SigmoidAtInput extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.sigmoid();
    ctx.saveForBackward(x);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.mul(y).mul(y.neg().add(1));
  }
}

/**
 * 1 − x² for 1 − tanh² x.
 * @cause input-for-output
 * @edit `input.square()` → `input.tanh().square()`
 */
export class TanhAtInput extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.tanh();
  }
  static backward(ctx: Context, grad: Tensor) {
    const [input] = ctx.savedTensors;
    return grad.mul(input.square().neg().add(1));
  }
}

/**
 * σ of what came out, not of what went in.
 * @cause output-for-input
 * @edit `ctx.saveForBackward(output)` → `ctx.saveForBackward(x)`
 */
export class SoftplusAtOutput extends Function {
  static forward(ctx: Context, x: Tensor) {
    const output = x.exp().add(1).log();
    ctx.saveForBackward(output);
    return output;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.sigmoid());
  }
}

/**
 * sin is differentiated at what came out.
 * @cause output-for-input
 */
export class SineAtOutput extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.y = x.sin();
    return ctx.y;
  }
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.y.cos());
  }
}

/**
 * The chain rule is forgotten.
 * @cause grad-output-missing
 * @edit `input.mul(2)` → `input.mul(2).mul(gradOutput)`
 */
export class SquareAlone extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.square();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return input.mul(2);
  }
}

/**
 * @cause grad-output-missing
 * @edit `y.mul(y.neg().add(1))` → `y.mul(y.neg().add(1)).mul(g)`
 */
export class SigmoidAlone extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.sigmoid();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, g: Tensor) {
    const [y] = ctx.savedTensors;
    return y.mul(y.neg().add(1));
  }
}

/**
 * The inner derivative of exp(−x²) is forgotten.
 * @cause factor-missing
 */
export class GaussianInner extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.square().neg().exp();
    ctx.saveForBackward(x, y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [, y] = ctx.savedTensors;
    return gradOutput.mul(y);
  }
}

/**
 * The inner derivative of sin(x³) is forgotten.
 * @cause factor-missing
 */
export class SineOfCube extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(3).sin();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.pow(3).cos());
  }
}

/**
 * Of the product rule for x σ(x) one half is there.
 * @cause term-missing
 */
export class SwishHalf extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x.sigmoid());
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const s = x.sigmoid();
    return gradOutput.mul(x.mul(s).mul(s.neg().add(1)));
  }
}

/**
 * 3x for 3x².
 * @cause wrong-exponent
 * @edit `x.mul(3)` → `x.square().mul(3)`
 */
export class CubeExponent extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.mul(3));
  }
}

/**
 * −1/x for −1/x².
 * @cause wrong-exponent
 * @edit `gradOutput.div(x).neg()` → `gradOutput.div(x.square()).neg()`
 */
export class ReciprocalExponent extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.reciprocal();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.div(x).neg();
  }
}

/**
 * The 2 of 2√x is forgotten.
 * @cause wrong-factor
 * @edit `gradOutput.div(y)` → `gradOutput.div(y.mul(2))`
 */
export class RootFactor extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.sqrt();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.div(y);
  }
}

/**
 * The gradients are returned in the order of their terms, not of the arguments.
 * @cause wrong-order
 * @edit `[gradOutput.mul(x), gradOutput.mul(y)]` → `[gradOutput.mul(y), gradOutput.mul(x)]`
 */
export class ProductOrder extends Function {
  static forward(ctx: Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return x.mul(y);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [gradOutput.mul(x), gradOutput.mul(y)];
  }
}

/**
 * @cause wrong-order
 * @edit `[gradDenominator, gradNumerator]` → `[gradNumerator, gradDenominator]`
 */
export class QuotientOrder extends Function {
  static forward(ctx: Context, numerator: Tensor, denominator: Tensor) {
    ctx.saveForBackward(numerator, denominator);
    return numerator.div(denominator);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [numerator, denominator] = ctx.savedTensors;
    const gradNumerator = gradOutput.div(denominator);
    const gradDenominator = gradOutput.mul(numerator).div(denominator.square()).neg();
    return [gradDenominator, gradNumerator];
  }
}

/**
 * @cause wrong-sign
 * @edit `[gradOutput, gradOutput]` → `[gradOutput, gradOutput.neg()]`
 */
export class DifferenceSign extends Function {
  static forward(_ctx: Context, a: Tensor, b: Tensor) {
    return a.sub(b);
  }
  static backward(_ctx: Context, gradOutput: Tensor) {
    return [gradOutput, gradOutput];
  }
}

/**
 * cos has the derivative −sin.
 * @cause wrong-sign
 * @edit `x.sin()` → `x.sin().neg()`
 */
export class CosineSign extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.cos();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.sin());
  }
}

/**
 * The quotient is divided by its numerator.
 * @cause wrong-operand
 * @edit `gradOutput.div(a)` → `gradOutput.div(b)`
 */
export class QuotientOperand extends Function {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    ctx.saveForBackward(a, b);
    return a.div(b);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [a, b] = ctx.savedTensors;
    const gradB = gradOutput.mul(a).div(b.square()).neg();
    return [gradOutput.div(a), gradB];
  }
}

/**
 * The saved tensors are unpacked in the wrong order.
 * @cause wrong-operand
 * @edit `const [y, x] = ctx.savedTensors` → `const [x, y] = ctx.savedTensors`
 */
export class PowerUnpacked extends Function {
  static forward(ctx: Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return x.square().mul(y.exp());
  }
  static backward(ctx: Context, g: Tensor) {
    const [y, x] = ctx.savedTensors;
    return [g.mul(x).mul(2).mul(y.exp()), g.mul(x.square()).mul(y.exp())];
  }
}

/**
 * Only positive gradients pass, whatever the input is.
 * @cause grad-output-distorted
 */
export class ReluOfGradient extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x.tanh());
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    const t = x.tanh();
    return g.relu().mul(t.add(x.mul(t.square().neg().add(1))));
  }
}

/**
 * Gradients are clipped here, where the optimizer should do it.
 * @cause grad-output-distorted
 * @edit `gradOutput.clamp(-1, 1)` → `gradOutput`
 */
export class ExpClipped extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.clamp(-1, 1).mul(y);
  }
}

/**
 * The saved output is changed in place: a second backward is wrong.
 * @cause saved-modified
 * @edit `y.mul_(y)` → `y.mul(y)`
 */
export class TanhInPlace extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.tanh();
    ctx.saveForBackward(y);
    return y.clone();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.mul(y.mul_(y).neg().add(1));
  }
}

/**
 * @cause saved-modified
 * @edit `s.sub_(1)` → `s.sub(1)`
 */
export class LogisticInPlace extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.s = x.sigmoid();
    return x.exp().add(1).log();
  }
  static backward(ctx: Context, g: Tensor) {
    const s = ctx.s;
    return g.mul(s.sub_(1).add(1));
  }
}

/**
 * @cause grad-output-modified
 * @edit `gradOutput.mul_(y)` → `gradOutput.mul(y)`
 */
export class ExpInPlace extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.mul_(y);
  }
}

/**
 * A gradient for the second factor is due as well.
 * @cause gradient-null
 */
export class ScaleNull extends Function {
  static forward(ctx: Context, x: Tensor, scale: Tensor) {
    ctx.saveForBackward(x, scale);
    return x.mul(scale);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [, scale] = ctx.savedTensors;
    return [gradOutput.mul(scale), null];
  }
}

/**
 * @cause gradient-zero
 */
export class AbsZero extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.abs();
  }
  static backward(ctx: Context, _gradOutput: Tensor) {
    return zerosLike(ctx.savedTensors[0]);
  }
}

/**
 * The slope is applied where x is positive.
 * @cause wrong-condition
 * @edit `x.gt(0)` → `x.le(0)`
 */
export class LeakySide extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.clampMin(0).add(x.clampMax(0).mul(0.1));
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    return g.where(x.gt(0).logicalNot(), g.mul(0.1)).mul(1);
  }
}
