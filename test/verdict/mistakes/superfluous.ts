/** @file Mistakes that do too much: a term, a function, a sum or a transpose that does not belong there. */

import { type Context, Function, linalg, type Tensor, tensor } from "@gradient-lens/engine";

function refuse(...tensors: Tensor[]): void {
  if (tensors.some(t => t.ndim !== 2)) throw new RangeError("expected matrices");
}

/**
 * Written for a residual block, which forward is not.
 * @cause term-superfluous
 * @edit `gradOutput.add(gradOutput.mul(y.square().neg().add(1)))` → `gradOutput.mul(y.square().neg().add(1))`
 */
export class TanhResidual extends Function {
  static forward(ctx: Context, x: Tensor) {
    const y = x.tanh();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [y] = ctx.savedTensors;
    return gradOutput.add(gradOutput.mul(y.square().neg().add(1)));
  }
}

/**
 * The rule of matrix products for a product entry by entry.
 * @cause matrix-product-for-elementwise
 * @edit `gradOutput.matmul(gate)` → `gradOutput.mul(gate)`
 */
export class Gate extends Function {
  static forward(ctx: Context, x: Tensor, gate: Tensor) {
    refuse(x, gate);
    if (x.size(0) !== x.size(1) || String(gate.shape) !== String(x.shape))
      throw new RangeError("expected squares");
    ctx.saveForBackward(x, gate);
    return x.mul(gate);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, gate] = ctx.savedTensors;
    return [gradOutput.matmul(gate), gradOutput.mul(x)];
  }
}

/**
 * The slope is taken for a size.
 * @cause function-superfluous
 * @edit `x.abs()` → `x`
 */
export class SquareOfSize extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.square();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x] = ctx.savedTensors;
    return gradOutput.mul(x.abs()).mul(2);
  }
}

/**
 * Row by row outside of tensors; what flows in is transposed to be on the safe side.
 * @cause grad-output-transposed
 * @edit `gradOutput.t()` → `gradOutput`
 */
export class SquaresByRows extends Function {
  static forward(ctx: Context, A: Tensor) {
    if (A.ndim !== 2 || A.size(0) !== A.size(1)) throw new RangeError("expected a square matrix");
    ctx.saveForBackward(A);
    const rows = A.tolist() as number[][];
    return tensor(rows.map(row => row.map(value => value * value)));
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A] = ctx.savedTensors;
    return gradOutput.t().mul(A).mul(2);
  }
}

/**
 * Going back is taken for undoing.
 * @cause inverse-superfluous
 * @edit `linalg.inv(A).t()` → `A.t()`
 */
export class ApplyMatrix extends Function {
  static forward(ctx: Context, A: Tensor, x: Tensor) {
    refuse(A, x);
    if (A.size(0) !== A.size(1)) throw new RangeError("expected A: (n, n), x: (n, m)");
    ctx.saveForBackward(A, x);
    return A.matmul(x);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, x] = ctx.savedTensors;
    return [gradOutput.matmul(x.t()), linalg.inv(A).t().matmul(gradOutput)];
  }
}

/**
 * The gradient is summed along the row, as that of an offset for each row would be.
 * @cause reduced
 * @edit `.sum(1, true).expandAs(x)` → ``
 */
export class WeightedEntries extends Function {
  static forward(ctx: Context, x: Tensor, weight: Tensor) {
    refuse(x, weight);
    ctx.saveForBackward(x, weight);
    return x.mul(weight);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, weight] = ctx.savedTensors;
    return [gradOutput.mul(weight).sum(1, true).expandAs(x), gradOutput.mul(x).sumToSize(weight.shape)];
  }
}

/**
 * The first row is held fast here, where the optimizer should do it.
 * @cause worst-entry
 */
export class FirstRowHeld extends Function {
  static forward(ctx: Context, table: Tensor) {
    if (table.ndim !== 2) throw new RangeError("expected a matrix");
    ctx.saveForBackward(table);
    return table.square();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [table] = ctx.savedTensors;
    const gradTable = gradOutput.mul(table).mul(2);
    gradTable.select(0, 0).mul_(0);
    return gradTable;
  }
}
