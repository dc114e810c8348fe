import { arange, cat, Tensor, tensor, zeros } from "@gradient-lens/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type promoteTypes, resultType } from "./dtype.ts";
import type { Layout } from "./layout.ts";
import { broadcastShapes, contiguousStrides, inferShape, isContiguous, wrapDims } from "./shape.ts";
import type { Storage } from "./storage.ts";

const extents = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

describe("a tensor", () => {
  test("is made of nested numbers, booleans or typed arrays", () => {
    expect(
      tensor([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 2]);
    expect(tensor(5).shape).toEqual([]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor(new Float32Array([1, 2])).tolist()).toEqual([1, 2]);
    expect(tensor([1.7, -1.7], { dtype: "int64" }).tolist()).toEqual([1, -1]);
    expect(() => tensor([[1, 2], [3]])).toThrow("expected lists of length 2 at depth 1, got one of length 1");
    expect(() => tensor([[1], 2])).toThrow(/expected a number at depth 1|expected lists|got number/);
  });

  test("cannot be forged or reached into", () => {
    expect(() => new Tensor({} as Storage, 0, {} as Layout, "float64")).toThrow("made by tensor(data)");
    const x = tensor([1, 2]);
    x.shape[0] = 99;
    expect(x.shape).toEqual([2]);
    expect(Object.keys(x)).toEqual([]);
  });

  test("views share elements, copies do not", () => {
    const x = arange(6).reshape(2, 3);
    const row = x.select(0, 1);
    row.fill_(-1);
    expect(x.tolist()).toEqual([
      [0, 1, 2],
      [-1, -1, -1],
    ]);
    expect(x.t().isView()).toBe(true);
    expect(x.t().stride()).toEqual([1, 3]);
    x.clone().zero_();
    expect(x.select(0, 0).tolist()).toEqual([0, 1, 2]);
    expect(x.version).toBe(1);
    expect(row.version).toBe(1);
  });

  test("reshape is a view where strides allow and a copy where not; view never copies", () => {
    const x = arange(6).reshape(2, 3);
    expect(x.reshape(3, 2).isView()).toBe(true);
    expect(x.t().reshape(6).tolist()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(() => x.t().view(6)).toThrow("Use reshape()");
    // Splitting a dimension is a view whatever its stride, and so is joining two that are stepped through as one.
    expect(x.t().view(3, 1, 2).stride()).toEqual([1, 6, 3]);
    const cube = arange(24).reshape(2, 3, 4).permute(2, 0, 1);
    expect(cube.view(4, 6).stride()).toEqual([1, 4]);
    expect(cube.flatten(1).select(0, 1).tolist()).toEqual([1, 5, 9, 13, 17, 21]);
    cube.flatten(1).fill_(7);
    expect(cube.index(3, 1, 2).item()).toBe(7);
    const row = zeros(3);
    const copy = row.expand(2, 3).reshape(6);
    expect(copy.isView()).toBe(false);
    copy.fill_(1);
    expect(row.tolist()).toEqual([0, 0, 0]);
    const every = arange(10).slice(0, 0, null, 2).reshape(5, 1);
    expect([every.stride(), every.tolist()]).toEqual([
      [2, 2],
      [[0], [2], [4], [6], [8]],
    ]);
    expect(() => x.reshape(4, -1)).toThrow("does not fit 6 elements");
  });

  test("without elements is reshaped as any other, where -1 can stand for one size only", () => {
    const x = zeros(2, 0, 3);
    expect(x.reshape(-1).shape).toEqual([0]);
    expect(x.view(-1).shape).toEqual([0]);
    expect(x.reshape(-1, 3).shape).toEqual([0, 3]);
    expect(x.view(3, -1, 2).shape).toEqual([3, 0, 2]);
    expect(x.flatten().shape).toEqual([0]);
    expect(x.flatten(1).shape).toEqual([2, 0]);
    expect(zeros(0, 2, 3).flatten(1).shape).toEqual([0, 6]);
    expect(zeros(3, 2, 0).flatten(0, 1).shape).toEqual([6, 0]);
    expect(x.reshape(0, 7).shape).toEqual([0, 7]);
    expect(() => x.reshape(0, -1)).toThrow("any size would do for -1");
    expect(() => x.reshape(2)).toThrow("does not fit 0 elements");
  });

  test("without dimensions has no size along one, as in torch", () => {
    expect(() => tensor(3).size(-1)).toThrow("got a 0-dimensional tensor");
    expect(tensor([3]).size(-1)).toBe(1);
  });

  test("a size that is no number is refused, and spoils nothing for the next tensor", () => {
    expect(() => zeros(2).expand(Number.NaN as number, 2)).toThrow();
    expect(() => tensor([1, 2]).diagEmbed(Number.NaN)).toThrow();
    expect(() => tensor([1, 2]).diagEmbed("1" as never)).toThrow();
    expect(tensor([1, 2]).tolist()).toEqual([1, 2]);
  });

  test("small tensors cut from one slab do not overlap", () => {
    const many = Array.from({ length: 3000 }, (_, i) => zeros(3).fill_(i));
    expect(many.every((x, i) => String(x.tolist()) === String([i, i, i]))).toBe(true);
  });
});

describe("shapes", () => {
  test("broadcasting is commutative, and a shape broadcasts with itself to itself", () => {
    fc.assert(
      fc.property(extents, extents, (a, b) => {
        const attempt = (x: number[], y: number[]) => {
          try {
            return broadcastShapes(x, y);
          } catch {
            return null;
          }
        };
        expect(attempt(a, b)).toEqual(attempt(b, a));
        expect(attempt(a, a)).toEqual(a);
      }),
    );
    expect(() => broadcastShapes([2, 3], [2])).toThrow("(2, 3) and (2,) do not broadcast");
  });

  test("row-major strides are contiguous", () => {
    fc.assert(fc.property(extents, shape => isContiguous(shape, contiguousStrides(shape))));
  });

  test("dims wrap, and name themselves when they do not fit", () => {
    expect(wrapDims([-1, 0], 3)).toEqual([0, 2]);
    expect(wrapDims([], 2)).toEqual([0, 1]);
    expect(() => wrapDims(2, 2)).toThrow("expected an integer from -2 to 1, got 2");
    expect(() => wrapDims([0, -2], 2)).toThrow("twice");
    expect(inferShape([2, -1], 6)).toEqual([2, 3]);
  });
});

describe("dtypes", () => {
  const operand = (dtype: Parameters<typeof promoteTypes>[0], ndim: number, wrappedNumber = false) => ({
    dtype,
    ndim,
    wrappedNumber,
  });

  test("promote as torch's do", () => {
    expect(resultType([operand("float32", 1), operand("float64", 0)])).toBe("float32");
    expect(resultType([operand("int64", 2), operand("float32", 0)])).toBe("float32");
    expect(resultType([operand("float32", 1), operand("float64", 0, true)])).toBe("float32");
    expect(resultType([operand("int64", 1), operand("float64", 0, true)])).toBe("float64");
    expect(resultType([operand("bool", 1), operand("int64", 0, true)])).toBe("int64");
    expect(resultType([operand("float32", 1), operand("float64", 1)])).toBe("float64");
    expect(tensor([1, 2], { dtype: "int64" }).add(1).dtype).toBe("int64");
    expect(tensor([1, 2], { dtype: "int64" }).div(2).dtype).toBe("float64");
    expect(tensor([1, 2], { dtype: "float32" }).mul(0.1).dtype).toBe("float32");
    expect(cat([tensor([1], { dtype: "int64" }), tensor([0.5])]).dtype).toBe("float64");
  });
});
