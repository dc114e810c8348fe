/** @file Rules that do not multiply by gradOutput as they should: one-hot seeds of 1 see none of them. */

import { type Context, Function, onesLike, type Tensor } from "@gradient-lens/engine";

class Cube extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
}

const slope = (ctx: Context): Tensor => ctx.savedTensors[0].square().mul(3);

/**
 * not-linear: |g|.
 * @cause grad-output-distorted
 * @edit `.abs()` → ``
 */
export class Absolute extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.abs().mul(slope(ctx));
  }
}

/**
 * not-linear: negative gradients are dropped.
 * @cause grad-output-distorted
 * @edit `.relu()` → ``
 */
export class Rectified extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.relu().mul(slope(ctx));
  }
}

/**
 * not-linear: large gradients are clipped.
 * @cause grad-output-distorted
 * @edit `.clamp(-1, 1)` → ``
 */
export class Clipped extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.clamp(-1, 1).mul(slope(ctx));
  }
}

/**
 * not-linear: clipped only where nobody looks.
 * @cause grad-output-distorted
 * @edit `.clamp(-100, 100)` → ``
 */
export class ClippedFarOut extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.clamp(-100, 100).mul(slope(ctx));
  }
}

/**
 * not-linear: g².
 * @cause grad-output-distorted
 * @edit `.square()` → ``
 */
export class Squared extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.square().mul(slope(ctx));
  }
}

/**
 * not-linear: a constant beside the product.
 * @cause constant-added
 * @edit `.add(1e-6)` → ``
 */
export class Affine extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.mul(slope(ctx)).add(1e-6);
  }
}

/**
 * ignores-grad-output: the derivative alone.
 * @cause grad-output-missing
 * @edit `slope(ctx)` → `slope(ctx).mul(_g)`
 */
export class Constant extends Cube {
  static backward(ctx: Context, _g: Tensor) {
    return slope(ctx);
  }
}

/**
 * ignores-grad-output: ones in the place of g.
 * @cause grad-output-missing
 * @edit `onesLike(g)` → `g`
 */
export class Ones extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return onesLike(g).mul(slope(ctx));
  }
}

/**
 * wrong-vjp: the gradients of all entries are added up first.
 * @cause grad-output-reduced
 * @edit `.sum()` → ``
 */
export class Summed extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.sum().mul(slope(ctx));
  }
}

/**
 * wrong-vjp: a factor 1.00001.
 * @cause wrong-factor
 * @edit `.mul(1.00001)` → ``
 */
export class Rounded extends Cube {
  static backward(ctx: Context, g: Tensor) {
    return g.mul(slope(ctx)).mul(1.00001);
  }
}
