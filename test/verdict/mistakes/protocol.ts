/** @file Mistakes with what autograd expects of a backward. */

import { type Context, Function, randn, type Tensor } from "@gradient-lens/engine";

/**
 * The number needs its null.
 * @cause gradients-too-few
 * @edit `return gradOutput.mul(ctx.scale)` → `return [gradOutput.mul(ctx.scale), null]`
 */
export class ScaledTooFew extends Function {
  static forward(ctx: Context, x: Tensor, scale: number) {
    ctx.scale = scale;
    return x.mul(scale);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    return gradOutput.mul(ctx.scale);
  }
}

/**
 * A null for ctx.
 * @cause gradients-too-many
 * @edit `[null, gradOutput.mul(y), gradOutput.mul(x)]` → `[gradOutput.mul(y), gradOutput.mul(x)]`
 */
export class NullForContext extends Function {
  static forward(ctx: Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return x.mul(y);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [null, gradOutput.mul(y), gradOutput.mul(x)];
  }
}

/**
 * @cause return-missing
 */
export class Unreturned extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    const grad = gradOutput.mul(x).mul(2);
    void grad;
  }
}

/**
 * The mask of dropout is drawn anew in backward.
 * @cause random-in-backward
 */
export class DropoutAnew extends Function {
  static forward(ctx: Context, x: Tensor, keep: Tensor) {
    if (keep.shape.join() !== x.shape.join()) throw new RangeError("expected keep of x's shape");
    ctx.saveForBackward(x, keep);
    return x.mul(keep.sigmoid());
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, keep] = ctx.savedTensors;
    const noise = randn(x.shape).mul(1e-3);
    const s = keep.sigmoid();
    return [gradOutput.mul(s.add(noise)), gradOutput.mul(x).mul(s).mul(s.neg().add(1))];
  }
}

let lastInput: Tensor;

/**
 * What was saved in a variable of the module is the last call's.
 * @cause state-shared
 */
export class SavedInModule extends Function {
  static forward(_ctx: Context, x: Tensor) {
    lastInput = x;
    return x.square();
  }
  static backward(_ctx: Context, gradOutput: Tensor) {
    return gradOutput.mul(lastInput).mul(2);
  }
}

/**
 * Forward writes into its argument.
 * @cause input-modified
 * @edit `x.mul_(2)` → `x.mul(2)`
 */
export class DoubledInPlace extends Function {
  static forward(ctx: Context, x: Tensor) {
    const doubled = x.mul_(2);
    ctx.saveForBackward(doubled);
    return doubled.mul(doubled);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [doubled] = ctx.savedTensors;
    return gradOutput.mul(doubled).mul(4);
  }
}

/**
 * The slope, which is the same for all entries, as a number.
 * @cause not-a-tensor
 */
export class SlopeAsNumber extends Function {
  static forward(_ctx: Context, x: Tensor) {
    return x.mul(3).sum();
  }
  static backward(_ctx: Context, gradOutput: Tensor) {
    return gradOutput.item() * 3;
  }
}

/**
 * The shape that the first caller's tensors had.
 * @cause shapes-disagree
 * @edit `[28, 28]` → `x.shape`
 */
export class FlattenedImage extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.reshape(-1).mul(2);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.reshape([28, 28]).mul(2);
  }
}

/**
 * The output is needed, and was not saved.
 * @cause not-saved
 * @edit `ctx.saveForBackward(x)` → `ctx.saveForBackward(x, y)`
 */
export class OutputNotSaved extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.exp();
    ctx.saveForBackward(x);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, y] = ctx.savedTensors;
    return gradOutput.mul(y);
  }
}

/**
 * The exponent is read, and was not kept.
 * @cause not-saved
 */
export class ExponentNotKept extends Function {
  static forward(ctx: Context, x: Tensor, exponent: number) {
    ctx.saveForBackward(x);
    return x.exp().pow(exponent);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return [gradOutput.mul(x.exp().pow(ctx.exponent)).mul(ctx.exponent), null];
  }
}
