import { expect, it } from "vitest";
import type { InputReport } from "./finding.ts";
import { errorText, indexText, inputText, largestError, shapeText, worstInput } from "./wording.ts";

const input = (name: string, verdict: InputReport["verdict"], maxError: number | null): InputReport => ({
  name,
  verdict,
  maxError,
  shape: [2],
  at: [0],
});

it("writes shapes as the engine does", () => {
  expect([[], [3], [2, 3]].map(shapeText)).toEqual(["()", "(3,)", "(2, 3)"]);
  expect(indexText([0, 1])).toBe("[0, 1]");
});

it("writes an argument that is no tensor by its name alone", () => {
  expect(inputText(input("x", "correct", 0))).toBe("x: (2,)");
  expect(inputText({ ...input("dim", "unchecked", null), shape: null })).toBe("dim");
});

it("writes large errors with two digits and rounding by its order of magnitude", () => {
  expect([0, 1.2345, 12345, 0.0213, 4.6e-13, Number.NaN, Number.POSITIVE_INFINITY].map(errorText)).toEqual([
    "0",
    "1.2",
    "12000",
    "0.021",
    "5e-13",
    "NaN",
    "∞",
  ]);
});

it("takes NaN for the largest error of all", () => {
  const inputs = [input("a", "wrong", 2), input("b", "wrong", Number.NaN), input("c", "wrong", 3)];
  expect(largestError(inputs)).toBeNaN();
  expect(worstInput(inputs)?.name).toBe("b");
  expect(largestError([input("a", "correct", 1e-9), input("b", "unchecked", null)])).toBe(1e-9);
  expect(largestError([input("b", "unchecked", null)])).toBeNull();
  expect(worstInput([input("a", "correct", 1)])).toBeUndefined();
});
