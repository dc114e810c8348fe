/**
 * @file The functions that are used most, by position and by name: read by the type checker against the package's
 * declarations, and run, in most-used.test.ts.
 */

import {
  arange,
  argmax,
  autograd,
  bmm,
  cat,
  chunk,
  clamp,
  cumsum,
  type DType,
  diag,
  einsum,
  enableGrad,
  eye,
  full,
  fullLike,
  func,
  isTensor,
  linalg,
  linspace,
  logSoftmax,
  logsumexp,
  manualSeed,
  matmul,
  max,
  mean,
  min,
  nn,
  noGrad,
  norm,
  ones,
  onesLike,
  outer,
  prod,
  rand,
  randint,
  randn,
  randperm,
  softmax,
  sort,
  split,
  stack,
  std,
  sum,
  type Tensor,
  tensor,
  topk,
  tril,
  variance,
  where,
  zeros,
  zerosLike,
} from "@gradient-lens/engine";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

let made = 0;

/** Takes values of that type and of no other: `any` is an error, and so is a subtype. */
function exactly<Expected>() {
  return <Actual>(value: Actual, ..._same: Equal<Actual, Expected> extends true ? [] : [never]): void => {
    if (value === undefined) throw new Error("a call gave nothing");
    made++;
  };
}

const F = nn.functional;
const aTensor = exactly<Tensor>();
const tensors = exactly<Tensor[]>();
const aNumber = exactly<number>();
const numbers = exactly<number[]>();
const truth = exactly<boolean>();

manualSeed(0);
const x = randn(3, 3);
const y = rand(3, 3);
const v = randn(3);
const at = tensor([0, 2], { dtype: "int64" });
const batch = randn(2, 3, 3);
const image = randn(1, 2, 8, 8);

// Made from numbers.
for (const t of [
  zeros(2, 3),
  zeros([2, 3]),
  zeros(2, { dtype: "float32" }),
  ones([2], { requiresGrad: true }),
])
  aTensor(t);
aTensor(tensor([[1, 2]], { dtype: "float32", requiresGrad: true }));
aTensor(full([2], 7));
for (const t of [zerosLike(x), onesLike(x, { dtype: "int64" }), fullLike(x, 2)]) aTensor(t);
for (const t of [eye(3), eye(2, 3), arange(5), arange(0, 1, 0.1), arange(3, { dtype: "float64" })])
  aTensor(t);
aTensor(linspace(0, 1, 5));
for (const t of [randint(5, [2]), randint(1, 5, [2]), randperm(4), rand(2), randn([2, 2])]) aTensor(t);

// What a tensor is.
numbers(x.shape);
numbers(x.size());
aNumber(x.size(0));
aNumber(x.ndim);
aNumber(x.numel());
aNumber(x.sum().item());
exactly<DType>()(x.dtype);
truth(x.requiresGrad);
truth(x.isLeaf);
truth(x.isContiguous());
truth(isTensor(x));
exactly<Tensor | null>()(x.grad);
for (const t of [x.detach(), x.clone(), x.contiguous(), x.to("float32"), x.to({ dtype: "int64" })])
  aTensor(t);

// Element by element.
for (const t of [x.add(1), x.add(y), x.add(y, 2), x.add(y, { alpha: 2 }), x.sub(y), x.mul(y), x.div(2)])
  aTensor(t);
for (const t of [x.neg(), x.abs(), y.pow(2), y.sqrt(), y.rsqrt(), x.exp(), y.log(), y.log1p(), x.square()])
  aTensor(t);
for (const t of [x.sin(), x.cos(), x.tanh(), x.sigmoid(), x.relu(), x.sign(), x.floor(), x.round(), x.erf()])
  aTensor(t);
for (const t of [x.clamp(0), x.clamp(0, 1), x.clamp({ max: 1 }), clamp(x, { min: 0, max: 1 })]) aTensor(t);
for (const t of [x.eq(y), x.ne(0), x.lt(y), x.le(y), x.gt(0), x.ge(y), x.gt(0).logicalNot()]) aTensor(t);
for (const t of [where(x.gt(0), x, 0), x.maskedFill(x.gt(0), 0), x.maximum(y), x.minimum(y)]) aTensor(t);
for (const t of [
  x.clone().add_(1),
  x.clone().mul_(y),
  x.clone().zero_(),
  x.clone().fill_(1),
  x.clone().copy_(y),
])
  aTensor(t);

// Over dimensions.
for (const t of [
  sum(x),
  sum(x, 0),
  sum(x, [0, 1], true),
  sum(x, { dim: 0, keepdim: true }),
  x.sum({ dim: 1 }),
])
  aTensor(t);
for (const t of [
  mean(x),
  x.mean(1),
  x.mean({ dim: 1, keepdim: true }),
  prod(x),
  x.prod(0),
  x.prod({ dim: 0 }),
])
  aTensor(t);
for (const t of [
  std(x),
  x.std(0),
  x.std({ dim: 0, unbiased: false }),
  variance(x),
  x.var({ dim: 1, correction: 0 }),
])
  aTensor(t);
for (const t of [x.max(), max(x), min(x), x.amax(0), x.amin({ dim: 1 }), argmax(x), x.argmin(1)]) aTensor(t);
for (const { values, indices } of [
  max(x, 0),
  x.max({ dim: 1 }),
  min(x, 1),
  sort(x),
  x.sort({ descending: true }),
  topk(v, 2),
  v.topk({ k: 1 }),
]) {
  aTensor(values);
  aTensor(indices);
}
for (const t of [x.all(), x.any(1), logsumexp(x, 0), x.logsumexp({ dim: 1, keepdim: true })]) aTensor(t);
for (const t of [
  cumsum(x, 0),
  x.cumsum({ dim: 1 }),
  x.cumprod(0),
  norm(x),
  x.norm(1),
  x.norm({ p: 1, dim: 0 }),
])
  aTensor(t);
for (const t of [
  softmax(x, 1),
  x.softmax({ dim: 1 }),
  logSoftmax(x, 1),
  x.logSoftmax(0),
  x.argsort(),
  x.median(),
])
  aTensor(t);

// Shapes, views and parts.
for (const t of [
  x.reshape(9),
  x.reshape([1, 9]),
  x.view(9),
  x.flatten(),
  x.flatten(0, 1),
  x.flatten({ startDim: 0 }),
])
  aTensor(t);
for (const t of [
  x.t(),
  x.T,
  x.mT,
  x.transpose(0, 1),
  x.transpose({ dim0: 0, dim1: 1 }),
  batch.permute(2, 0, 1),
])
  aTensor(t);
for (const t of [
  x.squeeze(),
  x.unsqueeze(0),
  x.unsqueeze({ dim: -1 }),
  v.expand(3, 3),
  x.expandAs(batch),
  v.repeat(2, 2),
])
  aTensor(t);
for (const t of [
  x.index(0),
  x.index({}, 1),
  x.index(at),
  x.select(0, 1),
  x.narrow(0, 0, 2),
  x.indexSelect(0, at),
])
  aTensor(t);
for (const t of [
  x.gather(0, at.unsqueeze(0)),
  x.maskedSelect(x.gt(0)),
  x.diagonal(),
  diag(v),
  tril(x),
  x.triu(1),
])
  aTensor(t);
for (const t of [x.flip(0), x.roll(1), x.roll({ shifts: 1, dims: 0 }), x.gt(0).nonzero()]) aTensor(t);
for (const t of [
  cat([x, y]),
  cat([x, y], 1),
  cat([x, y], { dim: 1 }),
  stack([x, y]),
  stack([x, y], { dim: -1 }),
])
  aTensor(t);
for (const list of [
  x.unbind(),
  x.unbind(1),
  split(x, 2),
  x.split([1, 2], 1),
  chunk(x, 2),
  x.chunk({ chunks: 3 }),
])
  tensors(list);

// Matrices.
for (const t of [matmul(x, y), x.matmul(v), x.mm(y), x.mv(v), v.dot(v), bmm(batch, batch), outer(v, v)])
  aTensor(t);
for (const t of [einsum("ij,jk->ik", x, y), einsum("ii", [x]), x.trace(), x.det(), x.inverse()]) aTensor(t);
for (const t of [
  linalg.inv(x),
  linalg.solve(x, v),
  linalg.det(x),
  linalg.norm(x),
  linalg.norm(x, { dim: 0 }),
])
  aTensor(t);
const spd = x.matmul(x.t()).add(eye(3));
for (const t of [
  linalg.cholesky(spd),
  linalg.eigvalsh(spd),
  linalg.pinv(x),
  linalg.matrixExp(x),
  linalg.svdvals(x),
])
  aTensor(t);
exactly<[Tensor, Tensor, Tensor]>()(
  Object.values(linalg.svd(x, { fullMatrices: false })) as [Tensor, Tensor, Tensor],
);
for (const t of [linalg.svd(x).S, linalg.qr(x).Q, linalg.eigh(spd).eigenvectors, x.svd().V]) aTensor(t);

// Networks.
for (const t of [
  F.relu(x),
  F.gelu(x),
  F.silu(x),
  F.softplus(x),
  F.leakyRelu(x),
  F.softmax(x, 1),
  F.linear(x, y, v),
])
  aTensor(t);
for (const t of [
  F.mseLoss(x, y),
  F.mseLoss(x, y, { reduction: "sum" }),
  F.l1Loss(x, y),
  F.crossEntropy(x, tensor([0, 1, 2], { dtype: "int64" })),
])
  aTensor(t);
for (const t of [
  F.conv2d(image, randn(4, 2, 3, 3)),
  F.conv2d(image, randn(4, 2, 3, 3), null, { padding: 1 }),
  F.layerNorm(x, [3]),
])
  aTensor(t);
for (const t of [F.pad(x, [1, 1]), F.normalize(x), F.binaryCrossEntropyWithLogits(x, y), F.dropout(x, 0.5)])
  aTensor(t);

// Derivatives.
const leaf = v.clone().requiresGrad_();
aTensor(leaf);
leaf.square().sum().backward({ retainGraph: true });
leaf.square().backward(ones(3), { inputs: [leaf] });
tensors(autograd.grad(leaf.square().sum(), leaf, { createGraph: true }));
exactly<(Tensor | null)[]>()(autograd.grad(leaf.sum(), leaf, { allowUnused: true }));
tensors(autograd.grad(leaf.sum(), [leaf], { materializeGrads: true }));
truth(autograd.gradcheck((z: Tensor) => z.square(), leaf));
aTensor(noGrad(() => leaf.mul(2)));
aTensor(enableGrad(() => leaf.mul(2)));
exactly<() => void>()(leaf.registerHook(g => g.mul(2)));
aTensor(func.grad((z: Tensor) => z.square().sum())(v));
aTensor(func.vmap((z: Tensor) => z.sum(), { inDims: 0 })(x));
aTensor(func.jacrev((z: Tensor) => z.square())(v));

/** How many values had their type read, and were there. */
export const checkedValues = made;
