/** @file Texts that torch prints (2.x), with its names in camelCase and JavaScript's true and false. */

import { inspect } from "node:util";
import { arange, devtoolsFormatter, func, ones, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const lines = (...text: string[]): string => text.join("\n");

describe("values", () => {
  test.each<[string, Tensor, string]>([
    ["integers end on a point", tensor([1, 2]), "tensor([1., 2.])"],
    ["0-d", tensor(3), "tensor(3.)"],
    ["0-d, with digits", tensor(Math.PI), "tensor(3.1416)"],
    ["0-d, tiny", tensor(-1e-5), "tensor(-1.0000e-05)"],
    ["int64", arange(3), "tensor([0, 1, 2])"],
    ["int64, aligned", tensor([-1, 100, 0], { dtype: "int64" }), "tensor([ -1, 100,   0])"],
    ["bool", tensor([true, false]), "tensor([ true, false])"],
    ["bool 0-d", tensor(true), "tensor(true)"],
    ["wide range", tensor([1e-10, 1]), "tensor([1.0000e-10, 1.0000e+00])"],
    ["wide range of integers", tensor([1, 2000]), "tensor([1.0000e+00, 2.0000e+03])"],
    ["1000 is not wide yet", tensor([1, 1000]), "tensor([   1., 1000.])"],
    ["1e8 is not large yet", tensor([1e8]), "tensor([100000000.])"],
    ["large", tensor([1e8 + 1]), "tensor([1.0000e+08])"],
    ["small", tensor([0.00009]), "tensor([9.0000e-05])"],
    ["three digits of exponent", tensor([1e200]), "tensor([1.0000e+200])"],
    ["nan and inf among integers", tensor([nan, inf, 1]), "tensor([nan, inf, 1.])"],
    ["nan and -inf among fractions", tensor([nan, -inf, 0.5]), "tensor([   nan,   -inf, 0.5000])"],
    ["nothing but nan", tensor([nan, nan]), "tensor([nan, nan])"],
    ["0-d inf", tensor(-inf), "tensor(-inf)"],
    ["zeros do not widen", tensor([0, 1.5]), "tensor([0.0000, 1.5000])"],
    ["nothing but zeros", zeros(2), "tensor([0., 0.])"],
    ["zero in scientific", tensor([0, 1e-6]), "tensor([0.0000e+00, 1.0000e-06])"],
    ["negative zero", tensor([-0, 1]), "tensor([-0., 1.])"],
    ["negative zero with digits", tensor([-0, 0.5]), "tensor([-0.0000, 0.5000])"],
    ["a tie goes to the even digit", tensor([0.03125, 0.09375]), "tensor([0.0312, 0.0938])"],
    ["and in scientific", tensor([100005, 300015, 1]), "tensor([1.0000e+05, 3.0002e+05, 1.0000e+00])"],
    [
      "float32 shows its own digits",
      tensor([0.1, 16777217], { dtype: "float32" }),
      "tensor([1.0000e-01, 1.6777e+07], dtype=float32)",
    ],
  ])("%s", (_, t, text) => {
    expect(String(t)).toBe(text);
  });

  test("columns are aligned over rows, blocks are set apart", () => {
    const matrix = tensor([
      [1, 2.5],
      [-3, 4],
    ]);
    expect(String(matrix)).toBe(lines("tensor([[ 1.0000,  2.5000],", "        [-3.0000,  4.0000]])"));
    expect(String(zeros(2, 2, 2))).toBe(
      lines("tensor([[[0., 0.],", "         [0., 0.]],", "", "        [[0., 0.],", "         [0., 0.]]])"),
    );
  });

  test("a view prints what it sees", () => {
    expect(String(arange(6).reshape(2, 3).t().select(1, 1))).toBe("tensor([3, 4, 5])");
  });

  test("long lines are broken at 80 columns", () => {
    expect(String(arange(30))).toBe(
      lines(
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,",
        "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])",
      ),
    );
    expect(String(arange(12).mul(0.25))).toBe(
      lines(
        "tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000, 1.2500, 1.5000, 1.7500, 2.0000,",
        "        2.2500, 2.5000, 2.7500])",
      ),
    );
  });
});

describe("more than 1000 elements", () => {
  test("are shortened, in every dimension that is long", () => {
    expect(String(arange(1000))).not.toContain("...");
    expect(String(arange(1001))).toBe("tensor([   0,    1,    2,  ...,  998,  999, 1000])");
    expect(String(arange(1200).reshape(4, 300))).toBe(
      lines(
        "tensor([[   0,    1,    2,  ...,  297,  298,  299],",
        "        [ 300,  301,  302,  ...,  597,  598,  599],",
        "        [ 600,  601,  602,  ...,  897,  898,  899],",
        "        [ 900,  901,  902,  ..., 1197, 1198, 1199]])",
      ),
    );
    expect(String(zeros(400, 3))).toBe(
      lines(
        "tensor([[0., 0., 0.],",
        "        [0., 0., 0.],",
        "        [0., 0., 0.],",
        "        ...,",
        "        [0., 0., 0.],",
        "        [0., 0., 0.],",
        "        [0., 0., 0.]])",
      ),
    );
  });

  test("only what is shown decides the format", () => {
    const x = ones(2000);
    x.select(0, 1000).fill_(1e9);
    expect(String(x)).toBe("tensor([1., 1., 1.,  ..., 1., 1., 1.])");
  });
});

describe("what follows the values", () => {
  test("dtype where it cannot be seen, size where there are no elements", () => {
    expect(String(tensor([0.5], { dtype: "float32" }))).toBe("tensor([0.5000], dtype=float32)");
    expect(String(tensor([1], { dtype: "uint8" }))).toBe("tensor([1], dtype=uint8)");
    expect(String(zeros(0))).toBe("tensor([])");
    expect(String(zeros(2, 0))).toBe("tensor([], size=(2, 0))");
    expect(String(zeros(0, { dtype: "int64" }))).toBe("tensor([], dtype=int64)");
    expect(String(zeros(2, 0, { dtype: "bool" }))).toBe("tensor([], size=(2, 0), dtype=bool)");
  });

  test("history", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(String(x)).toBe("tensor([1., 2.], requiresGrad=true)");
    expect(String(x.exp())).toBe("tensor([2.7183, 7.3891], gradFn=<ExpBackward>)");
    expect(String(x.to("float32"))).toBe("tensor([1., 2.], dtype=float32, gradFn=<ToBackward>)");
  });

  test("goes to a line of its own where the last is full", () => {
    const x = ones(9).div(3).requiresGrad_();
    expect(String(x)).toBe(
      lines(
        "tensor([0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333],",
        "       requiresGrad=true)",
      ),
    );
  });

  test("what a transform has wrapped can be printed too", () => {
    const printed: string[] = [];
    func.vmap((x: Tensor) => {
      printed.push(String(x));
      return x;
    })(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    func.jvp(
      x => {
        printed.push(String(x!));
        return x!;
      },
      [tensor([1, 2])],
      [tensor([0, 1])],
    );
    expect(printed).toEqual([
      lines("BatchedTensor(lvl=1, bdim=0, value=", "    tensor([[1., 2.],", "            [3., 4.]])", ")"),
      "tensor([1., 2.], tangent=tensor([0., 1.]))",
    ]);
  });
});

describe("seen by tools", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.exp();

  test("Node's inspect, inside of objects as well", () => {
    expect(inspect(y)).toBe(String(y));
    expect(inspect({ y })).toBe(`{ y: ${y} }`);
    expect(`${y}`).toBe(String(y));
  });

  test("VS Code's debugger: a description, and properties to unfold", () => {
    const asked = y as unknown as Record<symbol, () => unknown>;
    expect(asked[Symbol.for("debug.description")]!()).toBe(String(y));
    expect(asked[Symbol.for("debug.properties")]!()).toEqual({
      value: "tensor([2.7183, 7.3891])",
      shape: [2],
      dtype: "float64",
      requiresGrad: true,
      gradFn: "ExpBackward",
      grad: null,
    });
  });

  test("Chromium's developer tools, by a custom formatter", () => {
    expect(devtoolsFormatter.header({})).toBe(null);
    expect(devtoolsFormatter.header(y)!.at(-1)).toBe(String(y));
    expect(devtoolsFormatter.hasBody(y)).toBe(true);
    expect(JSON.stringify(devtoolsFormatter.body(y))).toContain(
      '"gradFn: ",["object",{"object":"ExpBackward"}]',
    );
  });
});
