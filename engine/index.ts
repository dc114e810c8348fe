/** @file The package's entry: PyTorch's names, in camelCase. */

export type { BackwardOptions, GradOptions } from "./autograd/backward.ts";
export type { Context, SavedTensors } from "./autograd/context.ts";
export { Function, Function as AutogradFunction } from "./autograd/function.ts";
export type { FunctionClass } from "./autograd/function-node.ts";
export * as autograd from "./autograd/index.ts";
export { enableGrad, isGradEnabled, noGrad, setGradEnabled } from "./autograd/mode.ts";
export { onceDifferentiable } from "./autograd/once-differentiable.ts";
export * as func from "./func.ts";
export * as implicit from "./implicit.ts";
export { celu, selu } from "./nn/activation.ts";
export { hardshrink, prelu, rrelu, threshold } from "./nn/rectifier.ts";
export * as nn from "./nn.ts";
export * from "./ops/arithmetic.ts";
export * from "./ops/classification.ts";
export * from "./ops/comparison.ts";
export { clone, to } from "./ops/conversion.ts";
export * from "./ops/diagonal.ts";
export { dist } from "./ops/distance.ts";
export { einsum } from "./ops/einsum.ts";
export * from "./ops/extremes.ts";
export * from "./ops/indexing.ts";
export * from "./ops/layout.ts";
export * as linalg from "./ops/linalg.ts";
export { det, logdet, slogdet } from "./ops/linalg.ts";
export { logaddexp, logaddexp2, logit, xlogy } from "./ops/logarithms.ts";
export * from "./ops/matmul.ts";
export * from "./ops/pointwise.ts";
export * from "./ops/reduction.ts";
export * from "./ops/rounding.ts";
export * from "./ops/slicing.ts";
export * from "./ops/softmax.ts";
export { i0 } from "./ops/special-bessel.ts";
export { erf, erfc, erfinv } from "./ops/special-erf.ts";
export { digamma, lgamma, mvlgamma, polygamma } from "./ops/special-gamma.ts";
export { sinc } from "./ops/special-sinc.ts";
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
export { manualSeed, rand, randint, randn, randperm } from "./tensor/random.ts";
export { isTensor, type NestedNumbers, Tensor } from "./tensor/tensor.ts";

import "./tensor/printing.ts";
