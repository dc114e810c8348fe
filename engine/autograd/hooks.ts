/**
 * @file What is shown the gradients as they pass: hooks on a tensor, before and after a node, after a leaf's `.grad`.
 * @see https://docs.pytorch.org/docs/stable/notes/autograd.html#backward-hooks-execution
 */

import { formatShape, sameShape } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import type { Grads } from "./node.ts";

/** Called with the gradient of a tensor as it is about to flow on; may return another to use in its place. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing.
export type GradHook = (grad: Tensor) => Tensor | void;

/** Called before a node runs, with the gradients of its outputs; may return others. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing.
export type NodePrehook = (gradOutputs: Grads) => Grads | void;

/** Called after a node ran, with the gradients of its inputs and of its outputs; may return others of its inputs. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing.
export type NodeHook = (gradInputs: Grads, gradOutputs: Grads) => Grads | void;

/** Called with a leaf after something was added to its `.grad`. */
export type PostAccumulateGradHook = (leaf: Tensor) => void;

/** All the hooks at one node. */
export class Hooks {
  /** For each output of the node. */
  readonly tensor: (GradHook[] | undefined)[] = [];
  /** What keeps an output's `.grad`: after all other hooks on it, whenever they were added. */
  readonly retain: (GradHook | undefined)[] = [];
  readonly before: NodePrehook[] = [];
  readonly after: NodeHook[] = [];
  readonly afterAccumulation: PostAccumulateGradHook[] = [];
}

/** @returns what removes the hook again */
export function enlist<H>(hooks: H[], hook: H): () => void {
  hooks.push(hook);
  return () => {
    const at = hooks.indexOf(hook);
    if (at >= 0) hooks.splice(at, 1);
  };
}

/** Shows each output's gradient to the hooks on it, and puts what they return in its place. */
export function runTensorHooks(hooks: Hooks, grads: Grads): void {
  for (let nr = 0; nr < grads.length; nr++) {
    // A copy: a hook may remove itself.
    for (const hook of hooks.tensor[nr]?.slice() ?? []) {
      const grad = grads[nr] ?? null;
      if (grad !== null) grads[nr] = replacement(grad, hook(grad));
    }
    const grad = grads[nr] ?? null;
    if (grad !== null) hooks.retain[nr]?.(grad);
  }
}

export function runPrehooks(hooks: Hooks, grads: Grads): Grads {
  let current = grads;
  for (const hook of hooks.before.slice()) current = sameNumber(current, hook(current));
  return current;
}

export function runNodeHooks(hooks: Hooks, gradInputs: Grads, gradOutputs: Grads): Grads {
  let current = gradInputs;
  for (const hook of hooks.after.slice()) current = sameNumber(current, hook(current, gradOutputs));
  return current;
}

export function runPostAccumulateHooks(hooks: Hooks, leaf: Tensor): void {
  for (const hook of hooks.afterAccumulation.slice()) hook(leaf);
}

function replacement(grad: Tensor, returned: unknown): Tensor {
  if (returned === undefined || returned === null) return grad;
  if (!isTensor(returned)) {
    throw new TypeError(
      `A hook returned ${typeof returned}: expected a gradient to use instead, or nothing.`,
    );
  }
  if (!sameShape(shapeOf(returned), shapeOf(grad))) {
    throw new RangeError(
      `A hook has changed the shape of a gradient: expected ${formatShape(shapeOf(grad))}, got ` +
        `${formatShape(shapeOf(returned))}.`,
    );
  }
  return returned;
}

function sameNumber(grads: Grads, returned: unknown): Grads {
  if (returned === undefined || returned === null) return grads;
  if (!Array.isArray(returned) || returned.length !== grads.length) {
    const got = Array.isArray(returned) ? `${returned.length}` : typeof returned;
    throw new TypeError(
      `A node's hook returned a wrong number of gradients: expected a list of ${grads.length}, got ${got}.`,
    );
  }
  return grads.map((grad, i) => {
    const given: unknown = returned[i] ?? null;
    return grad === null
      ? isTensor(given)
        ? given
        : null
      : given === null
        ? null
        : replacement(grad, given);
  });
}
