/** @file The namespace `autograd`, as torch's `torch.autograd`. */

export { GradcheckError, gradcheck, gradgradcheck } from "../gradcheck/gradcheck.ts";
export { type AnomalyOptions, detectAnomaly, isAnomalyEnabled, setDetectAnomaly } from "./anomaly.ts";
export { backward, grad } from "./backward.ts";
export { Function } from "./function.ts";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "./mode.ts";
export { onceDifferentiable } from "./once-differentiable.ts";
