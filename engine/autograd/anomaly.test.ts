import { autograd, type Context, Function, func, type Tensor, tensor } from "@gradient-lens/engine";
import { afterEach, describe, expect, test } from "vitest";

afterEach(() => autograd.setDetectAnomaly(false));

/** 0 · ∞ in the backward of sqrt. */
function nanAtZero(x: Tensor): Tensor {
  return x.sqrt().mul(0).sum();
}

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("expected an error");
}

describe("anomaly mode", () => {
  test("names the operation that a NaN came from, and where it was called", () => {
    const x = tensor([4, 0], { requiresGrad: true });
    const message = messageOf(() => autograd.detectAnomaly(() => nanAtZero(x).backward()));
    const [what, call, where] = message.split("\n");
    expect(what).toContain("Function 'SqrtBackward' returned nan values in its 0th output");
    expect(call).toBe("The forward call of SqrtBackward was made here:");
    expect(where).toMatch(/nanAtZero.*anomaly\.test\.ts:\d+:\d+/);
  });

  test("says nothing without it, nor with checkNan: false", () => {
    const x = tensor([0], { requiresGrad: true });
    nanAtZero(x).backward();
    expect(x.grad!.tolist()).toEqual([Number.NaN]);
    expect(() => autograd.detectAnomaly(() => nanAtZero(x).backward(), { checkNan: false })).not.toThrow();
  });

  test("says so where the forward pass was not observed", () => {
    const y = nanAtZero(tensor([0], { requiresGrad: true }));
    expect(() => autograd.detectAnomaly(() => y.backward())).toThrow(
      "SqrtBackward was not observed: turn anomaly mode on before the forward pass",
    );
  });

  test("says where a custom Function was applied whose backward throws, and keeps the error", () => {
    class Faulty extends Function {
      static forward(_ctx: Context, x: Tensor) {
        return x.mul(2);
      }
      static backward(): Tensor {
        throw new RangeError("no such matrix");
      }
    }
    const applied = (x: Tensor) => Faulty.apply(x);
    const x = tensor([1], { requiresGrad: true });
    let thrown: unknown;
    try {
      autograd.detectAnomaly(() => applied(x).backward());
    } catch (error) {
      thrown = error;
    }
    expect((thrown as Error).cause).toBeInstanceOf(RangeError);
    expect((thrown as Error).message).toMatch(
      /^no such matrix\nThe forward call of FaultyBackward was made here:\n.*applied/,
    );
  });

  test("in a second derivative, names the call whose backward led to it", () => {
    const x = tensor([0], { requiresGrad: true });
    const message = messageOf(() =>
      autograd.detectAnomaly(() => {
        const [g] = autograd.grad(x.pow(1.5).sum(), x, { createGraph: true });
        g!.mul(0).sum().backward();
      }),
    );
    expect(message).toMatch(
      /PowBackward.*\n(.*\n)+which the backward of this call \(PowBackward\) made was made here/,
    );
  });

  test("looks into a batch", () => {
    expect(() => autograd.detectAnomaly(() => func.vmap(func.grad(nanAtZero))(tensor([[4], [0]])))).toThrow(
      "SqrtBackward",
    );
  });

  test("is switched by setDetectAnomaly; detectAnomaly restores what was before, also after an error", () => {
    expect(autograd.isAnomalyEnabled()).toBe(false);
    autograd.setDetectAnomaly(true);
    const y = nanAtZero(tensor([0], { requiresGrad: true }));
    expect(() => y.backward()).toThrow("SqrtBackward");
    autograd.setDetectAnomaly(false);
    expect(() =>
      autograd.detectAnomaly(() => {
        expect(autograd.isAnomalyEnabled()).toBe(true);
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(autograd.isAnomalyEnabled()).toBe(false);
  });
});
