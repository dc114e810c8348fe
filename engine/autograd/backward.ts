/** @file Asking for gradients: `tensor.backward()` and `autograd.grad`. */

import { onesLike, zerosLike } from "../tensor/creation.ts";
import { defineMethods } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { isTensor, outputNrOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import "./history.ts";
import { gradEdge } from "./node.ts";
import { accumulate, runGraph, type Target } from "./pass.ts";
import { vmap } from "./vmap.ts";

export interface BackwardOptions {
  /** Keep what the graph saved, so that it can be run again. Default: `createGraph`. */
  retainGraph?: boolean;
  /** Record the pass itself, so that gradients can be differentiated. */
  createGraph?: boolean;
  /** Collect gradients into these tensors only. */
  inputs?: Tensor | readonly Tensor[];
}

export interface GradOptions extends Omit<BackwardOptions, "inputs"> {
  /** One cotangent per output; null for a scalar output stands for 1. */
  gradOutputs?: Tensor | null | readonly (Tensor | null)[];
  /** Give null, rather than throw, for an input that the outputs do not depend on. */
  allowUnused?: boolean;
  /** Give zeros for an input that the outputs do not depend on. Implies `allowUnused`. */
  materializeGrads?: boolean;
  /**
   * Take the first dimension of each of `gradOutputs` as a batch of cotangents, each of which goes through the graph;
   * every gradient then has that dimension in front. A Jacobian's rows at once.
   */
  isGradsBatched?: boolean;
}

function rootGradient(output: Tensor, given: Tensor | null | undefined): Tensor {
  if (!output.requiresGrad) {
    throw new Error(
      "This tensor does not require grad and has no gradFn: no input it was computed from requires gradients. " +
        "Call requiresGrad_() on one before computing.",
    );
  }
  if (given === null || given === undefined) {
    if (output.numel() !== 1) {
      throw new Error(
        "A gradient can be created by itself for scalar outputs only: this one has shape " +
          `${formatShape(shapeOf(output))}. Pass a cotangent of that shape: y.backward(g).`,
      );
    }
    return onesLike(output);
  }
  if (!sameShape(shapeOf(given), shapeOf(output))) {
    throw new RangeError(
      `A cotangent has its output's shape: expected ${formatShape(shapeOf(output))}, got ${formatShape(shapeOf(given))}.`,
    );
  }
  return given.dtype === output.dtype ? given : given.to(output.dtype);
}

/** One gradient for each root; ones for scalars where none is given. */
function rootGradients(roots: readonly Tensor[], given: readonly (Tensor | null)[]): Tensor[] {
  if (given.length > 0 && given.length !== roots.length) {
    throw new RangeError(
      `Expected one cotangent for each output: got ${roots.length} outputs and ${given.length} cotangents.`,
    );
  }
  return roots.map((root, i) => rootGradient(root, given[i]));
}

/**
 * Gradients of `outputs` with respect to `inputs`, without touching any `.grad`: the vector–Jacobian
 * product with `gradOutputs`.
 * @throws where an input is not part of the graph, unless `allowUnused`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true; materializeGrads?: false },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  if (options.isGradsBatched === true) return batchedGrad(outputs, inputs, options);
  const roots = listOf(outputs);
  const given = listOf<Tensor | null>(options.gradOutputs ?? []);
  const createGraph = options.createGraph ?? false;
  const targets = listOf(inputs).map((input, i): Target => {
    const node = gradEdge(input);
    if (node === null)
      throw new Error(`Input ${i} of grad() does not require gradients; call requiresGrad_() on it.`);
    return { node, outputNr: outputNrOf(input), grad: null };
  });
  const rootGrads = rootGradients(roots, given);
  runGraph(roots, rootGrads, targets, { createGraph, retainGraph: options.retainGraph ?? createGraph });
  if (options.materializeGrads === true) {
    return targets.map((target, i) => target.grad ?? zerosLike(listOf(inputs)[i]!));
  }
  const unused = targets.findIndex(target => target.grad === null);
  if (unused >= 0 && options.allowUnused !== true) {
    throw new Error(
      `Input ${unused} of grad() appears not to have been used in the graph. ` +
        "Pass { allowUnused: true } if that is right; its gradient is then null.",
    );
  }
  return targets.map(target => target.grad);
}

/** The pass over the graph, vectorised over cotangents; the graph is run for all of them at once. */
function batchedGrad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  { isGradsBatched: _, ...options }: GradOptions,
): (Tensor | null)[] {
  const cotangents = listOf<Tensor | null>(options.gradOutputs ?? []);
  const given = cotangents.filter(isTensor);
  if (given.length === 0) {
    throw new TypeError("isGradsBatched needs gradOutputs with a batch of cotangents in front of each.");
  }
  return vmap((...entries: Tensor[]) => {
    let next = 0;
    const gradOutputs = cotangents.map(cotangent => (cotangent === null ? null : entries[next++]!));
    return grad(outputs, inputs, { ...options, gradOutputs }) as (Tensor | null)[];
  })(...given);
}

/**
 * Adds the gradients of `outputs` to the `.grad` of every leaf they were computed from.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
 */
export function backward(
  outputs: Tensor | readonly Tensor[],
  gradOutputs: Tensor | null | readonly (Tensor | null)[] = null,
  options: BackwardOptions = {},
): void {
  const roots = listOf(outputs);
  const createGraph = options.createGraph ?? false;
  const rootGrads = rootGradients(roots, listOf<Tensor | null>(gradOutputs ?? []));
  const flags = { createGraph, retainGraph: options.retainGraph ?? createGraph };
  if (options.inputs === undefined) {
    runGraph(roots, rootGrads, null, flags);
    return;
  }
  const inputs = listOf(options.inputs);
  const grads = grad(roots, inputs, { ...flags, gradOutputs: rootGrads, allowUnused: true });
  inputs.forEach((input, i) => {
    const g = grads[i];
    if (g) accumulate(input, g);
  });
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function backwardOf(
  input: Tensor,
  gradient: Tensor | null | TensorBackwardOptions = null,
  options?: BackwardOptions,
): void {
  if (gradient === null || isTensor(gradient)) backward(input, gradient, options);
  else backward(input, gradient.gradient ?? null, gradient);
}

interface TensorBackwardOptions extends BackwardOptions {
  gradient?: Tensor | null;
}

defineMethods({ backward: backwardOf });

declare module "../tensor/tensor.ts" {
  interface Tensor {
    /** Adds the gradients of this tensor to the `.grad` of every leaf it was computed from; a scalar needs no cotangent. */
    backward(gradient?: Tensor | null, options?: BackwardOptions): void;
    backward(options: BackwardOptions & { gradient?: Tensor | null }): void;
  }
}
