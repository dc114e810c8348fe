// The square of a matrix, with the backward that everybody writes first.
//
// What to see: the lens over `backward` says that it is wrong, and the Problems panel says where.
// `gradOutput * 2 * input` is the derivative of the elementwise square. `input @ input` multiplies rows
// by columns: `input` occurs twice, each time beside the other, so by the product rule its gradient is a
// sum of two matrix products. They are in matrix-square-fixed.ts.

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class MatrixSquare extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(2).mul(input);
  }
}
