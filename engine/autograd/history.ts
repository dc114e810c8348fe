/** @file A tensor's part in the graph, as its owner handles it: cut off, watched, its gradient kept. */

import { defineMethods, type Methods } from "../tensor/methods.ts";
import { aliasOf, makeBatched, nodeOf, outputNrOf, type Tensor, wrapperOf } from "../tensor/tensor.ts";
import { addHook, type GradHook, gradEdge } from "./node.ts";

/** The same elements without history; changing one in place changes the other. No gradient or tangent passes. */
export function detach(input: Tensor): Tensor {
  const wrapper = wrapperOf(input);
  if (wrapper === null) return aliasOf(input);
  switch (wrapper.kind) {
    case "dual":
      return detach(wrapper.primal);
    case "batched":
      return makeBatched(detach(wrapper.value), wrapper.level);
    case "traced":
      return wrapper.tracer.detach(input);
  }
}

/**
 * Calls `hook` with each gradient that reaches `input`; what it returns, if anything, flows on instead.
 * @returns what removes the hook again
 */
export function registerHook(input: Tensor, hook: GradHook): () => void {
  const node = gradEdge(input);
  if (node === null) throw new Error("registerHook() needs a tensor that requires grad; this one does not.");
  return addHook(node, outputNrOf(input), hook);
}

/** Keeps `.grad` for a tensor that is no leaf. */
export function retainGrad(input: Tensor): void {
  if (nodeOf(input) === null) return;
  registerHook(input, g => {
    input.grad = input.grad === null ? g : input.grad.add(g);
  });
}

const methods = { detach, registerHook, retainGrad };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
