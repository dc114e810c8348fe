import { inspect } from "node:util";
import { arange, tensor, zeros } from "@gradient-lens/engine";
import { expect, test } from "vitest";

test("prints as torch does", () => {
  expect(
    String(
      tensor([
        [1, 2.5],
        [-3, 4],
      ]),
    ),
  ).toBe("tensor([[ 1.0000,  2.5000],\n        [-3.0000,  4.0000]])");
  expect(String(tensor([1, 2]))).toBe("tensor([1., 2.])");
  expect(String(tensor(3))).toBe("tensor(3.)");
  expect(String(arange(3))).toBe("tensor([0, 1, 2])");
  expect(String(tensor([true, false]))).toBe("tensor([ true, false])");
  expect(String(tensor([1e-10, 1]))).toBe("tensor([1.0000e-10, 1.0000e+00])");
  expect(String(tensor([Number.NaN, Number.POSITIVE_INFINITY, 1]))).toBe("tensor([nan, inf, 1.])");
  expect(String(tensor([0.5], { dtype: "float32" }))).toBe("tensor([0.5000], dtype=float32)");
  expect(String(zeros(2, 0))).toBe("tensor([], size=(2, 0))");
  expect(String(zeros(2, 2, 2))).toBe(
    "tensor([[[0., 0.],\n         [0., 0.]],\n\n        [[0., 0.],\n         [0., 0.]]])",
  );
});

test("says where it comes from, and shortens what is long", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  expect(String(x)).toBe("tensor([1., 2.], requiresGrad=true)");
  expect(String(x.exp())).toContain("gradFn=<ExpBackward>");
  expect(inspect(x)).toBe(String(x));
  expect(String(zeros(2000))).toBe("tensor([0., 0., 0.,  ..., 0., 0., 0.])");
});
