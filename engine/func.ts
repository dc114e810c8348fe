/** @file The namespace `func`, as torch's `torch.func`. */

export {
  grad,
  gradAndValue,
  hessian,
  jacfwd,
  jacrev,
  jvp,
  valueAndGrad,
  vjp,
} from "./autograd/transforms.ts";
export { vmap } from "./autograd/vmap.ts";
