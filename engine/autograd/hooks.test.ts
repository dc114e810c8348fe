import { noGrad, ones, randn, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";

const leaf = (data: Parameters<typeof tensor>[0]): Tensor => tensor(data, { requiresGrad: true });

describe("hooks on a tensor", () => {
  test("run in their order; each sees what the one before returned; retainGrad comes last", () => {
    const x = leaf([1, 2]);
    const y = x.mul(1);
    y.retainGrad();
    y.registerHook(g => g.mul(2));
    y.registerHook(g => g.add(1));
    y.sum().backward();
    expect(y.grad!.tolist()).toEqual([3, 3]);
    expect(x.grad!.tolist()).toEqual([3, 3]);
  });

  test("on a leaf, before its .grad; one may remove itself while it runs", () => {
    const x = leaf([1]);
    const calls: string[] = [];
    const remove = x.registerHook(() => {
      calls.push("once");
      remove();
    });
    x.registerHook(g => {
      calls.push("each");
      return g.neg();
    });
    x.mul(3).sum().backward();
    x.mul(3).sum().backward();
    expect(calls).toEqual(["once", "each", "each"]);
    expect(x.grad!.tolist()).toEqual([-6]);
  });

  test("need a tensor that requires grad, and return a gradient of its shape or nothing", () => {
    expect(() => ones(2).registerHook(() => {})).toThrow("needs a tensor that requires grad");
    expect(() => ones(2).retainGrad()).toThrow("needs a tensor that requires grad");
    const returning = (value: unknown) => () => {
      const x = leaf([1, 2]);
      x.registerHook(() => value as Tensor);
      x.sum().backward();
    };
    expect(returning(ones(3))).toThrow("expected (2,), got (3,)");
    expect(returning(2)).toThrow("returned number");
  });
});

describe("retainGrad", () => {
  test("is idempotent, nothing for a leaf, and tells", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    expect(y.retainsGrad).toBe(false);
    y.retainGrad();
    y.retainGrad();
    x.retainGrad();
    expect([y.retainsGrad, x.retainsGrad]).toEqual([true, false]);
    y.sum().backward();
    expect(y.grad!.tolist()).toEqual([1, 1]);
  });

  test("follows the tensor through a change in place", () => {
    const y = leaf([1, 2]).mul(2);
    y.retainGrad();
    y.mul_(3);
    y.mul(5).sum().backward();
    expect(y.grad!.tolist()).toEqual([5, 5]);
  });
});

describe("registerPostAccumulateGradHook", () => {
  test("is called with the leaf once .grad is there: an optimizer inside of backward", () => {
    const x = leaf([1, 2]);
    const remove = x.registerPostAccumulateGradHook(p => {
      noGrad(() => p.sub_(p.grad!.mul(0.1)));
      p.grad = null;
    });
    x.mul(10).sum().backward();
    expect(x.tolist()).toEqual([0, 1]);
    expect(x.grad).toBe(null);
    remove();
    x.mul(10).sum().backward({ inputs: x });
    expect(x.tolist()).toEqual([0, 1]);
  });

  test("is for leaves only", () => {
    expect(() =>
      leaf(1)
        .mul(2)
        .registerPostAccumulateGradHook(() => {}),
    ).toThrow("for leaf tensors");
  });
});

describe("hooks on a node", () => {
  test("before it with the gradients of its outputs, after it with both; either may replace", () => {
    const [x, w] = [leaf([2]), leaf([5])];
    const y = x.mul(w);
    const seen: unknown[] = [];
    const removals = [
      y.gradFn!.registerPrehook(([g]) => [g!.mul(10)]),
      y.gradFn!.registerHook((inputs, outputs) => {
        seen.push(
          inputs.map(g => g!.tolist()),
          outputs.map(g => g!.tolist()),
        );
        return [inputs[0]!, inputs[1]!.neg()];
      }),
    ];
    y.sum().backward({ retainGraph: true });
    expect(seen).toEqual([[[50], [20]], [[10]]]);
    expect([x.grad!.item(), w.grad!.item()]).toEqual([50, -20]);
    for (const remove of removals) remove();
    y.sum().backward();
    expect([x.grad!.item(), w.grad!.item()]).toEqual([55, -18]);
  });

  test("must return as many gradients as there are", () => {
    const y = leaf([1]).mul(2);
    y.gradFn!.registerHook(() => []);
    expect(() => y.backward()).toThrow("wrong number of gradients");
  });
});

test("what accumulates stays the same tensor, as an optimizer that holds it expects", () => {
  const x = randn(3).requiresGrad_();
  x.sum().backward();
  const held = x.grad!;
  x.sum().backward();
  expect(x.grad).toBe(held);
  expect(held.tolist()).toEqual([2, 2, 2]);
});
