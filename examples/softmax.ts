// Softmax along a dimension, with an argument that is no tensor.
//
// What to see: it is correct, for tensors of any shape. The Jacobian of a row is diag(y) − y yᵀ, so its
// product with gradOutput needs no matrix: y ⊙ (gradOutput − Σ gradOutput ⊙ y). Saving the output
// rather than the input spares backward the exponentials. `dim` needs no gradient: null.

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Softmax extends Function {
  static forward(ctx: Context<{ dim: number }>, input: Tensor, dim = -1) {
    const shifted = input.sub(input.amax(dim, true)).exp();
    const output = shifted.div(shifted.sum(dim, true));
    ctx.saveForBackward(output);
    ctx.dim = dim;
    return output;
  }

  static backward(ctx: Context<{ dim: number }>, gradOutput: Tensor) {
    const [output] = ctx.savedTensors;
    const inner = gradOutput.mul(output).sum(ctx.dim, true);
    return [output.mul(gradOutput.sub(inner)), null];
  }
}
