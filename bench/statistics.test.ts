import { describe, expect, test } from "vitest";
import { agree, median, timingOf } from "./statistics.ts";

describe("median", () => {
  test("of an odd number of values is the middle one, in the order of numbers", () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  test("of an even number of values is the mean of the two in the middle", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test("of none is NaN", () => {
    expect(median([])).toBeNaN();
  });
});

test("one slow sample moves neither the median nor the minimum", () => {
  expect(timingOf([3, 2, 1000])).toEqual({ median: 3, minimum: 2 });
});

test("results agree when they differ by rounding only", () => {
  expect(agree(1, 1 + 1e-4, 1e-3)).toBe(true);
  expect(agree(1, 1.01, 1e-3)).toBe(false);
  expect(agree(0, 1e-12, 1e-3)).toBe(true);
  expect(agree(1, Number.NaN, 1e-3)).toBe(false);
});
