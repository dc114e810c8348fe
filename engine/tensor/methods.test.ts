import { randn, sum, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { keywords } from "./methods.ts";

type Collect = (...args: unknown[]) => unknown[];

const collect: Collect = keywords("collect", ["input", "dim", "keepdim"], (...args: unknown[]) => args);

describe("keywords", () => {
  test("stand for the arguments that come after the positional ones", () => {
    expect(collect(1, 2, true)).toEqual([1, 2, true]);
    expect(collect(1, { keepdim: true })).toEqual([1, undefined, true]);
    expect(collect(1, { keepdim: true, dim: 3 })).toEqual([1, 3, true]);
    expect(collect({ input: 1 })).toEqual([1]);
  });

  test("are refused where they are unknown or given twice", () => {
    expect(() => collect(1, { axis: 0 })).toThrow("unexpected keyword 'axis'; expected one of input, dim");
    expect(() => collect(1, 2, { dim: 0 })).toThrow("got 'dim' twice: as argument 2 and as a keyword");
  });

  test("an argument too many is refused, not ignored", () => {
    expect(() => collect(1, 2, true, 4)).toThrow(TypeError);
    expect(() => collect(1, 2, true, 4)).toThrow(
      "collect() takes at most 3 arguments (input, dim, keepdim), got 4.",
    );
    expect(() => collect(1, 2, true, 4, { dim: 1 })).toThrow("takes at most 3 arguments");
    const anySum = sum as (...args: unknown[]) => unknown;
    expect(() => anySum(zeros(2), 0, true, "float64", 1)).toThrow(
      "sum() takes at most 4 arguments (input, dim, keepdim, dtype), got 5.",
    );
    const x: { diagonal(...args: number[]): unknown } = randn(2, 2);
    expect(() => x.diagonal(0, 0, 1, 7)).toThrow("diagonal() takes at most 4 arguments");
    // What a caller passes on from a parameter of its own that nobody gave.
    expect(collect(1, 2, true, undefined)).toEqual([1, 2, true, undefined]);
  });

  test("a list of integers may be spread, given whole, or by name", () => {
    const x = tensor([1, 2, 3, 4]);
    for (const y of [x.reshape(2, 2), x.reshape([2, 2]), x.reshape({ shape: [2, 2] })]) {
      expect(y.tolist()).toEqual([
        [1, 2],
        [3, 4],
      ]);
    }
    const any: { reshape(...args: unknown[]): unknown } = x as never;
    expect(() => any.reshape([2, 2], [4])).toThrow("reshape() takes at most 2 arguments");
    expect(() => x.reshape("2" as never)).toThrow("Expected integers, got (2)");
    expect(() => any.reshape(2, 2, { shape: [2, 2] })).toThrow(TypeError);
  });
});
