/** @file Rules that touch what is not theirs, or keep what should not be kept. */

import { type Context, Function, randn, type Tensor, zerosLike } from "@gradient-lens/engine";

class Square extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
}

/**
 * input-mutated: forward scales its input.
 * @cause input-modified
 */
export class ForwardScales extends Function {
  static forward(ctx: Context, x: Tensor) {
    x.mul_(2);
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: Context, g: Tensor) {
    return ctx.savedTensors[0].mul(2).mul(g);
  }
}

/**
 * input-mutated: backward doubles what it saved, which is the input.
 * @cause input-modified
 * @edit `mul_` → `mul`
 */
export class BackwardScales extends Square {
  static backward(ctx: Context, g: Tensor) {
    return ctx.savedTensors[0].mul_(2).mul(g);
  }
}

/**
 * input-mutated: backward doubles what forward left for it.
 * @cause saved-modified
 * @edit `mul_` → `mul`
 */
export class SavedScaled extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.twice = x.mul(1);
    return x.mul(x);
  }
  static backward(ctx: Context, g: Tensor) {
    return ctx.twice.mul_(2).mul(g);
  }
}

/**
 * input-mutated: gradOutput is changed in place.
 * @cause grad-output-modified
 * @edit `mul_` → `mul`
 */
export class GradScaled extends Square {
  static backward(ctx: Context, g: Tensor) {
    return g.mul_(ctx.savedTensors[0]).mul(2);
  }
}

/**
 * state-leak: the input is kept on the class.
 * @cause state-shared
 */
export class OnTheClass extends Function {
  static kept: Tensor;
  static forward(_ctx: Context, x: Tensor) {
    OnTheClass.kept = x;
    return x.mul(x);
  }
  static backward(_ctx: Context, g: Tensor) {
    return g.mul(OnTheClass.kept.mul(2));
  }
}

let kept: Tensor;

/**
 * state-leak: the input is kept in the module.
 * @cause state-shared
 */
export class InTheModule extends Function {
  static forward(_ctx: Context, x: Tensor) {
    kept = x;
    return x.mul(x);
  }
  static backward(_ctx: Context, g: Tensor) {
    return g.mul(kept.mul(2));
  }
}

const buffers = new Map<string, Tensor>();

/**
 * state-leak: all calls return the same tensor.
 * @cause buffer-reused
 * @edit `.mul(2))` → `.mul(2)).clone()`
 */
export class OneBuffer extends Square {
  static backward(ctx: Context, g: Tensor) {
    const size = String(g.shape);
    const buffer = buffers.get(size) ?? zerosLike(g);
    buffers.set(size, buffer);
    return buffer.copy_(g.mul(ctx.savedTensors[0]).mul(2));
  }
}

/**
 * nondeterministic: noise on the gradient.
 * @cause random-in-backward
 * @edit `.add(randn(g.shape).mul(1e-9))` → ``
 */
export class Noisy extends Square {
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[0].mul(2)).add(randn(g.shape).mul(1e-9));
  }
}

/** nondeterministic: forward itself draws numbers. */
export class Dropout extends Function {
  static forward(ctx: Context, x: Tensor) {
    const mask = randn(x.shape).gt(0);
    ctx.mask = mask;
    return x.mul(mask);
  }
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.mask);
  }
}

/**
 * wrong-double-backward: what is needed was saved, and is cut off.
 * @cause cut-off
 * @edit `.detach()` → ``
 */
export class Detached extends Square {
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[0].detach().mul(2));
  }
}

/** wrong-double-backward: an intermediate was saved; the gradient is right, and the rule a hint. */
export class Intermediate extends Function {
  static forward(ctx: Context, x: Tensor) {
    const e = x.exp();
    ctx.saveForBackward(e);
    return e.mul(e);
  }
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[0].square().mul(2));
  }
}
