/** @file Guided backpropagation: a gradient that is not linear in what flows back. */

import { type Context, Function, type Tensor, where } from "@gradient-lens/engine";

/** relu that lets positive gradients through alone. Springenberg et al., "Striving for simplicity", arXiv:1412.6806. */
export class GuidedRelu extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.relu();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return where(input.gt(0), gradOutput.clampMin(0), 0);
  }

  // No function has such a derivative; a hook says what happens to the gradient of the one that is nearest.
  static surrogate(input: Tensor) {
    const output = input.relu();
    if (output.requiresGrad) output.registerHook(gradient => gradient.relu());
    return output;
  }
}
