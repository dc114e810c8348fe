import { expect, test } from "vitest";
import type { Contestant } from "./contestant.ts";
import { race } from "./race.ts";

/** Claims to take `ms` a run, without taking it. */
const claiming = (name: string, ms: number, witness = 1, work = 1): Contestant => ({
  name,
  precision: "float64",
  work,
  sample: runs => ({ ms: ms * runs, witness }),
});

test("gives each contestant's time for the work of the race", async () => {
  const results = await race([claiming("ours", 2), claiming("twice the work a run", 2, Number.NaN, 0.5)]);
  expect(results.get("ours")).toEqual({ median: 2, minimum: 2 });
  expect(results.get("twice the work a run")).toEqual({ median: 1, minimum: 1 });
});

test("drops who computes something else, and says so", async () => {
  const results = await race([claiming("ours", 2), claiming("other", 1, 1.5)]);
  expect(results.get("other")).toEqual({ failure: "computed something else: 1.5 where 1 was expected" });
});

test("drops who fails half-way, and goes on with the others", async () => {
  let samples = 0;
  const failing: Contestant = {
    ...claiming("failing", 1),
    sample: () => {
      if (++samples > 60) throw new Error("out of memory");
      return { ms: 10, witness: 1 };
    },
  };
  const results = await race([claiming("ours", 2), failing]);
  expect(results.get("failing")).toEqual({ failure: "out of memory" });
  expect(results.get("ours")).toEqual({ median: 2, minimum: 2 });
});

test("contestants take turns, and turns are taken back and forth", async () => {
  const order: string[] = [];
  const logging = (name: string): Contestant => ({
    ...claiming(name, 400),
    sample: () => {
      order.push(name);
      return { ms: 400, witness: 1 };
    },
  });
  await race([logging("A"), logging("B")]);
  expect(order.slice(2, 6).join("")).toBe("ABBA");
});
