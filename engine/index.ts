/** @file The package's entry: PyTorch's names, in camelCase. */

export type { BackwardOptions, GradOptions } from "./autograd/backward.ts";
export type { Context, SavedTensors } from "./autograd/context.ts";
export { Function, Function as AutogradFunction } from "./autograd/function.ts";
export type { FunctionClass } from "./autograd/function-node.ts";
export * as autograd from "./autograd/index.ts";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "./autograd/mode.ts";
export { onceDifferentiable } from "./autograd/once-differentiable.ts";
export * as func from "./func.ts";
export * as implicit from "./implicit.ts";
export { celu, selu } from "./nn/activation.ts";
export { hardshrink, prelu, rrelu, threshold } from "./nn/rectifier.ts";
export * as nn from "./nn.ts";
export * from "./ops/arithmetic.ts";
export * from "./ops/block-diag.ts";
export { cdist } from "./ops/cdist.ts";
export * from "./ops/classification.ts";
export * from "./ops/comparison.ts";
export { clone, to } from "./ops/conversion.ts";
export * from "./ops/diagonal.ts";
export { diff, gradient } from "./ops/differences.ts";
export { dist } from "./ops/distance.ts";
export { einsum } from "./ops/einsum.ts";
export * from "./ops/expand.ts";
export * from "./ops/extremes.ts";
export * from "./ops/flip.ts";
export * from "./ops/grids.ts";
export {
  gather,
  type IndexComponent,
  index,
  indexSelect,
  type SliceRange,
  take,
  takeAlongDim,
} from "./ops/indexing.ts";
export { cumulativeTrapezoid, trapezoid, trapz } from "./ops/integrals.ts";
export * from "./ops/joining.ts";
export * as linalg from "./ops/linalg.ts";
export { cholesky, choleskyInverse, choleskySolve } from "./ops/linalg-cholesky.ts";
export { det, logdet, slogdet } from "./ops/linalg-determinant.ts";
export { matrixExp, matrixPower } from "./ops/linalg-functions.ts";
export { luUnpack, type PLU } from "./ops/linalg-lu.ts";
export { pinverse } from "./ops/linalg-pinv.ts";
export { geqrf, householderProduct as orgqr, qrOfSome as qr } from "./ops/linalg-qr.ts";
export { inverse } from "./ops/linalg-solve.ts";
export { svdOfSome as svd } from "./ops/linalg-svd.ts";
export { logaddexp, logaddexp2, logit, xlogy } from "./ops/logarithms.ts";
export {
  argwhere,
  maskedFill,
  maskedScatter,
  maskedSelect,
  nonzero,
} from "./ops/mask.ts";
export * from "./ops/matmul.ts";
export * from "./ops/minmax.ts";
export { norm, renorm } from "./ops/norm.ts";
export * from "./ops/order-statistics.ts";
export * from "./ops/permute.ts";
export * from "./ops/pointwise.ts";
export * from "./ops/product.ts";
export * from "./ops/reduction.ts";
export * from "./ops/repeat.ts";
export * from "./ops/reshape.ts";
export * from "./ops/rounding.ts";
export * from "./ops/scaled-products.ts";
export { cummax, cummin, cumprod, cumsum, logcumsumexp } from "./ops/scan.ts";
export * from "./ops/scatter.ts";
export { narrow, select, slice, unbind } from "./ops/slicing.ts";
export * from "./ops/softmax.ts";
export * from "./ops/sorting.ts";
export { i0 } from "./ops/special-bessel.ts";
export { erf, erfc, erfinv } from "./ops/special-erf.ts";
export { digamma, lgamma, mvlgamma, polygamma } from "./ops/special-gamma.ts";
export { sinc } from "./ops/special-sinc.ts";
export * from "./ops/splitting.ts";
export * from "./ops/stacking.ts";
export * from "./ops/statistics.ts";
export { variance as var } from "./ops/statistics.ts";
export { cross, inner, kron, tensordot, vdot } from "./ops/tensor-products.ts";
export * from "./ops/triangle.ts";
export { unfold } from "./ops/unfold.ts";
export { vander } from "./ops/vander.ts";
export { diagonalScatter, selectScatter, sliceScatter } from "./ops/view-scatter.ts";
export * as special from "./special.ts";
export {
  arange,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type TensorData,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./tensor/creation.ts";
export type { DType } from "./tensor/dtype.ts";
export { devtoolsFormatter } from "./tensor/inspection.ts";
export { manualSeed, rand, randint, randn, randperm } from "./tensor/random.ts";
export { isTensor, type NestedNumbers, Tensor } from "./tensor/tensor.ts";
