/** @file Equal expressions are one object, constants fold, and an order from the leaves up is at hand. */

import { expect, test } from "vitest";
import { randn, tensor } from "../index.ts";
import { reachable, usesOf } from "./expression.ts";
import { Trace } from "./trace.ts";

test("equal expressions are the same object, others are not", () => {
  const trace = new Trace();
  const x = trace.leaf("x", "input", randn(2, 3));
  const same = trace.expressionOf(x.exp().sum(1));
  expect(trace.expressionOf(x.exp().sum(1))).toBe(same);
  expect(trace.expressionOf(x.exp().sum(0))).not.toBe(same);
  expect(trace.expressionOf(x.exp().sum(1, true))).not.toBe(same);
});

test("what is computed of constants is a constant, known where it is one number", () => {
  const trace = new Trace();
  const folded = trace.expressionOf(tensor([1, 2]).add(tensor([2, 1])));
  expect(folded).toMatchObject({ kind: "constant", uniform: 3, shape: [2] });
  expect(trace.expressionOf(tensor([1, 2]))).toMatchObject({ kind: "constant", uniform: null });
});

test("inputs come before what uses them, and uses are counted", () => {
  const trace = new Trace();
  const x = trace.leaf("x", "input", randn(3));
  const e = x.exp();
  const root = trace.expressionOf(e.mul(e).add(x));
  const order = reachable([root]);
  for (const node of order) {
    if (node.kind !== "application") continue;
    for (const input of node.call.inputs) expect(order.indexOf(input)).toBeLessThan(order.indexOf(node));
  }
  expect(usesOf([root]).get(trace.expressionOf(e))).toBe(2);
});
