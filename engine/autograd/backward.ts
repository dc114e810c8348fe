/**
 * @file The backward pass: `tensor.backward()` and `autograd.grad`.
 *
 * Nodes run in the reverse of the order in which they were recorded, which is a topological order, each
 * once, when all that flows into it has arrived.
 */

import { onesLike } from "../tensor/creation.ts";
import { defineMethods } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import {
  aliasOf,
  isTensor,
  makeBatched,
  nodeOf,
  outputNrOf,
  shapeOf,
  type Tensor,
  wrapperOf,
} from "../tensor/tensor.ts";
import { isGradEnabled, withGradMode } from "./mode.ts";
import {
  AccumulateGrad,
  addHook,
  enters,
  type GradHook,
  type Grads,
  gradEdge,
  hooksOf,
  type Node,
  nextNrOf,
  nextOf,
  setSlot,
  slotOf,
} from "./node.ts";

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
}

/** A run of the graph: the nodes it reaches, in order, and the gradients waiting at each. */
interface Run {
  readonly order: Node[];
  readonly pending: (Grads | null)[];
}

/** Runs within runs: a custom backward may itself call backward. */
const running: Run[] = [];

/** Where a gradient is asked for. */
interface Target {
  readonly node: Node;
  readonly outputNr: number;
  grad: Tensor | null;
}

let runs = 0;

/** All nodes that gradients of `roots` can reach, last recorded first. */
function reach(roots: readonly Tensor[]): Node[] {
  const run = ++runs;
  const order: Node[] = [];
  const enter = (node: Node | null): void => {
    if (node !== null && enters(node, run)) order.push(node);
  };
  for (const root of roots) enter(gradEdge(root));
  // The list grows while it is walked.
  for (let i = 0; i < order.length; i++) {
    const next = nextOf(order[i]!);
    for (let k = 0; k < next.length; k++) enter(next[k]!);
  }
  for (let i = 1; i < order.length; i++) {
    if (order[i]!.sequence > order[i - 1]!.sequence) return order.sort((a, b) => b.sequence - a.sequence);
  }
  return order;
}

/** The leaves whose gradients the graph of `roots` can reach. */
export function leavesOf(roots: readonly Tensor[]): Tensor[] {
  return reach(roots).flatMap(node => (node instanceof AccumulateGrad ? [node.leaf] : []));
}

/** Whether a node leads to a target, for each node of `order`. */
function leadsTo(targets: readonly Target[], order: readonly Node[]): boolean[] {
  const leads = new Array<boolean>(order.length).fill(false);
  for (const { node } of targets) if (order[slotOf(node)] === node) leads[slotOf(node)] = true;
  for (let i = order.length - 1; i >= 0; i--) {
    const next = nextOf(order[i]!);
    for (let k = 0; k < next.length && !leads[i]; k++)
      leads[i] = next[k] !== null && leads[slotOf(next[k]!)]!;
  }
  return leads;
}

/**
 * Runs the graph from `roots`. With targets, gradients are handed to them and nothing else is touched;
 * without, they are added to the `.grad` of every leaf.
 */
function run(
  roots: readonly Tensor[],
  rootGrads: readonly Tensor[],
  targets: Target[] | null,
  options: { retainGraph: boolean; createGraph: boolean },
): void {
  const order = reach(roots);
  const pending = new Array<Grads | null>(order.length).fill(null);
  order.forEach(setSlotAt);
  const enclosing = running.at(-1);
  running.push({ order, pending });
  const wanted = targets === null ? null : leadsTo(targets, order);

  const arrive = (node: Node, outputNr: number, grad: Tensor): void => {
    const slot = slotOf(node);
    pending[slot] ??= [];
    const grads = pending[slot];
    const already = grads[outputNr] ?? null;
    grads[outputNr] = already === null ? grad : already.add(grad);
  };

  try {
    withGradMode(options.createGraph, () => {
      roots.forEach((root, i) => {
        arrive(gradEdge(root)!, outputNrOf(root), rootGrads[i]!);
      });
      for (let slot = 0; slot < order.length; slot++) {
        const grads = pending[slot];
        if (!grads || wanted?.[slot] === false) continue;
        const node = order[slot]!;
        pending[slot] = null;
        runHooks(node, grads);
        if (targets !== null) {
          for (let t = 0; t < targets.length; t++) {
            const target = targets[t]!;
            if (target.node === node) target.grad = grads[target.outputNr] ?? null;
          }
        }
        if (node instanceof AccumulateGrad) {
          if (targets === null) accumulate(node.leaf, grads[0]!);
          continue;
        }
        const next = nextOf(node);
        if (wanted !== null && !anyWanted(next, wanted)) continue;
        const flowing = node.run(grads);
        for (let i = 0; i < next.length; i++) {
          const grad = flowing[i];
          if (next[i] && grad) arrive(next[i]!, nextNrOf(node, i), grad);
        }
        if (!options.retainGraph) node.release();
      }
    });
  } finally {
    running.pop();
    // A node shared with the run around this one gets its place there back.
    enclosing?.order.forEach(setSlotAt);
  }
}

function anyWanted(next: readonly (Node | null)[], wanted: readonly boolean[]): boolean {
  for (let i = 0; i < next.length; i++) if (next[i] !== null && wanted[slotOf(next[i]!)]) return true;
  return false;
}

/** Shows each gradient to the hooks on it, and puts what they return in its place. */
function runHooks(node: Node, grads: Grads): void {
  const hooks = hooksOf(node);
  if (hooks === null) return;
  for (let nr = 0; nr < grads.length; nr++) {
    for (const hook of hooks[nr] ?? []) {
      const grad = grads[nr] ?? null;
      if (grad !== null) grads[nr] = hook(grad) ?? grad;
    }
  }
}

function setSlotAt(node: Node, slot: number): void {
  setSlot(node, slot);
}

/** Adds to `.grad`. The first gradient is copied, so that `.grad` shares elements with nothing else. */
function accumulate(leaf: Tensor, grad: Tensor): void {
  leaf.grad = leaf.grad === null ? (isGradEnabled() ? grad : grad.clone()) : leaf.grad.add(grad);
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
  return given;
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
  options: GradOptions & { allowUnused: true },
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
  const roots = listOf(outputs);
  const given = options.gradOutputs === undefined ? [] : listOf<Tensor | null>(options.gradOutputs);
  const createGraph = options.createGraph ?? false;
  const targets = listOf(inputs).map((input, i): Target => {
    const node = gradEdge(input);
    if (node === null)
      throw new Error(`Input ${i} of grad() does not require gradients; call requiresGrad_() on it.`);
    return { node, outputNr: outputNrOf(input), grad: null };
  });
  const rootGrads = roots.map((root, i) => rootGradient(root, given[i]));
  run(roots, rootGrads, targets, { createGraph, retainGraph: options.retainGraph ?? createGraph });
  const unused = targets.findIndex(target => target.grad === null);
  if (unused >= 0 && options.allowUnused !== true) {
    throw new Error(
      `Input ${unused} of grad() appears not to have been used in the graph. ` +
        "Pass { allowUnused: true } if that is right; its gradient is then null.",
    );
  }
  return targets.map(target => target.grad);
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
  const given = listOf<Tensor | null>(gradOutputs);
  const createGraph = options.createGraph ?? false;
  const rootGrads = roots.map((root, i) => rootGradient(root, given[i]));
  const flags = { createGraph, retainGraph: options.retainGraph ?? createGraph };
  if (options.inputs === undefined) {
    run(roots, rootGrads, null, flags);
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

/** The same elements without history; changing one in place changes the other. No gradient or tangent passes. */
export function detach(input: Tensor): Tensor {
  const wrapper = wrapperOf(input);
  if (wrapper === null) return aliasOf(input);
  return wrapper.kind === "dual" ? detach(wrapper.primal) : makeBatched(detach(wrapper.value), wrapper.level);
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

const methods = { backward: backwardOf, detach, registerHook, retainGrad };

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

defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor {
    /** Adds the gradients of this tensor to the `.grad` of every leaf it was computed from; a scalar needs no cotangent. */
    backward(gradient?: Tensor | null, options?: BackwardOptions): void;
    backward(options: BackwardOptions & { gradient?: Tensor | null }): void;
    /** The same elements without history; changing one in place changes the other. */
    detach(): Tensor;
    /** Calls `hook` with each gradient that reaches this tensor; what it returns, if anything, flows on instead. */
    registerHook(hook: GradHook): () => void;
    /** Keeps `.grad` for a tensor that is no leaf. */
    retainGrad(): void;
  }
}
