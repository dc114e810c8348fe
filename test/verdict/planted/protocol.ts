/** @file Rules that do not return what autograd expects. */

import { type Context, Function, type Tensor, tensor } from "@gradient-lens/engine";

class Product extends Function {
  static forward(ctx: Context, x: Tensor, y: Tensor) {
    ctx.saveForBackward(x, y);
    return x.mul(y);
  }
}

/**
 * grad-count: one gradient for two inputs.
 * @cause gradients-too-few
 * @edit `return g.mul(ctx.savedTensors[1])` → `return [g.mul(ctx.savedTensors[1]), g.mul(ctx.savedTensors[0])]`
 */
export class TooFew extends Product {
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[1]);
  }
}

/**
 * grad-count: three gradients for two inputs.
 * @cause gradients-too-many
 * @edit `, g]` → `]`
 */
export class TooMany extends Product {
  static backward(ctx: Context, g: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [g.mul(y), g.mul(x), g];
  }
}

/**
 * missing-grad: nothing is returned.
 * @cause return-missing
 */
export class NoReturn extends Product {
  static backward(ctx: Context, g: Tensor) {
    const [x, y] = ctx.savedTensors;
    [g.mul(y), g.mul(x)].map(t => t.neg());
  }
}

/**
 * missing-grad: null for an input that the output depends on.
 * @cause gradient-null
 * @edit `null` → `g.mul(ctx.savedTensors[0])`
 */
export class Null extends Product {
  static backward(ctx: Context, g: Tensor) {
    return [g.mul(ctx.savedTensors[1]), null];
  }
}

/**
 * grad-shape: a scalar's gradient is not spread over its input.
 * @cause not-spread
 * @edit `.savedTensors[0].sum()` → `.savedTensors[0]`
 */
export class Flat extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square().sum();
  }
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[0].sum()).mul(2);
  }
}

/** grad-shape: the gradient of the bias is right once the engine has summed it, which is a hint. */
export class Bias extends Function {
  static forward(_ctx: Context, x: Tensor, bias: Tensor) {
    if (x.ndim !== 2 || bias.ndim !== 1) throw new RangeError("expected x: (n, m), bias: (m,)");
    return x.add(bias);
  }
  static backward(_ctx: Context, g: Tensor) {
    return [g, g];
  }
}

/**
 * backward-throws: a name that is not there.
 * @cause not-saved
 */
export class Throws extends Product {
  static backward(ctx: Context, g: Tensor) {
    const [, , z] = ctx.savedTensors;
    return [g.mul(z), g.mul(z)];
  }
}

/**
 * backward-throws: the other gradient is computed only where both are asked for.
 * @cause needs-input-grad
 * @edit `gx!.div(y).mul(x)` → `g.mul(x)`
 */
export class NeedsBoth extends Product {
  static backward(ctx: Context, g: Tensor) {
    const [x, y] = ctx.savedTensors;
    const gx = ctx.needsInputGrad[0] ? g.mul(y) : null;
    return [gx, gx!.div(y).mul(x)];
  }
}

/**
 * wrong-vjp: the two gradients are in the wrong order.
 * @cause wrong-order
 * @edit `[g.mul(x), g.mul(y)]` → `[g.mul(y), g.mul(x)]`
 */
export class Swapped extends Product {
  static backward(ctx: Context, g: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [g.mul(x), g.mul(y)];
  }
}

/**
 * wrong-jvp: one term of the product rule is missing.
 * @cause term-missing
 * @edit `dx.mul(ctx.savedTensors[1])` → `dx.mul(ctx.savedTensors[1]).add(_dy.mul(ctx.savedTensors[0]))`
 */
export class HalfJvp extends Product {
  static backward(ctx: Context, g: Tensor) {
    const [x, y] = ctx.savedTensors;
    return [g.mul(y), g.mul(x)];
  }
  static jvp(ctx: Context, dx: Tensor, _dy: Tensor) {
    return dx.mul(ctx.savedTensors[1]);
  }
}

/**
 * wrong-jvp: there is no backward, and the derivative that there is is wrong.
 * @cause wrong-sign
 * @edit `.sub(` → `.add(`
 */
export class OnlyJvp extends Product {
  static jvp(ctx: Context, dx: Tensor, dy: Tensor) {
    const [x, y] = ctx.savedTensors;
    return dx.mul(y).sub(dy.mul(x));
  }
}

/** forward-throws: nothing can be tried. */
export class Unfinished extends Function {
  static forward(_ctx: Context, _x: Tensor): Tensor {
    throw new Error("to do");
  }
  static backward(_ctx: Context, g: Tensor) {
    return g;
  }
}

/** not-differentiable: it jumps everywhere, and its tape is cut. */
export class Noise extends Function {
  static forward(_ctx: Context, x: Tensor) {
    const values = x.reshape(-1).tolist() as number[];
    return tensor(values.map(value => Math.sin(value * 1e15))).reshape(x.shape);
  }
  static backward(_ctx: Context, g: Tensor) {
    return g;
  }
}
