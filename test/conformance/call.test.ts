import { noGrad, Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { engineName, resolve } from "./call.ts";
import { describeCall } from "./describe.ts";
import type { Sample } from "./vectors.ts";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("names", () => {
  test.each([
    ["torch.cumsum", "cumsum"],
    ["torch.index_select", "indexSelect"],
    ["torch.linalg.lu_factor", "linalg.luFactor"],
    ["torch.nn.functional.adaptive_avg_pool1d", "nn.functional.adaptiveAvgPool1d"],
    ["torch.nn.functional.l1_loss", "nn.functional.l1Loss"],
    ["torch.special.xlog1py", "special.xlog1py"],
    ["torch.ops.aten.slice", "slice"],
    ["Tensor.sum_to_size", "Tensor.sumToSize"],
    ["Tensor.__getitem__", "Tensor.index"],
  ])("%s is %s", (torch, engine) => {
    expect(engineName(torch)).toBe(engine);
  });

  test("what the engine does not have is missing", () => {
    expect(resolve("torch.no_such_op")).toBe(null);
    expect(resolve("torch.no_such.namespace")).toBe(null);
    expect(resolve("torch.linalg.no_such_op")).toBe(null);
    expect(resolve("torch.to_string")).toBe(null);
    expect(resolve("Tensor.no_such_method")).toBe(null);
  });
});

describe("calls", () => {
  const call = (name: string, args: unknown[], kwargs: Record<string, unknown> = {}): unknown => {
    const result = noGrad(() => resolve(name)!({ args, kwargs }));
    return result instanceof Tensor ? result.tolist() : result;
  };

  test("free functions, with keywords in camelCase", () => {
    expect(call("torch.linalg.inv", [tensor([[2]])])).toEqual([[0.5]]);
    expect(call("torch.sum", [x], { dim: 1, keepdim: true })).toEqual([[6], [15]]);
    expect(call("torch.div", [x, 4], { rounding_mode: "floor" })).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
    expect(call("torch.where", [x.gt(3), x, 0])).toEqual([
      [0, 0, 0],
      [4, 5, 6],
    ]);
    expect(call("torch.einsum", ["ij->i", [x]])).toEqual([6, 15]);
    expect(call("torch.ops.aten.slice", [x, 1, null, null, 2])).toEqual([
      [1, 3],
      [4, 6],
    ]);
  });

  test("methods and properties of the first argument", () => {
    expect(call("Tensor.T", [x])).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(call("Tensor.repeat", [x, [1, 2]])).toEqual([
      [1, 2, 3, 1, 2, 3],
      [4, 5, 6, 4, 5, 6],
    ]);
  });

  test("an index is one argument a component", () => {
    const sample = {
      i: 0,
      args: [
        { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
        [{ ellipsis: true }, null, { slice: [0, null, 2] }, { list: [1, 0] }],
      ],
    } as unknown as Sample;
    expect(describeCall("Tensor.__getitem__", sample)).toBe(
      'Tensor.index(float64[2,3], ["...",null,{ start: 0, stop: null, step: 2 },[1,0]])',
    );
    expect(call("Tensor.__getitem__", [x, [{ start: 0, stop: null, step: 2 }, [2, 0]]])).toEqual([[3, 1]]);
    expect(call("Tensor.__getitem__", [x, ["...", null, 1]])).toEqual([[2], [5]]);
  });
});
