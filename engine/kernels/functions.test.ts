import { describe, expect, test } from "vitest";
import * as of from "./functions.ts";
import { kernel1, kernel2, kernel3 } from "./loops.ts";

const SPECIAL = [Number.NaN, Number.NEGATIVE_INFINITY, -745.2, -1, -5e-324, -0, 0, 5e-324, 1, 710, Infinity];

/** Every pair of special values, as two rows. */
const PAIRS = SPECIAL.flatMap(x => SPECIAL.map(y => [x, y] as const));
const LEFT = Float64Array.from(PAIRS, ([x]) => x);
const RIGHT = Float64Array.from(PAIRS, ([, y]) => y);

describe("functions without branches", () => {
  test("relu is max(x, 0): NaN stays, and −0 becomes 0", () => {
    const x = Float64Array.from(SPECIAL);
    const out = new Float64Array(x.length);
    kernel1(of.relu).doubles(x.length, out, 0, x, 0, 1, x, 0, 1, x, 0, 1);
    expect([...out]).toStrictEqual(SPECIAL.map(v => Math.max(v, 0)));
  });

  test.each([
    ["eq", of.eq, (x: number, y: number) => x === y],
    ["ne", of.ne, (x: number, y: number) => x !== y],
    ["lt", of.lt, (x: number, y: number) => x < y],
    ["le", of.le, (x: number, y: number) => x <= y],
    ["gt", of.gt, (x: number, y: number) => x > y],
    ["ge", of.ge, (x: number, y: number) => x >= y],
  ])("%s, into doubles and into truth values", (_, f, holds) => {
    const expected = PAIRS.map(([x, y]) => Number(holds(x, y)));
    const n = expected.length;
    const { doubles, truths } = kernel2(f);
    const [asDoubles, asTruths] = [new Float64Array(n), new Uint8Array(n)];
    doubles(n, asDoubles, 0, LEFT, 0, 1, RIGHT, 0, 1, RIGHT, 0, 1);
    truths?.(n, asTruths, 0, LEFT, 0, 1, RIGHT, 0, 1, RIGHT, 0, 1);
    expect([...asDoubles]).toStrictEqual(expected);
    expect([...asTruths]).toStrictEqual(expected);
    expect(PAIRS.map(([x, y]) => f(x, y))).toStrictEqual(expected);
  });

  test("where takes NaN for true, and −0 for false", () => {
    const condition = Float64Array.from(SPECIAL);
    const n = condition.length;
    const out = new Float64Array(n);
    const [one, two] = [Float64Array.of(1), Float64Array.of(2)];
    kernel3(of.where).doubles(n, out, 0, condition, 0, 1, one, 0, 0, two, 0, 0);
    expect([...out]).toStrictEqual(SPECIAL.map(c => (c === 0 ? 2 : 1)));
  });
});

test.each([1, 63, 64, 2048, 5000])("sigmoid of a row of %i is that of its elements", n => {
  const x = Float64Array.from({ length: n }, (_, i) => SPECIAL[i % SPECIAL.length]! + (i % 7) / 8);
  const out = new Float64Array(n + 2);
  kernel1(of.sigmoid).doubles(n, out, 1, x, 0, 1, x, 0, 1, x, 0, 1);
  expect([out[0], out[n + 1]]).toStrictEqual([0, 0]);
  for (let i = 0; i < n; i++) {
    const e = Math.exp(-Math.abs(x[i]!));
    const expected = x[i]! >= 0 ? 1 / (1 + e) : e / (1 + e);
    if (Number.isNaN(expected)) expect(out[i + 1]).toBeNaN();
    else expect(Math.abs(out[i + 1]! - expected)).toBeLessThanOrEqual(4 * Number.EPSILON * expected);
  }
});
