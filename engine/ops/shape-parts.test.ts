/** @file The values of diagonals, parts and joins, written out from torch's documentation; the rest is in shape.test.ts. */

import * as gl from "@gradient-lens/engine";
import { arange, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { allShown, int, shapes, shares, shown } from "../../test/elements.ts";

/** [[0, 1, 2], [3, 4, 5]] */
const matrix = (): Tensor => arange(6).reshape(2, 3);
/** 0 … 23 as (2, 3, 4). */
const cube = (): Tensor => arange(24).reshape(2, 3, 4);

describe("diagonals and triangles", () => {
  test("diagonal, diag, diagEmbed, diagflat", () => {
    const x = matrix();
    expect(shown(x.diagonal())).toBe("[0,4]");
    expect(shown(x.diagonal({ offset: 1 }))).toBe("[1,5]");
    expect(shown(x.diagonal(-1))).toBe("[3]");
    expect(x.diagonal(7).shape).toEqual([0]);
    expect(x.diagonal(-7).shape).toEqual([0]);
    expect(shown(gl.diagonal(cube(), { offset: 1, dim1: -1, dim2: 0 }))).toBe("[[12],[16],[20]]");
    expect(zeros(0, 3).diagonal().shape).toEqual([0]);
    expect(() => x.diagonal(0, 1, -1)).toThrow("two different ones of 2 dimensions, got 1 and -1");
    expect(() => zeros(3).diagonal()).toThrow("a matrix or a batch of them, got (3,)");
    expect(() => x.diagonal(0.5)).toThrow("an integer offset, got 0.5");
    expect(shown(gl.diag(tensor([1, 2]), 1))).toBe("[[0,1,0],[0,0,2],[0,0,0]]");
    expect(shown(x.diag({ diagonal: 1 }))).toBe("[1,5]");
    expect(shares(x.diag(), x)).toBe(false);
    expect(shares(x.diagonal(), x)).toBe(true);
    expect(() => tensor(3).diag()).toThrow("a vector or a matrix, got ()");
    expect(shown(tensor([[1, 2]]).diagEmbed())).toBe("[[[1,0],[0,2]]]");
    expect(shown(tensor([1, 2]).diagEmbed(-1))).toBe("[[0,0,0],[1,0,0],[0,2,0]]");
    expect(shown(gl.diagEmbed(tensor([1, 2]), { offset: 1, dim1: 1, dim2: 0 }))).toBe(
      "[[0,0,0],[1,0,0],[0,2,0]]",
    );
    expect(shown(gl.diagEmbed(tensor([[1, 2]]), { dim1: 0, dim2: 2 }))).toBe("[[[1,0]],[[0,2]]]");
    expect(gl.diagEmbed(zeros(2, 0), 1).shape).toEqual([2, 1, 1]);
    expect(() => tensor(3).diagEmbed()).toThrow("Dimension out of range");
    expect(() => x.diagEmbed(0, 1, -2)).toThrow("two different ones of 3 dimensions");
    expect(shown(gl.diagflat(tensor([[1], [2]]), { offset: 1 }))).toBe("[[0,1,0],[0,0,2],[0,0,0]]");
    expect(shown(tensor(3).diagflat())).toBe("[[3]]");
    expect(zeros(0).diagflat(-2).shape).toEqual([2, 2]);
  });

  test("tril and triu", () => {
    expect(shown(matrix().tril())).toBe("[[0,0,0],[3,4,0]]");
    expect(shown(matrix().triu({ diagonal: 1 }))).toBe("[[0,1,2],[0,0,5]]");
    expect(shown(gl.tril(matrix(), -1))).toBe("[[0,0,0],[3,0,0]]");
    expect(shown(gl.triu(matrix().t(), -1))).toBe("[[0,3],[1,4],[0,5]]");
    expect(gl.triu(zeros(2, 0, 3)).shape).toEqual([2, 0, 3]);
    expect(() => zeros(3).tril()).toThrow("tril() expected a matrix, got (3,)");
    expect(() => matrix().triu("1" as never)).toThrow("an integer for diagonal, got a string");
  });

  test("blockDiag", () => {
    const [a, b] = [tensor([[1, 2]]), tensor([[3], [4]])];
    expect(shown(gl.blockDiag(a, b))).toBe("[[1,2,0],[0,0,3],[0,0,4]]");
    expect(shown(gl.blockDiag([tensor(7), tensor([8, 9])]))).toBe("[[7,0,0],[0,8,9]]");
    expect(gl.blockDiag(zeros(0), tensor([1])).shape).toEqual([2, 1]);
    expect(gl.blockDiag().shape).toEqual([1, 0]);
    expect(gl.blockDiag(a, int([1])).dtype).toBe("float64");
    expect(() => gl.blockDiag(cube())).toThrow("matrices at most, got (2, 3, 4)");
  });
});

describe("parts", () => {
  test("slice, narrow, select, unbind", () => {
    const x = cube();
    expect(shown(arange(6).slice())).toBe("[0,1,2,3,4,5]");
    expect(shown(gl.slice(arange(6), { start: 1, step: 2 }))).toBe("[1,3,5]");
    expect(shown(gl.slice(arange(6), 0, -4, -1))).toBe("[2,3,4]");
    expect(shown(gl.slice(arange(6), 0, -100, 100))).toBe("[0,1,2,3,4,5]");
    expect(shown(gl.slice(arange(6), 0, null, 2 ** 63))).toBe("[0,1,2,3,4,5]");
    expect(gl.slice(arange(6), 0, 4, 2).shape).toEqual([0]);
    expect(shown(x.slice({ dim: -1, start: 1, end: 4, step: 2 }).select(0, 0))).toBe("[[1,3],[5,7],[9,11]]");
    expect(() => arange(6).slice(0, 0, 6, 0)).toThrow("a step of 1 or more, got 0");
    expect(() => arange(6).slice(0, 0.5)).toThrow("integers for start and end, got 0.5");
    expect(() => tensor(3).slice()).toThrow("0-d");
    expect(shown(matrix().narrow(1, 1, 2))).toBe("[[1,2],[4,5]]");
    expect(shown(gl.narrow(matrix(), { dim: -1, start: int(-2), length: 1 }))).toBe("[[1],[4]]");
    expect(gl.narrow(matrix(), 1, 3, 0).shape).toEqual([2, 0]);
    expect(() => matrix().narrow(1, 2, 2)).toThrow("start 2 and length 2 exceed dimension 1 of size 3");
    expect(() => matrix().narrow(1, -4, 1)).toThrow("start -4");
    expect(() => matrix().narrow(1, tensor(1), 1)).toThrow(
      "0-d tensor of integers for start, got float64 ()",
    );
    expect(() => matrix().narrow(1, int([1]), 1)).toThrow("got int64 (1,)");
    expect(shown(matrix().select({ dim: 1, index: -1 }))).toBe("[2,5]");
    expect(gl.select(arange(3), 0, 1).shape).toEqual([]);
    expect(() => matrix().select(0, 2)).toThrow("Index 2 is out of range for dimension 0 with size 2");
    expect(allShown(matrix().unbind())).toBe("[0,1,2] [3,4,5]");
    expect(allShown(gl.unbind(matrix(), { dim: -1 }))).toBe("[0,3] [1,4] [2,5]");
    expect(zeros(0, 2).unbind()).toEqual([]);
    expect(() => tensor(3).unbind()).toThrow("0-d");
  });

  test("split, splitWithSizes, chunk", () => {
    const x = arange(5);
    expect(allShown(x.split(2))).toBe("[0,1] [2,3] [4]");
    expect(allShown(gl.split(x, { splitSizeOrSections: [1, 4] }))).toBe("[0] [1,2,3,4]");
    expect(shapes(gl.split(cube(), 2, -1))).toBe("[2,3,2] [2,3,2]");
    expect(shapes(zeros(0, 2).split(3))).toBe("[0,2]");
    expect(shapes(zeros(0, 2).split(0))).toBe("[0,2]");
    expect(() => x.split(0)).toThrow("a size of 1 or more, got 0");
    expect(() => x.split([2, 2])).toThrow("split() expected sizes that add up to 5, got [2, 2]");
    expect(() => x.split([6, -1])).toThrow("add up to 5, got [6, -1]");
    expect(() => tensor(3).split(1)).toThrow("0-d");
    expect(allShown(x.splitWithSizes([2, 0, 3]))).toBe("[0,1] [] [2,3,4]");
    expect(allShown(gl.splitWithSizes(matrix(), { splitSizes: [1, 2], dim: -1 }))).toBe(
      "[[0],[3]] [[1,2],[4,5]]",
    );
    expect(() => x.splitWithSizes([1])).toThrow("splitWithSizes() expected sizes that add up to 5");
    expect(allShown(x.chunk(2))).toBe("[0,1,2] [3,4]");
    expect(allShown(arange(6).chunk({ chunks: 4 }))).toBe("[0,1] [2,3] [4,5]");
    expect(allShown(gl.chunk(arange(2), 5))).toBe("[0] [1]");
    expect(shapes(zeros(2, 0).chunk(3, 1))).toBe("[2,0] [2,0] [2,0]");
    expect(() => x.chunk(0)).toThrow("1 or more chunks, got 0");
    expect(shares(x.chunk(2)[1]!, x)).toBe(true);
  });

  test("tensorSplit", () => {
    // torch.tensor_split's examples.
    const x = arange(8);
    expect(allShown(x.tensorSplit(3))).toBe("[0,1,2] [3,4,5] [6,7]");
    expect(allShown(arange(7).tensorSplit([1, 6]))).toBe("[0] [1,2,3,4,5] [6]");
    expect(allShown(gl.tensorSplit(x, [1, 5, 10, 8]))).toBe("[0] [1,2,3,4] [5,6,7] [] []");
    expect(allShown(gl.tensorSplit(x, [5, 2]))).toBe("[0,1,2,3,4] [] [2,3,4,5,6,7]");
    expect(allShown(gl.tensorSplit(x, [-3]))).toBe("[0,1,2,3,4] [5,6,7]");
    expect(allShown(gl.tensorSplit(x, []))).toBe("[0,1,2,3,4,5,6,7]");
    expect(allShown(x.tensorSplit(int([2, 7])))).toBe("[0,1] [2,3,4,5,6] [7]");
    expect(allShown(x.tensorSplit({ indicesOrSections: int(2) }))).toBe("[0,1,2,3] [4,5,6,7]");
    expect(allShown(arange(2).tensorSplit(3))).toBe("[0] [1] []");
    expect(allShown(gl.tensorSplit(matrix(), 2, -1))).toBe("[[0,1],[3,4]] [[2],[5]]");
    expect(() => x.tensorSplit(0)).toThrow("1 or more sections, got 0");
    expect(() => x.tensorSplit(tensor([1, 2]))).toThrow("got float64 (2,)");
    expect(() => tensor(3).tensorSplit(1)).toThrow("0-d");
  });

  test("unfold: windows along a dimension", () => {
    // Tensor.unfold's example.
    const x = arange(1, 8);
    expect(shown(x.unfold(0, 2, 1))).toBe("[[1,2],[2,3],[3,4],[4,5],[5,6],[6,7]]");
    expect(shown(x.unfold(0, 2, 2))).toBe("[[1,2],[3,4],[5,6]]");
    expect(shown(x.unfold({ dimension: -1, size: 3, step: 4 }))).toBe("[[1,2,3],[5,6,7]]");
    expect(shown(matrix().unfold(1, 2, 1))).toBe("[[[0,1],[1,2]],[[3,4],[4,5]]]");
    expect(shown(matrix().unfold(0, 1, 1))).toBe("[[[0],[1],[2]],[[3],[4],[5]]]");
    expect(matrix().unfold(0, 0, 1).shape).toEqual([3, 3, 0]);
    expect(shown(tensor(3).unfold(0, 1, 1))).toBe("[3]");
    expect(tensor(3).unfold(-1, 0, 1).shape).toEqual([0]);
    expect(zeros(0, 2).unfold(0, 0, 3).shape).toEqual([1, 2, 0]);
    expect(() => x.unfold(0, 8, 1)).toThrow("a size from 0 to 7, that of dimension 0, got 8");
    expect(() => x.unfold(0, 2, 0)).toThrow("a step of 1 or more, got 0");
    expect(shares(x.unfold(0, 2, 1), x)).toBe(true);
  });

  test("sliceScatter, selectScatter, diagonalScatter write to a copy", () => {
    const x = zeros(2, 3);
    expect(shown(x.sliceScatter(tensor([[1], [2]]), 1, 1, 2))).toBe("[[0,1,0],[0,2,0]]");
    expect(shown(gl.sliceScatter(x, tensor([[1, 2, 3]]), { start: -1 }))).toBe("[[0,0,0],[1,2,3]]");
    expect(shown(gl.sliceScatter(x, gl.ones(2, 2), { dim: -1, step: 2 }))).toBe("[[1,0,1],[1,0,1]]");
    expect(shown(x.selectScatter(tensor([1, 2]), 1, -1))).toBe("[[0,0,1],[0,0,2]]");
    expect(shown(gl.selectScatter(zeros(2), tensor(5), { dim: 0, index: 1 }))).toBe("[0,5]");
    expect(shown(x.diagonalScatter(tensor([1, 2]), 1))).toBe("[[0,1,0],[0,0,2]]");
    expect(shown(gl.diagonalScatter(x, tensor([7]), { offset: 1, dim1: 1, dim2: 0 }))).toBe(
      "[[0,0,0],[7,0,0]]",
    );
    expect(shown(gl.diagonalScatter(x.t(), tensor([1, 2])))).toBe("[[1,0],[0,2],[0,0]]");
    expect(shown(x)).toBe("[[0,0,0],[0,0,0]]");
    expect(() => x.selectScatter(tensor([1, 2]), 0, 0)).toThrow("a source of shape (3,), got (2,)");
    expect(() => x.sliceScatter(zeros(3), 0, 0, 1)).toThrow("a source of shape (1, 3), got (3,)");
    expect(() => x.diagonalScatter(zeros(3))).toThrow("a source of shape (2,), got (3,)");
    expect(() => x.selectScatter(tensor([1, 2]), 1, 3)).toThrow("Index 3 is out of range");
  });
});

describe("joining", () => {
  test("cat and stack", () => {
    expect(shown(gl.cat([matrix(), zeros(0), gl.ones(1, 3)], { dim: -2 }))).toBe("[[0,1,2],[3,4,5],[1,1,1]]");
    expect(gl.concat([matrix(), matrix()], 1).shape).toEqual([2, 6]);
    expect(() => gl.cat([tensor(1)])).toThrow("Use stack()");
    expect(() => gl.cat([matrix(), zeros(2, 2)])).toThrow("one shape except in dimension 0");
    expect(shown(gl.stack([tensor(1), tensor(2)]))).toBe("[1,2]");
    expect(shown(gl.stack([arange(2), arange(2)], { dim: -1 }))).toBe("[[0,0],[1,1]]");
    expect(() => gl.stack([zeros(2), zeros(3)])).toThrow("equal shape, got (2,), (3,)");
  });

  test("hstack, vstack, dstack, columnStack", () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    const [A, B] = [a.unsqueeze(1), b.unsqueeze(1)];
    expect(shown(gl.hstack([a, b]))).toBe("[1,2,3,4]");
    expect(shown(gl.hstack([A, B]))).toBe("[[1,3],[2,4]]");
    expect(shown(gl.hstack([tensor(1), b]))).toBe("[1,3,4]");
    expect(shown(gl.vstack([a, b]))).toBe("[[1,2],[3,4]]");
    expect(shown(gl.rowStack([A, B]))).toBe("[[1],[2],[3],[4]]");
    expect(shown(gl.vstack([tensor(1), tensor(2)]))).toBe("[[1],[2]]");
    expect(shown(gl.dstack([a, b]))).toBe("[[[1,3],[2,4]]]");
    expect(shown(gl.dstack([A, B]))).toBe("[[[1,3]],[[2,4]]]");
    expect(shown(gl.dstack([tensor(1), tensor(2)]))).toBe("[[[1,2]]]");
    expect(gl.dstack([cube(), cube()]).shape).toEqual([2, 3, 8]);
    expect(shown(gl.columnStack([a, b]))).toBe("[[1,3],[2,4]]");
    expect(shown(gl.columnStack([a, A, zeros(2, 2)]))).toBe("[[1,1,0,0],[2,2,0,0]]");
    expect(shown(gl.columnStack([tensor(1), tensor([[2, 3]])]))).toBe("[[1,2,3]]");
    expect(gl.columnStack({ tensors: [zeros(0), zeros(0)] }).shape).toEqual([0, 2]);
    expect(() => gl.vstack([])).toThrow("vstack() expected a list of one or more tensors");
    expect(() => gl.vstack([a, zeros(3)])).toThrow("one shape except in dimension 0, got (1, 2), (1, 3)");
    expect(() => gl.hstack([a, A])).toThrow("one shape except in dimension 0");
  });

  test("meshgrid and cartesianProd", () => {
    const [x, y] = [tensor([1, 2, 3]), tensor([4, 5])];
    expect(allShown(gl.meshgrid(x, y))).toBe("[[1,1],[2,2],[3,3]] [[4,5],[4,5],[4,5]]");
    expect(allShown(gl.meshgrid([x, y], { indexing: "ij" }))).toBe("[[1,1],[2,2],[3,3]] [[4,5],[4,5],[4,5]]");
    expect(allShown(gl.meshgrid(x, y, { indexing: "xy" }))).toBe("[[1,2,3],[1,2,3]] [[4,4,4],[5,5,5]]");
    expect(shapes(gl.meshgrid([x, y, tensor(0), zeros(4)], { indexing: "xy" }))).toBe(
      "[2,3,1,4] [2,3,1,4] [2,3,1,4] [2,3,1,4]",
    );
    expect(allShown(gl.meshgrid(tensor(1)))).toBe("[1]");
    expect(shapes(gl.meshgrid(zeros(0), x))).toBe("[0,3] [0,3]");
    expect(shares(gl.meshgrid(x, y)[0]!, x)).toBe(true);
    expect(() => gl.meshgrid([])).toThrow("one or more vectors");
    expect(() => gl.meshgrid(x, matrix())).toThrow("of one dtype, got float64 (3,), int64 (2, 3)");
    expect(() => gl.meshgrid(x, int([1]))).toThrow("of one dtype, got float64 (3,), int64 (1,)");
    expect(() => gl.meshgrid([x], { indexing: "yx" as never })).toThrow(
      '"ij" or "xy" for indexing, got "yx"',
    );
    expect(shown(gl.cartesianProd(tensor([1, 2]), y))).toBe("[[1,4],[1,5],[2,4],[2,5]]");
    expect(gl.cartesianProd([arange(2), arange(3), arange(4)]).shape).toEqual([24, 3]);
    expect(shown(gl.cartesianProd(y))).toBe("[4,5]");
    expect(gl.cartesianProd(zeros(0), y).shape).toEqual([0, 2]);
    expect(() => gl.cartesianProd(y, matrix())).toThrow("one or more vectors, got (2,), (2, 3)");
  });
});
