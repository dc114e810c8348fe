/** @file What backward returns is read off its code: with its mistakes, and in its names. */

import { expect, test } from "vitest";
import { type Context, Function, randn, type Tensor } from "../index.ts";
import { read } from "../symbolic.ts";

const names = { inputs: ["input"], gradOutputs: ["gradOutput"] };

class MissingTranspose extends Function {
  static forward(ctx: Context, input: Tensor): Tensor {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }
  static backward(ctx: Context, gradOutput: Tensor): Tensor {
    const [input] = ctx.savedTensors;
    return gradOutput.matmul(input).add(input.t().matmul(gradOutput));
  }
}

class WithFields extends Function {
  static forward(x: Tensor, slope: number): Tensor {
    return x.mul(slope).exp();
  }
  static setupContext(ctx: Context<{ slope: number }>, [, slope]: [Tensor, number], output: Tensor): void {
    ctx.saveForBackward(output);
    ctx.slope = slope;
  }
  static backward(ctx: Context<{ slope: number }>, gradOutput: Tensor): (Tensor | null)[] {
    const [output] = ctx.savedTensors;
    return [ctx.needsInputGrad[0] ? gradOutput.mul(ctx.slope).mul(output) : null, null];
  }
}

class Masking extends Function {
  static forward(ctx: Context, input: Tensor): Tensor {
    ctx.saveForBackward(input);
    return input.clamp({ min: 0 });
  }
  static backward(ctx: Context, gradOutput: Tensor): Tensor {
    const [input] = ctx.savedTensors;
    const gradInput = gradOutput.clone();
    gradInput.maskedFill_(input.lt(0), 0);
    return gradInput;
  }
}

test("what is written, wrong as it is", () => {
  expect(read(MissingTranspose, [randn(3, 3)], names)).toMatchObject({
    returned: {
      formulas: [
        {
          maths: "grad_out @ input + inputᵀ @ grad_out",
          typescript: "gradOutput.matmul(input).add(input.t().matmul(gradOutput))",
        },
      ],
    },
  });
});

test("fields, setupContext, needsInputGrad, and outputs by their name", () => {
  expect(read(WithFields, [randn(3), 2], { inputs: ["x", "slope"] })).toMatchObject({
    simplified: { formulas: [{ maths: "2·grad_out ⊙ output" }, null] },
  });
});

test("changes in place", () => {
  expect(read(Masking, [randn(3)], names)).toMatchObject({
    simplified: { formulas: [{ maths: "grad_out ⊙ [input ≥ 0]" }] },
  });
});

test("a backward that reads elements is refused", () => {
  class Reading extends MissingTranspose {
    static override backward(_ctx: Context, gradOutput: Tensor): Tensor {
      return gradOutput.mul(gradOutput.sum().item());
    }
  }
  expect(read(Reading, [randn(3, 3)], names)).toMatchObject({
    untraceable: expect.stringContaining("depends on the numbers"),
    place: expect.stringContaining("read.test.ts"),
  });
});
