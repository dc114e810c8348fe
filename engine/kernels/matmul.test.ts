import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { matmulInto } from "./matmul.ts";
import { matmulBlocks } from "./matmul-blocks.ts";
import { matmulLoops } from "./matmul-loops.ts";

/** A matrix somewhere in an array: its elements by place, and where they lie. */
interface Operand {
  readonly data: Float64Array;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly a: Operand;
  readonly b: Operand;
  /** What C holds before. */
  readonly c: Float64Array;
  readonly cOffset: number;
}

const entry = fc.oneof(
  { weight: 30, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1e300, -1e300, 1e-300) },
);
const wildEntry = fc.oneof(
  { weight: 200, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity) },
);
const extent = fc.integer({ min: 0, max: 70 });

/** Fills an array from a few drawn numbers: drawing thousands would be slow. */
function spread(values: readonly number[], length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => values[(i * 7 + (i >> 4)) % values.length]!);
}

function operand(rows: number, columns: number, values: fc.Arbitrary<number>): fc.Arbitrary<Operand> {
  const layout = fc.constantFrom("rows", "columns", "gaps", "repeated");
  const offset = fc.integer({ min: 0, max: 9 });
  return fc
    .record({ layout, offset, values: fc.array(values, { minLength: 97, maxLength: 97 }) })
    .map(({ layout, offset, values }) => {
      const [row, column] = {
        rows: [columns, 1],
        columns: [1, rows],
        gaps: [2 * columns + 3, 2],
        repeated: [0, 1],
      }[layout] as [number, number];
      const length = offset + Math.max(rows - 1, 0) * row + Math.max(columns - 1, 0) * column + 1;
      return { data: spread(values, length), offset, row, column };
    });
}

function product(values: fc.Arbitrary<number>): fc.Arbitrary<Product> {
  return fc.tuple(extent, extent, extent, fc.integer({ min: 0, max: 5 })).chain(([m, k, n, cOffset]) =>
    fc.record({
      m: fc.constant(m),
      k: fc.constant(k),
      n: fc.constant(n),
      a: operand(m, k, values),
      b: operand(k, n, values),
      c: fc.double({ min: -1, max: 1, noNaN: true }).map(x => new Float64Array(cOffset + m * n + 3).fill(x)),
      cOffset: fc.constant(cOffset),
    }),
  );
}

type Matmul = typeof matmulLoops;

function run(matmul: Matmul, { m, k, n, a, b, c, cOffset }: Product): Float64Array {
  const out = c.slice();
  matmul(m, k, n, a.data, a.offset, a.row, a.column, b.data, b.offset, b.row, b.column, out, cOffset);
  return out;
}

/** Each entry against its definition, to within k roundings of Σ |a| |b|; nothing but C is written to. */
function expectProduct(result: Float64Array, { m, k, n, a, b, c, cOffset }: Product): void {
  for (let at = 0; at < result.length; at++) {
    const [i, j] = [Math.floor((at - cOffset) / n), (at - cOffset) % n];
    let exact = c[at]!;
    let size = Math.abs(exact);
    if (at >= cOffset && at < cOffset + m * n) {
      for (let p = 0; p < k; p++) {
        const term =
          a.data[a.offset + i * a.row + p * a.column]! * b.data[b.offset + p * b.row + j * b.column]!;
        exact += term;
        size += Math.abs(term);
      }
    }
    const error = Object.is(result[at], exact) || result[at] === exact ? 0 : Math.abs(result[at]! - exact);
    // Where the sum overflows, its order decides; where it is NaN, both are.
    if (!Number.isFinite(size)) expect(Number.isFinite(result[at]!)).toBe(Number.isFinite(exact));
    else expect(error).toBeLessThanOrEqual((k + 1) * Number.EPSILON * size);
  }
}

describe.each<[string, Matmul]>([
  ["in loops", matmulLoops],
  ["in blocks", matmulBlocks],
  ["as it comes", matmulInto as Matmul],
])("a matrix product %s", (_, matmul) => {
  it("is Σ a b for any sizes, strides and offsets", () => {
    fc.assert(fc.property(product(entry), given => expectProduct(run(matmul, given), given)));
  });

  it("has the same NaN and infinities as by its definition", () => {
    fc.assert(
      fc.property(product(wildEntry), given => {
        const result = run(matmul, given);
        const { m, k, n, a, b, c, cOffset } = given;
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let exact = c[cOffset]!;
            for (let p = 0; p < k; p++) {
              exact +=
                a.data[a.offset + i * a.row + p * a.column]! * b.data[b.offset + p * b.row + j * b.column]!;
            }
            if (!Number.isFinite(exact)) expect(result[cOffset + i * n + j]).toBe(exact);
            else expect(result[cOffset + i * n + j]).toSatisfy(Number.isFinite);
          }
        }
      }),
    );
  });

  it("goes across the blocks' edges", () => {
    const [m, k, n] = [131, 261, 517];
    const values = Array.from({ length: 97 }, (_, i) => Math.sin(i));
    const a = { data: spread(values, m * k), offset: 0, row: 1, column: m };
    const b = { data: spread(values.toReversed(), k * n), offset: 0, row: n, column: 1 };
    const given = { m, k, n, a, b, c: new Float64Array(m * n).fill(1), cOffset: 0 };
    expectProduct(run(matmul, given), given);
  });
});

it("rounds a float32 product to float32", () => {
  const n = 40;
  const a = Float32Array.from({ length: n * n }, (_, i) => Math.sin(i));
  const c = new Float32Array(n * n);
  matmulInto(n, n, n, a, 0, n, 1, a, 0, 1, n, c, 0);
  for (let i = 0; i < n; i++) {
    let [norm, at] = [0, i * n];
    for (const end = at + n; at < end; at++) norm += a[at]! * a[at]!;
    expect(c[i * n + i]).toBeCloseTo(norm, 5);
  }
});

describe("without what the machine may lack", () => {
  const n = 33;
  const a = Float64Array.from({ length: n * n }, (_, i) => Math.sin(i));
  const expected = new Float64Array(n * n);
  matmulLoops(n, n, n, a, 0, n, 1, a, 0, n, 1, expected, 0);

  /** The engine's kernels, loaded anew where `WebAssembly` is what is given. */
  async function loadedWith(api: object | undefined) {
    vi.resetModules();
    vi.stubGlobal("WebAssembly", api);
    try {
      return [await import("./matmul.ts"), await import("./matmul-blocks.ts")] as const;
    } finally {
      vi.unstubAllGlobals();
    }
  }

  const native = (globalThis as { WebAssembly?: object }).WebAssembly as {
    validate(bytes: Uint8Array): boolean;
    Module: object;
    Instance: object;
  };
  const { Module, Instance } = native;
  let asked = 0;
  const withoutFused = {
    Module,
    Instance,
    validate: (bytes: Uint8Array) => asked++ > 0 && native.validate(bytes),
  };
  const forbidden = {
    Instance,
    validate: () => true,
    Module: class {
      constructor() {
        throw new EvalError("unsafe-eval is not an allowed source of script");
      }
    },
  };

  it.each([
    ["WebAssembly", undefined, false],
    ["SIMD", { Module, Instance, validate: () => false }, false],
    ["fused multiply-add", withoutFused, true],
    ["leave to compile", forbidden, false],
  ])("%s, products are the same to within rounding", async (_, api, blocks) => {
    const [{ matmulInto }, { hasBlocks }] = await loadedWith(api);
    expect(hasBlocks).toBe(blocks);
    const c = new Float64Array(n * n);
    matmulInto(n, n, n, a, 0, n, 1, a, 0, n, 1, c, 0);
    for (const [i, x] of c.entries()) expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-13);
  });
});
