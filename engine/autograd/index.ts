/** @file The namespace `autograd`, as torch's `torch.autograd`. */

export { GradcheckError, gradcheck, gradgradcheck } from "../gradcheck/gradcheck.ts";
export { backward, grad } from "./backward.ts";
export { Function } from "./function.ts";
export { enableGrad, isGradEnabled, noGrad, setGradEnabled } from "./mode.ts";
export { onceDifferentiable } from "./once-differentiable.ts";
