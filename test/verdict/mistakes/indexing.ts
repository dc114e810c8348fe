/** @file Mistakes with elements that are taken from places and put to places. */

import { type Context, Function, type Tensor, zeros, zerosLike } from "@gradient-lens/engine";

/**
 * A row that is looked up twice gets the last gradient only.
 * @cause overwritten
 * @edit `indexCopy` → `indexAdd`
 */
export class EmbeddingOverwritten extends Function {
  static forward(ctx: Context, indices: Tensor, table: Tensor) {
    if (indices.ndim !== 1 || table.ndim !== 2) throw new RangeError("expected indices: (n,), table: (v, d)");
    ctx.saveForBackward(indices, table);
    return table.indexSelect(0, indices);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [indices, table] = ctx.savedTensors;
    return [null, zerosLike(table).indexCopy(0, indices, gradOutput)];
  }
}

/**
 * @cause overwritten
 * @edit `scatter(1, index, gradOutput)` → `scatterAdd(1, index, gradOutput)`
 */
export class GatherOverwritten extends Function {
  static forward(ctx: Context, x: Tensor, index: Tensor) {
    if (x.ndim !== 2 || index.ndim !== 2) throw new RangeError("expected x: (n, m), index: (n, k)");
    ctx.saveForBackward(x, index);
    return x.gather(1, index);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, index] = ctx.savedTensors;
    return [zeros(x.shape).scatter(1, index, gradOutput), null];
  }
}

/**
 * The gradient of a maximum goes to all entries of the row.
 * @cause factor-missing
 * @edit `gradOutput.unsqueeze(1).expandAs(x)` → `gradOutput.unsqueeze(1).expandAs(x).mul(x.eq(x.amax(1, true)))`
 */
export class MaximumEverywhere extends Function {
  static forward(ctx: Context, x: Tensor) {
    if (x.ndim !== 2) throw new RangeError("expected x: (n, m)");
    ctx.saveForBackward(x);
    return x.amax(1);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.unsqueeze(1).expandAs(x);
  }
}

/**
 * Reversed where it was reversed: once more is right, not at all is wrong.
 * @cause flip-missing
 * @edit `gradOutput.cumsum(-1)` → `gradOutput.flip(-1).cumsum(-1).flip(-1)`
 */
export class CumulativeSumForward extends Function {
  static forward(_ctx: Context, x: Tensor) {
    return x.cumsum(-1);
  }
  static backward(_ctx: Context, gradOutput: Tensor) {
    return gradOutput.cumsum(-1);
  }
}

/**
 * The elements are rolled on instead of back.
 * @cause wrong-direction
 * @edit `gradOutput.roll(1, 0)` → `gradOutput.roll(-1, 0)`
 */
export class RolledOn extends Function {
  static forward(_ctx: Context, x: Tensor) {
    if (x.ndim !== 1) throw new RangeError("expected x: (n,)");
    return x.roll(1, 0).mul(2);
  }
  static backward(_ctx: Context, gradOutput: Tensor) {
    return gradOutput.roll(1, 0).mul(2);
  }
}

/**
 * The mask is that of what is left out.
 * @cause wrong-condition
 * @edit `gradOutput.mul(mask)` → `gradOutput.mul(mask.logicalNot())`
 */
export class MaskInverted extends Function {
  static forward(ctx: Context, x: Tensor) {
    const mask = x.lt(0);
    ctx.saveForBackward(x, mask);
    return x.square().maskedFill(mask, 0);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, mask] = ctx.savedTensors;
    return gradOutput.mul(mask).mul(x).mul(2);
  }
}
