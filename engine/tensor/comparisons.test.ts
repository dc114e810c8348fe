/** @file Which ways comparisons went. */

import { tensor } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import { FAILED, HELD, type Outcomes, watchComparisons } from "./comparisons.ts";

const x = tensor([1, 2, 3]);

test("each comparison is noted in turn, for whichever dtype and shape", () => {
  const outcomes: Outcomes = [];
  watchComparisons(outcomes, () => {
    x.gt(2);
    x.lt(9);
    x.to("int64").eq(9);
    x.unsqueeze(1).ge(x);
    tensor([], { dtype: "float64" }).gt(0);
  });
  expect(outcomes).toEqual([HELD | FAILED, HELD, FAILED, HELD | FAILED, 0]);
});

test("only while it is watched, also where the watched code throws", () => {
  const [outer, inner]: Outcomes[] = [[], []];
  watchComparisons(outer!, () => {
    const failing = (): never =>
      watchComparisons(inner!, () => {
        x.gt(0);
        throw new Error("stop");
      });
    expect(failing).toThrow("stop");
    x.lt(0);
  });
  x.eq(1);
  expect([outer, inner]).toEqual([[FAILED], [HELD]]);
});
