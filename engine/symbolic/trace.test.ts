/** @file What can be traced is what was computed: views, changes in place, several outputs, nested Functions; what reads elements is refused. */

import { describe, expect, test } from "vitest";
import {
  type Context,
  eye,
  Function,
  linalg,
  ones,
  randn,
  type Tensor,
  tensor,
  where,
  zeros,
  zerosLike,
} from "../index.ts";
import { evaluate } from "./evaluate.ts";
import { refusalOf, traceForward } from "./function-trace.ts";
import { Trace, Untraceable } from "./trace.ts";

/** Traces `f` at one tensor and evaluates what was written down at another. */
function holds(f: (x: Tensor) => Tensor, at: () => Tensor = () => randn(3, 3)): void {
  const trace = new Trace();
  const written = trace.expressionOf(f(trace.leaf("x", "input", at())));
  const other = at();
  const [value] = evaluate([written], { x: other });
  expect(value!.allclose(f(other.clone()), 1e-12, 1e-14)).toBe(true);
}

class Doubled extends Function {
  static forward(ctx: Context, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(2);
  }
  static backward(_ctx: Context, g: Tensor): Tensor {
    return g.mul(2);
  }
}

describe("comes through", () => {
  const cases: Record<string, (x: Tensor) => Tensor> = {
    "a chain of operations": x => x.matmul(x.t()).exp().sum(1),
    "tensors made on the way": x => x.add(eye(3)).mul(ones(3)).sub(zerosLike(x)),
    "an operation with several outputs": x => {
      const { Q, R } = linalg.qr(x);
      return Q.abs().add(R.abs());
    },
    "a choice": x => where(x.gt(0), x, x.mul(0.1)),
    "a change in place": x => x.clone().mul_(2).add_(1),
    "a change in place of a part": x => {
      const y = x.clone();
      y.narrow(0, 1, 2).mul_(3);
      return y;
    },
    "a change seen through another view": x => {
      const y = x.clone();
      const row = y.select(0, 0);
      y.select(1, 2).copy_(x.sum(1));
      return row.mul(2);
    },
    "zeros that are filled row by row": x => {
      const y = zeros(3, 3);
      for (let i = 0; i < 3; i++) y.select(0, i).copy_(x.select(1, i).mul(i));
      return y;
    },
    "a masked fill in place": x => x.clone().maskedFill_(x.lt(0), 0),
    "detach, through which a value passes": x => x.sub(x.detach().amax(1, true)),
  };
  test.each(Object.entries(cases))("%s", (_, f) => holds(f));

  test("a Function, replaced by what its forward does", () => {
    class Twice extends Function {
      static forward(_ctx: Context, x: Tensor): Tensor {
        return Doubled.apply(Doubled.apply(x));
      }
    }
    const { outputs } = traceForward(Twice, [randn(2)], { inputs: ["x"] });
    expect(outputs[0]).toMatchObject({ kind: "application", shape: [2] });
  });
});

describe("is refused, with the place", () => {
  const readers: Record<string, (x: Tensor) => Tensor> = {
    "item()": x => x.mul(x.sum().item()),
    "tolist()": x => tensor(x.tolist() as number[]),
    "a branch": x => (x.amax().item() > 0 ? x : x.neg()),
  };
  test.each(Object.entries(readers))("%s", (_, f) => {
    const trace = new Trace();
    const run = (): Tensor => f(trace.leaf("x", "input", randn(3)));
    expect(run).toThrow(Untraceable);
    try {
      run();
    } catch (error) {
      expect(refusalOf(error).untraceable).toContain("depends on the numbers");
      expect(refusalOf(error).place).toBeDefined();
    }
  });
});
