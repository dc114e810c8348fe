/** @file The derivatives of all that rearranges elements. */

import * as gl from "@gradient-lens/engine";
import { ones, randn, type Tensor, tensor, zeros } from "@gradient-lens/engine";
import { expect, test } from "vitest";
import { type Cases, checkDerivatives } from "../../test/derivatives.ts";

const twice = tensor([2, 0, 2], { dtype: "int64" });
/** Linear operations have no second derivatives; squares put some behind them. */
const squared = (xs: readonly Tensor[]): Tensor =>
  xs.reduce((sum: Tensor | number, x) => x.square().sum().add(sum), 0) as Tensor;

const CASES: Cases = {
  reshape: [x => x.transpose(0, 1).reshape(-1).square(), () => [randn(2, 3)], () => [randn(2, 3, 2)]],
  view: [x => x.permute(2, 0, 1).view(2, -1).square(), () => [randn(2, 3, 2)]],
  flatten: [x => x.flatten({ startDim: -1 }), () => [randn(2, 3)], () => [randn([])]],
  "flatten without elements": [x => x.flatten(1), () => [randn(0, 2, 3)]],
  ravel: [x => x.t().ravel().square(), () => [randn(2, 3)], () => [randn([])]],
  unflatten: [x => x.t().unflatten(0, [2, -1]).square(), () => [randn(2, 4)]],
  unsqueeze: [x => x.unsqueeze(-1).square(), () => [randn([])], () => [randn(2, 3)]],
  squeeze: [x => x.squeeze({ dim: [0, 2] }).square(), () => [randn(1, 2, 1)]],
  transpose: [x => x.transpose(0, -1).square(), () => [randn(2, 3, 2)], () => [randn([])]],
  movedim: [x => x.movedim([0, 1], [-1, 0]).square(), () => [randn(2, 3, 4)]],
  expand: [x => x.expand(2, -1, 3).square(), () => [randn(2, 1)]],
  "expand to nothing": [x => x.expand(0, 3), () => [randn(1, 3)]],
  broadcastTensors: [
    (x, y) => gl.broadcastTensors(x, y)[0]!.mul(y),
    () => [randn(2, 1), randn(3)],
    () => [randn([]), randn(2)],
  ],
  repeat: [x => x.repeat(2, 3).square(), () => [randn(3)], () => [randn(2, 1)], () => [randn(0)]],
  tile: [x => x.tile(3).square(), () => [randn([])], () => [randn(2, 2)]],
  "repeatInterleave by a number": [x => x.repeatInterleave(2, 1).square(), () => [randn(2, 3)]],
  "repeatInterleave of all": [x => x.repeatInterleave(2).square(), () => [randn([])], () => [randn(2, 2)]],
  "repeatInterleave by counts": [
    x => x.repeatInterleave(twice, { dim: -1, outputSize: 4 }).square(),
    () => [randn(2, 3)],
    () => [randn(3)],
  ],
  flip: [x => x.flip(0, -1).square(), () => [randn(2, 3)], () => [randn(0, 3)]],
  fliplr: [x => gl.fliplr(x).square(), () => [randn(2, 3)]],
  flipud: [x => gl.flipud(x).square(), () => [randn(3)]],
  roll: [x => x.roll([1, -4], [0, 1]).square(), () => [randn(2, 3)], () => [randn(0, 2)]],
  "roll of all": [x => x.roll(-2).square(), () => [randn([])], () => [randn(2, 3)]],
  rot90: [x => gl.cat([x.rot90(), x.rot90(3), x.rot90(2), x.rot90(0)]).square(), () => [randn(2, 2)]],
  diagonal: [
    x => x.diagonal({ offset: -1, dim1: -1, dim2: 0 }).square(),
    () => [randn(3, 2, 3)],
    () => [randn(2, 2)],
  ],
  diagEmbed: [x => x.diagEmbed(1, 0, 2).square(), () => [randn(2, 3)], () => [randn(1, 0)]],
  diagflat: [x => x.diagflat(-1).square(), () => [randn([])], () => [randn(2, 2)]],
  diag: [x => x.diag(1).square(), () => [randn(3)], () => [randn(2, 3)]],
  tril: [x => x.tril(-1).square(), () => [randn(3, 2)]],
  triu: [x => x.triu({ diagonal: 1 }).square(), () => [randn(2, 2, 3)]],
  blockDiag: [(x, y, z) => gl.blockDiag(x, y, z).square(), () => [randn(2, 1), randn(3), randn([])]],
  slice: [x => x.slice({ dim: -1, start: -4, step: 2 }).square(), () => [randn(2, 5)], () => [randn(4)]],
  narrow: [x => x.narrow(-1, tensor(-2, { dtype: "int64" }), 1).square(), () => [randn(2, 3)]],
  select: [x => x.select(0, -1).square(), () => [randn(3)], () => [randn(2, 3)]],
  unbind: [x => squared(x.unbind(1)), () => [randn(2, 3)]],
  split: [x => squared(x.split([1, 2], -1)), () => [randn(2, 3)]],
  splitWithSizes: [x => squared(x.splitWithSizes([0, 2])), () => [randn(2, 3)]],
  chunk: [x => x.chunk(2)[0]!.mul(x.chunk(2)[1]!), () => [randn(4)]],
  tensorSplit: [x => squared(x.tensorSplit([2, 1, -1])), () => [randn(4)]],
  unfold: [
    x => x.unfold(-1, 3, 2).square(),
    () => [randn(7)],
    () => [randn(2, 5)],
    () => [randn(3, 2).t().contiguous()],
  ],
  "unfold along the first dimension": [x => x.unfold(0, 2, 1).square(), () => [randn(3, 2)]],
  "unfold of one element": [x => x.unfold(0, 1, 1).square(), () => [randn([])]],
  sliceScatter: [
    (x, y) => x.sliceScatter(y, { dim: 1, start: 1, step: 2 }).square(),
    () => [randn(2, 4), randn(2, 2)],
  ],
  selectScatter: [
    (x, y) => x.selectScatter(y, 1, -1).square(),
    () => [randn(2, 3), randn(2)],
    () => [randn(1, 1), randn(1)],
  ],
  diagonalScatter: [(x, y) => x.diagonalScatter(y, -1).square(), () => [randn(3, 3), randn(2)]],
  cat: [(x, y) => gl.cat([x, y, x], { dim: -1 }).square(), () => [randn(2, 1), randn(2, 2)]],
  stack: [(x, y) => gl.stack([x, y], -1).square(), () => [randn([]), randn([])]],
  hstack: [
    (x, y) => gl.hstack([x, y]).square(),
    () => [randn([]), randn(2)],
    () => [randn(2, 1), randn(2, 2)],
  ],
  vstack: [(x, y) => gl.vstack([x, y]).square(), () => [randn(2), randn(2)], () => [randn(1, 2), randn(2)]],
  dstack: [(x, y) => gl.dstack([x, y]).square(), () => [randn(2), randn(2)], () => [randn([]), randn(1, 1)]],
  columnStack: [
    (x, y) => gl.columnStack([x, y]).square(),
    () => [randn(2), randn(2, 2)],
    () => [randn([]), randn(1, 3)],
  ],
  meshgrid: [
    (x, y) => {
      const [X, Y] = gl.meshgrid(x, y, { indexing: "xy" });
      return X!.mul(Y!).exp();
    },
    () => [randn(2), randn(3)],
    () => [randn([]), randn(2)],
  ],
  cartesianProd: [(x, y) => gl.cartesianProd(x, y).prod(1), () => [randn(2), randn(3)]],
  sumToSize: [x => x.sumToSize(3, 1).square(), () => [randn(2, 3, 2)], () => [randn(3, 1)]],
};

checkDerivatives(CASES);

test("gradients of what was repeated or overlaps add up, by hand", () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  const gradient = (y: Tensor): unknown => gl.autograd.grad(y.sum(), [x])[0]!.tolist();
  expect(gradient(x.unfold(0, 2, 1))).toEqual([1, 2, 1]);
  expect(gradient(x.repeatInterleave(twice, 0))).toEqual([2, 0, 2]);
  expect(gradient(x.selectScatter(tensor(9), 0, 1))).toEqual([1, 0, 1]);
  expect(gradient(gl.cartesianProd(x, ones(2)))).toEqual([2, 2, 2]);
  expect(gradient(x.roll(1).mul(tensor([1, 10, 100])))).toEqual([10, 100, 1]);
});

test("a float32 tensor has a float32 gradient, whatever is written over it", () => {
  const x = zeros(2, 3, { dtype: "float32" }).requiresGrad_();
  const source = ones(3).requiresGrad_();
  const y = gl.blockDiag(x.selectScatter(source, 0, 1).roll(1, 1), ones(1));
  const [gx, gs] = gl.autograd.grad(y.sum(), [x, source]);
  expect([y.dtype, gx!.dtype, gs!.dtype]).toEqual(["float64", "float32", "float64"]);
  expect([gx!.tolist(), gs!.tolist()]).toEqual([
    [
      [1, 1, 1],
      [0, 0, 0],
    ],
    [1, 1, 1],
  ]);
});

test("under vmap and jvp, views are of each entry", () => {
  const batch = randn(4, 2, 3);
  const f = (x: Tensor): Tensor => gl.cat([x.t().reshape(6), x.unfold(1, 2, 1).flatten(), x.roll(1).ravel()]);
  const each = gl.stack(batch.unbind().map(f));
  expect(gl.func.vmap(f)(batch).sub(each).abs().max().item()).toBe(0);
  const perSample = gl.func.vmap(gl.func.grad((x: Tensor) => f(x).square().sum()))(batch) as Tensor;
  const whole = batch.clone().requiresGrad_();
  const [expected] = gl.autograd.grad(gl.stack(whole.unbind().map(f)).square().sum(), [whole]);
  expect(perSample.sub(expected!).abs().max().item()).toBeLessThan(1e-14);
});
