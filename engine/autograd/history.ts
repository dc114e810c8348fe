/** @file A tensor's part in the graph, as its owner handles it: cut off, watched, its gradient kept. */

import { defineGetters, defineMethods, type Methods } from "../tensor/methods.ts";
import { aliasOf, makeBatched, nodeOf, outputNrOf, type Tensor, wrapperOf } from "../tensor/tensor.ts";
import { enlist, type GradHook, type PostAccumulateGradHook } from "./hooks.ts";
import { gradEdge, hooksAt, hooksOf, type Node } from "./node.ts";

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
  const wrapper = wrapperOf(input);
  if (wrapper?.kind === "traced" && wrapper.tracer.hook !== undefined)
    return wrapper.tracer.hook(input, hook);
  const hooks = hooksAt(nodeToWatch("registerHook", input));
  const nr = outputNrOf(input);
  hooks.tensor[nr] ??= [];
  return enlist(hooks.tensor[nr], hook);
}

function nodeToWatch(method: string, input: Tensor): Node {
  const node = gradEdge(input);
  if (node !== null) return node;
  throw new Error(
    `${method}() needs a tensor that requires grad; this one does not. Call requiresGrad_() on what it is computed from.`,
  );
}

/**
 * Calls `hook` with a leaf each time after a backward has added to its `.grad`: an optimizer's step, say.
 * @returns what removes the hook again
 */
export function registerPostAccumulateGradHook(input: Tensor, hook: PostAccumulateGradHook): () => void {
  const node = nodeToWatch("registerPostAccumulateGradHook", input);
  if (nodeOf(input) !== null) {
    throw new Error(
      `Post accumulate grad hooks are for leaf tensors; this one is the result of ${node.name}. Use registerHook().`,
    );
  }
  return enlist(hooksAt(node).afterAccumulation, hook);
}

/** Keeps `.grad` for a tensor that is no leaf; leaves have it anyhow. */
export function retainGrad(input: Tensor): void {
  const node = nodeToWatch("retainGrad", input);
  if (nodeOf(input) === null) return;
  hooksAt(node).retain[outputNrOf(input)] ??= g => {
    input.grad = input.grad === null ? g.clone() : input.grad.add(g);
  };
}

function retainsGrad(input: Tensor): boolean {
  const node = nodeOf(input);
  return node !== null && hooksOf(node)?.retain[outputNrOf(input)] !== undefined;
}

const methods = { detach, registerHook, registerPostAccumulateGradHook, retainGrad };
defineMethods(methods);
defineGetters({ retainsGrad });

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {
    /** Whether `.grad` is kept although this is no leaf: after {@link retainGrad}. */
    readonly retainsGrad: boolean;
  }
}
