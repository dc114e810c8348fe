// A linear layer with bias: three inputs, a gradient for each, and one subtle mistake.
//
// What to see: the gradients for x and weight are right; the one for bias is wrong. The bias is added to
// every row of the batch, so each row's gradOutput flows into it: its gradient is their sum,
// `gradOutput.sum(0)`. This backward, ported from code for a single sample, hands over the first row as
// if there were no others, and with a batch of one it would even be right.

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Linear extends Function {
  static forward(ctx: Context, x: Tensor, weight: Tensor, bias: Tensor) {
    ctx.saveForBackward(x, weight);
    return x.mm(weight.t()).add(bias.unsqueeze(0));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, weight] = ctx.savedTensors;
    return [gradOutput.mm(weight), gradOutput.t().mm(x), gradOutput.select(0, 0)];
  }
}
