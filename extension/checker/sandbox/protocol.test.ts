import fc from "fast-check";
import { expect, test } from "vitest";
import { TEXT_CHARS } from "./caps.ts";
import { reportSchema } from "./protocol.ts";

const input = { name: "x", shape: [2, 3], verdict: "wrong", maxError: "Infinity", at: [0, 1] };
const judgement = {
  verdict: "wrong",
  rule: "wrong-vjp",
  message: "m",
  domain: null,
  inputs: [input],
  cause: { kind: "sign", sentence: "The sign is wrong." },
  derivation: null,
  returned: "1",
  expected: "2",
};
const report = { type: "judged", id: 1, judgement };

test("an infinite error survives the pipe, whose JSON knows none", () => {
  expect(reportSchema.parse(report)).toEqual({
    ...report,
    judgement: { ...judgement, inputs: [{ ...input, maxError: Number.POSITIVE_INFINITY }] },
  });
});

test.each([
  ["a shape with a negative extent", { ...judgement, inputs: [{ ...input, shape: [-1] }] }],
  ["a rule that there is not", { ...judgement, rule: "no-such-rule" }],
  ["a wrong verdict without what was expected", { ...judgement, expected: undefined }],
  ["a text above the cap", { ...judgement, message: "x".repeat(TEXT_CHARS + 1) }],
  ["an error that is a text", { ...judgement, inputs: [{ ...input, maxError: "1; DROP" }] }],
])("%s is refused", (_, changed) => {
  expect(reportSchema.safeParse({ ...report, judgement: changed }).success).toBe(false);
});

test("nothing that JSON can hold makes the reader do anything but accept or refuse", () => {
  const mutated = fc.tuple(fc.constantFrom(...Object.keys(report)), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        mutated.map(([key, value]) => ({ ...report, [key]: value })),
      ),
      value => {
        reportSchema.safeParse(value);
      },
    ),
    { numRuns: 1_000 },
  );
});
