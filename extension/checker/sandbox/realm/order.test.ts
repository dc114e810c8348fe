import { expect, test } from "vitest";
import { PLAIN_NOTATION } from "../../notation.ts";
import { orderOf } from "./order.ts";

const parameter = { name: "x", type: "Tensor", optional: false, initializer: null, rest: false };
const job = {
  task: "check",
  script: "1",
  name: "Sine",
  parameters: [parameter],
  gradOutputs: ["g"],
  notation: PLAIN_NOTATION,
  seed: 0,
};
const order = { id: 1, job, memoryMb: 350 };

test("an order is taken as it is", () => {
  const trial = { ...job, task: "try", combinations: [[0], [1, 2]], budgetMs: 100 };
  const unknown = { ...job, parameters: null, gradOutputs: null };
  for (const good of [order, { ...order, job: unknown }, { ...order, job: trial }]) {
    expect(orderOf(JSON.stringify(good))).toEqual(good);
  }
});

test.each<[string, unknown]>([
  ["nothing", null],
  ["a list", [order]],
  ["another field", { ...order, eval: "1" }],
  ["a field less", { id: 1, job }],
  ["an id that is no integer", { ...order, id: 0.5 }],
  ["no memory", { ...order, memoryMb: 0 }],
  ["a script that is no text", { ...order, job: { ...job, script: { toString: "1" } } }],
  ["a job with another field", { ...order, job: { ...job, path: "/" } }],
  ["another task", { ...order, job: { ...job, task: "run" } }],
  ["nothing to try", { ...order, job: { ...job, task: "try" } }],
  [
    "combinations of no numbers",
    { ...order, job: { ...job, task: "try", combinations: [["0"]], budgetMs: 100 } },
  ],
  ["another style", { ...order, job: { ...job, notation: { ...job.notation, style: "operators" } } }],
  ["parameters that are no list", { ...order, job: { ...job, parameters: { length: 0 } } }],
  ["a parameter that is none", { ...order, job: { ...job, parameters: [{ ...parameter, rest: 0 }] } }],
])("an order is refused that is %s", (_, value) => {
  expect(() => orderOf(JSON.stringify(value))).toThrow("expected an order");
});
