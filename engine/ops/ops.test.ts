/** @file The derivatives of arithmetic, reductions, linear algebra and everything that has no file of its own. */

import * as gl from "@gradient-lens/engine";
import { randn, type Tensor, tensor } from "@gradient-lens/engine";
import { type Cases, checkDerivatives, inside, positive } from "../../test/derivatives.ts";

const spd = (n: number): Tensor => {
  const A = randn(n, n);
  return A.matmul(A.t()).add(gl.eye(n));
};
const mask = tensor([
  [true, false, true],
  [false, true, false],
]);
const twice = tensor([2, 0, 2], { dtype: "int64" });
const symmetric = (A: Tensor): Tensor => A.add(A.mT).mul(0.5);

const CASES: Cases = {
  neg: [x => x.neg(), () => [randn(2, 3)]],
  abs: [x => x.abs(), () => [randn(2, 3)]],
  square: [x => x.square(), () => [randn(3)]],
  reciprocal: [x => x.reciprocal(), () => [positive(3)]],
  sqrt: [x => x.sqrt(), () => [positive(2, 2)]],
  rsqrt: [x => x.rsqrt(), () => [positive(4)]],
  exp: [x => x.exp(), () => [randn(2, 3)], () => [randn([])]],
  exp2: [x => x.exp2(), () => [randn(3)]],
  expm1: [x => x.expm1(), () => [randn(3)]],
  log: [x => x.log(), () => [positive(2, 3)]],
  log2: [x => x.log2(), () => [positive(3)]],
  log10: [x => x.log10(), () => [positive(3)]],
  log1p: [x => x.log1p(), () => [positive(3)]],
  sin: [x => x.sin(), () => [randn(3)]],
  cos: [x => x.cos(), () => [randn(3)]],
  tan: [x => x.tan(), () => [inside(3)]],
  asin: [x => x.asin(), () => [inside(3)]],
  acos: [x => x.acos(), () => [inside(3)]],
  atan: [x => x.atan(), () => [randn(3)]],
  sinh: [x => x.sinh(), () => [randn(3)]],
  cosh: [x => x.cosh(), () => [randn(3)]],
  tanh: [x => x.tanh(), () => [randn(3)]],
  asinh: [x => x.asinh(), () => [randn(3)]],
  acosh: [x => x.acosh(), () => [positive(3).add(1)]],
  atanh: [x => x.atanh(), () => [inside(3)]],
  sigmoid: [x => x.sigmoid(), () => [randn(3)]],
  relu: [x => x.relu(), () => [randn(5)]],
  frac: [x => x.frac(), () => [randn(3)]],
  add: [(x, y) => x.add(y), () => [randn(2, 3), randn(3)], () => [randn(2, 1), randn(1, 3)]],
  "add with alpha": [(x, y) => x.add(y, { alpha: -2 }), () => [randn(2, 3), randn([])]],
  sub: [(x, y) => x.sub(y), () => [randn(2, 3), randn(2, 1)]],
  mul: [(x, y) => x.mul(y), () => [randn(2, 3), randn(3)], () => [randn([]), randn(2)]],
  div: [(x, y) => x.div(y), () => [randn(2, 3), positive(3)]],
  remainder: [(x, y) => x.remainder(y), () => [randn(5), positive(5)]],
  fmod: [(x, y) => x.fmod(y), () => [randn(5), positive(5)]],
  pow: [(x, y) => x.pow(y), () => [positive(2, 3), randn(3)]],
  "pow with a number": [x => x.pow(3), () => [randn(4)]],
  maximum: [(x, y) => x.maximum(y), () => [randn(2, 3), randn(3)]],
  minimum: [(x, y) => x.minimum(y), () => [randn(2, 3), randn(3)]],
  atan2: [(x, y) => x.atan2(y), () => [randn(4), randn(4)]],
  hypot: [(x, y) => x.hypot(y), () => [randn(4), randn(4)]],
  where: [(x, y) => gl.where(mask, x, y), () => [randn(2, 3), randn(3)]],
  lerp: [(x, y, w) => x.lerp(y, w), () => [randn(3), randn(3), randn(3)]],
  clamp: [x => x.clamp(-0.5, 0.5), () => [randn(8)]],
  sum: [x => x.sum(1), () => [randn(2, 3)], () => [randn(2, 3, 2)]],
  "sum of all": [x => x.sum(), () => [randn(2, 3)]],
  mean: [x => x.mean([0, 2], true), () => [randn(2, 3, 2)]],
  prod: [
    x => x.prod(1),
    () => [randn(2, 3)],
    () => [
      tensor([
        [1, 0, 2],
        [0, 0, 3],
      ]),
    ],
  ],
  amax: [x => x.amax(0), () => [randn(3, 4)]],
  amin: [x => x.amin(), () => [randn(3, 4)]],
  max: [x => x.max(1).values, () => [randn(3, 4)]],
  logsumexp: [x => x.logsumexp(-1), () => [randn(3, 4)]],
  norm: [x => x.norm(1), () => [randn(3, 4)]],
  var: [x => x.var(1), () => [randn(3, 4)]],
  std: [x => x.std({ correction: 0 }), () => [randn(3, 4)]],
  cumsum: [x => x.cumsum(1), () => [randn(2, 4)]],
  softmax: [x => x.softmax(0), () => [randn(3, 2)]],
  logSoftmax: [x => x.logSoftmax(-1), () => [randn(3, 2)]],
  matmul: [
    (x, y) => x.matmul(y),
    () => [randn(2, 3), randn(3, 4)],
    () => [randn(3), randn(3)],
    () => [randn(2, 3), randn(3)],
    () => [randn(2, 1, 2, 3), randn(2, 3, 2)],
  ],
  outer: [(x, y) => x.outer(y), () => [randn(2), randn(3)]],
  addmm: [(b, x, y) => b.addmm(x, y, { beta: 0.5, alpha: 2 }), () => [randn(4), randn(2, 3), randn(3, 4)]],
  trace: [x => x.trace(), () => [randn(3, 4)]],
  einsum: [(x, A) => gl.einsum("bi,ij,bj->b", x, A, x), () => [randn(3, 2), randn(2, 2)]],
  "einsum with an ellipsis": [
    (x, y) => gl.einsum("...ij,...jk->...ki", x, y),
    () => [randn(2, 2, 3), randn(3, 2)],
  ],
  reshape: [x => x.t().reshape(-1), () => [randn(2, 3)]],
  permute: [x => x.permute(2, 0, 1), () => [randn(2, 3, 2)]],
  expand: [x => x.expand(2, 3, 4), () => [randn(3, 1)]],
  repeat: [x => x.repeat(2, 3), () => [randn(3)]],
  squeeze: [x => x.squeeze().unsqueeze(-1), () => [randn(1, 3)]],
  flip: [x => x.flip(0, 1), () => [randn(2, 3)]],
  slice: [x => x.slice(1, 1, null, 2), () => [randn(2, 5)]],
  select: [x => x.select(-1, 1), () => [randn(2, 3)]],
  split: [x => gl.stack(x.split(2, 1)), () => [randn(2, 4)]],
  diagonal: [x => x.diagonal(1), () => [randn(3, 4)]],
  diagEmbed: [x => x.diagEmbed(-1), () => [randn(2, 3)]],
  tril: [x => x.tril(1), () => [randn(3, 3)]],
  triu: [x => x.triu(), () => [randn(2, 3, 4)]],
  clone: [x => x.clone(), () => [randn(3)]],
  gather: [x => x.gather(0, tensor([[0, 1, 1]], { dtype: "int64" })), () => [randn(2, 3)]],
  scatterAdd: [(x, s) => x.scatterAdd(0, twice, s), () => [randn(3), randn(3)]],
  indexSelect: [x => x.indexSelect(1, twice), () => [randn(2, 3)]],
  index: [x => x.index(null, [1, 0, 1], "...", { start: 1 }), () => [randn(2, 3, 3)]],
  "index by a mask": [x => x.index(mask), () => [randn(2, 3)]],
  maskedFill: [x => x.maskedFill(mask, 7), () => [randn(2, 3)]],
  cat: [(x, y) => gl.cat([x, y, x], 1), () => [randn(2, 1), randn(2, 2)]],
  stack: [(x, y) => gl.stack([x, y], 1), () => [randn(2, 3), randn(2, 3)]],
  inv: [x => gl.linalg.inv(x), () => [randn(3, 3)], () => [randn(2, 2, 2)]],
  solve: [
    (A, b) => gl.linalg.solve(A, b),
    () => [randn(3, 3), randn(3, 2)],
    () => [randn(2, 3, 3), randn(3, 1)],
    () => [randn(2, 2), randn(2)],
  ],
  det: [
    x => gl.linalg.det(x),
    () => [randn(3, 3)],
    () => [
      tensor([
        [1, 2],
        [2, 4],
      ]),
    ],
    () => [gl.zeros(1, 1)],
  ],
  logabsdet: [x => gl.linalg.slogdet(x).logabsdet, () => [randn(3, 3)]],
  cholesky: [x => gl.linalg.cholesky(symmetric(x)), () => [spd(3)]],
  solveTriangular: [
    (A, b) => gl.linalg.solveTriangular(A, b, { upper: false }),
    () => [randn(3, 3).add(gl.eye(3).mul(3)), randn(3, 2)],
  ],
  "solveTriangular from the right": [
    (A, b) => gl.linalg.solveTriangular(A, b, { upper: true, left: false, unitriangular: true }),
    () => [randn(2, 2), randn(3, 2)],
  ],
};

checkDerivatives(CASES);
