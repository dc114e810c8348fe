/** @file The values of all that rearranges elements, written out from torch's documentation; their derivatives are in shape-derivatives.test.ts. */

import * as gl from "@gradient-lens/engine";
import { arange, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { int, shapes, shares, shown } from "../../test/elements.ts";

/** [[0, 1, 2], [3, 4, 5]] */
const matrix = (): Tensor => arange(6).reshape(2, 3);
/** 0 … 23 as (2, 3, 4). */
const cube = (): Tensor => arange(24).reshape(2, 3, 4);

describe("shape", () => {
  test("flatten, ravel, unflatten", () => {
    expect(cube().flatten().shape).toEqual([24]);
    expect(cube().flatten(1).shape).toEqual([2, 12]);
    expect(gl.flatten(cube(), { startDim: -3, endDim: -2 }).shape).toEqual([6, 4]);
    expect(cube().flatten({ endDim: 1 }).shape).toEqual([6, 4]);
    expect(tensor(3).flatten().shape).toEqual([1]);
    expect(tensor(3).flatten(0, -1).shape).toEqual([1]);
    expect(() => cube().flatten(2, 1)).toThrow("startDim before endDim, got 2 and 1 of (2, 3, 4)");
    expect(() => cube().flatten(3)).toThrow("from -3 to 2, got 3");
    expect(shown(matrix().t().ravel())).toBe("[0,3,1,4,2,5]");
    expect(gl.ravel(tensor(3)).shape).toEqual([1]);
    const x = cube();
    expect(x.unflatten(1, [3, 1]).shape).toEqual([2, 3, 1, 4]);
    expect(gl.unflatten(x, { dim: -1, sizes: [-1, 2] }).shape).toEqual([2, 3, 2, 2]);
    expect(shown(x.permute(2, 0, 1).unflatten(0, [2, 2]).select(1, 1).select(-1, 0))).toBe("[[1,13],[3,15]]");
    expect(shares(x.transpose(0, 2).unflatten(0, [2, -1]), x)).toBe(true);
    expect(zeros(0, 2).unflatten(0, [3, -1]).shape).toEqual([3, 0, 2]);
    expect(() => x.unflatten(1, [2, -1])).toThrow("does not fit 3 elements");
    expect(() => zeros(0).unflatten(0, [0, -1])).toThrow("any size would do for -1");
    expect(() => x.unflatten(1, [])).toThrow("at least one size");
    expect(() => tensor(3).unflatten(0, [1])).toThrow("0-d");
  });

  test("squeeze and unsqueeze", () => {
    const x = zeros(1, 2, 1, 3);
    expect(x.squeeze().shape).toEqual([2, 3]);
    expect(x.squeeze(0).shape).toEqual([2, 1, 3]);
    expect(x.squeeze(1).shape).toEqual([1, 2, 1, 3]);
    expect(x.squeeze({ dim: [0, -2] }).shape).toEqual([2, 3]);
    expect(x.squeeze([]).shape).toEqual([1, 2, 1, 3]);
    expect(tensor(3).squeeze(-1).shape).toEqual([]);
    expect(() => x.squeeze([0, -4])).toThrow("each dimension once, got [0, 0]");
    expect(x.unsqueeze({ dim: -1 }).shape).toEqual([1, 2, 1, 3, 1]);
    expect(gl.unsqueeze(tensor(3), 0).shape).toEqual([1]);
    expect(matrix().unsqueeze(1).stride()).toEqual([3, 3, 1]);
    expect(() => tensor(3).unsqueeze(1)).toThrow("from -1 to 0, got 1");
  });

  test("view and reshape by name, and like another", () => {
    expect(matrix().view({ size: [3, -1] }).shape).toEqual([3, 2]);
    expect(matrix().view(zeros(6).shape).shape).toEqual([6]);
    expect(matrix().viewAs(zeros(3, 2)).shape).toEqual([3, 2]);
    expect(shown(matrix().t().reshapeAs(zeros(2, 3)))).toBe("[[0,3,1],[4,2,5]]");
    expect(tensor(3).reshape(1, -1).shape).toEqual([1, 1]);
    expect(tensor([3]).reshape([]).shape).toEqual([]);
    expect(() => matrix().reshape(-1, -1)).toThrow("at most once");
    expect(() => matrix().reshape(-2, -3)).toThrow("does not fit 6 elements");
  });
});

describe("order of dimensions", () => {
  test("permute, transpose, movedim", () => {
    const x = cube();
    expect(x.permute(2, 0, 1).shape).toEqual([4, 2, 3]);
    expect(gl.permute(x, { dims: [-1, 0, 1] }).shape).toEqual([4, 2, 3]);
    expect(tensor(3).permute([]).shape).toEqual([]);
    expect(() => x.permute(0, 1)).toThrow("each of 3 dimensions once, got [0, 1]");
    expect(() => x.permute(0, 1, -2)).toThrow("each of 3 dimensions once, got [0, 1, -2]");
    expect(x.transpose({ dim0: 0, dim1: -1 }).shape).toEqual([4, 3, 2]);
    expect(gl.swapaxes(x, 0, 1).shape).toEqual([3, 2, 4]);
    expect(x.swapdims(0, 1).shape).toEqual([3, 2, 4]);
    expect(tensor(3).transpose(0, -1).shape).toEqual([]);
    expect(x.movedim(0, 2).shape).toEqual([3, 4, 2]);
    expect(x.movedim([0, 1], [-1, 0]).shape).toEqual([3, 4, 2]);
    expect(gl.movedim(x, { source: -1, destination: 0 }).shape).toEqual([4, 2, 3]);
    expect(gl.moveaxis(x, [2, 0], [0, 1]).shape).toEqual([4, 2, 3]);
    expect(x.movedim(1, 1).shape).toEqual([2, 3, 4]);
    expect(tensor(3).movedim(0, 0).shape).toEqual([]);
    expect(zeros(0, 2).movedim(0, 1).shape).toEqual([2, 0]);
    expect(shown(matrix().movedim(0, 1))).toBe("[[0,3],[1,4],[2,5]]");
    expect(() => x.movedim([0, 1], [0])).toThrow("as many destinations as sources, got 1 for 2");
    expect(() => x.movedim([0, -3], [0, 1])).toThrow("each source once, got [0, 0]");
    expect(() => x.movedim([0, 1], [2, -1])).toThrow("each destination once, got [2, 2]");
    expect(shares(x.movedim(0, 2), x)).toBe(true);
  });
});

describe("repetition", () => {
  test("expand", () => {
    const x = zeros(3, 1);
    expect(x.expand(3, 4).shape).toEqual([3, 4]);
    expect(x.expand({ size: [2, -1, 4] }).shape).toEqual([2, 3, 4]);
    expect(x.expand(3, 0).shape).toEqual([3, 0]);
    expect(gl.broadcastTo(x, [5, 3, 1]).shape).toEqual([5, 3, 1]);
    expect(gl.broadcastTo(tensor(1), { size: [2] }).shape).toEqual([2]);
    expect(x.expandAs(zeros(3, 2)).shape).toEqual([3, 2]);
    expect(() => x.expand(-1, 3, 4)).toThrow("cannot make (-1, 3, 4) of (3, 1)");
    expect(() => x.expand(2, 4)).toThrow("cannot make (2, 4) of (3, 1)");
    expect(() => x.expand(4)).toThrow("cannot make (4,) of (3, 1)");
    expect(shapes(gl.broadcastTensors(zeros(3, 1), zeros(4), tensor(1)))).toBe("[3,4] [3,4] [3,4]");
    expect(shapes(gl.broadcastTensors([zeros(0), zeros(1)]))).toBe("[0] [0]");
  });

  test("repeat and tile copy the whole", () => {
    expect(shown(tensor([1, 2]).repeat(2, 2))).toBe("[[1,2,1,2],[1,2,1,2]]");
    expect(shown(tensor([[1], [2]]).repeat({ repeats: [1, 3] }))).toBe("[[1,1,1],[2,2,2]]");
    expect(matrix().repeat(0, 1).shape).toEqual([0, 3]);
    expect(tensor(3).repeat(2).tolist()).toEqual([3, 3]);
    expect(zeros(0).repeat(3).shape).toEqual([0]);
    expect(() => matrix().repeat(2)).toThrow("at least 2 numbers for (2, 3), got 1");
    expect(() => tensor([1]).repeat(-1)).toThrow("counts of 0 or more, got -1");
    const x = matrix();
    expect(shares(x.repeat(1, 1), x)).toBe(false);
    expect(shares(x.tile(1), x)).toBe(false);
    expect(shown(matrix().tile(2))).toBe("[[0,1,2,0,1,2],[3,4,5,3,4,5]]");
    expect(matrix().tile([2, 1, 1]).shape).toEqual([2, 2, 3]);
    expect(gl.tile(matrix(), { dims: [] }).shape).toEqual([2, 3]);
    expect(() => matrix().tile(-1)).toThrow("tile() expected counts");
  });

  test("repeatInterleave copies each entry", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(shown(x.repeatInterleave(2))).toBe("[1,1,2,2,3,3,4,4]");
    expect(shown(x.repeatInterleave(3, 1))).toBe("[[1,1,1,2,2,2],[3,3,3,4,4,4]]");
    expect(shown(x.repeatInterleave(int([1, 2]), 0))).toBe("[[1,2],[3,4],[3,4]]");
    expect(shown(x.repeatInterleave(int([1, 2]), { dim: -1, outputSize: 3 }))).toBe("[[1,2,2],[3,4,4]]");
    expect(shown(gl.repeatInterleave(x, { repeats: int([2]), dim: 0 }))).toBe("[[1,2],[1,2],[3,4],[3,4]]");
    expect(shown(gl.repeatInterleave(x, int(2), 0, { outputSize: 4 }))).toBe("[[1,2],[1,2],[3,4],[3,4]]");
    expect(shown(gl.repeatInterleave(int([2, 0, 1])))).toBe("[0,0,2]");
    expect(gl.repeatInterleave(int([2, 0, 1]), { outputSize: 3 }).dtype).toBe("int64");
    expect(shown(tensor(7).repeatInterleave(2))).toBe("[7,7]");
    expect(x.repeatInterleave(0, 0).shape).toEqual([0, 2]);
    expect(x.repeatInterleave(int([0, 0]), 1).shape).toEqual([2, 0]);
    expect(zeros(0, 2).repeatInterleave(2, 0).shape).toEqual([0, 2]);
    expect(shares(x.repeatInterleave(1, 0), x)).toBe(false);
    expect(() => x.repeatInterleave(-1)).toThrow("a count of 0 or more, got -1");
    expect(() => x.repeatInterleave(int([1, -1]), 0)).toThrow("counts of 0 or more, got -1");
    expect(() => x.repeatInterleave(int([1, 2, 3]), 0)).toThrow("or 2 for dimension 0 of (2, 2); got 3");
    expect(() => x.repeatInterleave(tensor([1, 2]), 0)).toThrow("got float64 (2,)");
    expect(() => x.repeatInterleave(int([1, 2]), 0, { outputSize: 4 })).toThrow("expected 3 for outputSize");
    expect(() => x.repeatInterleave(2, 0, { outputSize: 5 })).toThrow("expected 4 for outputSize");
  });
});

describe("order of entries", () => {
  test("flip, fliplr, flipud", () => {
    const x = matrix();
    expect(shown(x.flip(0))).toBe("[[3,4,5],[0,1,2]]");
    expect(shown(x.flip(0, -1))).toBe("[[5,4,3],[2,1,0]]");
    expect(shown(gl.flip(x, { dims: [1] }))).toBe("[[2,1,0],[5,4,3]]");
    expect(shown(gl.flip(x, []))).toBe("[[0,1,2],[3,4,5]]");
    expect(shown(x.t().flip(0))).toBe("[[2,5],[1,4],[0,3]]");
    expect(tensor(3).flip(0).item()).toBe(3);
    expect(zeros(0, 2).flip(0, 1).shape).toEqual([0, 2]);
    expect(() => x.flip(0, -2)).toThrow("each dimension once, got [0, 0]");
    expect(shown(x.fliplr())).toBe("[[2,1,0],[5,4,3]]");
    expect(shown(gl.flipud(x))).toBe("[[3,4,5],[0,1,2]]");
    expect(shown(gl.flipud(tensor([1, 2])))).toBe("[2,1]");
    expect(() => gl.fliplr(zeros(3))).toThrow("at least 2 dimensions, got (3,)");
    expect(() => gl.flipud(tensor(3))).toThrow("at least 1 dimension");
    expect(shares(x.flip([]), x)).toBe(false);
  });

  test("roll", () => {
    // torch.roll's examples.
    const x = arange(1, 9).view(4, 2);
    expect(shown(x.roll(1))).toBe("[[8,1],[2,3],[4,5],[6,7]]");
    expect(shown(gl.roll(x, 1, 0))).toBe("[[7,8],[1,2],[3,4],[5,6]]");
    expect(shown(gl.roll(x, -1, 0))).toBe("[[3,4],[5,6],[7,8],[1,2]]");
    expect(shown(x.roll({ shifts: [2, 1], dims: [0, 1] }))).toBe("[[6,5],[8,7],[2,1],[4,3]]");
    expect(shown(x.roll([1, 1], [0, 0]))).toBe("[[5,6],[7,8],[1,2],[3,4]]");
    expect(shown(x.roll(4, 0))).toBe("[[1,2],[3,4],[5,6],[7,8]]");
    expect(shown(x.roll(-9, -2))).toBe("[[3,4],[5,6],[7,8],[1,2]]");
    expect(tensor(3).roll(5).item()).toBe(3);
    expect(zeros(0, 2).roll(1, 0).shape).toEqual([0, 2]);
    expect(zeros(2, 0).roll(3).shape).toEqual([2, 0]);
    expect(shares(x.roll(0, 0), x)).toBe(false);
    expect(() => x.roll([1, 2], 0)).toThrow("as many shifts as dims, or one shift alone; got 2 for 1");
    expect(() => x.roll([1, 2])).toThrow("got 2 for 0");
    expect(() => tensor(3).roll(1, 0)).toThrow("0-d");
    expect(() => x.roll(0.5, 0)).toThrow("Expected integers, got (0.5)");
  });

  test("rot90", () => {
    const x = matrix();
    expect(shown(x.rot90())).toBe("[[2,5],[1,4],[0,3]]");
    expect(shown(x.rot90(2))).toBe("[[5,4,3],[2,1,0]]");
    expect(shown(gl.rot90(x, -1, [0, 1]))).toBe("[[3,0],[4,1],[5,2]]");
    expect(shown(gl.rot90(x, { k: 1, dims: [1, 0] }))).toBe("[[3,0],[4,1],[5,2]]");
    expect(shown(x.rot90(4))).toBe("[[0,1,2],[3,4,5]]");
    expect(cube().rot90(1, [1, -1]).shape).toEqual([2, 4, 3]);
    expect(() => x.rot90(1, [0, -2])).toThrow("two different dimensions, got 1 and [0, -2]");
    expect(() => x.rot90(1, [0] as never)).toThrow("two different dimensions");
    expect(() => zeros(3).rot90()).toThrow("Dimension out of range");
    expect(shares(x.rot90(0), x)).toBe(false);
  });
});

test("a tensor of another dtype keeps it", () => {
  const x = matrix().to("float32");
  const results = [
    x.flip(0),
    x.roll(1),
    x.rot90(),
    x.tile(2),
    x.repeatInterleave(2),
    x.diagflat(),
    x.tril(),
    x.unfold(0, 1, 1),
    x.unflatten(1, [3, 1]),
    x.movedim(0, 1),
    x.ravel(),
    x.selectScatter(zeros(3), 0, 0),
    gl.blockDiag(x, x),
    gl.hstack([x, x]),
    gl.columnStack([x]),
    ...x.tensorSplit(2),
    ...gl.meshgrid(x.ravel()),
  ];
  expect(results.filter(y => y.dtype !== "float32")).toEqual([]);
  const bits = gl.ones(2, 2).to("bool");
  expect(gl.tril(bits).dtype).toBe("bool");
  expect(shown(int([1, 2]).diagEmbed())).toBe("[[1,0],[0,2]]");
});
