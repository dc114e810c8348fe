import { describe, expect, test } from "vitest";
import { FIRST_LOG_LINES, LAST_LOG_LINES, LOG_LINES } from "../caps.ts";
import { createLogLines } from "./log-lines.ts";

/** What is seen of `count` lines, the numbers from 0. */
function seenOf(count: number): string[] {
  const seen: string[] = [];
  const lines = createLogLines(line => seen.push(line));
  for (let i = 0; i < count; i++) lines.add(`${i}`);
  lines.finish();
  return seen;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

describe("of the lines of a check", () => {
  test.each([0, 1, FIRST_LOG_LINES, FIRST_LOG_LINES + 1, LOG_LINES])("all of %i are seen", count => {
    expect(seenOf(count)).toEqual(numbers(0, count));
  });

  test.each([1, 7, LAST_LOG_LINES, 2 * LAST_LOG_LINES + 3])(
    "the first and the last are seen when there are %i too many",
    over => {
      const count = LOG_LINES + over;
      expect(seenOf(count)).toEqual([
        ...numbers(0, FIRST_LOG_LINES),
        `… (${over} more lines were printed here)`,
        ...numbers(count - LAST_LOG_LINES, count),
      ]);
    },
  );

  test("the first leave at once", () => {
    const seen: string[] = [];
    createLogLines(line => seen.push(line)).add("now");
    expect(seen).toEqual(["now"]);
  });
});
