// The square of a matrix, with its true backward.
//
// What to see: the lens says that it is correct, and that forward is defined for square matrices only.
// The Gateaux derivative of X ↦ X X in the direction V is V X + X V. Backward wants the transpose of
// that linear map of V: the G for which ⟨G, V⟩ = ⟨gradOutput, V X + X V⟩ for every V, which is
// gradOutput Xᵀ + Xᵀ gradOutput.

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class MatrixSquare extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.matmul(input.t()).add(input.t().matmul(gradOutput));
  }
}
