import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairwiseSum } from "./reduction.ts";
import { expOfVector, sumOfChunk } from "./vectors.ts";

/** How many doubles lie between two of them. */
function ulps(x: number, y: number): number {
  const [a, b] = [x, y].map(z => new BigInt64Array(Float64Array.of(z).buffer)[0]!) as [bigint, bigint];
  return Number(a > b ? a - b : b - a);
}

describe("exp of a long row", () => {
  /** A row of 64 or more with the given numbers at its end. */
  function exp(...values: number[]): number[] {
    const [i, o] = [3, 5];
    const x = Float64Array.from([...new Array<number>(i + 100).fill(0.5), ...values]);
    const out = new Float64Array(x.length + o);
    expect(expOfVector(x.length - i, out, o, x, i)).toBe(true);
    expect([...out.subarray(0, o)]).toEqual([0, 0, 0, 0, 0]);
    return [...out.subarray(out.length - i - values.length, out.length - i)];
  }

  it("is Math.exp to the last digit or the one beside it, over the whole range", () => {
    const x = fc.oneof(
      fc.double({ min: -750, max: 715, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.double(),
    );
    fc.assert(
      fc.property(fc.array(x, { minLength: 1, maxLength: 50 }), values => {
        exp(...values).forEach((y, m) => {
          const expected = Math.exp(values[m]!);
          if (Number.isNaN(expected)) expect(y).toBeNaN();
          else expect(ulps(y, expected)).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it("overflows, underflows and rounds to subnormals where Math.exp does", () => {
    const edges = [0, -0, Infinity, -Infinity, Number.NaN, 709.782712893384, 709.7827128933841];
    const low = [-708.4, -709, -744, -745.13, -745.2, -1e308, 1e308, 5e-324];
    expect(exp(...edges, ...low)).toEqual([...edges, ...low].map(Math.exp));
  });

  it("goes across the chunks' edges", () => {
    const x = Float64Array.from({ length: 5003 }, (_, i) => Math.sin(i) * 20);
    const out = new Float64Array(x.length);
    expOfVector(x.length, out, 0, x, 0);
    for (const [i, y] of out.entries()) expect(ulps(y, Math.exp(x[i]!))).toBeLessThanOrEqual(1);
  });
});

describe("the sum of a long row", () => {
  it("has an error far below n ε Σ |x|, whatever the length and where the row begins", () => {
    const drawn = fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { minLength: 61, maxLength: 61 });
    fc.assert(
      fc.property(drawn, fc.nat(5000), fc.nat(9), (values, length, start) => {
        // Integers times 2⁻²⁰: their sum is known exactly, and no partial sum is rounded.
        const at = (i: number): number => values[i % values.length]!;
        const data = Float64Array.from({ length: start + length + 5 }, (_, i) => at(i) * 2 ** -20);
        let exact = 0;
        for (let i = start; i < start + length; i++) exact += at(i);
        expect(pairwiseSum(data, start, length)).toBe(exact * 2 ** -20);
      }),
    );
  });

  it("is exact to a few roundings where adding one by one is not", () => {
    const n = 1_000_000;
    const sum = pairwiseSum(new Float64Array(n).fill(0.1), 0, n);
    expect(Math.abs(sum - 1e5)).toBeLessThan(1e-9);
  });

  it("is left to the plain loop where it is short", () => {
    expect(sumOfChunk(new Float64Array(8), 0, 8)).toBeNull();
  });

  it("knows NaN and infinities", () => {
    const data = new Float64Array(1000);
    data[500] = Infinity;
    expect(pairwiseSum(data, 0, 1000)).toBe(Infinity);
    data[501] = -Infinity;
    expect(pairwiseSum(data, 0, 1000)).toBeNaN();
  });
});
